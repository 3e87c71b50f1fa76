"""Exercises: procedures and roles that exist, a day that has come, a time; no samples beside a firm's own data."""

from datetime import UTC, date, datetime, timedelta

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, unknown
from runbook.diagnostics import Fault

# Two time zones may be a day apart.
TOMORROW = timedelta(days=1)


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the log of the exercises."""
    faults: list[Fault] = []
    for i, it in enumerate(catalog.exercises):
        faults += unknown(catalog, "exercises", (i, "procedure"), "procedure", it.procedure, catalog.procedures)
        for k, role in enumerate(it.roles):
            faults += unknown(catalog, "exercises", (i, "roles", k), "role", role, catalog.contacts.roles)
        if it.took.dimension != "time" or not it.took.number:
            faults.append(fault(catalog, "exercises", (i, "took"), f'{it.took} is no duration; write e.g. "12 min"'))
        if wrong := _no_day(it.date):
            faults.append(fault(catalog, "exercises", (i, "date"), wrong))
        if it.sample and not catalog.site.sample:
            text = "is a sample; take it out, or say sample: true in data/site.yml"
            faults.append(fault(catalog, "exercises", (i, "sample"), text))
    return faults


def _no_day(day: str) -> str | None:
    """What is wrong with the date of something that has happened; None when nothing is."""
    try:
        when = date.fromisoformat(day)
    except ValueError:
        return f"{day} is not a day of the calendar"
    return f"{day} has not come yet" if when > datetime.now(UTC).date() + TOMORROW else None
