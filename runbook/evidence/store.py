"""What the drills proved, written by the drills and read here: under data/evidence/ one file for each drill on the rig; a folder for each
real system with a file for each procedure that ran there; controls.json for what was sabotaged and caught; failed.json for what did not hold.

Evidence is bound to the words of the procedure: each step's digest covers its command, its expected output and its budget.
A step that has changed since makes the evidence stale, on the page and in the tests.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import Field, TypeAdapter, ValidationError

from runbook.data.models import Date, Id, Record, Text
from runbook.diagnostics import Fault


@dataclass(frozen=True)
class Block:
    """A command block as its reader gets it, and the output that the page prints below it."""

    code: str
    expect: str


def digest(block: Block, seconds: object) -> str:
    """What a step's evidence is bound to.

    seconds: the step's budget. Returns twelve hexadecimal digits of a SHA-256.
    """
    parts = (block.code.strip(), block.expect.strip(), str(seconds))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


class StepEvidence(Record):
    """One step: seconds of the machine, over all repetitions; people's reading and typing are not in them."""

    id: Id
    digest: Text
    median: float
    worst: float


class Span(Record):
    """From when to when, in seconds since the drill's own begin."""

    begin: float
    end: float


class StepSpan(Span):
    """When a step ran; one that ran on two hosts stands twice."""

    id: Id


class Course(Record):
    """What happened when, in the run with the longest gap."""

    fault: Span | None = None
    gap: Span
    steps: list[StepSpan]


class Proof(Record):
    """What every run proves, wherever it was. attempts and failures: with these very words, those that failed included."""

    procedure: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    environment: Text
    date: Date
    versions: dict[str, str]
    attempts: int
    failures: int
    steps: list[StepEvidence]

    @property
    def of(self) -> str:
        """The procedure that was drilled: `crash--loop` is a drill of `crash`."""
        return self.procedure.partition("--")[0]

    @property
    def machine(self) -> float:
        """Seconds of all steps, the median of each."""
        return round(sum(step.median for step in self.steps), 1)

    @property
    def words(self) -> str:
        """What the attempts are counted for."""
        return words(step.digest for step in self.steps)


class Observed(Proof):
    """What one procedure did on a real system, once. Nobody there counts orders or injects a fault, so only what the commands printed was judged."""

    host: Text
    account: Text
    judged: Literal["outputs only"]


class Failed(Record):
    """A drill whose last attempt failed. It stands until the drill holds; the attempts of a failure are not forgotten then."""

    date: Date
    words: Text
    attempts: int
    failures: int
    why: Text


class Control(Record):
    """One sabotage, and the check that caught it, in the check's own words. digest: of the file that describes it."""

    title: Text
    drill: Text
    digest: Text
    date: Date
    verdict: Literal["caught", "not caught"]
    caught_by: Text


class OwnLimit(Record):
    """What the protection gap of a drill was judged by instead of its procedure's promise, and why."""

    seconds: float
    why: Text


class Evidence(Proof):
    """What one procedure did in its drill, judged from the broker's records.

    gap and control are seconds: the longest time without a guarding daemon in the drill, and in a window of the same length in
    which nothing was done. The counts are over all repetitions. Evidence from before drills kept their course has none.
    """

    rig: Text
    repetitions: int
    gap_median: float
    gap_worst: float
    gap_limit: OwnLimit | None = None
    control_worst: float
    events: int
    lost: int
    duplicated: int
    fenced_writes: int
    writers: int
    weaker: int
    fault: Text | None = None
    course: Course | None = None


@dataclass
class Found:
    """Everything under data/evidence. drills: by drill; real: by environment and procedure; failed: by drill, or environment/procedure."""

    drills: dict[str, Evidence] = field(default_factory=dict)
    real: dict[str, dict[str, Observed]] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)

    def of(self, key: str) -> Proof | None:
        """The proof that a drill, or environment/procedure, has."""
        environment, _, procedure = key.rpartition("/")
        return self.real.get(environment, {}).get(procedure) if environment else self.drills.get(key)


def words(digests: Iterable[str]) -> str:
    """Twelve digits over the digests of a procedure's steps."""
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()[:12]


LISTS = {"controls": dict[str, Control], "failed": dict[str, Failed]}


def read(root: Path) -> tuple[Found, list[Fault]]:
    """Every file under root/data/evidence, and what is wrong with them."""
    found, faults, folder = Found(), [], root / "data" / "evidence"
    for path in sorted([*folder.glob("*.json"), *folder.glob("*/*.json")]):
        name, environment = path.relative_to(root).as_posix(), path.parent.name if path.parent != folder else ""
        kind = Observed if environment else LISTS.get(path.stem, Evidence)
        try:
            record = TypeAdapter(kind).validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            faults.append(
                Fault(
                    name,
                    1,
                    f"not evidence of a drill: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}; run the drill again",
                )
            )
            continue
        if isinstance(record, dict):
            setattr(found, path.stem, record)
            continue
        if record.procedure != path.stem:
            faults.append(Fault(name, 1, f"is evidence of {record.procedure}; the file is named after its procedure"))
        if environment and record.environment != environment:
            faults.append(
                Fault(name, 1, f"is evidence from {record.environment}; the folder is named after its environment")
            )
        (found.real.setdefault(environment, {}) if environment else found.drills)[path.stem] = record
    return found, faults


def write(proof: Proof, root: Path) -> None:
    """Writes the file of one procedure; it held, so it is no longer among the failed."""
    key = f"{proof.environment}/{proof.procedure}" if isinstance(proof, Observed) else proof.procedure
    _dump(root, key, proof.model_dump())
    if key in (failed := read(root)[0].failed):
        write_list(root, "failed", {name: it for name, it in failed.items() if name != key})


def write_list(root: Path, name: str, records: Mapping[str, Record]) -> None:
    """Writes controls.json or failed.json; one without records goes."""
    if records:
        _dump(root, name, {key: records[key].model_dump() for key in sorted(records)})
    else:
        (root / "data" / "evidence" / f"{name}.json").unlink(missing_ok=True)


def _dump(root: Path, name: str, data: dict) -> None:
    """In a form whose differences are small; whole at once, because other processes read while this one writes."""
    path = root / "data" / "evidence" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two that write the same file at once must not write into one another.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    part.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def stands(there: Evidence, new: Evidence, age: int) -> bool:
    """Whether evidence says all that a new run of the same drill would say but for its noise. age: in days, when it has grown old."""
    same = all(
        getattr(there, key) == getattr(new, key)
        for key in ("words", "rig", "versions", "environment", "fault", "gap_limit")
    )
    return (
        same
        and there.repetitions >= new.repetitions
        and date.fromisoformat(there.date) + timedelta(days=age) > date.fromisoformat(new.date)
    )


def counted(found: Found, key: str, digest_of_words: str) -> tuple[int, int]:
    """Attempts and failures so far with these very words, so that nobody can run until it is green and hide it."""
    for it in (found.failed.get(key), found.of(key)):
        if it and it.words == digest_of_words:
            return it.attempts, it.failures
    return 0, 0


def fail(root: Path, key: str, digest_of_words: str, counts: tuple[int, int], why: str) -> None:
    """Writes down that a drill's last attempt failed. counts: attempts and failures with these words, this one included."""
    failed = read(root)[0].failed
    first = next((line.strip() for line in why.splitlines() if line.strip()), "no words")[:200]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    write_list(
        root,
        "failed",
        failed | {key: Failed(date=today, words=digest_of_words, attempts=counts[0], failures=counts[1], why=first)},
    )
