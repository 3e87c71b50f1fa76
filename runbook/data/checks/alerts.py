"""Alerts: metrics, limits and owners that exist."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import no_threshold, out_of_order, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the alerts."""
    faults = out_of_order(catalog, "alerts", catalog.alerts)
    scenarios = catalog.scenarios
    for name, alert in catalog.alerts.items():
        faults += unknown(catalog, "alerts", (name, "metric"), "metric", alert.metric, catalog.system.metrics)
        faults += unknown(catalog, "alerts", (name, "severity"), "severity", alert.severity, scenarios.severities)
        faults += unknown(catalog, "alerts", (name, "limit"), "threshold", alert.limit, catalog.thresholds)
        faults += no_threshold(catalog, "alerts", (name, "lasts"), alert.lasts)
        faults += unknown(catalog, "alerts", (name, "owner"), "procedure", alert.owner, catalog.procedures)
        for i, procedure in enumerate(alert.then):
            faults += unknown(catalog, "alerts", (name, "then", i), "procedure", procedure, catalog.procedures)
    return faults
