"""Checklists: roles, sign-offs and drills that exist; items named after their pause point, each once."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import Path, misnamed, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the checklist."""
    faults, roles = [], catalog.contacts.roles
    for i, role in enumerate(catalog.checklists.people):
        faults += unknown(catalog, "checklists", ("people", i), "role", role, roles)
    for p, pause in enumerate(catalog.checklists.pauses):
        if pause.signoff != "class":
            here, signoffs = ("pauses", p, "signoff"), catalog.contacts.signoffs
            faults += unknown(catalog, "checklists", here, "sign-off", pause.signoff, signoffs)
        for i, item in enumerate(pause.items):
            faults += unknown(catalog, "checklists", ("pauses", p, "items", i), "role", item.by, roles)
            faults += unknown(
                catalog, "checklists", ("pauses", p, "items", i), "procedure", item.drilled, catalog.procedures
            )
    return faults + check_item_ids(catalog)


def check_item_ids(catalog: Catalog) -> list[Fault]:
    """Each item is named after its pause point, and no two have one id."""
    items: list[tuple[Path, str, str]] = [
        (("pauses", p, "items", i), pause.id, item.id)
        for p, pause in enumerate(catalog.checklists.pauses)
        for i, item in enumerate(pause.items)
    ]
    return misnamed(catalog, "checklists", "item", "pause point", items)
