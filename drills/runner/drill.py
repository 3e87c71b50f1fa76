"""One drill: a procedure's blocks, run in page order in one terminal of a real host, while orders flow.

What is set up, which fault bites and which limit holds stands in specs/, never on a page that an operator copies from.
"""

import json
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drills.rig.booted_host import Host
from drills.rig.rig import Rig
from drills.runner import goals, second_paste
from drills.runner.drill_specs import Deed, Spec, listed, procedure_of, read_spec
from drills.runner.machine_watch import MachineWatch
from drills.runner.operator_terminal import OperatorTerminal, amiss
from drills.runner.page_blocks import Step, steps
from runbook.data.catalog import Catalog
from runbook.data.models.procedures import Goal

# Keys of a spec that Rig takes as they are.
RIG_KEYS = ("release", "versions", "unpacked", "thresholds", "config", "mutant", "disk_mb")
# Seconds of flow before the fault, so that it meets an account with positions and orders.
FLOW_BEFORE_FAULT = 1.0
# Seconds beyond its budget that a block is given before it is cut off: late is a finding, endless is not.
GRACE = 5.0
# How often a drill is tried that fails while the machine stands still.
TRIES = 3
SUMMED = (
    *("events", "breaches", "orders", "lost", "duplicated", "stale_accepted", "unexpected"),
    *("stale_refused", "duplicates_refused"),
)


class DrillError(AssertionError):
    """A step, an expectation or an invariant failed; the message holds what a reader needs."""


class InconclusiveError(DrillError):
    """It failed each time while the machine stood still, so nothing was proven and nothing refuted."""


@dataclass
class Outcome:
    """What one run of a procedure did. Seconds; counts of the broker's record."""

    seconds: dict[str, float] = field(default_factory=dict)
    gap: float = 0.0
    control: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    # When it was, in seconds since the drill's own begin: each step as it ran, the fault, the longest gap.
    spans: list[tuple[str, tuple[float, float]]] = field(default_factory=list)
    fault: tuple[float, float] | None = None
    gap_span: tuple[float, float] = (0.0, 0.0)
    # How often it was tried before, and failed while the machine stood still.
    inconclusive: int = 0


def run(
    catalog: Catalog,
    site: Path,
    name: str,
    spec: Spec | None = None,
    say: Callable[[str], None] = lambda line: None,
    control_seconds: float = 2.0,
    twice: bool = False,
) -> Outcome:
    """Runs one procedure once, in a rig of its own; again when it fails while the machine stands still.

    spec: a changed one, for a negative control. say: called with a line for each step.
    control_seconds: the window in which nothing is done. twice: pastes each block that changes something again.
    Raises DrillError with procedure, step, command, output and the broken invariant; InconclusiveError when the machine
    stood still each time.
    """
    for tried in range(TRIES):
        drill = Drill(catalog, site, name, spec or read_spec(name), say, twice)
        drill.outcome.inconclusive = tried
        with MachineWatch() as watch, drill.rig:
            try:
                return drill.run(control_seconds)
            except DrillError as error:
                excuse, failure = watch.excuse(), error
                if excuse is None:
                    raise
            finally:
                for terminal in drill.terminals:
                    terminal.close()
        say(f"{name}: INCONCLUSIVE, {excuse}: {str(failure).splitlines()[0]}")
    raise InconclusiveError(f"{name}: inconclusive {TRIES} times, {excuse}; the last time: {failure}") from failure


class Drill:
    """One run of one spec."""

    def __init__(
        self,
        catalog: Catalog,
        site: Path,
        name: str,
        spec: Spec,
        say: Callable[[str], None],
        twice: bool = False,
    ) -> None:
        self.catalog, self.site, self.name, self.spec, self.say = catalog, site, name, spec, say
        self.twice = twice
        self.account: str = spec["account"]
        self.home: str = spec.get("home", "trade-1")
        given = spec.get("accounts", [self.account])
        self.homes: dict[str, list[str]] = given if isinstance(given, dict) else {self.home: given}
        self.accounts = [account for accounts in self.homes.values() for account in accounts]
        self.rig = Rig(
            hosts=spec.get("hosts", ["trade-1"]),
            accounts=self.homes,
            **{key: spec[key] for key in RIG_KEYS if key in spec},
        )
        self.terminals: list[OperatorTerminal] = []
        # By account: the goals of the procedure that its last round ended in.
        self.goals: dict[str, list[Goal]] = {}
        self.outcome = Outcome()
        self.since = self.began = 0.0

    # ------------------------------------------------------------------ from set-up to verdict

    def run(self, control_seconds: float) -> Outcome:
        """Sets up, injects the fault, runs the steps, judges."""
        spec, rig = self.spec, self.rig
        host, self.at = rig.hosts[self.home], rig.hosts[spec.get("at", self.home)]
        self.set_up(host)
        learnt = {name: host.must(code).strip() for name, code in spec.get("learn", {}).items()}
        self.outcome.control = rig.control_window(self.account, control_seconds)
        before = {
            account: rig.examine(rig.hosts[home], account)["strict"]
            for home, accounts in self.homes.items()
            for account in accounts
        }
        self.since = self.began = time.time()
        for deed in listed(spec.get("fault")):
            self.do(deed, host)
        self.outcome.fault = (0.0, time.time() - self.began) if "fault" in spec else None
        for sight in spec.get("see", []):
            self.see(sight)
        for turn in spec.get("rounds", [{}]):
            at = rig.hosts[turn["at"]] if "at" in turn else self.at
            values = spec.get("set", {}) | learnt | turn.get("set", {})
            self.round(procedure_of(self.name), self.terminal(at, values))
        for code in spec.get("ends", []):
            if (result := self.at.run(code)).code:
                raise DrillError(f"{self.name}: at the end not true: {code}\n{result.output}\n{self.at.journal(25)}")
        self.judge(before)
        return self.outcome

    def round(self, name: str, terminal: OperatorTerminal) -> None:
        """A procedure once, with its goal. Raises DrillError when the goal holds before, or does not hold after."""
        began, at, values = time.time(), self.rig.hosts[terminal.host.name], terminal.values
        reach = self.catalog.procedures[name].reach
        scenes = [
            goals.Scene(
                *(self.rig, at, account, values, began, self.rig.report(account)["last"]),
                *(self.files[account], self.shown()),
            )
            for account in self.aimed_at(values)
        ]
        for scene in scenes:
            lacking = goals.missing(reach, scene, patience=0)
            held = [part for part in reach.parts if part not in lacking and part not in self.spec.get("already", {})]
            if held:
                raise DrillError(
                    f"{self.name}: {scene.account}: before the first step, reached already: {', '.join(held)}"
                )
        ended = self.procedure(name, terminal)
        wanted = [self.catalog.procedures[ended].reach, self.catalog.procedures[ended].keep]
        for scene in scenes:
            self.goals[scene.account] = wanted
            lacks = [
                f"{part}: {why}"
                for goal in wanted
                for part, why in goals.missing(goal, scene).items()
                if part not in self.spec.get("open_end", {})
            ]
            if lacks:
                raise DrillError(
                    f"{self.name}: {scene.account}: goal not reached: {'; '.join(lacks)}\n{scene.host.journal(25)}"
                )

    def aimed_at(self, values: dict[str, str]) -> list[str]:
        """The accounts that a round is about: those that the operator names, else all."""
        named = values.get("ACCOUNT", values.get("ACCOUNTS", "")).split()
        return [account for account in self.accounts if account in named] or self.accounts

    def shown(self) -> tuple[tuple[Host, str], ...]:
        """The commands that show the faults of the spec, each on the host where it was seen."""
        return tuple(
            (self.rig.hosts[str(deed.get("seen_at", deed.get("at", self.home)))], str(deed["proof"]))
            for deed in listed(self.spec.get("fault"))
            if isinstance(deed, dict) and "proof" in deed
        )

    def set_up(self, host: Host) -> None:
        """Everything up to the fault."""
        spec, rig = self.spec, self.rig
        self.files = {account: goals.file_digests(host, account) for account in self.accounts}
        flow = {"accounts": self.accounts, "trading": spec.get("trading", True)}
        rig.broker("flow", rate=0, **flow)
        if "broker" in spec:
            rig.broker("set", **spec["broker"])
        for account in self.accounts if "limits" in spec else []:
            rig.broker("limits", account=account, **spec["limits"])
        for name in spec.get("cut", []):
            rig.hosts[name].cut_network()
        if "recording" in spec:
            rig.write_recording(host, self.account, spec["recording"])
        for deed in spec.get("before", []):
            self.do(deed, host)
        if spec.get("start", True):
            rig.start_accounts(tuple(spec.get("slots", ["blue", "green"])))
        rig.broker("flow", rate=spec.get("rate", 50), **flow)
        time.sleep(FLOW_BEFORE_FAULT)
        for deed in spec.get("prepare", []):
            self.do(deed, host)

    def judge(self, before: dict[str, Any]) -> None:
        """Every account of the rig, on the host where it ends. Raises DrillError with the broker's record.

        before: by account, its lockouts and losses before the fault.
        """
        spec, rig, reports, limit, weaker = self.spec, self.rig, [], self.gap_limit(), 0
        for home, accounts in self.homes.items():
            for account in accounts:
                drilled = account == self.account
                at = self.at if drilled and "rounds" not in spec else rig.hosts[home]
                flat, guarded = bool(spec.get("flat")) and drilled, self.guarded(account)
                verdict = rig.judge(at, account, self.since, limit, before[account], flat, guarded)
                reports.append(rig.report(account, self.since))
                weaker += len(verdict.broken.get("I4", []))
                if not verdict.good:
                    raise DrillError(
                        f"{self.name}: {account}: after the last step: {verdict}"
                        f"\n{self.record(account)}\n{at.journal(25)}"
                    )
        gap = max((each["gap"] for each in reports), key=lambda one: float(one["seconds"]))
        self.outcome.figures = {key: sum(each[key] for each in reports) for key in SUMMED}
        self.outcome.figures |= {"reaction": max(each["reaction"] for each in reports), "weaker": weaker}
        self.outcome.figures |= {"gap": gap, "writers_max": max(each["writers_max"] for each in reports)}
        self.outcome.figures |= {"takeovers": sum(len(each["takeovers"]) for each in reports)}
        self.outcome.gap = gap["seconds"]
        begin = gap["at"] - self.began
        self.outcome.gap_span = (begin, begin + self.outcome.gap)

    def guarded(self, account: str) -> bool:
        """Whether a daemon must be enforcing the limits of an account at the end."""
        if account in self.goals:
            return "acts" not in self.spec.get("open_end", {}) and any(goal.acts for goal in self.goals[account])
        return True

    def gap_limit(self) -> float | None:
        """The longest protection gap allowed, in seconds, by the spec or the procedure; None when it is left open."""
        if "gap" in self.spec:
            return float(self.spec["gap"]["seconds"])
        promised = self.catalog.procedures[procedure_of(self.name)].gap
        return float(self.catalog.thresholds[promised].value.base) if promised else None

    def record(self, account: str) -> str:
        """The end of the broker's own record of an account."""
        record = self.rig.broker("record", account=account, since=self.since)
        return "\n".join(json.dumps(item) for item in [*record["orders"][-12:], *record["breaches"][-6:]])

    # ------------------------------------------------------------------ deeds and sights

    def do(self, deed: Deed, host: Host) -> None:
        """One deed; a fault ends by proving that it bit."""
        if isinstance(deed, str):
            deed = {"run": deed}
        host = self.rig.hosts[deed["at"]] if "at" in deed else host
        if "broker" in deed:
            self.rig.broker(deed["broker"], **deed.get("with", {"account": self.account}))
        if "host" in deed:
            getattr(host, deed["host"])(**deed.get("with", {}))
        if "run" in deed:
            host.must(deed["run"])
        if "wait" in deed:
            time.sleep(deed["wait"])
        within = deed.get("within", 15)
        if "counted" in deed:
            self.count(deed["counted"], within)
        if "proof" in deed:
            seen_at = self.rig.hosts[deed.get("seen_at", host.name)]
            self.until(seen_at, deed["proof"], within, "the fault did not bite")

    def until(self, host: Host, code: str, within: float, otherwise: str) -> None:
        """Waits until a command succeeds; within in seconds."""
        until = time.monotonic() + within
        while (result := host.run(code)).code:
            if time.monotonic() > until:
                raise DrillError(f"{self.name}: {otherwise}: {code}: {result.output}\n{host.journal(25)}")
            time.sleep(0.2)

    def count(self, figure: str, within: float) -> None:
        """Waits until the broker has counted something; within in seconds."""
        until = time.monotonic() + within
        while not self.rig.report(self.account, self.since)[figure]:
            if time.monotonic() > until:
                raise DrillError(f"{self.name}: the fault did not bite: {figure} is 0")
            time.sleep(0.05)

    def see(self, sight: dict[str, Any]) -> None:
        """The symptom that the page names must be visible to the operator. Raises DrillError."""
        scenario = self.catalog.scenarios.scenarios.get(procedure_of(self.name)) if self.catalog.scenarios else None
        kind = next(kind for kind in ("log", "exit", "run") if kind in sight)
        what = str(sight[kind])
        if scenario and kind != "run" and (kind, what) not in {(sign.kind, sign.what) for sign in scenario.see}:
            raise DrillError(
                f"{self.name}: {kind} {what} is not among the signs of the scenario, so nobody would look for it"
            )
        host = self.rig.hosts[sight.get("at", self.home)]
        self.until(
            host, self.looked_for(kind, what), sight.get("within", 30), f"the operator does not see {kind} {what}"
        )

    def looked_for(self, kind: str, what: str) -> str:
        """The command that succeeds when a sign is there."""
        if kind == "log":
            line = self.rig.facts["system"]["log_events"][what]["line"]
            return f"journalctl --no-pager -o cat | grep -qF -- {shlex.quote(line)}"
        if kind == "exit":
            show = f"systemctl show --property=ExecMainStatus --value traderd@{self.account}:$S"
            return f"for S in blue green; do {show}; done | grep -qx {what}"
        return what

    # ------------------------------------------------------------------ the steps

    def terminal(self, host: Host, values: dict[str, str]) -> OperatorTerminal:
        """Opens a terminal; it is closed when the drill ends."""
        self.terminals.append(OperatorTerminal(host, values, self.catalog.system.kinds))
        return self.terminals[-1]

    def procedure(self, procedure: str, terminal: OperatorTerminal) -> str:
        """A procedure's steps in page order. Raises DrillError.

        Returns the procedure in which it ended: another one when a step led on to it.
        """
        host = self.rig.hosts[terminal.host.name]
        for step in sabotaged(steps(self.catalog, self.site, procedure), self.spec):
            for deed in listed(self.spec.get("hands", {}).get(step.id)):
                self.do(deed, host)
            for inner in self.spec.get("runs", {}).get(step.id, []):
                self.round(inner, terminal)
            if step.block is not None and step.drilled and self.step(step, terminal):
                leave: str | None = self.spec["if_not"][step.id]
                if leave:
                    return self.procedure(leave, terminal)
            for deed in listed(self.spec.get("after", {}).get(step.id)):
                self.do(deed, host)
            if step.id == self.spec.get("judged_from"):
                self.since = time.time()
        return procedure

    def step(self, step: Step, terminal: OperatorTerminal) -> bool:
        """Runs one block wherever the page has it run. True when it failed and the spec says that it must."""
        wrong = self.block(step, terminal)
        for other in self.spec.get("also_on", {}).get(step.id, []):
            wrong = wrong or self.block(step, self.terminal(self.rig.hosts[other], terminal.values))
        must_fail = step.id in self.spec.get("if_not", {})
        if wrong and not must_fail:
            raise DrillError(wrong)
        if must_fail and not wrong:
            raise DrillError(f"{self.name}: {step.id}: went well, and should not have")
        if self.twice and second_paste.is_due(self.catalog, step, self.spec):
            self.paste_again(step, terminal)
        return bool(wrong)

    def paste_again(self, step: Step, terminal: OperatorTerminal) -> None:
        """The block of a step that held, once more. Raises DrillError when that does harm."""
        self.say(f"{self.name}: {step.id}: pasted again")
        if wrong := second_paste.harm(step, terminal, self.accounts, step.budget + GRACE):
            raise DrillError(f"{self.name}: {step.id}: {wrong}\n{terminal.host.journal(25)}")

    def block(self, step: Step, terminal: OperatorTerminal) -> str | None:
        """One block in one terminal: None when all is as the page says, else what is wrong, for a reader."""
        if step.block is None:
            raise ValueError(f"{step.id}: a person acts without a command")
        begin = time.time() - self.began
        result = terminal.run(step.block.code, step.budget + GRACE)
        self.outcome.spans.append((step.id, (begin, begin + result.seconds)))
        self.outcome.seconds[step.id] = round(max(result.seconds, self.outcome.seconds.get(step.id, 0.0)), 3)
        wrong = amiss(step, result, terminal)
        self.say(
            f"{self.name}: {step.id}: {result.seconds:.2f} s of {step.budget:g}"
            + (f" NOT AS EXPECTED: {wrong}" if wrong else "")
        )
        if not wrong:
            return None
        parts = {
            "command": step.block.code,
            "output": result.output,
            "expected": step.block.expect,
            "broker's record": self.record(self.account),
            "log": terminal.host.journal(25),
        }
        return f"{self.name}: {step.id}: {wrong}\n{sections(parts)}"


def sections(parts: dict[str, str]) -> str:
    """Titled texts one below the other, for the message of a failure."""
    return "\n".join(f"--- {title}\n{text}" for title, text in parts.items())


def sabotaged(todo: list[Step], spec: Spec) -> list[Step]:
    """For negative controls: a step left out, two swapped, or other words on the page."""
    todo = [step for step in todo if step.id != spec.get("leave_out")]
    if spec.get("swap") and {step.id for step in todo} >= set(spec["swap"]):
        first, second = (next(i for i, step in enumerate(todo) if step.id == each) for each in spec["swap"])
        todo[first], todo[second] = todo[second], todo[first]
    replaced = spec.get("replace", {})
    return [step.with_words(*replaced[step.id]) if step.id in replaced else step for step in todo]
