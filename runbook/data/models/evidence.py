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

    drill: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    environment: Text
    date: Date
    versions: dict[str, str]
    attempts: int
    failures: int
    steps: list[StepEvidence]

    @property
    def procedure(self) -> str:
        """The procedure that was drilled: `crash--loop` is a drill of `crash`."""
        return self.drill.partition("--")[0]

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


class Mutant(Control):
    """A product with one fault, and the check that noticed it."""

    survives: Text | None = None
    """Why no drill can notice it."""


# Between the ids of two neighbouring steps that were swapped.
SWAPPED = "~"


class LeftOut(Record):
    """A step that was left out once, or two that were swapped: the drill that missed it, and how.

    digest: of the procedure's steps.
    """

    drill: Text
    digest: Text
    date: Date
    verdict: Literal["missed", "not missed"]
    caught_by: Text
    spare: Text | None = None
    """Why the goal is reached without the step, where no drill misses it."""


class OwnLimit(Record):
    """What the protection gap of a drill was judged by instead of its procedure's promise, and why."""

    seconds: float
    why: Text


class Run(Record):
    """One repetition as it was: the counts of the broker's record since the fault, and seconds.

    The figures of the evidence are reckoned from these, and a check reckons them again.
    """

    gap: float
    control: float
    reaction: float
    """The longest time from a broken limit to the order that ended it, both at the broker."""
    inconclusive: int
    """How often it failed before, while the machine stood still."""
    events: int
    breaches: int
    """Limits that the traders broke."""
    orders: int
    """Orders that the broker took, from daemons and from the desk."""
    takeovers: int
    """How often a daemon became the writer."""
    stale_refused: int
    """Orders of a replaced writer that the broker refused."""
    duplicates_refused: int
    """Orders that the broker had already."""
    lost: int
    duplicated: int
    stale_accepted: int
    unexpected: int
    writers: int
    weaker: int
    """Lockouts and losses that were weaker at the end than before the fault."""
    steps: dict[str, float]
    """Seconds of each step that ran."""


class Evidence(Proof):
    """What one procedure did in its drill, judged from the broker's records.

    gap, control and reaction are seconds: the longest time without a guarding daemon in the drill, and in a window of
    the same length in which nothing was done; the longest time from a broken limit to its answer. The counts are over
    all repetitions.
    rig: digest of the rig's programs; bound: digest of the drill's spec, of the procedure's goal and order, and of
    every value of data/ that the rig uses. runs: the raw record.
    """

    rig: Text
    bound: Text
    runs: list[Run] = Field(min_length=1)
    repetitions: int
    gap_median: float
    gap_worst: float
    reaction_worst: float
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

    @property
    def breaches(self) -> int:
        """Limits that were broken, over all repetitions."""
        return sum(run.breaches for run in self.runs)

    def one_lost_in(self, certainty: float) -> int:
        """Of so many breaches one may go unanswered, and these runs would still show it with that certainty.

        certainty: a share of 1. Returns 0 when no limit was broken.
        Source: n breaches that are each lost with chance p all go well with chance (1 - p) ** n.
        """
        return int(1 / (1 - (1 - certainty) ** (1 / self.breaches))) if self.breaches else 0


@dataclass
class Found:
    """Everything under data/evidence.

    drills: by drill; real: by environment and procedure; failed: by drill, or environment/procedure;
    left_out: by step; mutants: by name.
    """

    drills: dict[str, Evidence] = field(default_factory=dict)
    real: dict[str, dict[str, Observed]] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    mutants: dict[str, Mutant] = field(default_factory=dict)

    def of(self, key: str) -> Proof | None:
        """The proof that a drill, or environment/procedure, has."""
        environment, _, procedure = key.rpartition("/")
        return self.real.get(environment, {}).get(procedure) if environment else self.drills.get(key)
