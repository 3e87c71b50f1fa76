"""Leave-one-out: a procedure without one of its steps must fail a drill, or the step is not what reaches the goal.

Asked of each step whose block changes something; and of each two neighbours that do, swapped: `first~second`. A spec
says in `spare` why a step may be missing, or why the order of two does not matter: another step repeats it, or it
guards against something that this drill does not bring about.
"""

from itertools import pairwise
from pathlib import Path

from drills.runner import drill, drill_specs
from drills.runner.command_safety import changes
from drills.runner.drill_specs import Spec, procedure_of, read_spec
from drills.runner.evidence_writer import drilled_steps, today
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import SWAPPED, LeftOut, words_digest


def names(catalog: Catalog, site: Path) -> list[str]:
    """The steps that are left out, one at a time, in the order of the procedures; and the neighbours to swap."""
    found = []
    for procedure in sorted({procedure_of(name) for name in drill_specs.names()}):
        drilled = drilled_steps(catalog, site, procedure)
        acting = [step.block is not None and bool(changes(step.block.code, catalog.system)) for step in drilled]
        found += [step.id for step, acts in zip(drilled, acting, strict=True) if acts]
        neighbours = zip(pairwise(drilled), pairwise(acting), strict=True)
        found += [f"{first.id}{SWAPPED}{second.id}" for (first, second), act in neighbours if all(act)]
    return found


def sabotage(name: str) -> Spec:
    """What of a spec is another for one of the names."""
    first, swapped, second = name.partition(SWAPPED)
    return {"swap": [first, second]} if swapped else {"leave_out": first}


def spare(step: str, procedure: str) -> str | None:
    """Why a procedure reaches its goal without a step, as its spec says; None when it says nothing."""
    reason: str | None = read_spec(procedure).get("spare", {}).get(step)
    return reason


def procedure_with(catalog: Catalog, name: str) -> str:
    """The procedure of a step, or of two neighbours. Raises StopIteration for a step that is not there."""
    step = name.partition(SWAPPED)[0]
    return next(procedure for procedure, it in catalog.procedures.items() if step in {each.id for each in it.steps})


def digest(catalog: Catalog, site: Path, procedure: str) -> str:
    """What a record is bound to: every drilled step of the procedure."""
    return words_digest(step.digest for step in drilled_steps(catalog, site, procedure))


def run(catalog: Catalog, site: Path, step: str) -> LeftOut:
    """Leaves a step out of each drill of its procedure, or swaps two, until one of them fails.

    Raises InconclusiveError.
    """
    procedure = procedure_with(catalog, step)
    drills = sorted((name for name in drill_specs.names() if procedure_of(name) == procedure), key=len)
    failed, said = drills[-1], "nothing: every drill held"
    for name in drills:
        try:
            drill.run(catalog, site, name, read_spec(name) | sabotage(step), control_seconds=0.5)
        except drill.InconclusiveError:
            raise
        except drill.DrillError as error:
            failed, said = name, str(error).splitlines()[0].removeprefix(f"{name}: ")[:160]
            break
    return LeftOut(
        drill=failed,
        digest=digest(catalog, site, procedure),
        date=today(),
        verdict="not missed" if said.startswith("nothing: ") else "missed",
        caught_by=said,
        spare=spare(step, procedure) if said.startswith("nothing: ") else None,
    )
