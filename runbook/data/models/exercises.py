"""Exercises: procedures that people have rehearsed, with phones, screens and a watch."""

from pydantic import Field

from runbook.data.models.base import Date, Id, Quantity, Record, Text


class Exercise(Record):
    """A rehearsal of one procedure by people. A drill on a rig is none."""

    date: Date
    """The day, in quotes."""
    procedure: Id
    """The procedure that was rehearsed."""
    roles: list[Id] = Field(min_length=1)
    """Who took part, by role. Names stay out of this file."""
    took: Quantity
    """How long it took by the clock on the wall, from the first word to the all clear."""
    wrong: Text
    """What went wrong, or that nothing did."""
    changed: Text
    """What was changed because of it, or that no change was needed."""
    sample: bool = False
    """true for an entry that only shows the form; it never counts as an exercise."""
