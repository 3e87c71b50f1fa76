"""What the verbs of the command line share: this host's slots, their daemons, the broker, and how a verb says no."""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from . import broker_client as wire
from . import contract, restrictions
from . import lease as leases
from .spare_hosts import here, home

GUARDS = ("active", "draining")
HOLDS = ("active", "draining", "halted", "degraded")


class VerbError(Exception):
    """What the verb names is not true. `code` is one of the contract's exit codes; the text goes to standard error.

    sign: the words that begin the account's line when the verb works on several.
    """

    def __init__(self, text: str, code: str = "false", sign: str = "FAILED"):
        super().__init__(text)
        self.code, self.sign = contract.EXIT[code], sign


# The account whose lines are printed while a verb works on several; empty while it works on one.
current_account = ""


def show(*lines: str) -> None:
    """Prints what a reader compares, in one write: a reader may stop at the first line.

    Of several accounts each line begins with its account.
    """
    begin = f"{current_account} " if current_account else ""
    named = tuple(f"{current_account}{end}" for end in ":; ") if current_account else ()
    sys.stdout.write("".join(f"{line}\n" if line.startswith(named) else f"{begin}{line}\n" for line in lines))
    sys.stdout.flush()


# ---------------------------------------------------------------------- where an account runs


def accounts_here() -> set[str]:
    """The accounts that this host runs or ran last: their lease lies here; or they belong here and were never started.

    An account that was moved has its lease on both hosts: it counts where it may run, on both.
    """
    known = contract.ROLLOUT["accounts"]
    leased = {name for name in known if contract.path("lease", account=name).exists()}
    # Installed but never started: its lease can lie nowhere else, unless the account was moved, and then its home has
    # the lease too.
    fresh = {name for name in known if home(name) == here() and contract.path("config", account=name).exists()}
    return leased | fresh


def by_exposure(accounts: Iterable[str]) -> list[str]:
    """Accounts with the highest exposure first: the waves, the other way round."""
    waves = [account for wave in contract.ROLLOUT["waves"] for account in wave["accounts"]]
    return sorted(accounts, key=lambda name: waves.index(name) if name in waves else -1, reverse=True)


def refuse_elsewhere(account: str) -> None:
    """Raises VerbError on a host that does not run the account: a halt there would not halt it."""
    if account not in accounts_here():
        raise VerbError(f"{account} is not on this host: {here()} runs {' '.join(by_exposure(accounts_here()))}")


def release_of(account: str) -> str:
    """The release that runs, or ran last, on this host or on the one that it stands in for; `-` when nobody knows."""
    here_now = linked(account, last_slot(account))
    record = restrictions.runs_on(account) if here_now == "-" else None
    return record[1] if record else here_now


# ---------------------------------------------------------------------- daemons


def call(account: str, slot: str, target: str, method: str = "GET", timeout: float = 3.0) -> dict[str, Any] | None:
    """Asks a slot's daemon over its admin socket; None when it does not answer in time (seconds)."""
    body = call_text(account, slot, target, method, timeout)
    if body is None:
        return None
    answer: dict[str, Any] | None = json.loads(body)
    return answer


def call_text(account: str, slot: str, target: str, method: str = "GET", timeout: float = 3.0) -> str | None:
    """The same, with the answer as text. Raises VerbError when the daemon says that the broker does not answer."""
    path = contract.path("socket", account=account, slot=slot)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout)
            line.connect(str(path))
            line.sendall(f"{method} /{target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            answer = b"".join(iter(lambda: line.recv(65536), b""))
    except OSError:
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 502 " in head.split(b"\r\n")[0]:
        raise VerbError(f"broker does not answer: {body.decode()}", "broker unreachable")
    # A daemon that goes away in the middle has said nothing.
    return body.decode() if b" 200 " in head.split(b"\r\n")[0] else None


def health(account: str, slot: str) -> dict[str, Any]:
    """What a slot's daemon says of itself; when it does not answer, what the service manager says."""
    answer = call(account, slot, "health", timeout=1.0)
    if answer:
        return answer
    facts = unit_facts(account, slot)
    state = {
        "failed": "failed",
        "active": "degraded",
        "reloading": "starting",
        "activating": "starting",
        "deactivating": "draining",
    }.get(facts["ActiveState"], "stopped")
    return {
        "state": state,
        "release": linked(account, slot),
        "answers": False,
        "exit": facts["ExecMainStatus"],
        "epoch": 0,
    }


def unit_facts(account: str, slot: str) -> dict[str, Any]:
    """What the service manager knows of a slot."""
    wanted = "--property=ActiveState,SubState,ExecMainStatus,MainPID"
    shown = subprocess.run(
        ["systemctl", "show", wanted, contract.unit(account, slot)], capture_output=True, text=True, check=False
    ).stdout
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line) or {
        "ActiveState": "inactive",
        "ExecMainStatus": "0",
        "MainPID": "0",
    }


def linked(account: str, slot: str) -> str:
    """The release that a slot's link points at; `-` when there is none."""
    link = contract.path("slot", account=account, slot=slot)
    return link.readlink().name if link.is_symlink() else "-"


def slots(account: str) -> dict[str, dict[str, Any]]:
    """The health of both slots."""
    return {slot: health(account, slot) for slot in contract.SLOTS}


def holder(account: str) -> str | None:
    """The slot whose daemon holds the lease now, by its own word and the lease's."""
    found = [slot for slot, facts in slots(account).items() if facts["state"] in HOLDS and facts.get("answers", True)]
    row = lease(account)
    return next((slot for slot in found if slot == row["holder"]), found[0] if found else None)


def lease(account: str) -> dict[str, Any]:
    """The lease as it stands; an empty one when the account never ran here."""
    path = contract.path("lease", account=account)
    if not path.exists():
        return {"epoch": 0, "holder": "", "ends": 0.0, "released": 0.0, "locked": 0, "boot": ""}
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
    try:
        return leases.read(db)
    finally:
        db.close()


def last_slot(account: str) -> str:
    """The slot that holds or last held the lease; the first one when none ever did."""
    return str(lease(account)["holder"] or contract.SLOTS[0])


def other_slot(slot: str) -> str:
    """The other slot."""
    return next(str(name) for name in contract.SLOTS if name != slot)


def running(account: str) -> list[str]:
    """The slots that have a process."""
    return [slot for slot in contract.SLOTS if unit_facts(account, slot)["MainPID"] not in ("", "0")]


def parse_metrics(text: str) -> dict[str, float]:
    """Metrics by name, or by name and quantile."""
    values = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        base, _, labels = name.partition("{")
        quantile = labels.partition('quantile="')[2].partition('"')[0]
        values[f"{base}:{quantile}" if quantile else base] = float(value)
    return values


# ---------------------------------------------------------------------- the broker


def read_config(account: str) -> dict[str, Any]:
    """The account's configuration, or, when it is damaged, the nearest copy that still reads.

    It is for the broker's address alone.
    """
    candidates = [
        contract.path("config", account=account),
        contract.path("last_good", account=account),
        contract.path("backups", account=account) / "latest" / "config.yaml",
    ]
    for path in candidates:
        try:
            config = yaml.safe_load(path.read_text())
            if config["broker"]["host"]:
                return dict(config)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError):
            continue
    raise VerbError(f"{account}: no configuration names the broker", "configuration refused")


def ask(account: str, op: str, timeout: float = 3.0, **more: Any) -> dict[str, Any]:
    """Puts one question to the broker with the account's key; timeout in seconds."""
    try:
        key = contract.path("secrets", account=account).read_text().strip()
    except OSError as error:
        raise VerbError(f"{account}: {error}", "credentials refused") from error
    try:
        return wire.ask(read_config(account)["broker"], {"op": op, "account": account, "key": key, **more}, timeout)
    except wire.UnreachableError as error:
        raise VerbError(f"{account}: broker does not answer: {error}", "broker unreachable") from error
    except wire.KeyRefusedError as error:
        raise VerbError(f"{account}: broker refused the key: {error}", "credentials refused") from error


def wait_until(true: Callable[[], object], timeout: float, pause: float = 0.02) -> bool:
    """Waits until `true()` is; False after `timeout` seconds."""
    until = time.monotonic() + timeout
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def stamp() -> str:
    """A name from the time, for backups and quarantined files."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"{time.time() % 1:.3f}Z"[1:]


def fresh_folder(parent: Path) -> Path:
    """A new folder named by the time."""
    folder = parent / stamp()
    folder.mkdir(parents=True)
    return folder


def read_sums(file: Path) -> dict[str, str]:
    """The checksums of a file that lists them: by name. Each line is a checksum, two spaces, a name."""
    found = {}
    for line in file.read_text().splitlines():
        digest, name = line.split("  ", 1)
        found[name] = digest
    return found
