"""The facts that a release is built with, from the typed data: what its programs read as contract.json."""

from functools import cache
from pathlib import Path
from typing import Any

from runbook.data import change_windows
from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.data.quantity import COUNTED, Quantity, parse, plain

ROOT = Path(__file__).resolve().parents[2]


@cache
def data() -> Catalog:
    """The data of this repository, read once for each process."""
    return load(ROOT, "public")


def contract_facts(changed: dict[str, str] | None = None) -> dict[str, Any]:
    """`system`, `rollout` and the sign-offs as data/ has them, the calendar as times, and every threshold resolved.

    So no program parses a unit or reckons with time zones.

    changed: values that a rig shortens, as data/thresholds.yml would write them, e.g. `500 ms`.
    Raises ValueError for an unknown threshold and for what is no quantity.
    """
    limits = quantities(changed)
    return {
        "system": dumped(data().system),
        "rollout": dumped(data().rollout),
        "signoffs": {name: dumped(signoff) for name, signoff in data().contacts.signoffs.items()},
        "calendar": change_windows.facts(data()),
        "thresholds": {name: resolved(value) for name, value in limits.items()},
    }


def open_calendar(zones: dict[str, Any]) -> dict[str, Any]:
    """A calendar in which the market trades and every window is open, whatever day a rig runs on.

    zones: a calendar of contract_facts, for its zones and the names of its windows.
    """
    always = [0, 1 << 40]
    return zones | {
        "known": always,
        "windows": {name: [[*always, None]] for name in zones["windows"]},
        "sessions": [always],
    }


def dumped(record: Any) -> dict[str, Any]:
    """A record of the data as the file has it: the same keys, plain values."""
    fields: dict[str, Any] = record.model_dump(mode="json", by_alias=True)
    return fields


def quantities(changed: dict[str, str] | None = None) -> dict[str, Quantity]:
    """Every threshold by id. Raises ValueError as contract_facts does."""
    limits = {name: threshold.value for name, threshold in data().thresholds.items()}
    for name, value in (changed or {}).items():
        if name not in limits:
            raise ValueError(f"no such threshold: {name}")
        quantity = parse(value)
        if quantity.dimension != limits[name].dimension:
            raise ValueError(f"{name}: {value} is not a number of {limits[name].unit}")
        limits[name] = quantity
    return limits


def resolved(quantity: Quantity) -> dict[str, Any]:
    """One threshold for a program: as written, its number, and its number in the base unit of its dimension."""
    unit = COUNTED.get(quantity.unit, quantity.unit) if quantity.number == 1 else quantity.unit
    return {
        "text": f"{plain(quantity.number)} {unit}",
        "number": float(quantity.number),
        "dimension": quantity.dimension,
        "base": float(quantity.base),
    }
