"""When a contact can be reached."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runbook.data.models.contacts import Contact

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
# Summer time moves hours against each other: one week of each.
_MONDAYS = (datetime(2026, 1, 12, tzinfo=UTC), datetime(2026, 7, 13, tzinfo=UTC))


def reachable(contact: Contact, moment: datetime) -> bool:
    """Whether a contact's hours include a moment (aware datetime).

    Hours that end before they begin run past midnight, and the last day is the one on which they end.
    runbook/site/frontend/scripts/hours_rule.js tells the reader the same.
    """
    if contact.hours == "always":
        return True
    local = moment.astimezone(ZoneInfo(contact.zone))
    first, _, last = contact.hours.days.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    span = [(begin + i) % 7 for i in range((end - begin) % 7 + 1)]
    now, opens, closes = local.strftime("%H:%M"), contact.hours.from_, contact.hours.to
    if opens < closes:
        return local.weekday() in span and opens <= now < closes
    nights = span[:-1] or span
    return (local.weekday() in nights and now >= opens) or ((local.weekday() - 1) % 7 in nights and now < closes)


def unreachable_hour(people: Sequence[Contact]) -> str | None:
    """The first hour of a winter and of a summer week in which none of them can be woken, for a reader; or None."""
    wakeable = [person for person in people if any(channel.wakes for channel in person.channels)]
    for monday in _MONDAYS:
        for hour in range(7 * 24):
            moment = monday + timedelta(hours=hour)
            if not any(reachable(person, moment) for person in wakeable):
                return f"{moment:%a %H:%M} UTC"
    return None
