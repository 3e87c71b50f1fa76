"""Runs drills and writes their evidence.

python -m drills                           every procedure that has a spec, then the negative controls
python -m drills warm cold                 these, with their variants
python -m drills controls                  the negative controls alone; one of them by its own name
python -m drills --target staging smoke    on a real system, with a person at the terminal
"""

import argparse
import os
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from drills import controls, drill, records, target
from drills.rig.judge import self_test
from drills.rig.rig import preflight
from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.evidence import store as proofs
from runbook.site.macros.evidence import age

ROOT = Path(__file__).resolve().parents[1]
REPETITIONS = 5
# Rigs run side by side; more of them than this and they stall each other.
WORKERS = 3
CONTROLS = "controls"


def main(arguments: list[str]) -> int:
    """Runs what is asked for. Returns the number of drills that failed; 77 when none can run here."""
    parser = argparse.ArgumentParser(
        prog="python -m drills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "only",
        nargs="*",
        help=f"drills; a procedure's name stands for all of its drills, {CONTROLS} for the negative controls; everything when none is named",
    )
    parser.add_argument(
        "--repetitions", type=int, help=f"of each drill (default: what its spec says, else {REPETITIONS})"
    )
    parser.add_argument(
        "--renew", action="store_true", help="write the evidence even where the one that is there still holds"
    )
    parser.add_argument("--target", help="a real system of data/rollout.yml, never production")
    parser.add_argument("--site", type=Path, help="the site as it was built already (default: build it)")
    parser.add_argument("--root", type=Path, default=ROOT, help="where data/evidence is written (default: here)")
    options = parser.parse_args(arguments)
    catalog = load(ROOT, "public")
    if options.target:
        with tempfile.TemporaryDirectory() as scratch:
            return target.main(
                catalog, lambda: options.site or build(Path(scratch)), options.target, options.only, options.root
            )
    if missing := preflight():
        print(f"DRILLS NOT RUN: {missing}. Nothing was proved; the evidence keeps its date.", file=sys.stderr)
        return 77
    self_test()
    chosen = [
        name
        for name in drill.names()
        if not options.only or name in options.only or drill.procedure_of(name) in options.only
    ]
    sabotaged = [
        name for name in controls.names() if not options.only or CONTROLS in options.only or name in options.only
    ]
    if unknown := [
        name for name in options.only if name not in (CONTROLS, *chosen, *map(drill.procedure_of, chosen), *sabotaged)
    ]:
        parser.error(
            f"no drill and no control {', '.join(unknown)}; there are {', '.join([*drill.names(), CONTROLS, *controls.names()])}"
        )
    with tempfile.TemporaryDirectory() as scratch:
        site = options.site or build(Path(scratch))
        with ProcessPoolExecutor(WORKERS) as pool:
            # One drill's repetitions first, so that the first drill is judged before the last one begins.
            runs = {
                name: [
                    pool.submit(once, name, site)
                    for _ in range(options.repetitions or drill.spec(name).get("repetitions", REPETITIONS))
                ]
                for name in chosen
            }
            last = {name: pool.submit(control, name, site) for name in sabotaged}
            failed = [name for name, futures in runs.items() if not prove(catalog, site, name, futures, options)]
            failed += catch(last, options.root)
    print(
        f"{len(chosen) + len(sabotaged) - len(failed)} of {len(chosen) + len(sabotaged)} hold{'; FAILED: ' + ', '.join(failed) if failed else ''}",
        flush=True,
    )
    return len(failed)


def say(line: str) -> None:
    """One line of progress, whole, from whichever process."""
    os.write(sys.stdout.fileno(), f"  {line}\n".encode())


def once(name: str, site: Path) -> tuple[drill.Outcome | None, str]:
    """One repetition, in a process of its own: its outcome, or None and what went wrong."""
    try:
        return drill.run(load(ROOT, "public"), site, name, say=say), ""
    except (drill.DrillFailed, RuntimeError) as error:
        return None, str(error)
    except Exception:  # one drill that breaks must not end the night's run
        return None, f"{name}: the runner itself failed\n{traceback.format_exc()}"


def control(name: str, site: Path) -> tuple[proofs.Control | None, str]:
    """One negative control, in a process of its own."""
    try:
        return controls.run(load(ROOT, "public"), site, name)
    except Exception:
        return None, f"{name}: the runner itself failed\n{traceback.format_exc()}"


def outcome_of(run: Future) -> tuple:
    """What a process of its own gave back; None and the reason when it is gone."""
    try:
        return run.result()
    except Exception as error:
        return None, f"the process is gone: {error!r}"


def prove(catalog: Catalog, site: Path, name: str, runs: list[Future], options: argparse.Namespace) -> bool:
    """Judges the repetitions of one drill. True when every one held; else it is written down that it failed.

    Evidence is written when what it proves has changed or grown old, so that its differences say something.
    """
    root = options.root
    found = records.to_run(catalog, site, drill.procedure_of(name))
    outcomes = []
    for run in runs:
        outcome, why = outcome_of(run)
        outcomes.append((outcome, why))
        if outcome is None:
            print(f"FAILED {name}\n{why}", flush=True)
    good = [outcome for outcome, _ in outcomes if outcome]
    # The words that are counted are those of the steps that a good run reaches: a drill may leave its procedure early.
    before = proofs.read(root)[0]
    words = proofs.words(step.digest for step in (records.ran(found, good) if good else reached(before, name, found)))
    attempts, failures = proofs.counted(before, name, words)
    counts = attempts + len(runs), failures + len(runs) - len(good)
    if len(good) < len(runs):
        proofs.fail(root, name, words, counts, next(why for outcome, why in outcomes if outcome is None))
        print(f"FAILED {name}: {len(runs) - len(good)} of {len(runs)} runs", flush=True)
        return False
    it = records.evidence(catalog, site, name, good, counts)
    there = None if options.renew or name in before.failed else before.drills.get(name)
    stands = there is not None and proofs.stands(there, it, age(catalog, it.of))
    if not stands:
        proofs.write(it, root)
    said = f"; the evidence of {there.date} stands" if stands else ""
    print(
        f"PROVEN {name}: {it.machine} s, worst gap {it.gap_worst} s (control {it.control_worst} s), {it.events} events in {it.repetitions} runs{said}",
        flush=True,
    )
    return True


def reached(before: proofs.Found, name: str, found: list) -> list:
    """The steps that a drill ran when it last held, as they are now; all of them when it never did."""
    known = {step.id for step in before.drills[name].steps} if name in before.drills else {step.id for step in found}
    return [step for step in found if step.id in known]


def catch(runs: dict[str, Future], root: Path) -> list[str]:
    """Writes the record of the controls, beside what is known of those that did not run. Returns those that no check has caught."""
    missed, found = [], {name: it for name, it in proofs.read(root)[0].controls.items() if name in controls.names()}
    for name, run in runs.items():
        record, said = outcome_of(run)
        if record is not None:
            found[name] = record
        if record is None or record.verdict != "caught":
            missed.append(name)
        print(f"CAUGHT {name}: {record.caught_by}" if name not in missed else f"NOT CAUGHT {name}\n{said}", flush=True)
    if runs:
        proofs.write_list(root, CONTROLS, found)
    return missed


def build(folder: Path) -> Path:
    """Builds the site into a folder, because the blocks are taken from the built page."""
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 125))
