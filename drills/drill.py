"""One drill: a procedure's blocks, run in page order in one terminal of a real host, while orders flow and a fault is injected.

What is set up, which fault bites and which limit holds stands in specs/, never on a page that an operator copies from.
A spec `x--y.yml` is another drill of procedure x. Its keys:

  rig       hosts, accounts (a list at `home`, or by host), release, versions, unpacked, thresholds, config, disk_mb: see Rig;
            broker: the broker's settings; limits: those that it judges by; recording: events of a recorded day; cut: hosts without network
  repetitions  how often it runs for its evidence
  begin     before: deeds before the slots start; start, slots: which; rate, trading: the flow; prepare: deeds while it flows
  fault     what happens; each of its deeds ends by proving that it bit
  see       what the operator sees first, by the names of the contract: log, exit; or by a command that must succeed: run
  set       the values of the procedure's variables; rounds: once for each of a list of {at, set}
  at        the host of the operator's terminal (default: `home`)
  hands     by step: deeds of a person; for a step with a block they are done just before it
  after     by step: deeds just after it
  also_on   by step: further hosts on which the page has it run too
  runs      by step: procedures that the page has run there, in the same terminal
  if_not    by step: it must fail, as the page's *If not* foresees; what it names is the procedure that goes on, else the next step does
  ends      commands that must be true at the end
  judge     gap: another limit than the procedure's, in seconds, and why; judged_from: the step whose end begins the judging, when harm done before is the
            fault's own; flat: whether the account must be flat

A deed is a command for the host, or a mapping: at (a host), one of run, broker (with `with`), host (with `with`), wait; then its proof,
a command, or counted, a figure of the broker's report that must have risen above zero.
"""

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from drills.compare import difference
from drills.extract import Step, steps
from drills.rig.rig import Rig
from runbook.data.catalog import Catalog

SPECS = Path(__file__).resolve().parent / "specs"


class DrillFailed(AssertionError):
    """A step, an expectation or an invariant failed; the message holds what a reader needs."""


@dataclass
class Outcome:
    """What one run of a procedure did. Seconds; counts of the broker's record."""

    seconds: dict[str, float] = field(default_factory=dict)
    gap: float = 0.0
    control: float = 0.0
    figures: dict = field(default_factory=dict)
    # When it was, in seconds since the drill's own begin: each step as it ran, the fault, the longest gap.
    spans: list[tuple[str, tuple[float, float]]] = field(default_factory=list)
    fault: tuple[float, float] | None = None
    gap_span: tuple[float, float] = (0.0, 0.0)


def spec(name: str, folder: Path = SPECS) -> dict:
    """The file of a drill: set-up, fault and limits."""
    return yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))


def names() -> list[str]:
    """Every drill: a procedure, or a procedure with a variant behind two dashes."""
    return sorted(path.stem for path in SPECS.glob("*.yml"))


def procedure_of(name: str) -> str:
    """The procedure that a drill drills."""
    return name.partition("--")[0]


def run(
    catalog: Catalog,
    site: Path,
    name: str,
    plan: dict | None = None,
    say=lambda line: None,
    control_seconds: float = 2.0,
) -> Outcome:
    """Runs one procedure once, in a rig of its own.

    plan: a changed spec, for a negative control. say: called with a line for each step. control_seconds: the window in which nothing is done.
    Raises DrillFailed with procedure, step, command, output and the broken invariant.
    """
    drill = Drill(catalog, site, name, plan or spec(name), say)
    with drill.rig:
        try:
            return drill.run(control_seconds)
        finally:
            for terminal in drill.terminals:
                terminal.shell.close()


class Drill:
    """One run of one spec."""

    def __init__(self, catalog: Catalog, site: Path, name: str, plan: dict, say):
        self.catalog, self.site, self.name, self.plan, self.say = catalog, site, name, plan, say
        self.account, self.home = plan["account"], plan.get("home", "trade-1")
        given = plan.get("accounts", [self.account])
        self.homes = given if isinstance(given, dict) else {self.home: given}
        self.accounts = [account for accounts in self.homes.values() for account in accounts]
        self.rig = Rig(
            hosts=plan.get("hosts", ["trade-1"]),
            accounts=self.homes,
            **{key: plan[key] for key in ("release", "versions", "thresholds", "config", "disk_mb") if key in plan},
            **({"unpacked": tuple(plan["unpacked"])} if "unpacked" in plan else {}),
        )
        self.terminals: list[Terminal] = []
        self.outcome = Outcome()
        self.since = self.began = 0.0

    # ------------------------------------------------------------------ from set-up to verdict

    def run(self, control_seconds: float) -> Outcome:
        """Sets up, injects the fault, runs the steps, judges."""
        plan, rig = self.plan, self.rig
        self.host, self.at = rig.hosts[self.home], rig.hosts[plan.get("at", self.home)]
        self.set_up()
        self.outcome.control = rig.control_window(self.account, control_seconds)
        before = {
            account: rig.examine(rig.hosts[home], account)["strict"]
            for home, accounts in self.homes.items()
            for account in accounts
        }
        self.since = self.began = time.time()
        for deed in listed(plan.get("fault")):
            self.do(deed, self.host)
        self.outcome.fault = (0.0, time.time() - self.began) if "fault" in plan else None
        for sight in plan.get("see", []):
            self.see(sight)
        for turn in plan.get("rounds", [{}]):
            at = rig.hosts[turn["at"]] if "at" in turn else self.at
            self.procedure(procedure_of(self.name), self.terminal(at, plan.get("set", {}) | turn.get("set", {})))
        for code in plan.get("ends", []):
            if (result := self.at.run(code)).code:
                raise DrillFailed(f"{self.name}: at the end not true: {code}\n{result.output}\n{self.at.journal(25)}")
        self.judge(before)
        return self.outcome

    def set_up(self) -> None:
        """Everything up to the fault."""
        plan, rig = self.plan, self.rig
        flow = {"accounts": self.accounts, "trading": plan.get("trading", True)}
        rig.broker("flow", rate=0, **flow)
        if "broker" in plan:
            rig.broker("set", **plan["broker"])
        for account in self.accounts if "limits" in plan else []:
            rig.broker("limits", account=account, **plan["limits"])
        for host in plan.get("cut", []):
            rig.hosts[host].cut_network()
        if "recording" in plan:
            rig.write_recording(self.host, self.account, plan["recording"])
        for deed in plan.get("before", []):
            self.do(deed, self.host)
        if plan.get("start", True):
            for home, accounts in self.homes.items():
                for account in accounts:
                    rig.hosts[home].start(account, tuple(plan.get("slots", ["blue", "green"])))
        rig.broker("flow", rate=plan.get("rate", 50), **flow)
        time.sleep(1)
        for deed in plan.get("prepare", []):
            self.do(deed, self.host)

    def judge(self, before: dict) -> None:
        """Every account of the rig, on the host where it ends. Raises DrillFailed with the broker's record."""
        plan, rig, reports = self.plan, self.rig, []
        gap = self.catalog.procedures[procedure_of(self.name)].gap
        limit = (
            plan["gap"]["seconds"] if "gap" in plan else float(self.catalog.thresholds[gap].value.base) if gap else None
        )
        for home, accounts in self.homes.items():
            for account in accounts:
                rig.settle(account)
                at = self.at if account == self.account and "rounds" not in plan else rig.hosts[home]
                verdict = rig.judge(
                    at, account, self.since, limit, before[account], bool(plan.get("flat")) and account == self.account
                )
                reports.append(rig.broker("report", since=self.since)[account])
                if not verdict.good:
                    raise DrillFailed(
                        f"{self.name}: {account}: after the last step: {verdict}\n{self.record(account)}\n{at.journal(25)}"
                    )
        worst = {
            "gap": max((each["gap"] for each in reports), key=lambda one: one["seconds"]),
            "writers_max": max(each["writers_max"] for each in reports),
        }
        self.outcome.figures = {
            key: sum(each[key] for each in reports)
            for key in ("events", "lost", "duplicated", "stale_accepted", "unexpected")
        } | worst
        self.outcome.gap = worst["gap"]["seconds"]
        self.outcome.gap_span = (begin := worst["gap"]["at"] - self.began, begin + self.outcome.gap)

    def record(self, account: str) -> str:
        """The end of the broker's own record of an account."""
        record = self.rig.broker("record", account=account, since=self.since)
        return "\n".join(json.dumps(item) for item in [*record["orders"][-12:], *record["breaches"][-6:]])

    # ------------------------------------------------------------------ deeds and sights

    def do(self, deed, host) -> None:
        """One deed; a fault ends by proving that it bit."""
        if isinstance(deed, str):
            deed = {"run": deed}
        host = self.rig.hosts[deed["at"]] if "at" in deed else host
        if "broker" in deed:
            self.rig.broker(**({"command": deed["broker"]} | deed.get("with", {"account": self.account})))
        if "host" in deed:
            getattr(host, deed["host"])(**deed.get("with", {}))
        if "run" in deed:
            host.must(deed["run"])
        if "wait" in deed:
            time.sleep(deed["wait"])
        if "counted" in deed:
            self.count(deed["counted"], deed.get("within", 15))
        if "proof" in deed:
            self.until(
                self.rig.hosts[deed.get("seen_at", host.name)],
                deed["proof"],
                deed.get("within", 15),
                "the fault did not bite",
            )

    def until(self, host, code: str, within: float, otherwise: str) -> None:
        """Waits until a command succeeds; within in seconds."""
        until = time.monotonic() + within
        while (result := host.run(code)).code:
            if time.monotonic() > until:
                raise DrillFailed(f"{self.name}: {otherwise}: {code}: {result.output}\n{host.journal(25)}")
            time.sleep(0.2)

    def count(self, figure: str, within: float) -> None:
        """Waits until the broker has counted something; within in seconds."""
        until = time.monotonic() + within
        while not self.rig.broker("report", since=self.since)[self.account][figure]:
            if time.monotonic() > until:
                raise DrillFailed(f"{self.name}: the fault did not bite: {figure} is 0")
            time.sleep(0.05)

    def see(self, sight: dict) -> None:
        """What the page names as the sign must be before the operator's eyes. Raises DrillFailed."""
        host, units = self.rig.hosts[sight.get("at", self.home)], f"traderd@{self.account}:"
        scenario = self.catalog.scenarios.scenarios.get(procedure_of(self.name))
        named = {(see.kind, see.what) for see in scenario.see} if scenario else set()
        kind = next(kind for kind in ("log", "exit", "run") if kind in sight)
        what = str(sight[kind])
        if scenario and kind != "run" and (kind, what) not in named:
            raise DrillFailed(
                f"{self.name}: {kind} {what} is not among the signs of the scenario, so nobody would look for it"
            )
        code = {
            "run": what,
            "log": f"journalctl --no-pager -o cat | grep -qF -- {quoted(self.catalog.system.log_events[what].line) if kind == 'log' else ''}",
            "exit": f"for S in blue green; do systemctl show --property=ExecMainStatus --value {units}$S; done | grep -qx {what}",
        }[kind]
        self.until(host, code, sight.get("within", 30), f"the operator does not see {kind} {what}")

    # ------------------------------------------------------------------ the steps

    def terminal(self, host, values: dict[str, str]) -> "Terminal":
        """Opens a terminal; it is closed when the drill ends."""
        self.terminals.append(Terminal(host, values))
        return self.terminals[-1]

    def procedure(self, procedure: str, terminal: "Terminal") -> None:
        """A procedure's steps in page order. Raises DrillFailed."""
        for step in sabotaged(steps(self.catalog, self.site, procedure), self.plan):
            for deed in listed(self.plan.get("hands", {}).get(step.id)):
                self.do(deed, terminal.host)
            for inner in self.plan.get("runs", {}).get(step.id, []):
                self.procedure(inner, terminal)
            if step.block is not None and step.drilled and self.step(step, terminal):
                leave = self.plan["if_not"][step.id]
                if leave:
                    self.procedure(leave, terminal)
                    return
            for deed in listed(self.plan.get("after", {}).get(step.id)):
                self.do(deed, terminal.host)
            if step.id == self.plan.get("judged_from"):
                self.since = time.time()

    def step(self, step: Step, terminal: "Terminal") -> bool:
        """Runs one block wherever the page has it run. True when it failed and the spec says that it must."""
        wrong = self.block(step, terminal)
        for other in self.plan.get("also_on", {}).get(step.id, []):
            wrong = wrong or self.block(step, self.terminal(self.rig.hosts[other], terminal.values))
        if wrong and step.id not in self.plan.get("if_not", {}):
            raise DrillFailed(wrong)
        if not wrong and step.id in self.plan.get("if_not", {}):
            raise DrillFailed(f"{self.name}: {step.id}: went well, and should not have")
        return bool(wrong)

    def block(self, step: Step, terminal: "Terminal") -> str | None:
        """One block in one terminal: None when all is as the page says, else what is wrong, for a reader."""
        begin = time.time() - self.began
        result = terminal.run(step.block.code, step.budget + 5)
        self.outcome.spans.append((step.id, (begin, begin + result.seconds)))
        self.outcome.seconds[step.id] = round(max(result.seconds, self.outcome.seconds.get(step.id, 0.0)), 3)
        wrong = amiss(step, result, terminal.values)
        self.say(
            f"{self.name}: {step.id}: {result.seconds:.2f} s of {step.budget:g}{'' if not wrong else ' NOT AS EXPECTED: ' + wrong}"
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
        return f"{self.name}: {step.id}: {wrong}\n" + "\n".join(f"--- {what}\n{text}" for what, text in parts.items())


class Terminal:
    """An operator's terminal with the values of its variables."""

    def __init__(self, host, values: dict[str, str]):
        self.host, self.values, self.shell = host, dict(values), host.shell()
        self.shell.run(" ".join(f'{key}="{value}"' for key, value in values.items()))

    def run(self, code: str, timeout: float):
        """Pastes a block; timeout in seconds."""
        if self.shell.process.poll() is not None:
            self.shell.close()
            self.shell = (
                self.host.shell()
            )  # the host went away with the terminal: whoever logs in again has no variables
        result = self.shell.run(code, timeout=timeout)
        if wanted := sorted(set(re.findall(r"\b([A-Z_]+)=", code))):
            answer = self.shell.run("; ".join(f'echo "{key}=${{{key}-}}"' for key in wanted)).output
            self.values |= dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
        return result


def amiss(step: Step, result, values: dict[str, str]) -> str | None:
    """What is not as the page says in a step's result, for a reader; None when all is."""
    if result.code:
        return f"exit code {result.code}"
    late = f"took {result.seconds:.1f} s of {step.budget:g}" if result.seconds > step.budget else None
    return difference(step.block.expect, result.output, values) or shouted(step.block.code, result.output) or late


def shouted(code: str, output: str) -> str | None:
    """The line in which a block itself says in capitals that something is wrong, although `…` would let it pass."""
    words = tuple(re.findall(r'echo "([A-Z]{2,}(?: [A-Z]{2,})*)', code))
    return next((f'it says "{line}"' for line in output.splitlines() if words and line.startswith(words)), None)


def listed(deeds) -> list:
    """One deed or a list of them, as a list."""
    return deeds if isinstance(deeds, list) else [deeds] if deeds else []


def quoted(text: str) -> str:
    """A text as one shell word."""
    return "'" + text.replace("'", "'\\''") + "'"


def sabotaged(todo: list[Step], plan: dict) -> list[Step]:
    """For negative controls: a step left out, two swapped, or other words on the page."""
    todo = [step for step in todo if step.id != plan.get("leave_out")]
    if plan.get("swap") and {step.id for step in todo} >= set(plan["swap"]):
        first, second = (next(i for i, step in enumerate(todo) if step.id == each) for each in plan["swap"])
        todo[first], todo[second] = todo[second], todo[first]
    return [step.with_words(*plan["replace"][step.id]) if step.id in plan.get("replace", {}) else step for step in todo]
