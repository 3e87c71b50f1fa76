"""Writes what the drills proved, under data/evidence.

One file for each drill on the rig; a folder for each real system with a file for each procedure that ran there;
controls.json for what was sabotaged and caught; failed.json for what did not hold.
Evidence is bound to the words of the procedure: each step's digest covers its command, its expected output and its
budget. A step that has changed since makes the evidence stale, on the page and in the tests.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from runbook.data.evidence_files import read
from runbook.data.models.base import Record
from runbook.data.models.evidence import Evidence, Failed, Found, Observed, Proof


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


def write(proof: Proof, root: Path) -> None:
    """Writes the file of one procedure; it held, so it is no longer among the failed."""
    key = f"{proof.environment}/{proof.drill}" if isinstance(proof, Observed) else proof.drill
    _dump(root, key, proof.model_dump())
    if key in (failed := read(root)[0].failed):
        write_list(root, "failed", {name: it for name, it in failed.items() if name != key})


def write_list(root: Path, name: str, records: Mapping[str, Record]) -> None:
    """Writes one of the lists, e.g. controls.json; deletes the file when there are no records."""
    if records:
        _dump(root, name, {key: records[key].model_dump() for key in sorted(records)})
    else:
        (root / "data" / "evidence" / f"{name}.json").unlink(missing_ok=True)


def _dump(root: Path, name: str, data: dict[str, Any]) -> None:
    """In a form whose differences are small; whole at once, because other processes read while this one writes."""
    path = root / "data" / "evidence" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two that write the same file at once must not write into one another.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    part.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def stands(there: Evidence, new: Evidence, age: int) -> bool:
    """Whether evidence says all that a new run of the same drill would say but for its noise.

    age: in days, when it has grown old.
    """
    same = all(
        getattr(there, key) == getattr(new, key)
        for key in ("words", "rig", "bound", "versions", "environment", "fault", "gap_limit")
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
    """Writes down that a drill's last attempt failed.

    counts: attempts and failures with these words, this one included.
    """
    failed = read(root)[0].failed
    first = next((line.strip() for line in why.splitlines() if line.strip()), "no words")[:200]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    write_list(
        root,
        "failed",
        failed | {key: Failed(date=today, words=digest_of_words, attempts=counts[0], failures=counts[1], why=first)},
    )
