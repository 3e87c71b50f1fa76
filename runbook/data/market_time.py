"""Times of a zone as intervals in UTC: windows, whole days, the time around a moment, and windows cut by freezes.

Daylight saving is reckoned here alone: the pages and the daemon's command line look up where "now" is in the intervals.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from runbook.data.contact_hours import DAYS


@dataclass(frozen=True, order=True)
class Interval:
    """From begin (included) to end (excluded), both aware and in UTC; title says what it is."""

    begin: datetime
    end: datetime
    title: str


@dataclass(frozen=True, order=True)
class Stretch:
    """A part of a window. frozen: the freezes that lie over it, or none: a change may begin."""

    begin: datetime
    end: datetime
    frozen: str | None


def weekdays(days: str) -> frozenset[int]:
    """`Mon-Thu` as numbers, Monday 0; a range may pass the weekend: `Fri-Mon` is four days."""
    first, _, last = days.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((begin + i) % 7 for i in range((end - begin) % 7 + 1))


def at(day: date, clock: str, zone: str) -> datetime:
    """A local time of a day, such as 17:00, as UTC.

    A time that the spring change skips is read with the offset before the change, as the standard library does.
    """
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for i in range((last - first).days + 1):
        yield first + timedelta(days=i)


def daily(days: str, begin: str, end: str, zone: str, title: str, first: date, last: date) -> list[Interval]:
    """A span of each of some weekdays; one whose end is not after its begin ends on the next day."""
    found = []
    for day in days_between(first, last):
        if day.weekday() in weekdays(days):
            closes = day if end > begin else day + timedelta(days=1)
            found.append(Interval(at(day, begin, zone), at(closes, end, zone), title))
    return found


def whole_days(first: date, last: date, zone: str, title: str) -> Interval:
    """From the first midnight of `first` to the midnight that ends `last`, in a zone."""
    return Interval(at(first, "00:00", zone), at(last + timedelta(days=1), "00:00", zone), title)


def around(moment: datetime, before: timedelta, after: timedelta, title: str) -> Interval:
    """The time around an aware moment."""
    moment = moment.astimezone(UTC)
    return Interval(moment - before, moment + after, title)


def stretches(windows: Iterable[Interval], freezes: Iterable[Interval]) -> list[Stretch]:
    """The windows cut at each freeze, in order. Time outside of every window is in no stretch."""
    frozen = sorted(freezes)
    found = []
    for window in sorted(windows):
        over = [each for each in frozen if each.begin < window.end and window.begin < each.end]
        edges = {window.begin, window.end}
        edges |= {edge for each in over for edge in (each.begin, each.end) if window.begin < edge < window.end}
        marks = sorted(edges)
        for begin, end in pairwise(marks):
            titles = [each.title for each in over if each.begin <= begin < each.end]
            found.append(Stretch(begin, end, ", ".join(dict.fromkeys(titles)) or None))
    return found
