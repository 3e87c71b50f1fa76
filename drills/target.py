"""Drills against a real system that is not production: the same blocks, over ssh, with a person at the terminal.

Only procedures that data/procedures.yml marks for it; one question before each step that changes something, and no way to answer it in
advance; only what the commands print is judged, for a real system has no broker that counts and no fault to inject. Production is never
a target: data/rollout.yml gives it no way in, this module refuses its name, and a host that says it is another one is left alone.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drills import drill, records
from drills.command_safety import changes
from drills.extract import Step, steps
from drills.remote import RemoteHost
from runbook.data.catalog import Catalog, nearest
from runbook.data.models import Procedure
from runbook.evidence import store as proofs


class Stopped(Exception):
    """Nothing more is done; the message says why, for the person at the terminal."""


@dataclass
class Target:
    """One environment as a drill sees it: one account, its host, and the values of the variables."""

    catalog: Catalog
    name: str
    host: RemoteHost
    account: str
    values: dict[str, str] = field(default_factory=dict)


def main(catalog: Catalog, build: Callable[[], Path], name: str, only: list[str], root: Path) -> int:
    """Runs procedures on a real system. build: builds the site. root: gets the evidence. Returns 0, 1 when a step failed, 2 when nothing more could be done."""
    try:
        system = target(catalog, name)
        chosen = procedures(catalog, name, only)
        site = build()
        if not sys.stdin.isatty() and (asking := [each for each in chosen if asks(catalog, site, each)]):
            raise Stopped(
                f"no terminal to answer: {', '.join(asking)} would change something on {system.host.name}, and each such step is asked for. Nothing was run. Run it in a terminal"
            )
        identify(system)
        for each in chosen:
            prove(system, site, each, root)
    except Stopped as stop:
        print(f"STOPPED: {stop}", file=sys.stderr)
        return 2
    except drill.DrillFailed as failed:
        print(f"FAILED {failed}\nNothing else is run: look at the system first.", file=sys.stderr)
        return 1
    return 0


# ---------------------------------------------------------------------- before anything is run


def target(catalog: Catalog, name: str) -> Target:
    """An environment of data/rollout.yml. Raises Stopped for production, and for one that drills cannot reach."""
    plan = catalog.rollout
    if name == "production":
        raise Stopped("production is never a target. Nothing was run")
    known = [each for each, it in plan.environments.items() if it.ssh]
    if name not in known:
        raise Stopped(
            f"data/rollout.yml: no environment {name} with a way in (ssh){nearest(name, known)}. Nothing was run"
        )
    environment = plan.environments[name]
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
    return Target(catalog, name, RemoteHost(host, plan.hosts[host].address, environment.ssh), account, values)


def procedures(catalog: Catalog, name: str, only: list[str]) -> list[str]:
    """What is to be run: all that is safe, or what is named. Raises Stopped when one of them must not run there."""
    if unknown := [each for each in only if each not in catalog.procedures]:
        raise Stopped(f"no procedure {unknown[0]}{nearest(unknown[0], catalog.procedures)}. Nothing was run")
    marked = {each: it.staging for each, it in catalog.procedures.items()}
    if refused := [each for each in only if marked[each] is None]:
        raise Stopped(
            f"{', '.join(refused)}: not for {name}: data/procedures.yml marks no `staging` there. Nothing was run. Its drill runs on the rig: make drill ONLY={refused[0]}"
        )
    return only or [each for each, mark in marked.items() if mark == "safe"]


def asks(catalog: Catalog, site: Path, name: str) -> bool:
    """Whether a person is asked anything in a procedure."""
    return catalog.procedures[name].staging == "asks" or any(
        step.drilled and changes(step.block.code, catalog.system) for step in steps(catalog, site, name)
    )


def identify(system: Target) -> None:
    """Raises Stopped unless the host that answers is the one that the data names."""
    found = system.host.run("hostname -s", 20)
    if found.code:
        raise Stopped(
            f"{system.host.address} does not let us in: {found.output.strip() or f'exit code {found.code}'}. Nothing was run"
        )
    if (said := (found.output.split() or ["nothing"])[-1]) != system.host.name:
        raise Stopped(
            f"{system.host.address} says that it is {said}, data/rollout.yml that it is {system.host.name}. Nothing was run"
        )


# ---------------------------------------------------------------------- one procedure


def prove(system: Target, site: Path, name: str, root: Path) -> None:
    """Runs a procedure and writes its evidence. Raises DrillFailed, and writes down that it failed; raises Stopped when a person says no."""
    procedure: Procedure = system.catalog.procedures[name]
    print(
        f"\n{name}: {procedure.title}, account {system.account} on {system.host.name} ({system.name}); judged: outputs only"
    )
    if procedure.staging == "asks":
        agreed(f'"{procedure.use_when}" Is this so on {system.host.name} now?', f"{name} was not begun")
    key, outcome = f"{system.name}/{name}", drill.Outcome()
    todo = records.to_run(system.catalog, site, name)
    words = proofs.words(step.digest for step in todo)
    attempts, failures = proofs.counted(proofs.read(root)[0], key, words)
    terminal = drill.Terminal(system.host, {variable: system.values[variable] for variable in procedure.set})
    try:
        for step in steps(system.catalog, site, name):
            one(system, name, step, terminal, outcome)
    except drill.DrillFailed as failed:
        proofs.fail(root, key, words, (attempts + 1, failures + 1), str(failed))
        raise
    finally:
        terminal.shell.close()
    version = system.host.run("systemctl --version").output.split()
    it = proofs.Observed(
        procedure=name, environment=system.name, date=records.today(), host=system.host.name, account=system.account, judged="outputs only",
        versions={"systemd": version[1]} if len(version) > 1 else {}, attempts=attempts + 1, failures=failures, steps=records.step_evidence(todo, [outcome]),
    )  # fmt: skip
    proofs.write(it, root)
    print(f"{name}: as the page says, {it.machine} s; data/evidence/{key}.json")


def one(system: Target, name: str, step: Step, terminal: drill.Terminal, outcome: drill.Outcome) -> None:
    """One step: asked for when it changes something. Raises DrillFailed, or Stopped."""
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
    wrong = drill.amiss(step, result, terminal.values)
    print(f"  {step.id}: {result.seconds:.2f} s of {step.budget:g}{' NOT AS EXPECTED: ' + wrong if wrong else ''}")
    if wrong:
        parts = {
            "command": step.block.code,
            "output": result.output,
            "expected": step.block.expect,
            "log": system.host.journal(),
        }
        raise drill.DrillFailed(
            f"{name}: {step.id}: {wrong}\n" + "\n".join(f"--- {what}\n{text}" for what, text in parts.items())
        )


def agreed(question: str, otherwise: str) -> None:
    """Asks at the terminal. Raises Stopped for everything but `yes`."""
    try:
        answer = input(f"{question} yes/no: ")
    except EOFError:
        answer = "no answer"
    if answer.strip() != "yes":
        raise Stopped(f"you said {answer.strip() or 'nothing'}: {otherwise}. Nothing else is run")
