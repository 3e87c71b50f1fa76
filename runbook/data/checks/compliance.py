"""Compliance: clauses of regulations and guidance, shown by procedures that exist."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the clauses."""
    faults: list[Fault] = []
    for i, clause in enumerate(catalog.compliance):
        here = (i, "source")
        faults += unknown(catalog, "compliance", here, "source", clause.source, catalog.sources)
        source = catalog.sources.get(clause.source)
        if source and source.kind not in ("regulation", "guidance"):
            faults.append(fault(catalog, "compliance", here, f'"{clause.source}" is no regulation and no guidance'))
        for procedure in clause.procedures:
            faults += unknown(catalog, "compliance", (i, "procedures"), "procedure", procedure, catalog.procedures)
    return faults
