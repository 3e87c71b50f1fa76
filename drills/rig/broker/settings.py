"""What the rig may switch: for the whole broker, and what is wrong with one account's line."""

from dataclasses import dataclass


@dataclass
class Settings:
    """What the rig may switch, for the whole broker."""

    logon: float = 0.0  # seconds that a logon takes
    fencing: bool = True  # refuse whoever has an older epoch
    one_session: bool = False  # admit no observer beside the writer
    second_ends_first: bool = False  # a logon ends the account's older session
    key_question: bool = True  # a key can be tried without a logon
    limits_question: bool = True  # the limits of an account can be read
    clock: float = 0.0  # seconds that our clock is ahead


@dataclass
class Faults:
    """What is wrong with one account's line, at the moment."""

    outage: float = 0.0  # refuse every connection until this time
    reject: int = 0  # refuse that many orders
    rate_limit: float = 0.0  # answer "later" until this time
    delay: float = 0.0  # seconds that each message waits
    mute: bool = False  # new sessions carry heartbeats, but no events
    skip: int = 0  # push only events whose number this does not divide
