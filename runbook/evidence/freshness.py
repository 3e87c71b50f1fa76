"""How long evidence holds: the one policy for pages, report and drills."""

from datetime import date, timedelta

from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Proof

# How often a procedure is drilled, by its kind: a threshold in time.
INTERVALS = {
    "rollback": "drill.rollback",
    "planned": "drill.disaster",
    "disaster": "drill.disaster",
    "override": "drill.disaster",
}


def age(catalog: Catalog, procedure: str) -> int:
    """Days for which evidence of a procedure is valid: `evidence.age`, or the drill interval of its kind if shorter."""
    return min(
        catalog.thresholds[key].value.whole("d")
        for key in ("evidence.age", INTERVALS[catalog.procedures[procedure].kind])
    )


def valid_until(catalog: Catalog, proof: Proof) -> date:
    """The last day on which a proof holds."""
    return date.fromisoformat(proof.date) + timedelta(days=age(catalog, proof.procedure))


def is_due(catalog: Catalog, proof: Proof, today: date) -> bool:
    """Whether a proof has grown old."""
    return today > valid_until(catalog, proof)
