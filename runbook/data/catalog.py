"""Everything under data/ as one object, which the rest of the runbook reads."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from runbook.data.models.alerts import Alert
from runbook.data.models.authority import Act
from runbook.data.models.calendar import Calendar
from runbook.data.models.checklists import Checklists
from runbook.data.models.compliance import Clause
from runbook.data.models.contacts import Contacts
from runbook.data.models.deployment_records import DeploymentRecord
from runbook.data.models.evidence import Evidence, Found
from runbook.data.models.exercises import Exercise
from runbook.data.models.language import Language
from runbook.data.models.procedures import Procedure, Step
from runbook.data.models.rollout import Rollout
from runbook.data.models.scenarios import Message, Scenarios
from runbook.data.models.search import Asked
from runbook.data.models.site import Site
from runbook.data.models.system import System
from runbook.data.models.thresholds import Relation, Source, Threshold
from runbook.data.yaml_source import YamlFile
from runbook.diagnostics import MacroError

Value = TypeVar("Value")
# A threshold in a sentence of data/.
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Catalog:
    """Everything under data/, typed, with the line that each record stands in. Built by loader.py, whole or not at all.

    root: the repository. audience: "public" or "internal".
    files: what was read, by its path below data/ without its ending, e.g. "thresholds", "procedures/warm".
    The other fields are named after their files; records are by id where they have one.
    """

    root: Path
    audience: str
    files: dict[str, YamlFile]
    alerts: dict[str, Alert]
    authority: dict[str, Act]
    calendar: Calendar
    checklists: Checklists
    compliance: list[Clause]
    contacts: Contacts
    exercises: list[Exercise]
    language: Language
    messages: dict[str, Message]
    procedures: dict[str, Procedure]
    proven: Found
    records: dict[str, DeploymentRecord]
    relations: list[Relation]
    rollout: Rollout
    scenarios: Scenarios
    search: dict[str, Asked]
    site: Site
    sources: dict[str, Source]
    system: System
    thresholds: dict[str, Threshold]

    @property
    def evidence(self) -> dict[str, Evidence]:
        """What the rig proved, by drill."""
        return self.proven.drills

    def place(self, file: str, *path: str | int) -> tuple[str, int]:
        """The file and the line of a record, e.g. place("procedures", "warm", "budget")."""
        if file not in self.files and path and (own := f"{file}/{path[0]}") in self.files:
            file, path = own, path[1:]
        return self.files[file].name, self.files[file].line(path)

    def line(self, file: str, *path: str | int) -> int:
        """The line of a record, e.g. line("thresholds", "canary.soak")."""
        return self.place(file, *path)[1]

    def filled(self, text: str) -> str:
        """A sentence as plain text, with each {threshold} put in."""
        return PLACEHOLDER.sub(lambda match: str(self.thresholds[match[1]].value), text)

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Every step with the id of its procedure."""
        for name, procedure in self.procedures.items():
            for step in procedure.steps:
                yield name, step

    def holders(self, role: str) -> list[str]:
        """The contacts that hold a role."""
        return [name for name, contact in self.contacts.contacts.items() if role in contact.roles]

    def alerts_of(self, procedure: str) -> list[str]:
        """The alerts that a procedure answers."""
        return [name for name, alert in self.alerts.items() if alert.owner == procedure]

    def rehearsed(self, procedure: str) -> Exercise | None:
        """The last exercise of a procedure by people, or None; a sample is no exercise."""
        held = [it for it in self.exercises if it.procedure == procedure and not it.sample]
        return max(held, key=lambda it: it.date, default=None)

    def find(self, kind: str, records: Mapping[str, Value], key: str) -> Value:
        """A record by its id. Raises MacroError with the nearest id when there is none."""
        if key in records:
            return records[key]
        raise MacroError(f'no {kind} "{key}"{nearest(key, records)}')


def nearest(key: object, known: Iterable[object]) -> str:
    """`; did you mean "canary.soak"?`, or the list of what there is when it is short."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(key), names, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; there are {', '.join(names)}" if len(names) <= 12 else ""
