"""The page of contacts says who can be called now, in the reader's browser as in the data."""

from datetime import UTC, date, datetime, timedelta

import pytest

from runbook.data.contact_hours import reachable
from tests.browser.conftest import opened
from tests.conftest import say, url

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T03:00:00Z",
        "2026-11-25T10:30:00Z",
        "2026-11-27T23:30:00Z",
        "2026-11-28T12:00:00Z",
        "2026-11-29T22:59:00Z",
        "2026-11-29T23:01:00Z",
        "2026-07-15T06:30:00Z",
        "2026-03-29T06:10:00Z",
    ],
)
def test_the_browser_says_of_every_contact_what_the_data_says(desk, address, catalog, moment):
    tab = desk.new_page()
    tab.clock.set_fixed_time(moment)
    tab.goto(url(address, "reference/contacts.md"))
    now = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC)
    faults = []
    for name, contact in catalog.contacts.contacts.items():
        text = tab.locator(f"#c-{name.replace('_', '-')} + .procedure .hours").inner_text()
        if ("within hours" in text) != reachable(contact, now):
            faults.append(
                f"at {moment} the page says of {name}: {text}; "
                f"`reachable` in runbook/data/contact_hours.py says {reachable(contact, now)}"
            )
    say(faults)


@pytest.mark.parametrize("late, stale", [(0, False), (1, True)], ids=["on the last day", "a day later"])
def test_a_contact_that_nobody_called_for_too_long_is_marked(desk, address, catalog, late, stale):
    name, contact = next(iter(catalog.contacts.contacts.items()))
    last = date.fromisoformat(contact.verified) + timedelta(seconds=int(catalog.thresholds["contact.age"].value.base))
    tab = desk.new_page()
    tab.clock.set_fixed_time(f"{last + timedelta(days=late)}T12:00:00Z")
    tab.goto(url(address, "reference/contacts.md"))
    assert ("stale" in tab.locator(f"#c-{name.replace('_', '-')} + .procedure").inner_text()) == stale


def test_numbers_and_channels_can_be_tapped(phone, address, catalog):
    tab = opened(phone, address, "reference/contacts.md")
    links = tab.locator("a.tel").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    channels = [channel for contact in catalog.contacts.contacts.values() for channel in contact.channels]
    numbers = {f"tel:{it.value.replace(' ', '')}" for it in channels if it.kind == "phone"}
    chats = {catalog.contacts.meeting.chat.replace("%s", it.value[1:]) for it in channels if it.kind == "chat"}
    assert numbers and chats
    say([f"no link leads to {missing}" for missing in sorted((numbers | chats) - set(links))])
