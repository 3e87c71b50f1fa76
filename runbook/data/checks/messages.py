"""Messages: a sender who is a role, within a duration."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import no_threshold, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the messages."""
    return [
        each
        for name, message in catalog.messages.items()
        for each in (
            *unknown(catalog, "messages", (name, "by"), "role", message.by, catalog.contacts.roles),
            *no_threshold(catalog, "messages", (name, "within"), message.within),
        )
    ]
