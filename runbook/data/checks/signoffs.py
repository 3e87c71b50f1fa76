"""Sign-offs: enough roles for the quorum, nobody approves what they operate, every approver has a deputy."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, unknown
from runbook.data.models.contacts import Signoff
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the sign-offs."""
    faults: list[Fault] = []
    for name, signoff in catalog.contacts.signoffs.items():
        here = ("signoffs", name)
        faults += no_threshold(catalog, "contacts", (*here, "quorum"), signoff.quorum, "people")
        missing = [
            each
            for side, roles in (("roles", signoff.roles), ("not", signoff.not_))
            for i, role in enumerate(roles)
            for each in unknown(catalog, "contacts", (*here, side, i), "role", role, catalog.contacts.roles)
        ]
        faults += missing
        if missing or signoff.quorum not in catalog.thresholds:
            continue
        faults += check_quorum(catalog, name, signoff)
        for role in signoff.roles:
            if role in signoff.not_:
                faults.append(fault(catalog, "contacts", (*here, "roles"), f'"{role}" may not approve and is asked to'))
            for holder in catalog.holders(role):
                faults += check_holder(catalog, name, signoff, role, holder)
    return faults


def check_quorum(catalog: Catalog, name: str, signoff: Signoff) -> list[Fault]:
    """As many roles as must sign."""
    quorum = catalog.thresholds[signoff.quorum].value
    if quorum.number <= len(signoff.roles):
        return []
    text = f"asks for {quorum} and names {len(signoff.roles)} roles; name more"
    return [fault(catalog, "contacts", ("signoffs", name), text)]


def check_holder(catalog: Catalog, name: str, signoff: Signoff, role: str, holder: str) -> list[Fault]:
    """Who approves operates nothing, and has a deputy who may approve as well."""
    faults, people = [], catalog.contacts.contacts
    if both := set(people[holder].roles) & set(signoff.not_):
        text = f'approves "{name}" and operates as {", ".join(sorted(both))}; nobody approves what they operate'
        faults.append(fault(catalog, "contacts", ("contacts", holder, "roles"), text))
    deputy = people[holder].deputy
    if deputy is None or role not in people.get(deputy, people[holder]).roles:
        text = f'signs off as "{role}" and has no deputy with that role; name one'
        faults.append(fault(catalog, "contacts", ("contacts", holder), text))
    return faults
