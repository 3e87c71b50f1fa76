"""Messages: a sender who is a role, within a duration, and every time at the exchange, at the desk and in UTC."""

import re

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, unknown
from runbook.diagnostics import Fault

# Traders, desk and engineers sit in different zones; a time without one has moved people an hour too late.
ALL_CLOCKS = "TIME: exchange, desk, UTC"


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the messages."""
    return [
        each
        for name, message in catalog.messages.items()
        for each in (
            *unknown(catalog, "messages", (name, "by"), "role", message.by, catalog.contacts.roles),
            *no_threshold(catalog, "messages", (name, "within"), message.within),
            *check_times(catalog, name, message.text),
        )
    ]


def check_times(catalog: Catalog, name: str, text: str) -> list[Fault]:
    """A time that the sender fills in asks for all three clocks."""
    return [
        fault(catalog, "messages", (name, "text"), f'"[{blank}]" has no zone; write "[{ALL_CLOCKS}]"')
        for blank in re.findall(r"\[([^\]]*\bTIME\b[^\]]*)\]", text)
        if ALL_CLOCKS not in blank
    ]
