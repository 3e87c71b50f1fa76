"""How a release goes live: environments, hosts, accounts, waves, windows, change classes, what is watched."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from runbook.data.models.base import Days, Id, Record, Text, Time, Version, Zone, matches


class WayIn(Record):
    """How a drill logs on to hosts. Keys, jump hosts and secrets stay in the operator's own settings of ssh."""

    user: Annotated[str, matches(r"[a-z_][a-z0-9_-]*", 'a user of the host; write e.g. "root"')]
    """The user on the host."""
    port: int = Field(ge=1, le=65535)
    """The port of ssh."""


class Environment(Record):
    """A set of hosts and accounts of its own."""

    title: Text
    """Its name on the pages."""
    broker: Text
    """What is at the other end of its orders."""
    hosts: list[Id] = Field(min_length=1)
    """Its hosts, by id."""
    accounts: list[str] = Field(min_length=1)
    """Its accounts."""
    ssh: WayIn | None = None
    """How drills log on to its hosts. Never in production."""


class Host(Record):
    """A machine."""

    title: Text
    """Its name on the pages."""
    address: Text
    """Its name in the network."""
    spare_of: list[Id]
    """The hosts whose accounts it takes over when they fail; may be empty."""


class Account(Record):
    """A trading account."""

    title: Text
    """Its name on the pages."""
    host: Id
    """The host that it runs on."""
    exposure: Text
    """What it holds, relative to the others."""


class Wave(Record):
    """The accounts that get a release together."""

    id: Id
    """Its id."""
    title: Text
    """Its name on the pages."""
    accounts: list[str] = Field(min_length=1)
    """Its accounts. Each production account is in exactly one wave."""
    size: str
    """How many accounts it has; a threshold in accounts, which must say the same."""
    after: str
    """How long after the wave before it begins; a threshold in time."""


class Difference(Record):
    """In what staging and production differ."""

    what: Text
    """The matter."""
    staging: Text
    """How it is in staging."""
    production: Text
    """How it is in production."""


class Parity(Record):
    """What a result in staging says about production."""

    same: list[Text]
    """What is the same in both."""
    different: list[Difference]
    """What is not."""


class Session(Record):
    """The trading session, in the time zone of the rollout."""

    opens: "Turn"
    """The days and the time at which it opens."""
    closes: "Turn"
    """The days and the time at which it closes."""


class Turn(Record):
    """A time of some weekdays."""

    days: Days
    """The days, e.g. "Sun-Thu"."""
    at: Time
    """The time, in quotes, in the time zone of the rollout."""


class Window(Record):
    """When a deployment may be made."""

    title: Text
    """Its name on the pages."""
    days: Days
    """The days, e.g. "Tue-Thu"."""
    from_: Time = Field(alias="from")
    """When it opens, in quotes."""
    to: Time
    """When it closes, in quotes."""
    zone: Zone
    """The time zone of both, e.g. Europe/London."""
    why: Text
    """Why then."""


class Freeze(Record):
    """When no deployment may be made."""

    title: Text
    """Its name on the pages."""
    when: Text
    """When it is, in words."""
    before: str | None = None
    """The threshold in time that says how long before. Leave it out when whole days are frozen."""
    after: str | None = None
    """The threshold in time that says how long after."""


class ChangeClass(Record):
    """How much is asked of a change."""

    title: Text
    """Its name on the pages."""
    what: Text
    """Which changes are in it."""
    validation: Text
    """What is validated before."""
    soak: str
    """How long the canary runs before the verdict: a threshold in time, or none."""
    signoff: Id
    """The sign-off that it needs; an id of `signoffs` in data/contacts.yml."""
    late: str | None = None
    """How long after the handover all but the first signature may follow; a threshold in time. Leave it out
    for never."""


class Release(Record):
    """What a release writes and reads."""

    schema_: int = Field(alias="schema")
    """The version of the database schema that it writes."""
    reads_schema: list[int] = Field(min_length=2, max_length=2)
    """The first and the last version of the schema that it reads."""
    reads_config: list[int] = Field(min_length=2, max_length=2)
    """The first and the last version of the configuration that it reads."""
    flags: list[Id]
    """The flags that it knows."""

    @model_validator(mode="after")
    def _ranges(self) -> "Release":
        for name, (low, high) in (("reads_schema", self.reads_schema), ("reads_config", self.reads_config)):
            if low > high:
                raise ValueError(f"{name}: the first number is above the second")
        if not self.reads_schema[0] <= self.schema_ <= self.reads_schema[1]:
            raise ValueError(
                f"a release reads the schema that it writes: {self.schema_} is outside of {self.reads_schema}"
            )
        return self


class Situation(Record):
    """What may stand on a host, for the table of what reads what."""

    title: Text
    """Its name on the pages."""
    schema_: int = Field(alias="schema")
    """The version of the database schema."""
    config: int
    """The version of the configuration."""
    flags: list[Id]
    """The flags that are on."""


class Coverage(Record):
    """An event that the canary should have seen."""

    event: Text
    """The event."""
    force: Text
    """How to bring it about when it did not come by itself."""


class Observation(Record):
    """A look at the canary."""

    at: Text
    """When."""
    by: Id
    """The role that looks."""
    look: Text
    """At what."""


class Watch(Record):
    """A metric that is watched during the soak."""

    metric: Id
    """The metric; an id of data/system.yml."""
    normal: Text
    """How it normally is."""
    warn: str | None = None
    """The threshold from which somebody looks closer."""
    back: str
    """The threshold from which the release is rolled back."""
    how: Text
    """How to compare it with the control accounts."""


class Rollout(Record):
    """data/rollout.yml."""

    current: Version
    """The release that runs in production, in quotes, e.g. "1.4.2"."""
    next: Version
    """The release that is being deployed, in quotes."""
    environments: dict[Literal["staging", "production"], Environment]
    """The environments."""
    hosts: dict[Id, Host]
    """The hosts, by id."""
    accounts: dict[str, Account]
    """The accounts, by name."""
    waves: list[Wave] = Field(min_length=2)
    """The waves in their order; the first is the canary."""
    controls: list[str] = Field(min_length=1)
    """The accounts that keep the old release during the soak, to compare with."""
    parity: Parity
    """In what staging is like production, and in what not."""
    zone: Zone
    """The time zone of the session and of the reset."""
    desk_zone: Zone
    """The desk's time zone; pages and commands show it beside the exchange's and UTC."""
    reset: Time
    """The time of the daily reset, in quotes."""
    session: Session
    """The trading session."""
    windows: dict[Id, Window]
    """When deployments may be made, by id."""
    freezes: list[Freeze]
    """When they may not."""
    change_classes: dict[Id, ChangeClass]
    """The classes of changes, by id."""
    releases: dict[Version, Release]
    """What each release writes and reads."""
    situations: list[Situation]
    """What may stand on a host, for the table of what reads what."""
    coverage: list[Coverage]
    """What the canary should have seen before the verdict."""
    observe: list[Observation]
    """Who looks at the canary, and when."""
    watch: list[Watch] = Field(min_length=1)
    """The metrics that are watched; no more than the threshold canary.metrics allows."""
