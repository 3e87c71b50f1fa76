"""The objectives: from each alert to the all clear, the numbers of data/ fit into the RTO."""

from runbook.data import time_budget
from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault
from runbook.data.quantity import clock
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """Which way from an alert takes longer than the RTO of its scenario."""
    faults = []
    try:
        ways = time_budget.sums(catalog)
    except KeyError:
        return []  # a name that leads nowhere; the check of its own record says so
    for way in ways:
        if way.fits:
            continue
        rto = catalog.scenarios.scenarios[way.scenario].rto
        owner = f" + {clock(way.first)} {catalog.alerts[way.alert].owner}" if way.first else ""
        text = (
            f"after {way.alert}: {clock(way.detection)} detection + {clock(way.answer)} answer{owner} + "
            f"{clock(way.procedure)} {way.scenario} = {clock(way.total)}; {rto} is {clock(way.objective)}. "
            "Shorten a step, detect sooner, or raise it"
        )
        faults.append(fault(catalog, "scenarios", ("scenarios", way.scenario, "rto"), text))
    return faults
