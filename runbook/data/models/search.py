"""What people type or paste into the search, and what comes first."""

from pydantic import Field

from runbook.data.models.base import Id, Record, Text


class Asked(Record):
    """What leads to a procedure, or to a section of a page."""

    words: list[Text] = Field(min_length=1)
    """A symptom, or what another program prints. Capitals and signs do not count."""
    log: list[Id] = Field(default_factory=list)
    """Log events that no scenario shows; ids of data/system.yml."""
