"""Drills against a real system that is not production: the same blocks, over ssh, with a person at the terminal.

Only procedures that data/procedures/ marks for it; one question before each step that changes something, and no way
to answer it in advance; only what the commands print is judged, for a real system has no broker that counts and no
fault to inject. Production is never a target: data/rollout.yml gives it no way in, this module refuses its name, and a
host that says it is another one is left alone.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drills.runner.command_safety import changes
from drills.runner.drill import DrillError, Outcome, sections
from drills.runner.evidence_writer import drilled_steps, step_evidence, today
from drills.runner.operator_terminal import OperatorTerminal, amiss
from drills.runner.page_blocks import Step, steps
from drills.runner.ssh_host import RemoteHost
from runbook.data import evidence_files
from runbook.data.catalog import Catalog, nearest
from runbook.data.models.evidence import Observed, words_digest
from runbook.data.models.procedures import Procedure
from runbook.evidence import store


class StoppedError(Exception):
    """Nothing more is done; the message says why, for the person at the terminal."""


@dataclass
class Target:
    """One environment as a drill sees it: one account, its host, and the values of the variables."""

    catalog: Catalog
    name: str
    host: RemoteHost
    account: str
    values: dict[str, str] = field(default_factory=dict)


def run(catalog: Catalog, build: Callable[[], Path], name: str, only: list[str], root: Path) -> int:
    """Runs procedures on a real system. build: builds the site. root: gets the evidence.

    Returns 0, 1 when a step failed, 2 when nothing more could be done.
    """
    try:
        system = find_target(catalog, name)
        chosen = procedures(catalog, name, only)
        site = build()
        if not sys.stdin.isatty() and (asking := [each for each in chosen if asks(catalog, site, each)]):
            raise StoppedError(
                f"no terminal to answer: {', '.join(asking)} would change something on {system.host.name}, "
                "and each such step is asked for. Nothing was run. Run it in a terminal"
            )
        identify(system)
        for each in chosen:
            prove(system, site, each, root)
    except StoppedError as stop:
        print(f"STOPPED: {stop}", file=sys.stderr)
        return 2
    except DrillError as failed:
        print(f"FAILED {failed}\nNothing else is run: look at the system first.", file=sys.stderr)
        return 1
    return 0


# ---------------------------------------------------------------------- before anything is run


def find_target(catalog: Catalog, name: str) -> Target:
    """An environment of data/rollout.yml. Raises StoppedError for production, and for one that drills cannot reach."""
    plan = catalog.rollout
    if name == "production":
        raise StoppedError("production is never a target. Nothing was run")
    known = {str(each): environment for each, environment in plan.environments.items() if environment.ssh}
    if name not in known:
        raise StoppedError(
            f"data/rollout.yml: no environment {name} with a way in (ssh){nearest(name, known)}. Nothing was run"
        )
    environment = known[name]
    account = environment.accounts[0]
    host = plan.accounts[account].host
    values = {
        "ACCOUNT": account,
        "ACCOUNTS": " ".join(environment.accounts),
        "HOST": host,
        "NEW": plan.next,
        "BAD": plan.next,
        "OLD": plan.current,
    }
    if environment.ssh is None:
        raise ValueError(f"{name} has no way in; see its ssh in data/rollout.yml")
    return Target(catalog, name, RemoteHost(host, plan.hosts[host].address, environment.ssh), account, values)


def procedures(catalog: Catalog, name: str, only: list[str]) -> list[str]:
    """What is to be run: all that is safe, or what is named.

    Raises StoppedError when one of them must not run there.
    """
    if unknown := [each for each in only if each not in catalog.procedures]:
        raise StoppedError(f"no procedure {unknown[0]}{nearest(unknown[0], catalog.procedures)}. Nothing was run")
    marked = {each: it.staging for each, it in catalog.procedures.items()}
    if refused := [each for each in only if marked[each] is None]:
        raise StoppedError(
            f"{', '.join(refused)}: not for {name}: data/procedures/ marks no `staging` there. Nothing was run. "
            f"Its drill runs on the rig: make drill ONLY={refused[0]}"
        )
    return only or [each for each, mark in marked.items() if mark == "safe"]


def asks(catalog: Catalog, site: Path, name: str) -> bool:
    """Whether a person is asked anything in a procedure."""
    return catalog.procedures[name].staging == "asks" or any(
        step.block is not None and step.drilled and changes(step.block.code, catalog.system)
        for step in steps(catalog, site, name)
    )


def identify(system: Target) -> None:
    """Raises StoppedError unless the host that answers is the one that the data names."""
    found = system.host.run("hostname -s", 20)
    if found.code:
        raise StoppedError(
            f"{system.host.address} does not let us in: {found.output.strip() or f'exit code {found.code}'}. "
            "Nothing was run"
        )
    if (said := (found.output.split() or ["nothing"])[-1]) != system.host.name:
        raise StoppedError(
            f"{system.host.address} says that it is {said}, data/rollout.yml that it is {system.host.name}. "
            "Nothing was run"
        )


# ---------------------------------------------------------------------- one procedure


def values_for(system: Target, procedure: Procedure) -> dict[str, str]:
    """What the reader sets: known of the target, or exported by whoever calls, such as who signs.

    Raises StoppedError for one that nobody gives.
    """
    found = {}
    for name in procedure.values:
        value = system.values.get(name) or os.environ.get(name)
        if value is None:
            example = system.catalog.system.variables[name].example
            raise StoppedError(f'{procedure.title} needs {name}; export it first, e.g. {name}="{example}"')
        found[name] = value
    return found


def prove(system: Target, site: Path, name: str, root: Path) -> None:
    """Runs a procedure and writes its evidence.

    Raises DrillError, and writes down that it failed; raises StoppedError when a person says no.
    """
    procedure: Procedure = system.catalog.procedures[name]
    print(
        f"\n{name}: {procedure.title}, account {system.account} on {system.host.name} ({system.name}); "
        "judged: outputs only"
    )
    if procedure.staging == "asks":
        agreed(f'"{procedure.use_when}" Is this so on {system.host.name} now?', f"{name} was not begun")
    key, outcome = f"{system.name}/{name}", Outcome()
    todo = drilled_steps(system.catalog, site, name)
    words = words_digest(step.digest for step in todo)
    attempts, failures = store.counted(evidence_files.read(root)[0], key, words)
    terminal = OperatorTerminal(system.host, values_for(system, procedure), system.catalog.system.kinds)
    try:
        for step in steps(system.catalog, site, name):
            one(system, name, step, terminal, outcome)
    except DrillError as failed:
        store.fail(root, key, words, (attempts + 1, failures + 1), str(failed))
        raise
    finally:
        terminal.close()
    version = system.host.run("systemctl --version").output.split()
    observed = Observed(
        drill=name,
        environment=system.name,
        date=today(),
        host=system.host.name,
        account=system.account,
        judged="outputs only",
        versions={"systemd": version[1]} if len(version) > 1 else {},
        attempts=attempts + 1,
        failures=failures,
        steps=step_evidence(todo, [outcome]),
    )
    store.write(observed, root)
    print(f"{name}: as the page says, {observed.machine} s; data/evidence/{key}.json")


def one(system: Target, name: str, step: Step, terminal: OperatorTerminal, outcome: Outcome) -> None:
    """One step: asked for when it changes something. Raises DrillError, or StoppedError."""
    if step.block is None or not step.drilled:
        print(f"  {step.id}: by hand, not run here: {step.title}")
        return
    if changing := changes(step.block.code, system.catalog.system):
        print(f"\n{step.block.code.rstrip()}\n")
        agreed(
            f"{step.id}: {step.title}. It changes something: {'; '.join(changing)}. Run it on {system.host.name}?",
            f"{step.id} was not run; the steps before it were",
        )
    result = terminal.run(step.block.code, step.budget + 5)
    outcome.seconds[step.id] = round(result.seconds, 3)
    wrong = amiss(step, result, terminal)
    print(f"  {step.id}: {result.seconds:.2f} s of {step.budget:g}{' NOT AS EXPECTED: ' + wrong if wrong else ''}")
    if wrong:
        parts = {
            "command": step.block.code,
            "output": result.output,
            "expected": step.block.expect,
            "log": system.host.journal(),
        }
        raise DrillError(f"{name}: {step.id}: {wrong}\n{sections(parts)}")


def agreed(question: str, otherwise: str) -> None:
    """Asks at the terminal. Raises StoppedError for everything but `yes`."""
    try:
        answer = input(f"{question} yes/no: ")
    except EOFError:
        answer = "no answer"
    if answer.strip() != "yes":
        raise StoppedError(f"you said {answer.strip() or 'nothing'}: {otherwise}. Nothing else is run")
