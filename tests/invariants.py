"""What holds of the data whatever its values are: each function takes a catalog and gives the faults it finds.

Tests of the data as it is call them, and so does the sweep, for each number that it changes.
"""

from collections.abc import Callable

from runbook.data.catalog import Catalog
from runbook.data.checklist_sheet import missing_edition
from runbook.data.checks import check_all
from runbook.evidence import integrity

# The mission's promise for each way back that a single release has.
ROLLBACKS = ("warm", "cold", "settings", "all")
FIVE_MINUTES = 300
UNGUARDED = ("cold", "down", "snapshot", "swap")


def in_order(catalog: Catalog) -> list[str]:
    """Every check of the data and of the evidence."""
    return [
        str(fault)
        for fault in (
            *check_all(catalog),
            *integrity.check(catalog.proven, catalog.procedures, catalog.thresholds),
        )
    ]


def checklist_has_its_edition(catalog: Catalog) -> list[str]:
    return [str(fault) for fault in missing_edition(catalog)]


def each_account_s_way_back_is_written_down(catalog: Catalog) -> list[str]:
    """An account that was handed over goes back to a snapshot by its name, and to a release that reads its state."""
    return [
        f"data/checklists.yml: {pause.id}: no item asks for the verdict on the way back and the snapshot's name"
        for pause in catalog.checklists.pauses
        if pause.phase == "during"
        and not any("SAFE" in item.value and "snapshot" in item.evidence for item in pause.items)
    ]


def rollbacks_fit_into_five_minutes(catalog: Catalog) -> list[str]:
    """The promise of the mission, whatever else changes."""
    faults = []
    for name in ROLLBACKS:
        procedure = catalog.procedures[name]
        total = sum(catalog.thresholds[step.budget].value.base for step in procedure.steps)
        budget = catalog.thresholds[procedure.budget].value.base
        if budget > FIVE_MINUTES:
            faults.append(f"{name}: its budget is above five minutes")
        if total >= budget:
            faults.append(f"{name}: the steps leave no slack")
    return faults


def unguarded_begins_with_the_hold(catalog: Catalog) -> list[str]:
    return [
        f"{name}: the traders' hold is the first act of a procedure that leaves the account unguarded"
        for name in UNGUARDED
        if catalog.procedures[name].steps[0].id != f"{name}-hold"
    ]


def numbers_have_one_home(catalog: Catalog) -> list[str]:
    return [] if len(catalog.thresholds) >= 40 else ["fewer than forty thresholds: numbers stand elsewhere"]


def what_sends_a_release_back_pages_too(catalog: Catalog) -> list[str]:
    """Nobody watches a canary's table all night: each of its limits has an alert."""
    paged = {(alert.metric, alert.limit) for alert in catalog.alerts.values() if alert.op == "above"}
    return [
        f"data/rollout.yml: watch: {watch.metric} above {watch.back} has no alert in data/alerts.yml"
        for watch in catalog.rollout.watch
        if (watch.metric, watch.back) not in paged
    ]


def samples_say_so(catalog: Catalog) -> list[str]:
    """Nobody may take a sample of a deployment record for a deployment."""
    faults = []
    for name, record in catalog.records.items():
        if record.sample and not (record.note or "").startswith("SAMPLE"):
            faults.append(f"data/records/{name}.json: its note does not say that it is a sample")
        if record.sample:
            faults += [
                f"data/records/{name}.json: {person} is no address at example.com"
                for person in (*record.people.values(), *record.deputies.values())
                if not person.endswith("@example.com")
            ]
    return faults


INVARIANTS: tuple[Callable[[Catalog], list[str]], ...] = (
    in_order,
    checklist_has_its_edition,
    each_account_s_way_back_is_written_down,
    rollbacks_fit_into_five_minutes,
    unguarded_begins_with_the_hold,
    numbers_have_one_home,
    what_sends_a_release_back_pages_too,
    samples_say_so,
)
