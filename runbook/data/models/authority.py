"""Who may decide what."""

from pydantic import Field, model_validator

from runbook.data.models.base import Id, Record, Text


class Act(Record):
    """Something that somebody must decide before it is done."""

    title: Text
    """What is decided, as the pages name it."""
    decides: list[Id] = Field(min_length=1)
    """The roles that may decide, in the order in which they are called. Never a role outside of the firm."""
    signoff: Id | None = None
    """The sign-off that it needs, an id of data/contacts.yml. Leave it out: any one role decides alone."""
    carries_out: list[Id] = Field(min_length=1)
    """The roles that do it once it is decided."""
    told: list[Id]
    """The roles that are told, not asked."""
    after: str | None = None
    """How long nobody can be reached before `fallback` decides; a threshold in time."""
    fallback: Id | None = None
    """The role that decides then."""
    nobody: Text
    """What stays so while nobody decides."""

    @model_validator(mode="after")
    def _somebody_or_nobody(self) -> "Act":
        if (self.after is None) != (self.fallback is None):
            raise ValueError("after and fallback stand together or not at all")
        if self.fallback in self.decides:
            raise ValueError(f"{self.fallback} decides already; a fallback is another role")
        if self.fallback and self.signoff:
            raise ValueError("what needs signatures has no fallback")
        return self
