"""The calendar: every date inside of what it covers, each holiday once, each window open at some time."""

from collections import Counter
from datetime import date

from runbook.data.catalog import Catalog
from runbook.data.change_windows import window
from runbook.data.checks.reporting import fault
from runbook.data.contact_hours import DAYS
from runbook.data.market_time import weekdays
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the calendar."""
    return [*check_dates(catalog), *check_holidays(catalog), *check_windows(catalog)]


def check_dates(catalog: Catalog) -> list[Fault]:
    """Every date lies within the span of the calendar; one outside is a typo, or would never be used."""
    calendar = catalog.calendar
    dates = [
        *(("exchange", i, "date", holiday.date) for i, holiday in enumerate(calendar.exchange)),
        *(("events", i, "at", event.at[:10]) for i, event in enumerate(calendar.events)),
    ]
    return [
        fault(catalog, "calendar", (part, i, key), f"{day} is outside of what the calendar covers, {_span(catalog)}")
        for part, i, key, day in dates
        if not calendar.covers.first <= day <= calendar.covers.last
    ]


def check_holidays(catalog: Catalog) -> list[Fault]:
    """Each holiday stands once, on a day on which the exchange would trade."""
    faults, holidays = [], catalog.calendar.exchange
    trading = weekdays(catalog.rollout.session.closes.days)
    count = Counter(holiday.date for holiday in holidays)
    for i, holiday in enumerate(holidays):
        here = ("exchange", i, "date")
        weekday = date.fromisoformat(holiday.date).weekday()
        if weekday not in trading:
            text = f"{holiday.date} is a {DAYS[weekday]}; the exchange trades {catalog.rollout.session.closes.days}"
            faults.append(fault(catalog, "calendar", here, text))
        if count[holiday.date] > 1 and holiday is next(each for each in holidays if each.date == holiday.date):
            text = f"{holiday.date} stands {count[holiday.date]} times; keep one"
            faults.append(fault(catalog, "calendar", here, text))
    return faults


def check_windows(catalog: Catalog) -> list[Fault]:
    """Each window is open at some time; else nothing could ever be deployed in it."""
    return [
        fault(catalog, "rollout", ("windows", key), f"is never open between {_span(catalog)}; a freeze lies over each")
        for key in catalog.rollout.windows
        if not any(part.frozen is None for part in window(catalog, key))
    ]


def _span(catalog: Catalog) -> str:
    return f"{catalog.calendar.covers.first} and {catalog.calendar.covers.last}"
