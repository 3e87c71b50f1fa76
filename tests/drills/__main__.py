"""Runs drills and writes their evidence.

    python -m tests.drills               every procedure that has a spec
    python -m tests.drills warm cold     these, with their variants
"""

import argparse
import hashlib
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from macros import evidence as proofs
from macros.book import Book, load

from . import drill
from .extract import steps
from .rig.judge import self_test
from .rig.rig import preflight

ROOT = Path(__file__).resolve().parent.parent.parent
REPETITIONS = 5
# Rigs run side by side; more of them than this and they stall each other.
WORKERS = 3


def main(arguments: list[str]) -> int:
    """Runs what is asked for. Returns the number of drills that failed; 77 when none can run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("only", nargs="*", help="drills; a procedure's name stands for all of its drills; all that there are when none is named")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    options = parser.parse_args(arguments)
    if missing := preflight():
        print(f"DRILLS NOT RUN: {missing}. Nothing was proved; the evidence keeps its date.", file=sys.stderr)
        return 77
    self_test()
    book = load(ROOT, "public")
    chosen = [name for name in drill.names() if not options.only or name in options.only or drill.procedure_of(name) in options.only]
    if unknown := [name for name in options.only if name not in chosen and name not in map(drill.procedure_of, chosen)]:
        parser.error(f"no drill {', '.join(unknown)}; there are {', '.join(drill.names())}")
    with tempfile.TemporaryDirectory() as scratch:
        site = build(Path(scratch))
        with ProcessPoolExecutor(WORKERS) as pool:
            # One drill's repetitions first, so that the first drill is judged before the last one begins.
            runs = {name: [pool.submit(once, name, site) for _ in range(options.repetitions)] for name in chosen}
            return sum(not prove(book, site, name, futures) for name, futures in runs.items())


def once(name: str, site: Path) -> tuple[drill.Outcome | None, list[str]]:
    """One repetition, in a process of its own: its outcome, or None when it failed, and its lines."""
    lines: list[str] = []
    try:
        return drill.run(load(ROOT, "public"), site, name, say=lines.append), lines
    except (drill.DrillFailed, RuntimeError) as error:
        return None, [*lines, f"FAILED {name}", str(error)]


def prove(book: Book, site: Path, name: str, runs: list[Future]) -> bool:
    """Judges the repetitions of one drill and writes its evidence. True when every one held; evidence is written only then."""
    attempts, failures = counted(book, site, name)
    outcomes = []
    for run in runs:
        outcome, lines = run.result()
        print("\n".join(f"  {line}" for line in lines), flush=True)
        attempts, failures = attempts + 1, failures + (outcome is None)
        outcomes.append(outcome)
    good = [outcome for outcome in outcomes if outcome]
    if len(good) < len(outcomes):
        print(f"FAILED {name}: {len(outcomes) - len(good)} of {len(outcomes)} runs", flush=True)
        return False
    before = proofs.read(ROOT)[0].get(name)
    found = result(book, site, name, good, attempts, failures)
    if before is None or worth_writing(before, found, book):
        proofs.write(found, ROOT)
    print(f"PROVEN {name}: {found.machine} s, worst gap {found.gap_worst} s (control {found.control_worst} s), {found.events} events in {found.repetitions} runs", flush=True)
    return True


def build(folder: Path) -> Path:
    """Builds the site into a folder, because the blocks are taken from the built page."""
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


def counted(book: Book, site: Path, name: str) -> tuple[int, int]:
    """Attempts and failures so far with these very words, so that nobody can run until it is green and hide it."""
    before = proofs.read(ROOT)[0].get(name)
    if before is None or [step.digest for step in before.steps] != [step.digest for step in steps(book, site, drill.procedure_of(name)) if step.drilled]:
        return 0, 0
    return before.attempts, before.failures


def result(book: Book, site: Path, name: str, outcomes: list[drill.Outcome], attempts: int, failures: int) -> proofs.Evidence:
    """One record from all repetitions."""
    found = [
        proofs.StepEvidence(
            id=step.id,
            digest=step.digest,
            median=round(statistics.median(outcome.seconds[step.id] for outcome in outcomes), 2),
            worst=round(max(outcome.seconds[step.id] for outcome in outcomes), 2),
        )
        for step in steps(book, site, drill.procedure_of(name))
        if step.drilled and all(step.id in outcome.seconds for outcome in outcomes)
    ]
    figures = [outcome.figures for outcome in outcomes]
    plan = drill.spec(name)
    return proofs.Evidence(
        procedure=name,
        environment="rig, simulated broker",
        date=f"{datetime.now(timezone.utc):%Y-%m-%d}",
        rig=rig_digest(),
        versions={"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "systemd": subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]},
        repetitions=len(outcomes),
        attempts=attempts,
        failures=failures,
        gap_median=round(statistics.median(outcome.gap for outcome in outcomes), 3),
        gap_worst=round(max(outcome.gap for outcome in outcomes), 3),
        control_worst=round(max(outcome.control for outcome in outcomes), 3),
        events=sum(each["events"] for each in figures),
        lost=sum(each["lost"] for each in figures),
        duplicated=sum(each["duplicated"] for each in figures),
        fenced_writes=sum(each["stale_accepted"] for each in figures),
        writers=max(each["writers_max"] for each in figures),
        # The judge fails a run in which a lockout or a loss got weaker; there is none in what is written.
        weaker=0,
        fault="; ".join(deed["what"] for deed in drill.listed(plan.get("fault")) if "what" in deed) or None,
        steps=found,
    )


def worth_writing(before: proofs.Evidence, found: proofs.Evidence, book: Book) -> bool:
    """Only a change of words, rig or verdict, or evidence that has grown old: no noise in the history."""
    age = datetime.now(timezone.utc).date() - datetime.strptime(before.date, "%Y-%m-%d").date()
    old = age.total_seconds() > float(book.thresholds["evidence.age"].value.base) / 2
    return old or before.rig != found.rig or before.failures != found.failures or [step.digest for step in before.steps] != [step.digest for step in found.steps]


def rig_digest() -> str:
    """Twelve digits over everything but the words of the page that the verdict depends on."""
    sums = hashlib.sha256()
    folder = Path(__file__).resolve().parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.sh"), *folder.rglob("*.yml"), *folder.rglob("*.sql")]):
        if not path.name.startswith("test_"):
            sums.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return sums.hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 125))
