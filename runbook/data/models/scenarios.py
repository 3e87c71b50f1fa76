"""What goes wrong: scenarios, severities, and the messages that are sent."""

from typing import Literal

from pydantic import Field

from runbook.data.models.base import Id, Record, Text


class Severity(Record):
    """How bad an incident is."""

    title: Text
    """Its name on the pages."""
    sign: Text
    """Its sign, beside its colour."""
    means: Text
    """What makes an incident this bad."""
    respond: str
    """How long the person who is called has to answer; a threshold in time."""
    chain: Id
    """Who is called; an id of `chains` in data/contacts.yml."""


class Money(Record):
    """A question about open positions that comes before every symptom."""

    ask: Text
    """The question."""
    how: Text
    """How to find the answer."""
    if_no: Text
    """What to do when the answer is no."""


class Sight(Record):
    """What somebody sees."""

    kind: Literal["eyes", "log", "exit"]
    """Where it is seen: on a screen, in the log, as an exit code."""
    what: Text
    """What is seen: words, the id of a log event, or the exit code."""


class Scenario(Record):
    """Something that goes wrong. Its id is that of the procedure that answers it."""

    severity: Id
    """How bad it is; an id of `severities`."""
    rto: str
    """In what time trading is under control again; a threshold in time."""
    rpo: str
    """How much may be lost; a threshold in events or time."""
    see: list[Sight] = Field(min_length=1)
    """What one sees."""
    impact: Text
    """What it does to trading."""
    now: Text
    """What to do at once, in one sentence."""
    no_alert: Text | None = None
    """Why no metric can tell of it. Leave it out where an alert leads to it."""


class Scenarios(Record):
    """data/scenarios.yml."""

    severities: dict[Id, Severity]
    """The severities, by id, the worst first."""
    money: list[Money]
    """The questions about open positions, in their order."""
    scenarios: dict[Id, Scenario]
    """The scenarios, by id."""


class Message(Record):
    """A message that is written in advance."""

    title: Text
    """Its name on the pages."""
    to: list[Text] = Field(min_length=1)
    """Where it is sent."""
    by: Id
    """The role that sends it."""
    when: Text
    """When it is sent."""
    within: str
    """How soon; a threshold in time."""
    text: str
    """The message, word for word. Words in angle brackets are filled in by the sender."""
    reply: Text
    """Which answer is expected."""
