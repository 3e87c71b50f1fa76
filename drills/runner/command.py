"""The command `python -m drills`: what is to be run, where, and how the result becomes an exit code."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from drills.rig.judge import self_test
from drills.rig.preflight import preflight
from drills.runner import drill_specs, left_out, negative_controls, real_system, second_paste
from drills.runner import mutants as mutant_products
from drills.runner.drill_specs import procedure_of, read_spec
from drills.runner.site_build import ROOT, build
from drills.runner.verdict_records import CONTROLS, Recorder
from drills.runner.worker_processes import attempt_of, run_control, run_drill, run_left_out, run_mutant, workers
from runbook.data.catalog import Catalog
from runbook.data.loader import load

REPETITIONS = 5
CANNOT_RUN = 77
# Exit codes above this one are the shell's.
MOST = 125


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("only", nargs=-1)
@click.option("--repetitions", type=int, help=f"Of each drill (default: what its spec says, else {REPETITIONS}).")
@click.option("--leave-out", is_flag=True, help="Instead: leave out each step that changes something, one at a time.")
@click.option("--mutants", is_flag=True, help="Instead: a product with one fault for each drill that must notice it.")
@click.option("--renew", is_flag=True, help="Write the evidence even where the one that is there still holds.")
@click.option("--target", help="A real system of data/rollout.yml, never production.")
@click.option("--site", type=click.Path(path_type=Path), help="The site as it was built already (default: build it).")
@click.option(
    "--root", type=click.Path(path_type=Path), default=ROOT, help="Where data/evidence is written (default: here)."
)
def command(
    only: tuple[str, ...],
    repetitions: int | None,
    leave_out: bool,
    mutants: bool,
    renew: bool,
    target: str | None,
    site: Path | None,
    root: Path,
) -> None:
    """Run drills and write their evidence.

    ONLY: drills; a procedure's name stands for all of its drills, `controls` for the negative controls, which also have
    names of their own. Without ONLY: everything.

    \b
    python -m drills                           every drill, then the negative controls
    python -m drills warm cold                 these, with their variants
    python -m drills controls                  the negative controls alone
    python -m drills --leave-out warm          every step of one procedure left out, one at a time
    python -m drills --mutants                 a faulty product for each drill that must notice it
    python -m drills --target staging smoke    on a real system, with a person at the terminal

    The exit code is the number of drills that failed; 77 when none can run here.
    """
    catalog = load(ROOT, "public")
    if target:
        with built(site) as folder:
            sys.exit(real_system.run(catalog, folder, target, list(only), root))
    if missing := preflight():
        click.echo(f"DRILLS NOT RUN: {missing}. Nothing was proved; the evidence keeps its date.", err=True)
        sys.exit(CANNOT_RUN)
    self_test()
    drills, controls = chosen(only)
    with built(site) as folder:
        recorder = Recorder(catalog, folder(), root, renew)
        if leave_out:
            steps = [step for step in left_out.names(catalog, recorder.site) if of_drills(step, drills, catalog)]
            failed, every = leave_each_out(steps, recorder), len(steps)
        elif mutants:
            faulty = [name for name in mutant_products.names() if mutant_products.every()[name]["drill"] in drills]
            failed, every = run_mutants(faulty, recorder), len(faulty)
        else:
            failed, every = run_all(drills, controls, recorder, repetitions), len(drills) + len(controls)
    click.echo(f"{every - len(failed)} of {every} hold{'; FAILED: ' + ', '.join(failed) if failed else ''}")
    sys.exit(min(len(failed), MOST))


@contextmanager
def built(site: Path | None) -> Iterator[Callable[[], Path]]:
    """A function that gives the site's folder: the one given, or one that is built when it is first asked for."""
    with tempfile.TemporaryDirectory() as scratch:
        yield lambda: site or build(Path(scratch))


def chosen(only: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The drills and the controls that the words of a call name. Raises UsageError for a word that names nothing."""
    every_drill, every_control = drill_specs.names(), negative_controls.names()
    known = {CONTROLS, *every_drill, *map(procedure_of, every_drill), *every_control}
    if unknown := [name for name in only if name not in known]:
        there = ", ".join([*every_drill, CONTROLS, *every_control])
        raise click.UsageError(f"no drill and no control {', '.join(unknown)}; there are {there}")
    drills = [name for name in every_drill if not only or name in only or procedure_of(name) in only]
    controls = [name for name in every_control if not only or CONTROLS in only or name in only]
    return drills, controls


def of_drills(step: str, drills: list[str], catalog: Catalog) -> bool:
    """Whether a step belongs to the procedure of one of the drills."""
    return left_out.procedure_with(catalog, step) in {procedure_of(name) for name in drills}


def leave_each_out(steps: list[str], recorder: Recorder) -> list[str]:
    """Leaves out each of the steps once. Returns those that no drill misses and no spec calls spare."""
    with workers() as pool:
        runs = {step: pool.submit(run_left_out, step, recorder.site) for step in steps}
        return recorder.left_out({step: attempt_of(future) for step, future in runs.items()})


def run_mutants(names: list[str], recorder: Recorder) -> list[str]:
    """Runs the drill of each mutant once. Returns those that nobody noticed and for which no reason is given."""
    with workers() as pool:
        runs = {name: pool.submit(run_mutant, name, recorder.site) for name in names}
        return recorder.mutants({name: attempt_of(future) for name, future in runs.items()})


def run_all(drills: list[str], controls: list[str], recorder: Recorder, repetitions: int | None) -> list[str]:
    """Runs all of it side by side, and judges each drill as soon as its repetitions are over. Returns what failed."""
    with workers() as pool:
        # One drill's runs together, so that the first drill is judged before the last one begins.
        runs, again = {}, {}
        for name in drills:
            spec = read_spec(name)
            times = repetitions or spec.get("repetitions", REPETITIONS)
            runs[name] = [pool.submit(run_drill, name, recorder.site) for _ in range(times)]
            # One run more where a block may be pasted in a hurry: a second paste of it must do no harm.
            twice = second_paste.is_wanted(recorder.catalog, name, spec)
            again[name] = [pool.submit(run_drill, name, recorder.site, True)] if twice else []
        sabotaged = {name: pool.submit(run_control, name, recorder.site) for name in controls}
        failed = [
            name
            for name, futures in runs.items()
            if not recorder.drill(name, [attempt_of(it) for it in futures], [attempt_of(it) for it in again[name]])
        ]
        return failed + recorder.controls({name: attempt_of(future) for name, future in sabotaged.items()})
