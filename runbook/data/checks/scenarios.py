"""Scenarios: severities with their chains, sights that exist and lead to one scenario, an RTO that fits."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, unknown
from runbook.data.models.scenarios import Scenario
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with severities and scenarios."""
    faults = check_severities(catalog)
    for name, scenario in catalog.scenarios.scenarios.items():
        faults += check_references(catalog, name, scenario)
        faults += check_sights(catalog, name, scenario)
        faults += check_rto(catalog, name, scenario)
    return faults + check_one_owner(catalog)


def check_severities(catalog: Catalog) -> list[Fault]:
    """Each severity has a time to respond and a chain."""
    faults: list[Fault] = []
    for name, severity in catalog.scenarios.severities.items():
        here, chains = ("severities", name), catalog.contacts.chains
        faults += no_threshold(catalog, "scenarios", (*here, "respond"), severity.respond)
        faults += unknown(catalog, "scenarios", (*here, "chain"), "chain", severity.chain, chains)
    return faults


def check_references(catalog: Catalog, name: str, scenario: Scenario) -> list[Fault]:
    """A procedure, a severity, an RTO and an RPO."""
    here, severities = ("scenarios", name), catalog.scenarios.severities
    return [
        *unknown(catalog, "scenarios", here, "procedure", name, catalog.procedures),
        *unknown(catalog, "scenarios", (*here, "severity"), "severity", scenario.severity, severities),
        *no_threshold(catalog, "scenarios", (*here, "rto"), scenario.rto),
        *no_threshold(catalog, "scenarios", (*here, "rpo"), scenario.rpo),
    ]


def check_one_owner(catalog: Catalog) -> list[Fault]:
    """Each log event and each exit code is a sign of one scenario: one symptom has one procedure."""
    faults: list[Fault] = []
    first: dict[tuple[str, str], str] = {}
    for name, scenario in catalog.scenarios.scenarios.items():
        for i, sight in enumerate(scenario.see):
            owner = first.setdefault((sight.kind, sight.what), name)
            if owner != name:
                text = f'"{sight.what}" is a sign of {owner} already; one symptom has one procedure'
                faults.append(fault(catalog, "scenarios", ("scenarios", name, "see", i), text))
    return faults


def check_sights(catalog: Catalog, name: str, scenario: Scenario) -> list[Fault]:
    """Log events and exit codes that are seen exist."""
    faults: list[Fault] = []
    for i, sight in enumerate(scenario.see):
        here = ("scenarios", name, "see", i)
        if sight.kind == "log":
            faults += unknown(catalog, "scenarios", here, "log event", sight.what, catalog.system.log_events)
        if sight.kind == "exit" and sight.what not in map(str, catalog.system.exits):
            faults.append(fault(catalog, "scenarios", here, f"no exit code {sight.what}"))
    return faults


def check_rto(catalog: Catalog, name: str, scenario: Scenario) -> list[Fault]:
    """The procedure's budget is within the RTO. What does not exist is said elsewhere."""
    procedure, thresholds = catalog.procedures.get(name), catalog.thresholds
    if procedure is None or procedure.budget not in thresholds or scenario.rto not in thresholds:
        return []
    if thresholds[procedure.budget].value.base <= thresholds[scenario.rto].value.base:
        return []
    text = f"the procedure may take longer than the RTO: {procedure.budget} is above {scenario.rto}"
    return [fault(catalog, "scenarios", ("scenarios", name, "rto"), text)]
