"""Negative controls: bad releases and sabotaged procedures. A drill that cannot fail proves nothing, so each must fail,
by the check that it names.

A control's first comment says what is sabotaged; drill names the drill, change what of its spec is another, caught_by
(a pattern) the words of the check that must fail; twice: whether each block is pasted again.
"""

import hashlib
import re
from pathlib import Path

from drills.runner import drill
from drills.runner.drill_specs import read_spec
from drills.runner.evidence_writer import today
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Control

FOLDER = Path(__file__).resolve().parents[1] / "controls"


def names() -> list[str]:
    """Every control."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def digest(name: str) -> str:
    """What the record of a control is bound to: twelve digits over its file."""
    return hashlib.sha256((FOLDER / f"{name}.yml").read_bytes()).hexdigest()[:12]


def title(name: str) -> str:
    """What is sabotaged, in the control's own words."""
    return (FOLDER / f"{name}.yml").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def run(catalog: Catalog, site: Path, name: str) -> tuple[Control, str]:
    """Runs a sabotaged drill. Returns its record, and all that was said. Raises InconclusiveError."""
    control = read_spec(name, FOLDER)
    spec = read_spec(control["drill"]) | control["change"]
    try:
        drill.run(catalog, site, control["drill"], spec, control_seconds=0.5, twice=control.get("twice", False))
        said = "nothing: the drill passed"
    except drill.InconclusiveError:
        raise
    except drill.DrillError as error:
        said = str(error)
    caught = re.search(control["caught_by"], said)
    found = Control(
        title=title(name),
        drill=control["drill"],
        digest=digest(name),
        date=today(),
        verdict="caught" if caught else "not caught",
        caught_by=check(said, caught),
    )
    return found, said


def check(said: str, caught: re.Match[str] | None) -> str:
    """The line in which the check speaks, without the drill's name and without what differs from run to run."""
    at = caught.start() if caught else 0
    line = said[said.rfind("\n", 0, at) + 1 :].splitlines()[0]
    return re.sub(r"^[a-z0-9-]+: ", "", line)[:160]
