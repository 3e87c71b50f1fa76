"""The one place where everything under data/ is read and judged: what it says, and whether its evidence can be."""

from pathlib import Path

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.diagnostics import FaultsError
from runbook.evidence import integrity


def load_checked(root: Path, audience: str | None = None) -> Catalog:
    """Reads data/, and refuses evidence that no drill can have written.

    root and audience as for the loader. Raises FaultsError with every fault of the data; where the data is in order,
    with every fault of the evidence.
    """
    catalog = load(root, audience)
    if faults := integrity.check(catalog.proven, catalog.procedures, catalog.thresholds):
        raise FaultsError(faults)
    return catalog
