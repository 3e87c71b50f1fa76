"""Numbers that the runbook works with, what holds between them, and where they come from."""

from typing import Literal

from pydantic import Field, model_validator

from runbook.data.models.base import Id, Quantity, Record, Text


class Threshold(Record):
    """One number. Every page, command and table that needs it takes it from here."""

    value: Quantity
    """The number: a number, a space, a unit, e.g. "5 min", "24 h", "0.1 %", "2 accounts"."""
    title: Text
    """What the number is, in a few words; the pages show it as its name."""
    why: Text
    """Why it is this number and no other. Change it together with the value."""
    owner: Id
    """The role that may change the number; an id of `roles` in data/contacts.yml."""
    source: Id | None = None
    """The rule or the incident that the number comes from; an id of data/sources.yml."""


class Relation(Record):
    """What must hold between thresholds: the sum on the left against the sum on the right."""

    left: list[str] = Field(min_length=1)
    """The thresholds whose sum must be smaller."""
    is_: Literal["below", "at most"] = Field(alias="is")
    """One of: "below": smaller; "at most": smaller or equal."""
    right: list[str] = Field(min_length=1)
    """The thresholds whose sum must be larger."""
    why: Text
    """What goes wrong when it does not hold; stands in the fault."""


class Source(Record):
    """Where a rule of the runbook comes from."""

    kind: Literal["incident", "regulation", "guidance", "practice"]
    """What the source is. Only a regulation and guidance can stand in data/compliance.yml."""
    short: Text
    """Its name in a sentence, e.g. "RTS 6, Article 8"."""
    title: Text
    """Its full title, with publisher and year."""
    says: Text
    """What it says on the matter."""
    seen: Literal["quoted", "described"]
    """One of: "quoted": the words of `says` stand in the source; "described": in our words."""
    binds: Text | None = None
    """Whom a regulation binds. A regulation needs it, nothing else has it."""

    @model_validator(mode="after")
    def _binds_somebody(self) -> "Source":
        if (self.kind == "regulation") != (self.binds is not None):
            raise ValueError("`binds` says whom a regulation binds: a regulation needs it, nothing else has it")
        return self
