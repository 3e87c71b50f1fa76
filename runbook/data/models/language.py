"""The words of the pages: terms with one meaning each, and wording that a tired reader stumbles over."""

from pydantic import Field

from runbook.data.models.base import Record, Text


class Term(Record):
    """A word of the glossary."""

    term: Text
    """The word as the pages write it."""
    means: Text
    """Its one meaning here."""
    instead_of: list[Text] = Field(default_factory=list)
    """Other words for the same thing; no page and no sentence of data/ uses them. Whole words, small letters."""


class Wording(Record):
    """A phrase that is hard to read, and a plain one."""

    found: Text
    """The phrase, in small letters."""
    write: Text
    """What to write instead."""


class Language(Record):
    """data/language.yml."""

    terms: list[Term] = Field(min_length=1)
    """The glossary, by the alphabet."""
    wording: list[Wording]
    """Phrases that no page and no sentence of data/ uses."""
