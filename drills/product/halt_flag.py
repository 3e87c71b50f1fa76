"""The halt flag: a file, so that it outlives every restart. It says who halted the account, when, and why."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import contract

# From the mildest to the strictest; what cannot be read counts as the last one.
CAUSES = list(contract.SYSTEM["halts"])
UNKNOWN = CAUSES[-1]


@dataclass(frozen=True)
class Halt:
    """One halt. `at`: epoch seconds; `token`: what a reconcile is tied to; `cause`: one of the contract's halts."""

    cause: str
    by: str
    at: float
    token: str
    lockout: bool = False


def strictest(*causes: str) -> str:
    """The strictest of some causes; a word that is no cause counts as unknown."""
    return max((cause if cause in CAUSES else UNKNOWN for cause in causes), key=CAUSES.index)


def read_halt(path: Path) -> Halt | None:
    """The present halt; None when the account is not halted."""
    try:
        found = json.loads(path.read_text())
        cause = strictest(str(found.get("cause", UNKNOWN)))
        return Halt(cause, str(found["by"]), float(found["at"]), str(found["token"]), bool(found.get("lockout")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Halt(UNKNOWN, "nobody knows", path.stat().st_mtime if path.exists() else 0.0, "unreadable")


def raise_halt(path: Path, by: str, cause: str, lockout: bool = False) -> Halt:
    """Sets the halt flag, or makes the present one stricter; it never gets milder.

    The first one who halted stays named. A stricter cause has a token of its own: it wants a reconcile of its own.
    """
    before = read_halt(path)
    if before and before.token != "unreadable":
        cause, lockout = strictest(before.cause, cause), lockout or before.lockout
        if (cause, lockout) == (before.cause, before.lockout):
            return before
        by, at = before.by, before.at
    else:
        cause, at = strictest(cause, before.cause) if before else cause, time.time()
    halt = Halt(cause, by, at, os.urandom(8).hex(), lockout)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name("halted.new")
    new.write_text(json.dumps(asdict(halt)))
    new.rename(path)
    return halt


def halt_token(path: Path) -> str | None:
    """What identifies the present halt; None when the account is not halted."""
    halt = read_halt(path)
    return halt.token if halt else None
