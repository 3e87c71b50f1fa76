"""What must hold between records of data/: one module for each subject. What one record must be, its model says."""

from collections.abc import Callable

from runbook.data.catalog import Catalog
from runbook.data.checks import (
    alerts,
    authority,
    calendar,
    checklists,
    compliance,
    contacts,
    deployment_records,
    evidence,
    exercises,
    language,
    messages,
    procedures,
    relations,
    rollout,
    samples,
    scenarios,
    search,
    signoffs,
    site,
    system,
    texts,
    thresholds,
    time_budget,
)
from runbook.diagnostics import Fault

CHECKS: tuple[Callable[[Catalog], list[Fault]], ...] = (
    thresholds.check,
    relations.check,
    contacts.check,
    signoffs.check,
    system.check,
    rollout.check,
    calendar.check,
    procedures.check,
    authority.check,
    time_budget.check,
    scenarios.check,
    alerts.check,
    messages.check,
    checklists.check,
    compliance.check,
    evidence.check,
    exercises.check,
    search.check,
    site.check,
    texts.check,
    language.check,
    samples.check,
    deployment_records.check,
)


def check_all(catalog: Catalog) -> list[Fault]:
    """Every fault that any check finds."""
    return [fault for check in CHECKS for fault in check(catalog)]
