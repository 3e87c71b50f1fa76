"""Verbs that override the daemon: halt, resume, flatten, fence. They ask the broker for the proof, not the daemon."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from . import contract
from . import lease as leases
from . import state as states
from .book import OVERRIDE
from .halt_flag import halt_token, write_halt_flag
from .verb_support import VerbError, ask, call, health, holder, lease, running, show, wait_until


def note_reconciled(account: str, token: str | None) -> None:
    """Remembers that a reconcile has succeeded in the present halt."""
    if token:
        contract.path("state_dir", account=account).joinpath("reconciled").write_text(token)


def set_halt(account: str, lockout: bool = False) -> None:
    """Sets the halt flag and waits until nobody can send an order any more.

    Raises VerbError when a daemon ignores it.
    """
    flag = contract.path("halted", account=account)
    if not flag.exists() or lockout:
        write_halt_flag(
            flag, f"{os.environ.get('SUDO_USER') or os.environ.get('USER') or 'root'}@{socket.gethostname()}", lockout
        )

    def silent() -> bool:
        slot = holder(account)
        if slot is None:
            # A daemon that hangs cannot be asked, but it sends nothing without a valid lease.
            row = lease(account)
            return bool(row["boot"] != leases.BOOT_ID) or leases.boottime() > row["ends"]
        answer = call(account, slot, "look", "POST", timeout=1.0)
        return answer is not None and answer["state"] in ("halted", "degraded", "standby")

    if not wait_until(silent, contract.seconds("lease.ttl") + 1):
        raise VerbError(f"{account}: halt flag set, but the daemon does not halt", "no daemon")


def halt(account: str) -> None:
    """Sets the halt flag."""
    set_halt(account)
    show(f"{account}: halted, sends no orders, positions stay open")


def resume(account: str) -> int:
    """Ends a halt, or an override's lockout, when a reconcile has succeeded since it began."""
    token, stamp = (
        halt_token(contract.path("halted", account=account)),
        contract.path("state_dir", account=account) / "reconciled",
    )
    if token and (not stamp.exists() or stamp.read_text() != token):
        raise VerbError(f"{account}: not resumed: no reconcile has succeeded since the halt")
    slot = holder(account)
    if slot is None:
        raise VerbError(f"{account}: not resumed: no daemon holds the lease", "no daemon")
    answer = call(account, slot, "resume", "POST")
    if not answer or not wait_until(lambda: health(account, slot)["state"] == "active", 5):
        raise VerbError(f"{account}: the flag is cleared, but {slot} is {health(account, slot)['state']}")
    show(f"{account}: active, enforcing")
    return 0


def flatten(account: str, confirm: str, dry_run: bool = False) -> int:
    """Halts, cancels, closes, locks out, and asks the broker whether the account is flat. Needs no daemon."""
    if confirm != account:
        raise VerbError(f"--confirm {confirm} is not {account}", "usage")
    found = ask(account, "snapshot")
    if dry_run:
        show(f"{account}: would cancel {len(found['orders'])} orders, close {len(found['positions'])} positions")
        return 0
    try:
        set_halt(account, lockout=True)
    except VerbError as no:
        # Whatever the daemon does, the account must become flat; the rounds below close what it opens.
        print(no, flush=True)
    cancelled, closed = close_all(account)
    locked = lock_out(account)
    found = ask(account, "snapshot")
    flat = not found["positions"] and not found["orders"]
    end = (
        "flat at the broker"
        if flat
        else f"NOT FLAT: {len(found['positions'])} positions, {len(found['orders'])} orders left"
    )
    show(f"{account}: {cancelled} orders cancelled, {closed} positions closed, {end}, {locked}")
    return 0 if flat else 1


def close_all(account: str) -> tuple[int, int]:
    """Some rounds of cancelling and closing, with orders from the desk. Returns how many were cancelled and closed."""
    cancelled = closed = 0
    for turn in range(int(contract.number("flatten.rounds"))):
        found = ask(account, "snapshot")
        if not found["positions"] and not found["orders"]:
            break
        cause = found["seq"]
        common = {"cause": cause, "rule": OVERRIDE}
        for name in found["orders"]:
            order = {"coid": f"{account}-F{cause}-{name}", "target": name, "kind": "cancel", "symbol": None, "qty": 0}
            cancelled += desk_order(account, found["epoch"], order | common)
        for symbol, qty in found["positions"].items():
            order = {
                "coid": f"{account}-F{cause}-{symbol}",
                "target": symbol,
                "kind": "close",
                "symbol": symbol,
                "qty": -qty,
            }
            closed += desk_order(account, found["epoch"], order | common)
        if turn:
            time.sleep(0.2)
    return cancelled, closed


def desk_order(account: str, epoch: int, order: dict[str, Any]) -> bool:
    """One order past every session. True when the broker took it."""
    for _ in range(10):
        answer = ask(account, "order", order=order, epoch=epoch)
        if answer["status"] not in ("later", "rejected"):
            break
        time.sleep(answer.get("wait", 0.2))
    return bool(answer["status"] == "accepted")


def lock_out(account: str) -> str:
    """Locks the account out: through the daemon that holds the lease, else in the state, else in the halt flag."""
    slot = holder(account)
    if slot and call(account, slot, "lock_out", "POST"):
        return "locked out"
    try:
        db = states.check(contract.path("state", account=account))
        db.execute("INSERT OR IGNORE INTO lockouts VALUES (?, NULL, ?)", (OVERRIDE, states.last_seq(db)))
    except (states.RefusedError, sqlite3.Error):
        return "locked out by the halt flag alone"
    return "locked out"


def fence(account: str) -> int:
    """Raises the epoch at the broker above everybody's, ends every local process, and counts the writers left."""
    epoch = max(ask(account, "snapshot")["epoch"], lease(account)["epoch"]) + 1
    contract.path("state_dir", account=account).mkdir(parents=True, exist_ok=True)
    leases.raise_epoch(contract.path("lease", account=account), epoch)
    ask(account, "fence", epoch=epoch)
    units = [contract.unit(account, slot) for slot in contract.SLOTS]
    subprocess.run(["systemctl", "kill", "--signal=KILL", *units], capture_output=True, check=False)
    subprocess.run(["systemctl", "stop", *units], capture_output=True, check=False)
    for process in strays(account):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not running(account), 5)
    wait_until(lambda: not ask(account, "snapshot")["writers"], 2, pause=0.1)
    found = ask(account, "snapshot")
    show(f"{account}: fenced at epoch {found['epoch']}, {len(found['writers'])} writers")
    return 0 if not found["writers"] and not running(account) else 1


def strays(account: str) -> list[int]:
    """Processes of the account's daemon that the service manager did not start."""
    wanted = {f"{account}:{slot}" for slot in contract.SLOTS}
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = folder.joinpath("cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if wanted & set(words) and any(word.endswith(contract.SYSTEM["names"]["daemon"] + ".py") for word in words):
                found.append(int(folder.name))
    return found
