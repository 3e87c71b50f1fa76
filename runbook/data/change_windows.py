"""When a change may begin: the windows of data/rollout.yml less what data/calendar.yml and the daily reset freeze."""

from datetime import date, datetime, timedelta
from typing import Any

from runbook.data.catalog import Catalog
from runbook.data.market_time import (
    Interval,
    Stretch,
    around,
    at,
    daily,
    days_between,
    stretches,
    weekdays,
    whole_days,
)


def covered(catalog: Catalog) -> tuple[date, date]:
    """The first and the last day that the calendar covers."""
    span = catalog.calendar.covers
    return date.fromisoformat(span.first), date.fromisoformat(span.last)


def known(catalog: Catalog) -> Interval:
    """The time that the calendar covers, by the exchange's days."""
    return whole_days(*covered(catalog), catalog.rollout.zone, "covered")


def length(catalog: Catalog, threshold: str) -> timedelta:
    """A threshold in time."""
    return timedelta(seconds=float(catalog.thresholds[threshold].value.base))


def trading_day_before(catalog: Catalog, day: date) -> date:
    """The last day before `day` on which the exchange closes a session as on any day, or a half day."""
    closed = {holiday.date for holiday in catalog.calendar.exchange if holiday.kind == "closed"}
    trading = weekdays(catalog.rollout.session.closes.days)
    before = day - timedelta(days=1)
    while before.weekday() not in trading or before.isoformat() in closed:
        before -= timedelta(days=1)
    return before


def freezes(catalog: Catalog) -> list[Interval]:
    """Everything that the calendar knows in which no change begins, in order. An open incident is asked by a person."""
    plan, calendar, zone = catalog.rollout, catalog.calendar, catalog.rollout.zone
    found = [
        around(
            at(day, plan.reset, zone), length(catalog, "window.finish"), length(catalog, "window.reset"), "daily reset"
        )
        for day in days_between(*covered(catalog))
    ]
    for holiday in calendar.exchange:
        day = date.fromisoformat(holiday.date)
        found.append(whole_days(day, day, zone, holiday.title))
        before = trading_day_before(catalog, day)
        found.append(whole_days(before, before, zone, f"day before {holiday.title}"))
    for event in calendar.events:
        moment, clock = event.at.split(" ")
        each_side = length(catalog, "window.event")
        found.append(around(at(date.fromisoformat(moment), clock, event.zone), each_side, each_side, event.title))
    found += [
        whole_days(date.fromisoformat(quiet.first), date.fromisoformat(quiet.last), zone, quiet.title)
        for quiet in calendar.quiet
    ]
    return sorted(found)


def window(catalog: Catalog, key: str) -> list[Stretch]:
    """A window of data/rollout.yml over all days that the calendar covers, cut at each freeze."""
    it = catalog.rollout.windows[key]
    spans = daily(it.days, it.from_, it.to, it.zone, it.title, *covered(catalog))
    return stretches(spans, freezes(catalog))


def sessions(catalog: Catalog) -> list[Interval]:
    """When the exchange trades: from each opening to the next close, less closed days, half days cut short."""
    session, zone = catalog.rollout.session, catalog.rollout.zone
    first, last = covered(catalog)
    early = {holiday.date: holiday.closes for holiday in catalog.calendar.exchange}
    found = []
    for day in days_between(first - timedelta(days=1), last):
        closes = day
        if day.weekday() not in weekdays(session.opens.days):
            continue
        if session.closes.at <= session.opens.at:
            closes += timedelta(days=1)
        while closes.weekday() not in weekdays(session.closes.days):
            closes += timedelta(days=1)
        if closes.isoformat() in early and early[closes.isoformat()] is None:
            continue
        end = early.get(closes.isoformat()) or session.closes.at
        found.append(Interval(at(day, session.opens.at, zone), at(closes, end, zone), "session"))
    return found


def facts(catalog: Catalog) -> dict[str, Any]:
    """What a program needs to tell the verdict of a window: every time in seconds since 1970, UTC.

    known: [begin, end] of what the calendar covers. windows: by id, the stretches [begin, end, freeze or null].
    sessions: [begin, end]. exchange, desk: time zones.
    """
    whole = known(catalog)
    return {
        "exchange": catalog.rollout.zone,
        "desk": catalog.rollout.desk_zone,
        "known": [_seconds(whole.begin), _seconds(whole.end)],
        "windows": {
            key: [[_seconds(part.begin), _seconds(part.end), part.frozen] for part in window(catalog, key)]
            for key in catalog.rollout.windows
        },
        "sessions": [[_seconds(each.begin), _seconds(each.end)] for each in sessions(catalog)],
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
