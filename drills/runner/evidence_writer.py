"""From outcomes to evidence: one record for all repetitions of a drill, and the digest of the rig that they ran on."""

import hashlib
import json
import platform
import re
import sqlite3
import statistics
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from drills.runner.drill import SUMMED, Outcome
from drills.runner.drill_specs import SPECS, fault_in_words, procedure_of, read_spec
from drills.runner.page_blocks import Step, steps
from drills.runner.site_build import ROOT
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Course, Evidence, Run, Span, StepEvidence, StepSpan
from runbook.evidence.rig_programs import rig_digest, rig_files


def today() -> str:
    """The date that evidence carries."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def drilled_steps(catalog: Catalog, site: Path, procedure: str) -> list[Step]:
    """The steps of a procedure that a drill runs."""
    return [step for step in steps(catalog, site, procedure) if step.drilled]


def ran(found: list[Step], outcomes: list[Outcome]) -> list[Step]:
    """Those that each of the outcomes has run."""
    return [step for step in found if all(step.id in outcome.seconds for outcome in outcomes)]


def step_evidence(found: list[Step], outcomes: list[Outcome]) -> list[StepEvidence]:
    """Each step that ran, over all outcomes."""
    result = []
    for step in ran(found, outcomes):
        took = [outcome.seconds[step.id] for outcome in outcomes]
        median, worst = round(statistics.median(took), 2), round(max(took), 2)
        result.append(StepEvidence(id=step.id, digest=step.digest, median=median, worst=worst))
    return result


def evidence(catalog: Catalog, site: Path, name: str, outcomes: list[Outcome], counts: tuple[int, int]) -> Evidence:
    """One record from all repetitions. counts: attempts and failures with these words."""
    figures, spec = [outcome.figures for outcome in outcomes], read_spec(name)
    return Evidence(
        drill=name,
        environment="rig, simulated broker",
        date=today(),
        rig=str(rig_digest(ROOT)),
        bound=bound_to(catalog, name),
        runs=[run_record(outcome) for outcome in outcomes],
        versions=versions(),
        repetitions=len(outcomes),
        attempts=counts[0],
        failures=counts[1],
        gap_median=round(statistics.median(outcome.gap for outcome in outcomes), 3),
        gap_worst=round(max(outcome.gap for outcome in outcomes), 3),
        gap_limit=spec.get("gap"),
        reaction_worst=round(max(each["reaction"] for each in figures), 3),
        control_worst=round(max(outcome.control for outcome in outcomes), 3),
        events=sum(each["events"] for each in figures),
        lost=sum(each["lost"] for each in figures),
        duplicated=sum(each["duplicated"] for each in figures),
        fenced_writes=sum(each["stale_accepted"] for each in figures),
        writers=max(each["writers_max"] for each in figures),
        weaker=sum(each["weaker"] for each in figures),
        fault=fault_in_words(spec),
        course=course(max(outcomes, key=lambda outcome: outcome.gap)),
        steps=step_evidence(drilled_steps(catalog, site, procedure_of(name)), outcomes),
    )


def run_record(outcome: Outcome) -> Run:
    """One repetition as evidence keeps it."""
    figures = outcome.figures
    counts = {name: figures[name] for name in SUMMED}
    return Run(
        gap=round(outcome.gap, 3),
        control=round(outcome.control, 3),
        reaction=round(figures["reaction"], 3),
        inconclusive=outcome.inconclusive,
        takeovers=figures["takeovers"],
        writers=figures["writers_max"],
        weaker=figures["weaker"],
        steps=outcome.seconds,
        **counts,
    )


def bound_to(catalog: Catalog, name: str) -> str:
    """Twelve digits over what a drill rests on besides its steps' words and the rig's programs.

    The spec; the procedures that it runs, with their goals and the order of their steps; the values of data/ that the
    rig's programs name.
    """
    spec = read_spec(name)
    inner = [each for nested in spec.get("runs", {}).values() for each in nested]
    left_to = [each for each in spec.get("if_not", {}).values() if each]
    procedures = {each: catalog.procedures[each] for each in (procedure_of(name), *inner, *left_to)}
    facts = {
        "spec": (SPECS / f"{name}.yml").read_text(encoding="utf-8"),
        "procedures": {
            each: [it.reach.parts, it.keep.parts, it.gap, [[step.id, step.title, step.human] for step in it.steps]]
            for each, it in procedures.items()
        },
        "values": {
            key: str(catalog.thresholds[key].value)
            for key in sorted(named_thresholds(catalog) | {it.gap for it in procedures.values() if it.gap})
        },
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


@cache
def _quoted_in_the_rig() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in rig_files(ROOT) if path.suffix == ".py")
    return frozenset(word for text in texts for word in re.findall(r'"([a-z_.]+)"', text))


def named_thresholds(catalog: Catalog) -> set[str]:
    """The thresholds that the programs of the rig name."""
    return set(catalog.thresholds) & _quoted_in_the_rig()


def versions() -> dict[str, str]:
    """What of this machine a verdict may depend on, by name."""
    systemd = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "systemd": systemd}


def course(outcome: Outcome) -> Course:
    """What happened when in one run."""
    return Course(
        fault=span(outcome.fault) if outcome.fault else None,
        gap=span(outcome.gap_span),
        steps=[StepSpan(id=name, begin=round(begin, 3), end=round(end, 3)) for name, (begin, end) in outcome.spans],
    )


def span(when: tuple[float, float]) -> Span:
    """From when to when, in seconds, as evidence keeps it."""
    return Span(begin=round(when[0], 3), end=round(when[1], 3))
