"""Sentences: every {placeholder} names a threshold. Fields that are no sentences are left out."""

from collections.abc import Iterator

from runbook.data.catalog import PLACEHOLDER, Catalog
from runbook.data.checks.reporting import Path, unknown
from runbook.diagnostics import Fault

# Braces mean something else there.
LEFT_OUT = ("system", "site")


def check(catalog: Catalog) -> list[Fault]:
    """Which placeholders lead nowhere."""
    return [
        each
        for name, file in catalog.files.items()
        if name not in LEFT_OUT and not name.startswith("records/")
        for path, text in strings(file.data)
        for key in PLACEHOLDER.findall(text)
        for each in unknown(catalog, name, path, "threshold", key, catalog.thresholds)
    ]


def strings(data: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in plain Python values, with its path."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from strings(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from strings(value, (*path, i))
