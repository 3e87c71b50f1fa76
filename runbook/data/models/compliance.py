"""Which rule is met by what."""

from typing import Annotated

from pydantic import Field, model_validator

from runbook.data.models.base import Id, Record, Text, matches


class Clause(Record):
    """A rule, the sections that meet it, and what shows that they do."""

    source: Id
    """The rule: a regulation or guidance of data/sources.yml."""
    met_by: list[Annotated[str, matches(r"[a-z0-9_/-]+\.md#[a-z0-9-]+", "a section; write page.md#section")]] = Field(
        min_length=1
    )
    """The sections that meet it, as page.md#section."""
    procedures: list[Id] = Field(default_factory=list)
    """The procedures whose evidence shows it."""
    records: list[Text] = Field(default_factory=list)
    """Other records that show it."""

    @model_validator(mode="after")
    def _has_evidence(self) -> "Clause":
        if not self.procedures and not self.records:
            raise ValueError("nothing shows that the clause is met: name procedures or records")
        return self
