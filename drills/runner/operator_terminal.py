"""The terminal into which a drill pastes a page's blocks, and the verdict on what came out of one."""

import re
from collections.abc import Mapping

from drills.rig.shell import Result, Shell, ShellHost
from drills.runner.output_match import difference
from drills.runner.page_blocks import Step
from runbook.evidence.store import Block


class OperatorTerminal:
    """An operator's terminal with the values of its variables."""

    def __init__(self, host: ShellHost, values: dict[str, str], kinds: Mapping[str, str]) -> None:
        """values: of the variables, as the operator sets them; kinds: see output_match."""
        self.host, self.values, self.shell = host, dict(values), Shell(host)
        self.kinds = kinds
        self.shell.run(" ".join(f'{key}="{value}"' for key, value in values.items()))

    def run(self, code: str, timeout: float) -> Result:
        """Pastes a block; timeout in seconds. Afterwards `values` holds what the block has set."""
        if self.shell.process.poll() is not None:
            # The host went away with the terminal: whoever logs in again has no variables.
            self.shell.close()
            self.shell = Shell(self.host)
        result = self.shell.run(code, timeout=timeout)
        if wanted := sorted(set(re.findall(r"\b([A-Z_]+)=", code))):
            answer = self.shell.run("; ".join(f'echo "{key}=${{{key}-}}"' for key in wanted)).output
            for line in answer.splitlines():
                key, equals, value = line.partition("=")
                if equals:
                    self.values[key] = value
        return result

    def close(self) -> None:
        """Ends the shell and whatever it started in the foreground."""
        self.shell.close()


def amiss(step: Step, result: Result, terminal: OperatorTerminal) -> str | None:
    """What is not as the page says in a step's result, for a reader; None when all is."""
    if step.block is None:
        raise ValueError(f"{step.id}: a person acts without a command, so there is nothing to compare")
    if result.code:
        return f"exit code {result.code}"
    late = f"took {result.seconds:.1f} s of {step.budget:g}" if result.seconds > step.budget else None
    return unexpected(step.block, result, terminal) or late


def unexpected(block: Block, result: Result, terminal: OperatorTerminal) -> str | None:
    """What a block printed that the page does not lead its reader to expect; None when all is as the page says."""
    wrong = difference(block.expect, result.output, terminal.values, terminal.kinds)
    return wrong or shouted(block.code, result.output)


def shouted(code: str, output: str) -> str | None:
    """The line in which a block itself says in capitals that something is wrong, although `…` would let it pass."""
    words = tuple(re.findall(r'echo "([A-Z]{2,}(?: [A-Z]{2,})*)', code))
    return next((f'it says "{line}"' for line in output.splitlines() if words and line.startswith(words)), None)
