"""Alerts: metrics, limits and owners that exist; each scenario is told of, or says why none can."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, out_of_order, unknown
from runbook.data.models.alerts import Alert
from runbook.data.quantity import COUNTED, UNITS, Quantity
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the alerts."""
    faults = out_of_order(catalog, "alerts", catalog.alerts)
    scenarios = catalog.scenarios
    for name, alert in catalog.alerts.items():
        faults += unknown(catalog, "alerts", (name, "metric"), "metric", alert.metric, catalog.system.metrics)
        faults += unknown(catalog, "alerts", (name, "severity"), "severity", alert.severity, scenarios.severities)
        faults += unknown(catalog, "alerts", (name, "limit"), "threshold", alert.limit, catalog.thresholds)
        faults += check_unit(catalog, name, alert)
        for i, metric in enumerate(alert.unless):
            faults += unknown(catalog, "alerts", (name, "unless", i), "metric", metric, catalog.system.metrics)
        faults += no_threshold(catalog, "alerts", (name, "lasts"), alert.lasts)
        faults += unknown(catalog, "alerts", (name, "owner"), "procedure", alert.owner, catalog.procedures)
        for i, procedure in enumerate(alert.then):
            faults += unknown(catalog, "alerts", (name, "then", i), "procedure", procedure, catalog.procedures)
    return faults + check_every_scenario(catalog)


def check_unit(catalog: Catalog, name: str, alert: Alert) -> list[Fault]:
    """A limit is a number of what the metric counts: nobody can compare seconds with contracts."""
    metric, limit = catalog.system.metrics.get(alert.metric), catalog.thresholds.get(alert.limit or "")
    if metric is None or limit is None:
        return []
    unit = metric.unit
    if unit == "count" and limit.value.unit in COUNTED:
        return []
    if unit in UNITS and Quantity(limit.value.number, unit).dimension == limit.value.dimension:
        return []
    text = f"{alert.limit} is {limit.value}; {metric.name} is in {unit}"
    return [fault(catalog, "alerts", (name, "limit"), text)]


def check_every_scenario(catalog: Catalog) -> list[Fault]:
    """An alert leads to each scenario, or it says why none can."""
    faults = []
    first: dict[str, str] = {}
    for name, alert in catalog.alerts.items():
        for procedure in (alert.owner, *alert.then):
            first.setdefault(procedure, name)
    for name, scenario in catalog.scenarios.scenarios.items():
        if name not in first and scenario.no_alert is None:
            text = "no alert leads here; add one to data/alerts.yml, or say under no_alert why no metric can tell"
            faults.append(fault(catalog, "scenarios", ("scenarios", name), text))
        if name in first and scenario.no_alert is not None:
            text = f"{first[name]} leads here; take no_alert out"
            faults.append(fault(catalog, "scenarios", ("scenarios", name, "no_alert"), text))
    return faults
