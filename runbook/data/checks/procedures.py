"""Procedures: references that exist, steps named after their procedure, and budgets that add up."""

from runbook.data import time_budget
from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import Path, fault, misnamed, no_threshold, unknown
from runbook.data.models.procedures import Procedure
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the procedures."""
    faults: list[Fault] = []
    for name, procedure in catalog.procedures.items():
        budgets = check_budgets(catalog, name, procedure)
        faults += check_references(catalog, name, procedure) + budgets
        if not budgets:
            faults += check_total(catalog, name, procedure)
    return faults + check_step_ids(catalog)


def check_references(catalog: Catalog, name: str, procedure: Procedure) -> list[Fault]:
    """Roles, sources, variables and messages exist."""
    faults, roles = [], catalog.contacts.roles
    for key, role in (("by", procedure.by), ("decides", procedure.decides)):
        faults += unknown(catalog, "procedures", (name, key), "role", role, roles)
    for i, step in enumerate(procedure.steps):
        faults += unknown(catalog, "procedures", (name, "steps", i), "role", step.by, roles)
        lesson = (name, "steps", i, "why", "source")
        faults += unknown(
            catalog, "procedures", lesson, "source", step.why.source if step.why else None, catalog.sources
        )
    for field, variables in (("set", procedure.set), ("later", procedure.later)):
        for i, variable in enumerate(variables):
            known = catalog.system.variables
            faults += unknown(catalog, "procedures", (name, field, i), "variable", variable, known)
    faults += check_goal(catalog, name, procedure)
    for i, message in enumerate(procedure.tell):
        faults += unknown(catalog, "procedures", (name, "tell", i), "message", message, catalog.messages)
    return faults


def check_goal(catalog: Catalog, name: str, procedure: Procedure) -> list[Fault]:
    """A goal names a release as a variable that the procedure asks for; a part is reached or kept, not both."""
    faults = []
    for key, goal in (("reach", procedure.reach), ("keep", procedure.keep)):
        for part, wanted in goal.parts.items():
            variable = wanted.removeprefix("$") if isinstance(wanted, str) else ""
            if variable != wanted and isinstance(wanted, str) and variable not in procedure.values:
                text = f"{wanted} is not among the values of the procedure: {', '.join(procedure.values) or 'none'}"
                faults.append(fault(catalog, "procedures", (name, key, part), text))
    for part in procedure.reach.parts.keys() & procedure.keep.parts.keys():
        text = f"{part} is to be reached and to be kept; choose one"
        faults.append(fault(catalog, "procedures", (name, "keep", part), text))
    return faults


def check_budgets(catalog: Catalog, name: str, procedure: Procedure) -> list[Fault]:
    """Budgets and the gap are durations."""
    faults = no_threshold(catalog, "procedures", (name, "budget"), procedure.budget)
    faults += no_threshold(catalog, "procedures", (name, "gap"), procedure.gap)
    for i, step in enumerate(procedure.steps):
        faults += no_threshold(catalog, "procedures", (name, "steps", i), step.budget)
    return faults


def check_total(catalog: Catalog, name: str, procedure: Procedure) -> list[Fault]:
    """The steps fit into the procedure's budget, those for each account as often as the fullest host has accounts."""
    total = time_budget.length(catalog, procedure)
    budget = catalog.thresholds[procedure.budget].value
    if total <= budget.base:
        return []
    text = f"the steps add up to {total} s; {procedure.budget} is {budget}. Shorten a step or raise the budget"
    return [fault(catalog, "procedures", (name, "budget"), text)]


def check_step_ids(catalog: Catalog) -> list[Fault]:
    """Each step is named after its procedure, and no two have one id."""
    steps: list[tuple[Path, str, str]] = [
        ((name, "steps", i), name, step.id)
        for name, procedure in catalog.procedures.items()
        for i, step in enumerate(procedure.steps)
    ]
    return misnamed(catalog, "procedures", "step", "procedure", steps)
