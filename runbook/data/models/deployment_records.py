"""The form of a deployment record, as the checklist page exports it.

What must hold in one is said in runbook/data/checks/deployment_records.py.
"""

from typing import Annotated

from pydantic import Field

from runbook.data.models.base import Id, Record, matches

Moment = Annotated[
    str, matches(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", 'a time in UTC; write e.g. "2026-11-23T14:02:11Z"')
]
Hash = Annotated[str, matches(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", "a digest such as 12ab-34cd-56ef")]


class Item(Record):
    """An item, its words with their thresholds."""

    id: Id
    check: str
    value: str
    by: Id
    evidence: str


class Pause(Record):
    """A pause point. each: once for each account. signoff: `class`, or the id of the sign-off that ends it."""

    id: Id
    title: str
    each: bool
    signoff: str | None
    items: list[Item] = Field(min_length=1)


class Signoff(Record):
    """A sign-off: how many of which roles."""

    title: str
    quorum: int
    roles: list[Id]


class Class(Record):
    """A change class.

    late: seconds within which all but the first signature may come afterwards. soak: whether a verdict is signed.
    """

    title: str
    signoff: Id
    late: int | None
    soak: bool


class Sheet(Record):
    """The checklist as it was on the day. valid: seconds for which a sign-off holds."""

    version: int
    digest: Hash
    pauses: list[Pause] = Field(min_length=1)
    signoffs: dict[Id, Signoff]
    classes: dict[Id, Class]
    people: list[Id]
    roles: dict[Id, str]
    valid: int


class Run(Record):
    """What was deployed, where and when."""

    release: Annotated[str, matches(r"\d+\.\d+\.\d+[A-Za-z0-9.-]*", 'a release; write e.g. "1.5.0"')]
    accounts: list[Annotated[str, matches(r"[A-Za-z0-9_.-]+", "an account's name")]] = Field(min_length=1)
    window: str
    change: Id
    started: Moment


class Tick(Record):
    """A tick. at: when it was ticked. seen: the value. by: initials."""

    at: Moment | None = None
    seen: str = ""
    by: str = ""


class Signature(Record):
    """Who signed for which role, and when."""

    signoff: Id
    role: Id
    deputy: bool
    by: str
    at: Moment


class Override(Record):
    """A pause point that was opened before the one before it was complete."""

    at: Moment
    reason: str


class ClockStep(Record):
    """When a step was done. budget: seconds."""

    id: Id
    title: str
    budget: int
    at: Moment | None


class Clock(Record):
    """A procedure that was run against its clock. budgets: seconds."""

    procedure: Id
    title: str
    budget: int
    started: Moment
    ended: Moment | None
    steps: list[ClockStep]


class Earlier(Record):
    """A tick that an item had before its words changed in the middle of the run."""

    item: str
    version: int
    check: str
    tick: Tick


class DeploymentRecord(Record):
    """A run of the checklist. through: the last pause point that is claimed to be complete."""

    kind: Annotated[str, matches("deployment record", '"deployment record"')]
    sample: bool = False
    note: str = ""
    run: Run
    through: Id
    people: dict[Id, str]
    deputies: dict[Id, str] = Field(default_factory=dict)
    ticks: dict[str, Tick]
    overrides: dict[Id, Override] = Field(default_factory=dict)
    signatures: list[Signature] = Field(default_factory=list)
    clocks: list[Clock] = Field(default_factory=list)
    earlier: list[Earlier] = Field(default_factory=list)
    sheet: Sheet

    def pauses(self) -> list[Pause]:
        """The pause points that are claimed, in order."""
        ids = [pause.id for pause in self.sheet.pauses]
        return self.sheet.pauses[: ids.index(self.through) + 1] if self.through in ids else self.sheet.pauses

    def keys(self, pause: Pause) -> list[tuple[str, Item]]:
        """The key of each tick that a pause point asks for: once, or once for each account."""
        return [
            (f"{account}/{item.id}" if account else item.id, item)
            for account in (self.run.accounts if pause.each else [""])
            for item in pause.items
        ]
