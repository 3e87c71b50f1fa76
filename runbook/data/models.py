"""The records of data/, typed. One class for each kind of record; one entry of FILES for each file.

What a single record must be is said here; what holds between records is said in catalog.py.
"""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from runbook.data import quantity


class Record(BaseModel):
    """Closed and frozen: an unknown key is a fault, and nobody changes a value after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write a sentence")
    if any(ord(char) < 32 for char in text):
        raise ValueError("has a line break or a control character; write it on one line")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone; write e.g. "Europe/London"') from None
    return text


def _matches(pattern: str, wanted: str):
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f'"{text}" is not {wanted}')
        return text

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_one_line)]
Zone = Annotated[str, AfterValidator(_zone)]
Time = Annotated[
    str,
    _matches(r"([01]\d|2[0-3]):[0-5]\d", 'a time of day; write e.g. "17:00"'),
    Field(json_schema_extra={"pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
]
Date = Annotated[str, _matches(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", 'a date; write e.g. "2026-11-23"')]
Days = Annotated[
    str,
    _matches(
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))?",
        'a day or a range of days; write e.g. "Mon-Fri"',
    ),
]
Version = Annotated[str, _matches(r"\d+\.\d+\.\d+", 'a release; write e.g. "1.5.0"')]
Id = Annotated[str, _matches(r"[a-z][a-z0-9_-]*", "an id; use small letters, digits, - and _")]
Quantity = Annotated[
    quantity.Quantity,
    BeforeValidator(quantity.parse),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": quantity.PATTERN, "description": "a number, a space, a unit: 5 min"}),
]


class Threshold(Record):
    value: Quantity
    title: Text
    why: Text
    owner: Id
    source: Id | None = None


class Relation(Record):
    left: list[str] = Field(min_length=1)
    is_: Literal["below", "at most"] = Field(alias="is")
    right: list[str] = Field(min_length=1)
    why: Text


class Source(Record):
    kind: Literal["incident", "regulation", "guidance", "practice"]
    short: Text
    title: Text
    says: Text
    seen: Literal["quoted", "described"]
    binds: Text | None = None

    @model_validator(mode="after")
    def _binds_somebody(self):
        if (self.kind == "regulation") != (self.binds is not None):
            raise ValueError("`binds` says whom a regulation binds: a regulation needs it, nothing else has it")
        return self


class Site(Record):
    name: Text
    firm: Text
    description: Text
    url: Annotated[
        str, _matches(r"https?://\S+/", 'an address that ends in a slash; write e.g. "https://runbook.example.com/"')
    ]
    repository: Annotated[str, _matches(r"https?://\S+[^/]", "the repository's address, without a slash at the end")]
    branch: Text
    sample: bool
    paper: Literal["A4", "Letter"]
    owners: dict[str, Id]

    def owner(self, page: str) -> str:
        """The role that owns a page: that of the longest beginning of its path."""
        return self.owners[max((start for start in self.owners if page.startswith(start)), key=len)]

    @model_validator(mode="after")
    def _every_page_is_owned(self):
        if "" not in self.owners:
            raise ValueError('owners: give every other page its owner with the empty beginning: "": runbook_editor')
        return self


# ---------------------------------------------------------------- contacts


class Hours(Record):
    days: Days
    from_: Time = Field(alias="from")
    to: Time


class Channel(Record):
    kind: Literal["phone", "pager", "chat", "bridge", "mail"]
    value: Text
    note: Text | None = None

    @model_validator(mode="after")
    def _can_be_used(self):
        if self.kind in ("phone", "bridge"):
            try:
                number = phonenumbers.parse(self.value, None)
            except phonenumbers.NumberParseException:
                raise ValueError(
                    f'"{self.value}" is not a telephone number; write it with + and the country code, in quotes'
                ) from None
            if not phonenumbers.is_possible_number(number):
                raise ValueError(f'"{self.value}" is not a telephone number: it has too few or too many digits')
        if self.kind in ("pager", "mail") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", self.value):
            raise ValueError(f'"{self.value}" is not an address; write e.g. "oncall@pager.example.com"')
        return self

    @property
    def wakes(self) -> bool:
        """Whether it reaches a person who sleeps."""
        return self.kind in ("phone", "pager")


class Role(Record):
    title: Text
    does: Text
    may: list[Id]
    external: bool = False


class Contact(Record):
    title: Text
    roles: list[Id] = Field(min_length=1)
    deputy: Id | None = None
    channels: list[Channel] = Field(min_length=1)
    zone: Zone
    hours: Hours | Literal["always"]
    languages: list[Annotated[str, _matches("[a-z]{2}", 'a language of two letters; write e.g. "en"')]] = Field(
        min_length=1
    )
    have_ready: list[Text] = []
    verified: Date
    sample: bool = False
    name: Text | None = None  # filled from data/private/contacts.yml in an internal build only

    @model_validator(mode="after")
    def _can_be_woken(self):
        if not any(channel.wakes for channel in self.channels):
            raise ValueError("cannot be reached: give it a phone or a pager")
        return self


class PrivateContact(Record):
    name: Text
    channels: list[Channel] = []


class Signoff(Record):
    title: Text
    quorum: str
    roles: list[Id] = Field(min_length=1)
    not_: list[Id] = Field(alias="not", min_length=1)
    note: Text | None = None
    evidence: Text


class Meeting(Record):
    bridge: Id
    channel: Text
    traders: Text
    chat: Annotated[
        str,
        _matches(
            r"https?://[^\s{}%]+%s[^\s{}%]*",
            'the address of a chat channel; write e.g. "https://chat.example.com/channels/%s"',
        ),
    ]


class Contacts(Record):
    roles: dict[Id, Role]
    contacts: dict[Id, Contact]
    meeting: Meeting
    chains: dict[Id, list[Id]]
    signoffs: dict[Id, Signoff]


# ------------------------------------------------------------------ system


class Names(Record):
    daemon: Id
    cli: Id
    unit: Text
    guard_unit: Text


class Variable(Record):
    title: Text
    example: Text
    pattern: Text
    from_: Literal["reader", "block"] = Field(alias="from")

    @model_validator(mode="after")
    def _example_fits(self):
        if not re.fullmatch(self.pattern, self.example):
            raise ValueError(f'the example "{self.example}" does not match the pattern {self.pattern}')
        return self


class Path(Record):
    path: Annotated[str, _matches(r"/[A-Za-z0-9._/@:{}-]+", "an absolute path")]
    holds: Text


class Component(Record):
    title: Text
    does: Text


class Invariant(Record):
    title: Text
    says: Text
    judged: Text


class State(Record):
    says: Text
    guards: bool


class Transition(Record):
    from_: Id = Field(alias="from")
    to: Id
    when: Text


class Exit(Record):
    name: Text
    by: Literal["daemon", "cli", "both"]
    says: Text
    restart: bool | None = None


class Verb(Record):
    synopsis: Text
    does: Text
    says: list[Text] = Field(min_length=1)
    changes: Literal["nothing", "files", "state", "money"]


class HealthField(Record):
    field: Id
    says: Text
    proves: Text


class Metric(Record):
    name: Annotated[str, _matches(r"[a-z_][a-z0-9_]*", "a metric's name")]
    unit: Text
    says: Text


class LogEvent(Record):
    line: Text
    level: Literal["info", "warning", "error", "fatal"]
    exit: int | None = None


class System(Record):
    names: Names
    slots: list[Id] = Field(min_length=2, max_length=2)
    variables: dict[Annotated[str, _matches("[A-Z][A-Z_]*", "a shell variable in capitals")], Variable]
    paths: dict[Id, Path]
    components: dict[Id, Component]
    invariants: dict[Annotated[str, _matches(r"I\d", "an invariant; write I1")], Invariant]
    states: dict[Id, State]
    transitions: list[Transition]
    exits: dict[int, Exit]
    verbs: dict[Id, Verb]
    health: list[HealthField]
    metrics: dict[Id, Metric]
    log_events: dict[Id, LogEvent]
    settings: list[str]


# ----------------------------------------------------------------- rollout


class WayIn(Record):
    """How a drill logs on to the hosts of an environment. Keys, jump hosts and all that is secret belong in the operator's own settings of ssh."""

    user: Annotated[str, _matches(r"[a-z_][a-z0-9_-]*", 'a user of the host; write e.g. "root"')]
    port: int = Field(ge=1, le=65535)


class Environment(Record):
    title: Text
    broker: Text
    hosts: list[Id] = Field(min_length=1)
    accounts: list[str] = Field(min_length=1)
    ssh: WayIn | None = None


class Host(Record):
    title: Text
    address: Text
    spare_of: list[Id]


class Account(Record):
    title: Text
    host: Id
    exposure: Text


class Wave(Record):
    id: Id
    title: Text
    accounts: list[str] = Field(min_length=1)
    size: str
    after: str


class Difference(Record):
    what: Text
    staging: Text
    production: Text


class Parity(Record):
    same: list[Text]
    different: list[Difference]


class Session(Record):
    days: Days
    open: Time
    close: Time


class Window(Record):
    title: Text
    days: Days
    from_: Time = Field(alias="from")
    to: Time
    zone: Zone
    why: Text


class Freeze(Record):
    title: Text
    when: Text
    rule: str | None


class ChangeClass(Record):
    title: Text
    what: Text
    validation: Text
    soak: str
    signoff: Id
    late: str | None = None


class Release(Record):
    schema_: int = Field(alias="schema")
    reads_schema: list[int] = Field(min_length=2, max_length=2)
    reads_config: list[int] = Field(min_length=2, max_length=2)
    flags: list[Id]

    @model_validator(mode="after")
    def _ranges(self):
        for name, (low, high) in (("reads_schema", self.reads_schema), ("reads_config", self.reads_config)):
            if low > high:
                raise ValueError(f"{name}: the first number is above the second")
        if not self.reads_schema[0] <= self.schema_ <= self.reads_schema[1]:
            raise ValueError(
                f"a release reads the schema that it writes: {self.schema_} is outside of {self.reads_schema}"
            )
        return self


class Situation(Record):
    title: Text
    schema_: int = Field(alias="schema")
    config: int
    flags: list[Id]


class Coverage(Record):
    event: Text
    force: Text


class Observation(Record):
    at: Text
    by: Id
    look: Text


class Watch(Record):
    metric: Id
    normal: Text
    warn: str | None = None
    back: str
    how: Text


class Rollout(Record):
    current: Version
    next: Version
    environments: dict[Literal["staging", "production"], Environment]
    hosts: dict[Id, Host]
    accounts: dict[str, Account]
    waves: list[Wave] = Field(min_length=2)
    controls: list[str] = Field(min_length=1)
    parity: Parity
    zone: Zone
    reset: Time
    session: Session
    windows: dict[Id, Window]
    freezes: list[Freeze]
    change_classes: dict[Id, ChangeClass]
    releases: dict[Version, Release]
    situations: list[Situation]
    coverage: list[Coverage]
    observe: list[Observation]
    watch: list[Watch] = Field(min_length=1)


# ------------------------------------------------- procedures and scenarios


class Step(Record):
    id: Id
    title: Text
    by: Id
    budget: str
    human: Text | None = None


class Procedure(Record):
    title: Text
    page: Annotated[str, _matches(r"[a-z0-9_/-]+\.md", "a page below docs/")]
    kind: Literal["planned", "rollback", "disaster", "override"]
    use_when: Text
    by: Id
    decides: Id
    access: list[Text] = Field(min_length=1)
    set: list[str]
    examples: dict[str, Text] = {}
    budget: str
    gap: str | None = None
    protects: Text
    staging: Literal["safe", "asks"] | None = None
    first: list[Text] = Field(min_length=1, max_length=4)
    steps: list[Step] = Field(min_length=1)
    verify: list[Text] = Field(min_length=1)
    tell: list[Id]
    stop_when: list[Text] = Field(min_length=1)
    record: Text


class Severity(Record):
    title: Text
    sign: Text
    means: Text
    respond: str
    chain: Id


class Money(Record):
    ask: Text
    how: Text
    if_no: Text


class Sight(Record):
    kind: Literal["eyes", "log", "exit"]
    what: Text


class Scenario(Record):
    severity: Id
    rto: str
    rpo: str
    alerts: list[str]
    see: list[Sight] = Field(min_length=1)
    impact: Text
    now: Text


class Scenarios(Record):
    severities: dict[Id, Severity]
    money: list[Money]
    scenarios: dict[Id, Scenario]


class Alert(Record):
    metric: Id
    op: Literal["above", "below", "absent", "present"]
    limit: str | None = None
    lasts: str | None = None
    severity: Id
    answers: list[Id] = Field(min_length=1)
    says: Text

    @model_validator(mode="after")
    def _has_its_limit(self):
        if (self.op in ("above", "below")) != (self.limit is not None):
            raise ValueError("above and below need a limit; absent and present have none")
        return self


class Message(Record):
    title: Text
    to: list[Text] = Field(min_length=1)
    by: Id
    when: Text
    within: str
    text: str
    reply: Text


class Item(Record):
    id: Id
    check: Text
    value: Text
    by: Id
    evidence: Text
    drilled: Id | None = None


class Pause(Record):
    id: Id
    title: Text
    phase: Literal["before", "during", "after"]
    mode: Literal["read-do", "do-confirm"]
    signoff: Id | None = None
    items: list[Item]

    @model_validator(mode="after")
    def _short_and_closed(self):
        if not 5 <= len(self.items) <= 9:
            raise ValueError(f"{len(self.items)} items; a pause point has five to nine")
        if not self.items[-1].check.startswith("Call: "):
            raise ValueError('the last item is the call that ends the list; begin it with "Call: "')
        return self


class Edition(Record):
    version: int = Field(ge=1)
    digest: Annotated[
        str,
        _matches(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", "a digest; `python -m runbook.data.deployment_records` prints it"),
    ]
    from_: Date = Field(alias="from")


class Checklists(Record):
    editions: list[Edition] = Field(min_length=1)
    people: list[Id]
    pauses: list[Pause]
    voids: list[Text]

    @property
    def version(self) -> int:
        """The version in force."""
        return self.editions[-1].version

    @model_validator(mode="after")
    def _in_order(self):
        for before, after in zip(self.editions, self.editions[1:]):
            if after.version != before.version + 1 or after.from_ < before.from_:
                raise ValueError(
                    f"edition {after.version} of {after.from_} stands after edition {before.version} of {before.from_}; count up, oldest first"
                )
        return self


class Clause(Record):
    source: Id
    met_by: list[Annotated[str, _matches(r"[a-z0-9_/-]+\.md#[a-z0-9-]+", "a section; write page.md#section")]] = Field(
        min_length=1
    )
    procedures: list[Id] = []
    records: list[Text] = []

    @model_validator(mode="after")
    def _has_evidence(self):
        if not self.procedures and not self.records:
            raise ValueError("nothing shows that the clause is met: name procedures or records")
        return self


# file name -> the type of its content
FILES: dict[str, type] = {
    "alerts": dict[Annotated[str, _matches("[A-Z][A-Za-z]+", "an alert's name; write it like TraderdDown")], Alert],
    "checklists": Checklists,
    "compliance": list[Clause],
    "contacts": Contacts,
    "messages": dict[Id, Message],
    "procedures": dict[Id, Procedure],
    "relations": list[Relation],
    "rollout": Rollout,
    "scenarios": Scenarios,
    "site": Site,
    "sources": dict[Id, Source],
    "system": System,
    "thresholds": dict[
        Annotated[str, _matches(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", "a threshold's id; write it like canary.soak")],
        Threshold,
    ],
}
PRIVATE = dict[Id, PrivateContact]
