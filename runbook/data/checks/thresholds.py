"""Thresholds: in order, each with an owner and a source that exist."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import out_of_order, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the references of thresholds."""
    faults = out_of_order(catalog, "thresholds", catalog.thresholds)
    for name, threshold in catalog.thresholds.items():
        faults += unknown(catalog, "thresholds", (name, "owner"), "role", threshold.owner, catalog.contacts.roles)
        faults += unknown(catalog, "thresholds", (name, "source"), "source", threshold.source, catalog.sources)
    return faults
