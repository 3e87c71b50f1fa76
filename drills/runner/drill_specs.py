"""The files under specs/: one for each drill. What their keys mean stands in README.md."""

from pathlib import Path
from typing import Any

import yaml

# As written: a mapping of the keys that README.md lists.
Spec = dict[str, Any]
# One thing that is done during a drill: a command for the host, or a mapping.
Deed = str | dict[str, Any]

SPECS = Path(__file__).resolve().parents[1] / "specs"


def names() -> list[str]:
    """Every drill: a procedure, or a procedure with a variant behind two dashes."""
    return sorted(path.stem for path in SPECS.glob("*.yml"))


def read_spec(name: str, folder: Path = SPECS) -> Spec:
    """The file of a drill: set-up, fault and limits. folder: another one for the negative controls."""
    spec: Spec = yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
    return spec


def procedure_of(name: str) -> str:
    """The procedure that a drill drills: `crash--loop` is a drill of `crash`."""
    return name.partition("--")[0]


def listed(deeds: list[Deed] | Deed | None) -> list[Deed]:
    """One deed, several or none, as a list."""
    return deeds if isinstance(deeds, list) else [deeds] if deeds else []


def fault_in_words(spec: Spec) -> str | None:
    """What a drill's fault is, for a reader of its evidence; None when it has none."""
    deeds = listed(spec.get("fault"))
    return "; ".join(deed["what"] for deed in deeds if isinstance(deed, dict) and "what" in deed) or None
