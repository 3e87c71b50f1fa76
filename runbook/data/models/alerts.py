"""Alerts: what the monitoring watches, when it pages, and which procedure answers."""

from typing import Literal

from pydantic import Field, model_validator

from runbook.data.models.base import Id, Record, Text


class Alert(Record):
    """An alert of the monitoring."""

    metric: Id
    """The metric that it looks at; an id of data/system.yml."""
    op: Literal["above", "below", "absent", "present", "alone"]
    """When it fires: the metric is above or below the limit; absent: it has no value, or 0; present: it is 1; alone:
    fewer slots of an account give a value than the account has."""
    limit: str | None = None
    """The limit; a threshold. Only with above and below."""
    lasts: str | None = None
    """For how long it must be so before the alert fires; a threshold in time. Leave it out for at once."""
    unless: list[Id] = Field(default_factory=list)
    """The metrics that silence it while they are 1, because another alert tells of the same."""
    only: Text | None = None
    """When alone it may fire, to be set in the monitoring, e.g. while the market is open. Leave it out for always."""
    per: Literal["account", "host"] = "account"
    """What one rule is for where a value is missing: an account or a host."""
    severity: Id
    """How bad it is; an id of `severities` in data/scenarios.yml."""
    owner: Id
    """The procedure that answers it; one alert has one."""
    section: Id | None = None
    """The section of the owner's page that answers it, where that is not the procedure from its step 1."""
    then: list[Id] = Field(default_factory=list)
    """The procedures that the owner may lead on to; its page links to each."""
    says: Text
    """What it means to the person who is woken."""

    @model_validator(mode="after")
    def _has_its_limit(self) -> "Alert":
        if (self.op in ("above", "below")) != (self.limit is not None):
            raise ValueError("above and below need a limit; absent, present and alone have none")
        return self
