"""How long it takes from a fault to the all clear, by the numbers of data/.

Detection, answer, and every procedure on the way. The procedures' budgets are for people who read, paste and wait; a
step that is done for each account counts once for each account of the host that has most of them.
"""

from dataclasses import dataclass
from decimal import Decimal

from runbook.data.catalog import Catalog
from runbook.data.models.alerts import Alert
from runbook.data.models.procedures import Procedure, Step

# The metrics that count time since the fault: their limit is time that passes before the alert fires.
AGES = ("event_age", "link_down", "saved_age", "scrape")


@dataclass(frozen=True)
class Sum:
    """The way from an alert to the all clear of a scenario. Times in seconds.

    alert, scenario: their ids. detection: from the fault to the page. answer: until somebody has the page open.
    first: the steps of the alert's owner that come before another procedure, 0 when the owner is the scenario itself.
    procedure: all of its steps. objective: the RTO.
    """

    alert: str
    scenario: str
    detection: Decimal
    answer: Decimal
    first: Decimal
    procedure: Decimal
    objective: Decimal

    @property
    def total(self) -> Decimal:
        """From the fault to the all clear."""
        return self.detection + self.answer + self.first + self.procedure

    @property
    def fits(self) -> bool:
        """Whether the objective is met."""
        return self.total <= self.objective


def sums(catalog: Catalog) -> list[Sum]:
    """For each alert that tells of a fault, the way through its owner, and on through each scenario that may follow.

    Left out: what warns ahead of a fault, an alert that is milder than its owner's scenario and so comes before it, and
    the mildest severity, which is answered within the day.
    """
    found = []
    scenarios, severities = catalog.scenarios.scenarios, catalog.scenarios.severities
    order = list(severities)
    for name, alert in catalog.alerts.items():
        if alert.op == "below" or alert.severity == order[-1]:
            continue
        for target in (alert.owner, *alert.then):
            if target not in scenarios:
                continue
            if target == alert.owner and order.index(alert.severity) > order.index(scenarios[target].severity):
                continue
            found.append(
                Sum(
                    alert=name,
                    scenario=target,
                    detection=detection(catalog, alert),
                    answer=_seconds(catalog, severities[alert.severity].respond),
                    first=Decimal(0)
                    if target == alert.owner
                    else until_branch(catalog, catalog.procedures[alert.owner]),
                    procedure=length(catalog, catalog.procedures[target]),
                    objective=_seconds(catalog, scenarios[target].rto),
                )
            )
    return found


def detection(catalog: Catalog, alert: Alert) -> Decimal:
    """From the fault to the page: the age that the metric must reach, how long it lasts, one sample, the delivery."""
    parts = [alert.lasts, "breach.interval", "alert.delivery"]
    if alert.op == "above" and alert.metric in AGES:
        parts.append(alert.limit)
    return sum((_seconds(catalog, part) for part in parts if part), Decimal(0))


def length(catalog: Catalog, procedure: Procedure) -> Decimal:
    """All steps of a procedure, in seconds."""
    return sum((step_length(catalog, step) for step in procedure.steps), Decimal(0))


def step_length(catalog: Catalog, step: Step) -> Decimal:
    """A step's budget in seconds; one for each account as often as the fullest host has accounts."""
    return _seconds(catalog, step.budget) * (fullest_host(catalog) if step.each == "account" else 1)


def until_branch(catalog: Catalog, procedure: Procedure) -> Decimal:
    """The steps up to the first one with a command, whose output says whether another procedure is the right one."""
    total = Decimal(0)
    for step in procedure.steps:
        total += _seconds(catalog, step.budget)
        if not step.human:
            break
    return total


def fullest_host(catalog: Catalog) -> int:
    """The number of production accounts on the host that has most of them."""
    plan = catalog.rollout
    hosts = [plan.accounts[account].host for account in plan.environments["production"].accounts]
    return max(hosts.count(host) for host in hosts)


def _seconds(catalog: Catalog, threshold: str) -> Decimal:
    return catalog.thresholds[threshold].value.base
