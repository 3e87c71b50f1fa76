"""What the drills proved: the records under data/evidence, which the drills write."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from runbook.data.models.base import Date, Id, Record, Text


def words_digest(digests: Iterable[str]) -> str:
    """Twelve digits over the digests of a procedure's steps."""
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()[:12]


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
    """What every run proves, wherever it was.

    attempts and failures: with these very words, those that failed included.
    """

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
        return words_digest(step.digest for step in self.steps)


class Observed(Proof):
    """What one procedure did on a real system, once.

    Nobody there counts orders or injects a fault, so only what the commands printed was judged.
    """

    host: Text
    account: Text
    judged: Literal["outputs only"]


class Failed(Record):
    """A drill whose last attempt failed.

    It stands until the drill holds; the attempts of a failure are not forgotten then.
    """

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

    gap and control are seconds: the longest time without a guarding daemon in the drill, and in a window of the
    same length in which nothing was done. The counts are over all repetitions.
    Evidence from before drills kept their course has none.
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
    """Everything under data/evidence.

    drills: by drill; real: by environment and procedure; failed: by drill, or environment/procedure.
    """

    drills: dict[str, Evidence] = field(default_factory=dict)
    real: dict[str, dict[str, Observed]] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)

    def of(self, key: str) -> Proof | None:
        """The proof that a drill, or environment/procedure, has."""
        environment, _, procedure = key.rpartition("/")
        return self.real.get(environment, {}).get(procedure) if environment else self.drills.get(key)
