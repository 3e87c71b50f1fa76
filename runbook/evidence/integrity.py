"""Refuses evidence that no drill can have written: edited figures, copied files, dates to come, swapped steps.

The form of a file is checked when it is read (store.py). Here is what must hold inside one record, between records,
and between a record and the procedure that it proves. Each fault names the file, what was found and what is wanted.
"""

import statistics
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from runbook.data.models.evidence import Evidence, Found, Proof
from runbook.data.models.procedures import Procedure
from runbook.data.models.thresholds import Threshold
from runbook.diagnostics import Fault

# Figures are rounded when they are written: to the millisecond, and to a hundredth of a second for a step.
ROUNDING = 0.01
# Two time zones may be a day apart.
TOMORROW = timedelta(days=1)
MUST_BE_ZERO = ("lost", "duplicated", "fenced_writes", "weaker")


def check(
    found: Found, procedures: Mapping[str, Procedure], thresholds: Mapping[str, Threshold], today: date | None = None
) -> list[Fault]:
    """Every fault of every record under data/evidence.

    procedures, thresholds: by id, as loaded. today: the day of the check, by default the machine's, UTC.
    """
    today = today or datetime.now(UTC).date()
    faults = []
    for name, evidence in found.drills.items():
        procedure = procedures.get(evidence.procedure)
        texts = [*_any_proof(evidence, procedure, thresholds, today), *_drill(evidence, procedure, thresholds)]
        faults += [_fault(name, text) for text in texts]
    for environment, ran in found.real.items():
        for name, observed in ran.items():
            wrong = _any_proof(observed, procedures.get(observed.procedure), thresholds, today)
            faults += [_fault(f"{environment}/{name}", text) for text in wrong]
    return faults + _copies(found) + _lists(found, today)


def _fault(name: str, text: str) -> Fault:
    return Fault(f"data/evidence/{name}.json", 1, text)


def _seconds(thresholds: Mapping[str, Threshold], key: str) -> Decimal:
    return thresholds[key].value.base


def _to_come(day: str, today: date) -> str | None:
    """Why a date is invalid or lies in the future; None when it is neither."""
    try:
        when = date.fromisoformat(day)
    except ValueError:
        return f"{day} is not a day of the calendar; run the drill again"
    return f"is dated {day}, which has not come yet; run the drill again" if when > today + TOMORROW else None


def _any_proof(
    proof: Proof, procedure: Procedure | None, thresholds: Mapping[str, Threshold], today: date
) -> Iterator[str]:
    """What must hold in each proof, whether a rig or a real system ran it."""
    if wrong := _to_come(proof.date, today):
        yield wrong
    if not 0 <= proof.failures < proof.attempts:
        yield f"{proof.failures} failures of {proof.attempts} attempts leave no run that held"
    if procedure is None:
        return
    order = [step.id for step in procedure.steps]
    ran = [step.id for step in proof.steps]
    if strangers := [step for step in ran if step not in order]:
        yield f"{', '.join(strangers)}: no such step in {proof.procedure}; run the drill again"
    elif ran != [step for step in order if step in ran]:
        yield f"the steps ran in another order than the procedure has them: {', '.join(ran)}; run the drill again"
    budgets = {step.id: float(_seconds(thresholds, step.budget)) for step in procedure.steps}
    for step in proof.steps:
        if not 0 <= step.median <= step.worst:
            yield f"{step.id}: median {step.median} s and worst {step.worst} s cannot both be"
        if step.worst > budgets.get(step.id, step.worst) + ROUNDING:
            yield f"{step.id}: worst {step.worst} s is above its budget of {budgets[step.id]:g} s"
    if proof.machine > float(_seconds(thresholds, procedure.budget)):
        yield f"{proof.machine} s of the machine are above the budget, {thresholds[procedure.budget].value}"


def _drill(evidence: Evidence, procedure: Procedure | None, thresholds: Mapping[str, Threshold]) -> Iterator[str]:
    """What must hold in the evidence of a drill on the rig."""
    for name in MUST_BE_ZERO:
        if getattr(evidence, name) != 0:
            yield f"{name} is {getattr(evidence, name)}; evidence is of runs that held: 0"
    if evidence.writers not in (0, 1):
        yield f"{evidence.writers} writers at once; at most 1"
    if evidence.events < evidence.repetitions:
        yield f"{evidence.events} events in {evidence.repetitions} runs: a run without an event judges nothing"
    if not 1 <= evidence.repetitions <= evidence.attempts - evidence.failures:
        yield (
            f"{evidence.repetitions} repetitions of {evidence.attempts} attempts with {evidence.failures} failures; "
            "each repetition is an attempt that held"
        )
    if not 0 <= evidence.gap_median <= evidence.gap_worst:
        yield f"median gap {evidence.gap_median} s and worst gap {evidence.gap_worst} s cannot both be"
    limit = evidence.gap_limit.seconds if evidence.gap_limit else None
    if limit is None and procedure is not None and procedure.gap:
        limit = float(_seconds(thresholds, procedure.gap))
    if limit is not None and evidence.gap_worst > limit:
        yield f"worst gap {evidence.gap_worst} s is above its limit, {limit:g} s"
    yield from _course(evidence)
    yield from _reckoned_again(evidence)


def _reckoned_again(evidence: Evidence) -> Iterator[str]:
    """The figures are those of the runs, and nothing else."""
    runs = evidence.runs
    figures: dict[str, float] = {
        "repetitions": len(runs),
        "gap_worst": max(run.gap for run in runs),
        "gap_median": statistics.median(run.gap for run in runs),
        "control_worst": max(run.control for run in runs),
        "reaction_worst": max(run.reaction for run in runs),
        "events": sum(run.events for run in runs),
        "lost": sum(run.lost for run in runs),
        "duplicated": sum(run.duplicated for run in runs),
        "fenced_writes": sum(run.stale_accepted for run in runs),
        "weaker": sum(run.weaker for run in runs),
        "writers": max(run.writers for run in runs),
    }
    for name, figure in figures.items():
        if abs(getattr(evidence, name) - figure) > ROUNDING / 10:
            yield f"{name} is {getattr(evidence, name)}; its runs give {figure:g}"
    for step in evidence.steps:
        took = [run.steps[step.id] for run in runs if step.id in run.steps]
        if len(took) < len(runs):
            yield f"{step.id}: {len(took)} of {len(runs)} runs ran it"
        elif abs(step.worst - max(took)) > ROUNDING or abs(step.median - statistics.median(took)) > ROUNDING:
            yield f"{step.id}: median {step.median} s and worst {step.worst} s are not those of its runs"


def _course(evidence: Evidence) -> Iterator[str]:
    """The course is that of the run with the worst gap, so its gap is that gap and its steps are those that ran."""
    if evidence.course is None:
        return
    gap = evidence.course.gap.end - evidence.course.gap.begin
    if abs(gap - evidence.gap_worst) > ROUNDING:
        yield f"the gap of its course, {gap:.3f} s, is not its worst gap, {evidence.gap_worst} s"
    for span in [evidence.course.gap, *evidence.course.steps, *filter(None, [evidence.course.fault])]:
        if span.end < span.begin:
            yield f"a span of its course ends before it begins: {span.begin} s to {span.end} s"
    if missing := {step.id for step in evidence.steps} - {step.id for step in evidence.course.steps}:
        yield f"its course does not show {', '.join(sorted(missing))}"


def _copies(found: Found) -> list[Fault]:
    """Two drills never measure the same to the last digit: one of the files is a copy of the other."""
    seen: dict[str, str] = {}
    faults = []
    for name, evidence in found.drills.items():
        measured = evidence.model_dump_json(include={"steps", "course", "gap_worst", "gap_median", "events"})
        if evidence.course is not None and measured in seen:
            faults.append(_fault(name, f"holds the very figures of {seen[measured]}; run the drill again"))
        seen.setdefault(measured, name)
    return faults


def _lists(found: Found, today: date) -> list[Fault]:
    """The controls and the failed drills."""
    faults = []
    for name, control in found.controls.items():
        if wrong := _to_come(control.date, today):
            faults.append(_fault("controls", f"{name}: {wrong}"))
        if control.verdict == "caught" and control.caught_by.startswith("nothing"):
            faults.append(_fault("controls", f"{name}: is caught by nothing; a verdict names the check that caught it"))
        if control.drill not in found.drills and control.drill not in found.failed:
            faults.append(_fault("controls", f"{name}: sabotages {control.drill}, which has no evidence"))
    for name, mutant in found.mutants.items():
        if wrong := _to_come(mutant.date, today):
            faults.append(_fault("mutants", f"{name}: {wrong}"))
        if mutant.verdict == "caught" and mutant.caught_by.startswith("nothing"):
            faults.append(_fault("mutants", f"{name}: is caught by nothing; a verdict names the check that caught it"))
    for name, failed in found.failed.items():
        if not 1 <= failed.failures <= failed.attempts:
            faults.append(_fault("failed", f"{name}: {failed.failures} failures of {failed.attempts} attempts"))
    return faults
