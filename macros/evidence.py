"""What the drills proved: one file for each procedure under data/evidence/, written by the drills and read here.

Evidence is bound to the words of the procedure: each step's digest covers its command, its expected output and its budget.
A step that has changed since makes the evidence stale, on the page and in the tests.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from .faults import Fault
from .model import Date, Id, Record, Text


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


class Evidence(Record):
    """What one procedure did in its drill, judged from the broker's records.

    gap and control are seconds: the longest time without a guarding daemon in the drill, and in a window of the same length in
    which nothing was done. The counts are over all repetitions.
    """

    procedure: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    environment: Text
    date: Date
    rig: Text
    versions: dict[str, str]
    repetitions: int
    attempts: int
    failures: int
    gap_median: float
    gap_worst: float
    control_worst: float
    events: int
    lost: int
    duplicated: int
    fenced_writes: int
    writers: int
    weaker: int
    fault: Text | None = None
    steps: list[StepEvidence]

    @property
    def of(self) -> str:
        """The procedure that was drilled: `crash--loop` is a drill of `crash`."""
        return self.procedure.partition("--")[0]

    @property
    def machine(self) -> float:
        """Seconds of all steps, the median of each."""
        return round(sum(step.median for step in self.steps), 1)


def read(root: Path) -> tuple[dict[str, Evidence], list[Fault]]:
    """Every file under root/data/evidence, by procedure, and what is wrong with them."""
    found, faults = {}, []
    for path in sorted((root / "data" / "evidence").glob("*.json")):
        name = path.relative_to(root).as_posix()
        try:
            evidence = TypeAdapter(Evidence).validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            faults.append(Fault(name, 1, f"not evidence of a drill: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}; run the drill again"))
            continue
        if evidence.procedure != path.stem:
            faults.append(Fault(name, 1, f"is evidence of {evidence.procedure}; the file is named after its procedure"))
        found[path.stem] = evidence
    return found, faults


def write(evidence: Evidence, root: Path) -> None:
    """Writes the file of one procedure, in a form whose differences are small."""
    folder = root / "data" / "evidence"
    folder.mkdir(exist_ok=True)
    (folder / f"{evidence.procedure}.json").write_text(json.dumps(evidence.model_dump(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
