"""The second paste: who is not sure whether a block ran pastes it again, and that must do no harm.

A block that changes something must hold again with the output that the page prints, or refuse and leave every slot as
it was. What it does at the broker is for the judge, like everything else.
"""

from drills.rig.shell import CUT_OFF
from drills.runner.command_safety import changes
from drills.runner.drill_specs import Spec, procedure_of
from drills.runner.operator_terminal import OperatorTerminal, unexpected
from drills.runner.page_blocks import Step
from runbook.data.catalog import Catalog

# The kinds of procedures that are carried out in a hurry.
EMERGENCY = {"rollback", "disaster", "override"}


def is_wanted(catalog: Catalog, name: str, spec: Spec) -> bool:
    """Whether one run of a drill pastes its blocks twice: as the spec says, else when the procedure is an emergency's.

    name: of the drill.
    """
    return bool(spec.get("twice", catalog.procedures[procedure_of(name)].kind in EMERGENCY))


def is_due(catalog: Catalog, step: Step, spec: Spec) -> bool:
    """Whether a step's block is pasted again: it changes something, and the spec does not say why it goes once."""
    if step.block is None or step.id in spec.get("once", {}) or step.id in spec.get("if_not", {}):
        return False
    return bool(changes(step.block.code, catalog.system))


def harm(step: Step, terminal: OperatorTerminal, accounts: list[str], timeout: float) -> str | None:
    """Pastes a block again, right after it held. None when that did no harm, else what it did, for a reader.

    accounts: those whose slots must be as before when the block refuses. timeout: seconds.
    """
    if step.block is None:
        raise ValueError(f"{step.id}: a person acts without a command, so there is nothing to paste")
    look = f"traderctl status {' '.join(accounts)}"
    before = terminal.host.run(look).output
    result = terminal.run(step.block.code, timeout)
    if result.code == CUT_OFF:
        return f"pasted again: took more than {timeout:g} s\n{result.output}"
    if result.code == 0:
        wrong = unexpected(step.block, result, terminal)
        return f"pasted again: {wrong}\n{result.output}" if wrong else None
    after = terminal.host.run(look).output
    return None if after == before else f"pasted again: it refuses, and yet:\n{before}became\n{after}{result.output}"
