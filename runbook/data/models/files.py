"""Which type of record stands in which file."""

from typing import Annotated, Any

from runbook.data.models.alerts import Alert
from runbook.data.models.authority import Act
from runbook.data.models.base import Id, matches
from runbook.data.models.calendar import Calendar
from runbook.data.models.checklists import Checklists
from runbook.data.models.compliance import Clause
from runbook.data.models.contacts import Contacts, PrivateContact
from runbook.data.models.exercises import Exercise
from runbook.data.models.language import Language
from runbook.data.models.procedures import Procedure
from runbook.data.models.rollout import Rollout
from runbook.data.models.scenarios import Message, Scenarios
from runbook.data.models.search import Asked
from runbook.data.models.site import Site
from runbook.data.models.system import System
from runbook.data.models.thresholds import Relation, Source, Threshold

AlertName = Annotated[str, matches("[A-Z][A-Za-z]+", "an alert's name; write it like TraderdDown")]
ThresholdId = Annotated[str, matches(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", "a threshold's id; write it like canary.soak")]

# data/<name>.yml -> the type of its content
FILES: dict[str, Any] = {
    "alerts": dict[AlertName, Alert],
    "authority": dict[Id, Act],
    "calendar": Calendar,
    "checklists": Checklists,
    "compliance": list[Clause],
    "contacts": Contacts,
    "exercises": list[Exercise],
    "language": Language,
    "messages": dict[Id, Message],
    "procedure_order": list[Id],
    "relations": list[Relation],
    "rollout": Rollout,
    "scenarios": Scenarios,
    "search": dict[str, Asked],
    "site": Site,
    "sources": dict[Id, Source],
    "system": System,
    "thresholds": dict[ThresholdId, Threshold],
}
# data/<folder>/<id>.yml -> the type of each file's content, and what one such record is called
FOLDERS: dict[str, tuple[Any, str]] = {"procedures": (Procedure, "procedure")}
PRIVATE = dict[Id, PrivateContact]
