"""The deployment checklist: pause points with their items, and the editions that were in force."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runbook.data.models.base import Date, Id, Record, Text, matches


class Item(Record):
    """One line of the checklist."""

    id: Id
    """Its id; begins with the id of its pause point and a hyphen."""
    check: Text
    """What is checked."""
    value: Text
    """What must be seen."""
    by: Id
    """The role that checks it."""
    evidence: Text
    """What is written down."""
    drilled: Id | None = None
    """The procedure whose drill shows what is seen here."""


class Pause(Record):
    """A point where everybody stops until all items are checked."""

    id: Id
    """Its id."""
    title: Text
    """Its name on the pages."""
    phase: Literal["before", "during", "after"]
    """When it is; `during` is done once for each account."""
    mode: Literal["read-do", "do-confirm"]
    """read-do: read an item, then do it. do-confirm: do all, then read and confirm."""
    signoff: Id | None = None
    """The sign-off that ends it: an id of `signoffs` in data/contacts.yml, or `class` for that of the
    change's class."""
    items: list[Item]
    """Five to nine items; the last is the call that ends the list."""

    @model_validator(mode="after")
    def _short_and_closed(self) -> "Pause":
        if not 5 <= len(self.items) <= 9:
            raise ValueError(f"{len(self.items)} items; a pause point has five to nine")
        if not self.items[-1].check.startswith("Call: "):
            raise ValueError('the last item is the call that ends the list; begin it with "Call: "')
        return self


class Edition(Record):
    """The checklist as it read from a day on."""

    version: int = Field(ge=1)
    """Counts up by one."""
    digest: Annotated[str, matches(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", "a digest; `python -m runbook records` prints it")]
    """The digest of the items and of the rules for sign-offs; `python -m runbook records` prints it."""
    from_: Date = Field(alias="from")
    """The first day on which it is in force, in quotes."""


class Checklists(Record):
    """data/checklists.yml."""

    editions: list[Edition] = Field(min_length=1)
    """Every edition, oldest first; the last is in force."""
    people: list[Id]
    """The roles that are named before a run; nobody is two of them."""
    pauses: list[Pause]
    """The pause points, in their order."""
    voids: list[Text]
    """What makes a run void."""

    @property
    def version(self) -> int:
        """The version in force."""
        return self.editions[-1].version

    @model_validator(mode="after")
    def _in_order(self) -> "Checklists":
        for before, after in pairwise(self.editions):
            if after.version != before.version + 1 or after.from_ < before.from_:
                raise ValueError(
                    f"edition {after.version} of {after.from_} stands after edition {before.version} of "
                    f"{before.from_}; count up, oldest first"
                )
        return self
