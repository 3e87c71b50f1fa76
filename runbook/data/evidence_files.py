"""Reads data/evidence. The drills write it, through runbook/evidence/store.py."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runbook.data.models.evidence import Control, Evidence, Failed, Found, LeftOut, Mutant, Observed, Proof
from runbook.data.typed_file import adapter
from runbook.diagnostics import Fault

# What does not stand in one file for each drill.
LISTS: dict[str, Any] = {
    "controls": dict[str, Control],
    "failed": dict[str, Failed],
    "left_out": dict[str, LeftOut],
    "mutants": dict[str, Mutant],
}


def read(root: Path) -> tuple[Found, list[Fault]]:
    """Every file under root/data/evidence, and what is wrong with them."""
    found, faults = Found(), []
    folder = root / "data" / "evidence"
    for path in sorted([*folder.glob("*.json"), *folder.glob("*/*.json")]):
        environment = path.parent.name if path.parent != folder else ""
        kind = Observed if environment else LISTS.get(path.stem, Evidence)
        name = path.relative_to(root).as_posix()
        try:
            record: Any = adapter(kind).validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            first = error.errors()[0]
            text = f"not evidence of a drill: {first['loc']}: {first['msg']}; run the drill again"
            faults.append(Fault(name, 1, text))
            continue
        if isinstance(record, dict):
            setattr(found, path.stem, record)
            continue
        if isinstance(record, Observed):
            found.real.setdefault(environment, {})[path.stem] = record
        elif isinstance(record, Evidence):
            found.drills[path.stem] = record
        faults += [Fault(name, 1, text) for text in _misplaced(record, path.stem, environment)]
    return found, faults


def _misplaced(proof: Proof, stem: str, environment: str) -> list[str]:
    """Why a proof does not belong where it is. environment: the name of its folder, empty for none."""
    texts = []
    if proof.drill != stem:
        texts.append(f"is evidence of {proof.drill}; the file is named after its drill")
    if environment and proof.environment != environment:
        texts.append(f"is evidence from {proof.environment}; the folder is named after its environment")
    return texts
