"""Who decides: roles and sign-offs that exist, nobody outside of the firm, chains that reach who decides."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, unknown
from runbook.data.models.authority import Act
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the table of authority."""
    faults: list[Fault] = []
    for name, act in catalog.authority.items():
        missing = check_names(catalog, name, act)
        faults += missing or [*check_insiders(catalog, name, act), *check_signoff(catalog, name, act)]
    return [*faults, *check_chains(catalog), *check_procedures(catalog)]


def check_names(catalog: Catalog, name: str, act: Act) -> list[Fault]:
    """Roles, the sign-off and the time exist."""
    faults, roles = no_threshold(catalog, "authority", (name, "after"), act.after), catalog.contacts.roles
    for key, names in (("decides", act.decides), ("carries_out", act.carries_out), ("told", act.told)):
        for i, role in enumerate(names):
            faults += unknown(catalog, "authority", (name, key, i), "role", role, roles)
    faults += unknown(catalog, "authority", (name, "fallback"), "role", act.fallback, roles)
    return faults + unknown(catalog, "authority", (name, "signoff"), "sign-off", act.signoff, catalog.contacts.signoffs)


def check_insiders(catalog: Catalog, name: str, act: Act) -> list[Fault]:
    """Nobody outside of the firm decides."""
    deciders = [*(("decides", role) for role in act.decides), *([("fallback", act.fallback)] if act.fallback else [])]
    return [
        fault(catalog, "authority", (name, key), f"{role} is outside of the firm; it may carry out, not decide")
        for key, role in deciders
        if catalog.contacts.roles[role].external
    ]


def check_signoff(catalog: Catalog, name: str, act: Act) -> list[Fault]:
    """Who decides is among those who sign."""
    if act.signoff is None or set(act.decides) <= set(catalog.contacts.signoffs[act.signoff].roles):
        return []
    signers = ", ".join(catalog.contacts.signoffs[act.signoff].roles)
    text = f"the sign-off {act.signoff} is signed by {signers}; name only these"
    return [fault(catalog, "authority", (name, "decides"), text)]


def check_chains(catalog: Catalog) -> list[Fault]:
    """A chain that is named after an act calls those who decide it, and nobody else."""
    faults, people = [], catalog.contacts.contacts
    for name, chain in catalog.contacts.chains.items():
        if name not in catalog.authority:
            continue
        act = catalog.authority[name]
        for i, contact in enumerate(chain):
            if contact in people and not set(people[contact].roles) & set(act.decides):
                text = f"{contact} does not decide this; the chain has {', '.join(act.decides)}"
                faults.append(fault(catalog, "contacts", ("chains", name, i), text))
    return faults


def check_procedures(catalog: Catalog) -> list[Fault]:
    """The act of a procedure exists, and who decides the procedure may decide it."""
    faults: list[Fault] = []
    for name, procedure in catalog.procedures.items():
        missing = unknown(catalog, "procedures", (name, "act"), "act", procedure.act, catalog.authority)
        faults += missing
        if procedure.act is None or missing or procedure.decides in catalog.authority[procedure.act].decides:
            continue
        text = f"{procedure.decides} may not decide {procedure.act}; data/authority.yml says who may"
        faults.append(fault(catalog, "procedures", (name, "decides"), text))
    return faults
