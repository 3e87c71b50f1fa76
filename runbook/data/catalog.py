"""Everything under data/ as one object, which the rest of the runbook reads."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runbook.data import deployment_records as runs
from runbook.data import models as model
from runbook.data import yaml_source as yamlfile
from runbook.diagnostics import MacroError
from runbook.evidence import store as proofs

# A threshold in a sentence of data/.
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass
class Catalog:
    """Everything under data/, typed, with the line that each record stands in."""

    root: Path
    audience: str
    files: dict[str, yamlfile.YamlFile] = field(default_factory=dict)
    alerts: dict[str, model.Alert] = field(default_factory=dict)
    checklists: model.Checklists | None = None
    compliance: list[model.Clause] = field(default_factory=list)
    contacts: model.Contacts | None = None
    proven: proofs.Found = field(default_factory=proofs.Found)
    messages: dict[str, model.Message] = field(default_factory=dict)
    procedures: dict[str, model.Procedure] = field(default_factory=dict)
    records: dict[str, runs.DeploymentRecord] = field(default_factory=dict)
    relations: list[model.Relation] = field(default_factory=list)
    rollout: model.Rollout | None = None
    scenarios: model.Scenarios | None = None
    site: model.Site | None = None
    sources: dict[str, model.Source] = field(default_factory=dict)
    system: model.System | None = None
    thresholds: dict[str, model.Threshold] = field(default_factory=dict)

    @property
    def evidence(self) -> dict[str, proofs.Evidence]:
        """What the rig proved, by drill."""
        return self.proven.drills

    def line(self, file: str, *path) -> int:
        """The line of a record, e.g. line("thresholds", "canary.soak")."""
        return self.files[file].line(path)

    def filled(self, text: str) -> str:
        """A sentence as plain text, with each {threshold} put in."""
        return PLACEHOLDER.sub(lambda match: str(self.thresholds[match[1]].value), text)

    def steps(self) -> Iterator[tuple[str, model.Step]]:
        """Every step with the id of its procedure."""
        for name, procedure in self.procedures.items():
            for step in procedure.steps:
                yield name, step

    def holders(self, role: str) -> list[str]:
        """The contacts that hold a role."""
        return [name for name, contact in self.contacts.contacts.items() if role in contact.roles]

    def find(self, kind: str, records: dict[str, Any], key: str):
        """A record by its id. Raises MacroError with the nearest id when there is none."""
        if key in records:
            return records[key]
        raise MacroError(f'no {kind} "{key}"{nearest(key, records)}')


def nearest(key: str, known) -> str:
    """`; did you mean "canary.soak"?`, or the list of what there is when it is short."""
    close = difflib.get_close_matches(str(key), [str(name) for name in known], n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; there are {', '.join(map(str, known))}" if len(known) <= 12 else ""
