"""Alerts: metrics, limits and answers that exist."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, out_of_order, unknown
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
        for answer in alert.answers:
            here = (name, "answers")
            faults += unknown(catalog, "alerts", here, "procedure", answer, catalog.procedures)
            if answer in scenarios.scenarios and name not in scenarios.scenarios[answer].alerts:
                text = f"the scenario {answer} does not name this alert; add it in data/scenarios.yml"
                faults.append(fault(catalog, "alerts", here, text))
    return faults
