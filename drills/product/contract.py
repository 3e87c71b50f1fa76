"""The contract that a release was built with: names, paths, thresholds, accounts. It lies here as contract.json.

Thresholds come resolved, so that no program parses a unit: text, number, dimension, and the number in the base unit
(seconds, megabytes, or the unit itself).
"""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
FACTS = json.loads((HERE / "contract.json").read_text())

SYSTEM, ROLLOUT, THRESHOLDS = FACTS["system"], FACTS["rollout"], FACTS["thresholds"]
CALENDAR = FACTS["calendar"]
SIGNOFFS = FACTS["signoffs"]
SLOTS = SYSTEM["slots"]
EXIT = {fact["name"]: int(code) for code, fact in SYSTEM["exits"].items()}


def number(threshold: str) -> float:
    """The bare number of a threshold, in the unit it is written in."""
    return float(THRESHOLDS[threshold]["number"])


def seconds(threshold: str) -> float:
    """A threshold that is a time, in seconds."""
    return float(THRESHOLDS[threshold]["base"])


def text(threshold: str) -> str:
    """A threshold as the data has it: a number and its unit."""
    return str(THRESHOLDS[threshold]["text"])


def path(key: str, **parts: str) -> Path:
    """A path of the contract, its variable parts filled in."""
    return Path(SYSTEM["paths"][key]["path"].format(**parts))


def unit(account: str, slot: str) -> str:
    """The service of one slot."""
    return str(SYSTEM["names"]["unit"].format(account=account, slot=slot))


def metric(key: str) -> str:
    """The name of a metric."""
    return str(SYSTEM["metrics"][key]["name"])


def log_words(event: str) -> str:
    """The exact words with which the daemon reports an event."""
    return str(SYSTEM["log_events"][event]["line"])
