"""The system: states, thresholds, sign-offs, exits and parts of paths that it names are known."""

from runbook.data.catalog import PLACEHOLDER, Catalog
from runbook.data.checks.reporting import fault, unknown
from runbook.diagnostics import Fault

PATH_PARTS = ("account", "slot", "release")


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the references of the system."""
    faults, system = [], catalog.system
    for i, step in enumerate(system.transitions):
        for side, state in (("from", step.from_), ("to", step.to)):
            faults += unknown(catalog, "system", ("transitions", i, side), "state", state, system.states)
    for i, key in enumerate(system.settings):
        faults += unknown(catalog, "system", ("settings", i), "threshold", key, catalog.thresholds)
    for name, halt in system.halts.items():
        if halt.signoff is not None:
            place = ("halts", name, "signoff")
            faults += unknown(catalog, "system", place, "sign-off", halt.signoff, catalog.contacts.signoffs)
    for name, event in system.log_events.items():
        if event.exit is not None and event.exit not in system.exits:
            faults.append(fault(catalog, "system", ("log_events", name, "exit"), f"no exit code {event.exit}"))
    for name, path in system.paths.items():
        for key in PLACEHOLDER.findall(path.path):
            if key not in PATH_PARTS:
                text = f"{{{key}}} is not one of {{account}}, {{slot}}, {{release}}"
                faults.append(fault(catalog, "system", ("paths", name), text))
    return faults
