"""The daemon and its hosts: names, paths, states, verbs of the command line, metrics, lines of the log."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runbook.data.models.base import Id, Record, Text, matches


class Names(Record):
    """What things are called on a host."""

    daemon: Id
    """The daemon's program."""
    cli: Id
    """The command line that operates it."""
    unit: Text
    """The systemd unit of one slot; {account} and {slot} are put in."""
    guard_unit: Text
    """The systemd unit of the guard; {account} is put in."""


class Variable(Record):
    """A shell variable of the command blocks."""

    title: Text
    """What its value is."""
    example: Text
    """A value that matches the pattern."""
    pattern: Text
    """The regular expression that every value matches, whole."""
    from_: Literal["reader", "block"] = Field(alias="from")
    """Who sets it: the reader, before the first block; or a block, for those after it."""

    @model_validator(mode="after")
    def _example_fits(self) -> "Variable":
        if not re.fullmatch(self.pattern, self.example):
            raise ValueError(f'the example "{self.example}" does not match the pattern {self.pattern}')
        return self


class Placeholder(Record):
    """A kind of text that varies from run to run in an expected output."""

    means: Text
    """What stands there, for the reader of the page."""
    example: Text
    """A text that matches the pattern."""
    pattern: Text
    """The regular expression that every such text matches, whole."""

    @model_validator(mode="after")
    def _example_fits(self) -> "Placeholder":
        if not re.fullmatch(self.pattern, self.example):
            raise ValueError(f'the example "{self.example}" does not match the pattern {self.pattern}')
        return self


class Path(Record):
    """A file or folder on a host."""

    path: Annotated[str, matches(r"/[A-Za-z0-9._/@:{}-]+", "an absolute path")]
    """Where it is; {account}, {slot} and {release} are put in."""
    holds: Text
    """What is in it."""


class Component(Record):
    """A part of the system."""

    title: Text
    """Its name on the pages."""
    does: Text
    """What it does."""


class Invariant(Record):
    """What holds at every moment of a deployment."""

    title: Text
    """Its name on the pages."""
    says: Text
    """What holds."""
    judged: Text
    """How a drill judges it."""


class Halt(Record):
    """Why an account is halted."""

    says: Text
    """What has happened."""
    signoff: Id | None = None
    """The sign-off that ends the halt; leave it out when the procedure that halted may resume."""


class State(Record):
    """A state of the daemon."""

    says: Text
    """What the daemon does in it."""
    guards: bool
    """Whether open positions are protected in it."""


class Transition(Record):
    """From one state of the daemon to another."""

    from_: Id = Field(alias="from")
    """The state before."""
    to: Id
    """The state after."""
    when: Text
    """What brings it about."""


class Exit(Record):
    """An exit code."""

    name: Text
    """Its name."""
    by: Literal["daemon", "cli", "both"]
    """What ends with it."""
    says: Text
    """What it means to the person who sees it."""
    restart: bool | None = None
    """Whether systemd starts the daemon again after it; leave it out for codes of the command line."""


class Verb(Record):
    """A verb of the command line."""

    synopsis: Text
    """How it is called, with its flags."""
    does: Text
    """What it does."""
    says: list[Text] = Field(min_length=1)
    """How lines of its output begin."""
    changes: Literal["nothing", "files", "state", "money"]
    """The most that it can change. In a drill on a real system, state and money need a person who confirms."""


class HealthField(Record):
    """A field of the daemon's health."""

    field: Id
    """Its name."""
    says: Text
    """What it says."""
    proves: Text
    """What may be concluded from it."""


class Metric(Record):
    """A metric of the daemon."""

    name: Annotated[str, matches(r"[a-z_][a-z0-9_]*", "a metric's name")]
    """Its name in the monitoring."""
    unit: Text
    """Its unit."""
    quantile: Literal["0.5", "0.95", "0.99"] | None = None
    """The quantile that is judged, of a metric that has several. Leave it out for a single value."""
    says: Text
    """What it measures."""


class LogEvent(Record):
    """A line of the log that a procedure or a scenario looks for."""

    line: Text
    """How the line begins."""
    level: Literal["info", "warning", "error", "fatal"]
    """How bad it is."""
    exit: int | None = None
    """The exit code that follows it, if the daemon ends."""


class System(Record):
    """data/system.yml."""

    names: Names
    """What the daemon, its command line and its units are called."""
    slots: list[Id] = Field(min_length=2, max_length=2)
    """The two slots of an account."""
    variables: dict[Annotated[str, matches("[A-Z][A-Z_]*", "a shell variable in capitals")], Variable]
    """The shell variables of the command blocks, by name."""
    placeholders: dict[Id, Placeholder]
    """What `<count>` stands for in an expected output, by its word."""
    paths: dict[Id, Path]
    """Files and folders on a host, by id."""
    components: dict[Id, Component]
    """The parts of the system, by id."""
    invariants: dict[Annotated[str, matches(r"I\d", "an invariant; write I1")], Invariant]
    """What always holds: I1, I2, ..."""
    halts: dict[Id, Halt] = Field(min_length=2)
    """Why an account is halted, from the mildest cause to the strictest."""
    states: dict[Id, State]
    """The states of the daemon, by name."""
    transitions: list[Transition]
    """The ways between the states."""
    exits: dict[int, Exit]
    """The exit codes, by number."""
    verbs: dict[Id, Verb]
    """The verbs of the command line, by name."""
    health: list[HealthField]
    """The fields of the daemon's health, in their order."""
    metrics: dict[Id, Metric]
    """The metrics, by id."""
    log_events: dict[Id, LogEvent]
    """The lines of the log, by id."""
    settings: list[str]
    """The thresholds that are settings of the daemon."""

    @property
    def kinds(self) -> dict[str, str]:
        """The pattern of each word that may stand in `<>` in an expected output: placeholders, and variables."""
        variables = {name.lower(): it.pattern for name, it in self.variables.items()}
        return variables | {word: it.pattern for word, it in self.placeholders.items()}
