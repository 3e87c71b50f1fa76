"""Mutants of the product: a daemon or a command line with one fault in its source. A drill must notice each of them.

Negative controls sabotage a release or a procedure; a mutant is a product that was wrong from the beginning: every good
release of the rig and its command line have the fault. Files in drills/mutants/ hold them by name: `says` what is
wrong, the `module` of drills/product in which `good` is replaced by `bad`, the `drill` that must fail, and `caught_by`,
a pattern of the words of the check that must fail. `survives` says why no drill can notice it. One with neither is
open: no drill notices it yet.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

import yaml

from drills.rig.bad_releases import Bug
from drills.runner import drill
from drills.runner.drill_specs import Spec, read_spec
from drills.runner.evidence_writer import today
from drills.runner.negative_controls import check
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Mutant

FOLDER = Path(__file__).resolve().parents[1] / "mutants"


def files() -> list[str]:
    """The files that hold them, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def every() -> dict[str, Spec]:
    """Every mutant by its name, with the `file` in which it stands. Raises ValueError for a name in two files."""
    found: dict[str, Spec] = {}
    for file in files():
        for name, mutant in yaml.safe_load((FOLDER / f"{file}.yml").read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"drills/mutants/{file}.yml: {name} stands in {found[name]['file']}.yml, too")
            found[name] = mutant | {"file": file}
    return found


def names() -> list[str]:
    """Every mutant, by drill, so that one drill's mutants run together."""
    return sorted(every(), key=lambda name: (every()[name]["drill"], name))


def digest(name: str) -> str:
    """What the record of a mutant is bound to: twelve digits over what stands in its file."""
    return hashlib.sha256(json.dumps(every()[name], sort_keys=True).encode()).hexdigest()[:12]


def run(catalog: Catalog, site: Path, name: str) -> tuple[Mutant, str]:
    """Runs the drill of a mutant. Returns its record, and all that was said. Raises InconclusiveError.

    Raises ValueError when the piece of source that it replaces does not stand in its module exactly once.
    """
    mutant = every()[name]
    bug = Bug(mutant["module"], mutant["good"], mutant["bad"])
    try:
        drill.run(catalog, site, mutant["drill"], read_spec(mutant["drill"]) | {"mutant": bug}, control_seconds=0.5)
        said = "nothing: the drill passed"
    except drill.InconclusiveError:
        raise
    except (drill.DrillError, RuntimeError) as error:
        # A product that does not even come up ends the rig's own set-up.
        said = str(error)
    caught = re.search(mutant["caught_by"], said) if "caught_by" in mutant else None
    found = Mutant(
        title=mutant["says"],
        drill=mutant["drill"],
        digest=digest(name),
        date=today(),
        verdict="caught" if caught else "not caught",
        caught_by=check(said, caught),
        survives=mutant.get("survives"),
    )
    return found, said
