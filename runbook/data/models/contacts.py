"""Who is called: roles, contacts, chains, sign-offs."""

import re
from typing import Annotated, Literal

import phonenumbers
from pydantic import Field, model_validator

from runbook.data.models.base import Date, Days, Id, Record, Text, Time, Zone, matches


class Hours(Record):
    """When a contact answers, in the contact's own time zone."""

    days: Days
    """The days, e.g. "Mon-Fri"."""
    from_: Time = Field(alias="from")
    """When they begin, in quotes, e.g. "07:00"."""
    to: Time
    """When they end, in quotes. Earlier than `from`: they run past midnight, and the last day is that of the end."""


class Channel(Record):
    """One way to reach a contact."""

    kind: Literal["phone", "pager", "chat", "bridge", "mail"]
    """What it is. Only a phone and a pager wake somebody."""
    value: Text
    """The number, in quotes and with + and the country code; the address; or the channel's name."""
    note: Text | None = None
    """What the caller must know, e.g. "ask for the dealing desk"."""

    @model_validator(mode="after")
    def _can_be_used(self) -> "Channel":
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
    """What somebody is there for. Steps, thresholds and sign-offs name roles, never people."""

    title: Text
    """Its name on the pages."""
    does: Text
    """What the role does, in one sentence."""
    external: bool = False
    """true: another firm's, e.g. the broker's desk."""


class Contact(Record):
    """A post that is called. Names and personal numbers stand in data/private/contacts.yml, never here."""

    title: Text
    """The post's name on the pages."""
    roles: list[Id] = Field(min_length=1)
    """The roles that the post holds. Nobody holds a role that approves and one that operates."""
    deputy: Id | None = None
    """The contact that stands in. Who signs off needs one with the same role."""
    channels: list[Channel] = Field(min_length=1)
    """How to reach the post, best way first. At least one phone or pager."""
    zone: Zone
    """The time zone where the post sits, e.g. Europe/London."""
    hours: Hours | Literal["always"]
    """When the post answers: `always`, or days and times in its own zone."""
    languages: list[Annotated[str, matches("[a-z]{2}", 'a language of two letters; write e.g. "en"')]] = Field(
        min_length=1
    )
    """The languages that the post speaks, two letters each, e.g. en."""
    have_ready: list[Text] = Field(default_factory=list)
    """What the caller must have at hand."""
    verified: Date
    """The day, in quotes, on which somebody last called every number here and got the right person."""
    sample: bool = False
    """true: made up. Needed while addresses and numbers are those reserved for examples."""
    name: Text | None = None
    """Leave it out: an internal build fills it from data/private/contacts.yml."""

    @property
    def to_call(self) -> list[Channel]:
        """Its channels as a person uses them: telephones first, else in the order of the data."""
        return sorted(self.channels, key=lambda channel: channel.kind != "phone")

    @model_validator(mode="after")
    def _can_be_woken(self) -> "Contact":
        if not any(channel.wakes for channel in self.channels):
            raise ValueError("cannot be reached: give it a phone or a pager")
        return self


class PrivateContact(Record):
    """The person behind a contact, for an internal build only."""

    name: Text
    """The person's name."""
    channels: list[Channel] = Field(default_factory=list)
    """The person's own numbers; they stand before those of the post."""


class Signoff(Record):
    """What must be approved, and by whom."""

    title: Text
    """Its name on the checklist."""
    quorum: str
    """How many of the roles must sign; a threshold in people."""
    roles: list[Id] = Field(min_length=1)
    """The roles that may sign. As many as the quorum, or more."""
    not_: list[Id] = Field(alias="not", min_length=1)
    """The roles whose holders may never sign: nobody approves what they operate."""
    note: Text | None = None
    """What else a signer must know."""
    evidence: Text
    """Where the signature is kept."""


class Meeting(Record):
    """Where people meet in an incident."""

    bridge: Id
    """The contact whose bridge is dialled."""
    channel: Text
    """The chat channel of the incident."""
    traders: Text
    """The chat channel of the traders."""
    chat: Annotated[
        str,
        matches(
            r"https?://[^\s{}%]+%s[^\s{}%]*",
            'the address of a chat channel; write e.g. "https://chat.example.com/channels/%s"',
        ),
    ]
    """The address of a chat channel; %s stands for its name."""


class Contacts(Record):
    """data/contacts.yml."""

    roles: dict[Id, Role]
    """Every role, by its id."""
    contacts: dict[Id, Contact]
    """Every contact, by its id."""
    meeting: Meeting
    """The bridge, the channels and the chat of an incident."""
    chains: dict[Id, list[Id]]
    """Who is called after whom, by the chain's id. At every hour of the week somebody in a chain can be woken."""
    signoffs: dict[Id, Signoff]
    """Every sign-off, by its id."""
