"""The restrictions of an account: its halt with the cause, its lockouts, its loss.

They are kept in the state, in a file beside the state, and in a copy on each spare host. Whoever has lost the state, or
the host, compares with these and not with a backup: a backup is older than the last lockout.
"""

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from . import contract
from . import state as states
from .halt_flag import Halt, read_halt, strictest
from .spare_hosts import SPARE_MOUNTS, here, spares

Record = dict[str, Any]


def make(account: str, release: str, halt: Halt | None, strict: dict[str, Any], resumed: Record | None) -> Record:
    """One record, as it is written.

    strict: as `state.stricter` gives it; resumed: the last signed resume, with `at` and `cause`.
    """
    return {
        "account": account,
        "host": here(),
        "release": release,
        "at": time.time(),
        "halt": {"cause": halt.cause, "by": halt.by, "at": halt.at} if halt else None,
        "resumed": resumed,
        **strict,
    }


class UnreadableError(Exception):
    """A record is there and cannot be read: what was in force is unknown."""


def read(path: Path) -> Record | None:
    """A record; None when there is none. Raises UnreadableError."""
    try:
        found: Record = json.loads(path.read_text())
        strict = {name: dict(found[name]) for name in ("lockouts", "worst", "ended")}
        return found | strict | {"at": float(found["at"]), "host": str(found["host"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path}: {error}") from error


def write(path: Path, record: Record) -> None:
    """Writes a record in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(json.dumps(record))
    new.rename(path)


def keep(account: str, record: Record) -> list[str]:
    """Writes a record beside the state and to each spare host; one that fails does not stop the others.

    Returns what failed, in words.
    """
    targets = {"this host": contract.path("restrictions", account=account)}
    for spare in spares():
        targets[spare] = SPARE_MOUNTS / spare / account / contract.path("shipped", account=account).name
    failed = []
    for name, path in targets.items():
        try:
            if name in spares() and not (SPARE_MOUNTS / name).is_dir():
                raise FileNotFoundError(f"{SPARE_MOUNTS / name} is not mounted")
            write(path, record)
        except OSError as error:
            failed.append(f"{name}: {error}")
    return failed


def refresh(account: str, release: str) -> list[str]:
    """Keeps the restrictions as files and flag have them now; for the command line. Returns what failed, in words."""
    known, now = None, read_state(contract.path("state", account=account))
    try:
        known = read(contract.path("restrictions", account=account))
    except UnreadableError as error:
        if now is None:
            return [str(error)]
    # A state that cannot be read, or that has lost a lockout, must not make the record milder.
    strict = with_known(now or states.NOTHING, [known] if known else [])
    halt = read_halt(contract.path("halted", account=account))
    return keep(account, make(account, release, halt, strict, last_resume(account)))


def last_resume(account: str) -> Record | None:
    """The last signed resume that this host knows."""
    try:
        known = read(contract.path("restrictions", account=account))
    except UnreadableError:
        return None
    return known["resumed"] if known else None


def read_state(path: Path) -> dict[str, Any] | None:
    """The lockouts and losses of a state that may be damaged, read on a copy; None when they cannot be read."""
    try:
        with states.copy_of(path) as db:
            return states.stricter(db)
    except (OSError, sqlite3.Error):
        return None


def known_of(account: str) -> tuple[list[Record], list[str]]:
    """Every record of the account on this host: its own and the one shipped here. And what cannot be read, in words."""
    records, unreadable = [], []
    for key in ("restrictions", "shipped"):
        try:
            record = read(contract.path(key, account=account))
        except UnreadableError as error:
            unreadable.append(str(error))
            continue
        if record:
            records.append(record)
    return sorted(records, key=lambda record: float(record["at"])), unreadable


def with_known(strict: dict[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    """What is in force, never milder than what was known before: a lockout that somebody deleted stays on record.

    strict: what the state or the daemon has now. A lockout goes when a person ended it or its day is over; only the
    newest day's loss is kept.
    """
    result = merged([*known, strict])
    today = max(result["worst"], default="")
    kept = {kind: it for kind, it in result["lockouts"].items() if it["day"] is None or it["day"] >= today}
    worst = {today: result["worst"][today]} if today else {}
    return {"lockouts": kept | strict["lockouts"], "worst": worst, "ended": result["ended"]}


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The stricter of everything: each lockout that nobody ended, each day's largest loss."""
    result: dict[str, Any] = {"lockouts": {}, "worst": {}, "ended": {}}
    for part in parts:
        for kind, seq in part["ended"].items():
            result["ended"][kind] = max(seq, result["ended"].get(kind, -1))
        for day, worst in part["worst"].items():
            result["worst"][day] = max(worst, result["worst"].get(day, 0.0))
    for part in parts:
        for kind, lockout in part["lockouts"].items():
            if lockout["seq"] > result["ended"].get(kind, -1):
                result["lockouts"].setdefault(kind, lockout)
    return result


def halt_cause(records: list[Record]) -> str | None:
    """The strictest cause of the halts that no later resume has ended; None when there is none."""
    resumed = max((record["resumed"]["at"] for record in records if record["resumed"]), default=0.0)
    causes = [record["halt"]["cause"] for record in records if record["halt"] and record["halt"]["at"] > resumed]
    return strictest(*causes) if causes else None


def records_of(host: str) -> dict[str, Record]:
    """The accounts that ran last on a host by the records that lie here: each with its newest record."""
    found = {}
    for account in contract.ROLLOUT["accounts"]:
        records, _ = known_of(account)
        if records and records[-1]["host"] == host:
            found[account] = records[-1]
    return found


def runs_on(account: str) -> tuple[str, str] | None:
    """Host and release of the account by its newest record on this host; None when there is none."""
    records, _ = known_of(account)
    return (str(records[-1]["host"]), str(records[-1]["release"])) if records else None
