"""What the exchange and the economy have planned: holidays, half days, announcements, quiet times."""

from typing import Annotated, Literal

from pydantic import model_validator

from runbook.data.models.base import Date, Record, Text, Time, Zone, matches

Moment = Annotated[
    str,
    matches(
        r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d",
        'a date and a time; write e.g. "2026-12-09 13:00"',
    ),
]


class Span(Record):
    """Whole days, from the first to the last, both included."""

    first: Date
    """The first day, in quotes."""
    last: Date
    """The last day, in quotes."""

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.last < self.first:
            raise ValueError(f"the last day, {self.last}, is before the first, {self.first}")
        return self


class Holiday(Record):
    """A day on which the exchange does not trade as usual. It is frozen, and so is the trading day before it."""

    date: Date
    """The day at the exchange, in quotes."""
    kind: Literal["closed", "half"]
    """closed: no trading on that day; half: it closes early."""
    title: Text
    """Its name."""
    closes: Time | None = None
    """When a half day closes, exchange time, in quotes."""

    @model_validator(mode="after")
    def _closing_time(self) -> "Holiday":
        if (self.kind == "half") != (self.closes is not None):
            raise ValueError("a half day has `closes`, a closed day has not")
        return self


class Event(Record):
    """An announcement around which nothing is changed."""

    at: Moment
    """The day and time, in quotes."""
    zone: Zone
    """The time zone of that time."""
    title: Text
    """What is announced."""


class QuietTime(Span):
    """A time in which nothing is changed, whatever the market does."""

    title: Text
    """Its name."""


class Calendar(Record):
    """data/calendar.yml."""

    covers: Span
    """The days for which everything below is complete. Any other day counts as frozen."""
    exchange: list[Holiday]
    """Days on which the exchange is closed or closes early."""
    events: list[Event]
    """Announcements."""
    quiet: list[QuietTime]
    """Times without changes, such as the year end."""
