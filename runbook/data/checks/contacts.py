"""Contacts: roles that somebody holds, deputies that exist, chains in which somebody can be woken at every hour."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, unknown
from runbook.data.contact_hours import unreachable_hour
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with contacts, roles, chains and the meeting."""
    people = catalog.contacts.contacts
    bridge = catalog.contacts.meeting.bridge
    return [
        *check_contacts(catalog),
        *check_roles(catalog),
        *unknown(catalog, "contacts", ("meeting", "bridge"), "contact", bridge, people),
        *check_chains(catalog),
    ]


def check_contacts(catalog: Catalog) -> list[Fault]:
    """Roles and deputies exist, and nobody is their own deputy."""
    faults: list[Fault] = []
    people = catalog.contacts.contacts
    for name, contact in people.items():
        here = ("contacts", name)
        for i, role in enumerate(contact.roles):
            faults += unknown(catalog, "contacts", (*here, "roles", i), "role", role, catalog.contacts.roles)
        faults += unknown(catalog, "contacts", (*here, "deputy"), "contact", contact.deputy, people)
        if contact.deputy == name:
            faults.append(fault(catalog, "contacts", (*here, "deputy"), "is its own deputy; name another contact"))
    return faults


def check_roles(catalog: Catalog) -> list[Fault]:
    """Somebody holds each role."""
    return [
        fault(catalog, "contacts", ("roles", role), "nobody holds this role; give it to a contact")
        for role in catalog.contacts.roles
        if not catalog.holders(role)
    ]


def check_chains(catalog: Catalog) -> list[Fault]:
    """Each chain names contacts once, and somebody in it can be woken at every hour."""
    faults: list[Fault] = []
    people = catalog.contacts.contacts
    for name, chain in catalog.contacts.chains.items():
        here = ("chains", name)
        missing = [
            each
            for i, key in enumerate(chain)
            for each in unknown(catalog, "contacts", (*here, i), "contact", key, people)
        ]
        if missing:
            faults += missing
            continue
        if len(set(chain)) < len(chain):
            faults.append(fault(catalog, "contacts", here, "names a contact twice; a chain has no loop"))
        if dark := unreachable_hour([people[key] for key in chain]):
            text = f"nobody can be reached on {dark}; add a contact with hours: always"
            faults.append(fault(catalog, "contacts", here, text))
    return faults
