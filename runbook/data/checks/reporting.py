"""How checks say what they found: with file, line and the path of the record."""

from collections.abc import Collection, Iterable
from itertools import pairwise

from runbook.data.catalog import Catalog, nearest
from runbook.diagnostics import Fault

Path = tuple[str | int, ...]


def fault(catalog: Catalog, file: str, path: Path, text: str) -> Fault:
    """A fault of the record at a path, e.g. fault(catalog, "contacts", ("chains", "sev1"), "is empty")."""
    name, line = catalog.place(file, *path)
    return Fault(name, line, f"{'.'.join(map(str, path))}: {text}")


def unknown(
    catalog: Catalog, file: str, path: Path, kind: str, key: str | None, records: Collection[str]
) -> list[Fault]:
    """The fault of a reference that leads nowhere, or nothing. kind: what the key should be, e.g. "role"."""
    if key is None or key in records:
        return []
    return [fault(catalog, file, path, f'no {kind} "{key}"{nearest(key, records)}')]


def no_threshold(catalog: Catalog, file: str, path: Path, key: str | None, dimension: str = "time") -> list[Fault]:
    """The fault of a reference to a threshold that does not exist or is of another dimension, or nothing."""
    missing = unknown(catalog, file, path, "threshold", key, catalog.thresholds)
    if missing or key is None or catalog.thresholds[key].value.dimension == dimension:
        return missing
    wanted = "duration" if dimension == "time" else f"number of {dimension}"
    return [fault(catalog, file, path, f'"{key}" is {catalog.thresholds[key].value}, not a {wanted}')]


def misnamed(
    catalog: Catalog, file: str, kind: str, owner: str, members: Iterable[tuple[Path, str, str]]
) -> list[Fault]:
    """The faults of ids that do not begin with the id of what they belong to, or that stand twice.

    kind: what the members are, e.g. "step". owner: what they belong to, e.g. "procedure".
    members: the path of each, the id of its owner, its own id.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    for path, prefix, key in members:
        if not key.startswith(f"{prefix}-"):
            text = f'{kind} "{key}" does not begin with the id of its {owner}: "{prefix}-..."'
            faults.append(fault(catalog, file, path, text))
        if key in seen:
            faults.append(fault(catalog, file, path, f'{kind} "{key}" stands twice'))
        seen.add(key)
    return faults


def out_of_order(catalog: Catalog, file: str, keys: Iterable[str]) -> list[Fault]:
    """The fault of the first id that does not stand in alphabetical order, or nothing."""
    for first, second in pairwise(keys):
        if first > second:
            text = f'stands after "{first}"; keep the ids in alphabetical order'
            return [fault(catalog, file, (second,), text)]
    return []
