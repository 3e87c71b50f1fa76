"""Relations: the thresholds on both sides exist, can be compared, and hold."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import unknown
from runbook.data.models.thresholds import Relation
from runbook.data.quantity import Quantity
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """Which relations do not hold."""
    faults = []
    for i, relation in enumerate(catalog.relations):
        missing = [
            fault
            for side, keys in (("left", relation.left), ("right", relation.right))
            for key in keys
            for fault in unknown(catalog, "relations", (i, side), "threshold", key, catalog.thresholds)
        ]
        faults += missing
        if not missing and (text := _broken(catalog, relation)):
            faults.append(Fault(*catalog.place("relations", i), text))
    return faults


def _broken(catalog: Catalog, relation: Relation) -> str | None:
    """Why a relation does not hold; None when it does."""
    left = [catalog.thresholds[key].value for key in relation.left]
    right = [catalog.thresholds[key].value for key in relation.right]
    words = f"{' + '.join(relation.left)} {relation.is_} {' + '.join(relation.right)}"
    # A number of people is a factor of anything.
    if len({value.dimension for value in left + right} - {"people"}) > 1:
        return f"{words}: {left[0]} and {right[0]} cannot be compared"
    low, high = _sum(left), _sum(right)
    if low < high or (relation.is_ == "at most" and low == high):
        return None
    shown = " + ".join(map(str, left)), " + ".join(map(str, right))
    return (
        f"{words} does not hold: {shown[0]} against {shown[1]}. {relation.why} "
        "Change one of them in data/thresholds.yml"
    )


def _sum(values: list[Quantity]) -> float:
    return float(sum(value.base for value in values))
