"""Evidence: of procedures that exist, from environments that drills can reach."""

from runbook.data.catalog import Catalog, nearest
from runbook.data.models.evidence import Proof
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """Which evidence belongs to nothing."""
    proofs: dict[str, Proof] = dict(catalog.proven.drills)
    for environment, ran in catalog.proven.real.items():
        proofs |= {f"{environment}/{name}": proof for name, proof in ran.items()}
    faults = [
        Fault(
            f"data/evidence/{name}.json",
            1,
            f"no procedure {proof.procedure}{nearest(proof.procedure, catalog.procedures)}; "
            "delete the file or rename the drill",
        )
        for name, proof in proofs.items()
        if proof.procedure not in catalog.procedures
    ]
    reached = {name for name, environment in catalog.rollout.environments.items() if environment.ssh}
    return faults + [
        Fault(f"data/evidence/{name}", 1, f"no environment {name} that drills can reach; delete the folder")
        for name in catalog.proven.real
        if name not in reached
    ]
