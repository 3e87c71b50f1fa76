"""Verbs that override the daemon: halt, resume, lock, flatten, fence. The broker proves them, not the daemon."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import contract, restrictions
from . import lease as leases
from . import state as states
from .book import OVERRIDE
from .canary_guard import end_guard
from .halt_flag import UNKNOWN, raise_halt, read_halt
from .signatures import roles_for_resume, signed_order, signed_resume, typist
from .spare_hosts import here, home
from .verb_support import (
    VerbError,
    ask,
    by_exposure,
    call,
    health,
    holder,
    lease,
    refuse_elsewhere,
    release_of,
    running,
    show,
    wait_until,
)

# Another host has this long to answer, and this long to stop its slots. A writer may go on meanwhile: seconds count.
SSH_CONNECT, SSH_STOP = 5, 15


def note_reconciled(account: str, token: str | None) -> None:
    """Remembers that a reconcile has succeeded in the present halt."""
    if token:
        contract.path("state_dir", account=account).joinpath("reconciled").write_text(token)


def whoever() -> str:
    """Who halts an account here, for the record."""
    return f"{typist()}@{socket.gethostname()}"


def set_halt(account: str, cause: str, lockout: bool = False) -> None:
    """Sets the halt flag and waits until nobody can send an order any more.

    Raises VerbError when a daemon ignores it.
    """
    raise_halt(contract.path("halted", account=account), whoever(), cause, lockout)

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


def halt(account: str, cause: str | None = None) -> None:
    """Sets the halt flag."""
    refuse_elsewhere(account)
    end_guard(account)
    set_halt(account, cause or "person")
    show(f"{account}: halted, sends no orders, positions stay open", *halt_lines(account), *ship(account))


def halt_lines(account: str) -> list[str]:
    """Why the account is halted and who ends that; and whether it is locked out while nobody enforces it."""
    lines, present = [], read_halt(contract.path("halted", account=account))
    overridden = OVERRIDE in lockouts(account)
    if present:
        count = len(roles_for_resume(present, overridden)) or "no"
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(present.at))
        lines.append(f"cause {present.cause}, since {since}, by {present.by}: resume needs {count} signatures")
    if kinds := sorted(lockouts(account)):
        lines.append(f"LOCKED OUT: {', '.join(kinds)}: have the broker block the account")
    return lines


def lockouts(account: str) -> dict[str, Any]:
    """The lockouts in the state and in the records of this host; what cannot be read is left out."""
    present = restrictions.read_state(contract.path("state", account=account))
    if present is not None:
        found: dict[str, Any] = present["lockouts"]
        return found
    records, _ = restrictions.known_of(account)
    merged: dict[str, Any] = restrictions.merged(records)["lockouts"]
    return merged


def ship(account: str) -> list[str]:
    """Keeps the restrictions as they are now, here and on the spare host. Returns a line for a copy that failed."""
    failed = restrictions.refresh(account, release_of(account))
    return [f"restrictions NOT SHIPPED: {'; '.join(failed)}"] if failed else []


def resume(account: str, signed: str | None = None) -> int:
    """Ends a halt, or an override's lockout, when its cause's signatures are there and a reconcile has succeeded."""
    flag, stamp = contract.path("halted", account=account), contract.path("state_dir", account=account) / "reconciled"
    present, overridden = read_halt(flag), OVERRIDE in lockouts(account)
    signatures = signed_resume(account, signed, present, overridden)
    if present and (not stamp.exists() or stamp.read_text() != present.token):
        raise VerbError(f"{account}: not resumed: no reconcile has succeeded since the halt")
    slot = holder(account)
    if slot is None:
        raise VerbError(f"{account}: not resumed: no daemon holds the lease", "no daemon")
    answer = call(account, slot, f"resume?{signatures}" if signatures else "resume", "POST")
    if not answer or not wait_until(lambda: health(account, slot)["state"] == "active", 5):
        raise VerbError(f"{account}: the flag is cleared, but {slot} is {health(account, slot)['state']}")
    show(*([f"{account}: lockout {OVERRIDE} ended"] if overridden else []), f"{account}: active, enforcing")
    return 0


def lock(account: str, signed: str, confirm: str) -> int:
    """Enters a lockout that ends by a signed resume alone; an enforcing daemon then closes what is open."""
    if confirm != account:
        raise VerbError(f"--confirm {confirm} is not {account}", "usage")
    refuse_elsewhere(account)
    by = signed_order(account, signed)
    if OVERRIDE in lockouts(account):
        show(f"{account}: locked out already, until a signed resume")
        return 0
    lock_out(account, by)
    show(f"{account}: locked out until a signed resume, ordered by {by}", *ship(account))
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
        set_halt(account, "flattened", lockout=True)
    except VerbError as no:
        # Whatever the daemon does, the account must become flat; the rounds below close what it opens.
        print(no, flush=True)
    cancelled, closed = close_all(account)
    try:
        lock_out(account, whoever())
        locked = "locked out"
    except VerbError:
        locked = "locked out by the halt flag alone"
    ship(account)
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


def lock_out(account: str, by: str) -> None:
    """Locks the account out: through the daemon that holds the lease, else in the state.

    by: who orders it, for the log. Raises VerbError when the state cannot be written.
    """
    slot = holder(account)
    if slot and call(account, slot, f"lock_out?{quote(by)}", "POST"):
        return
    try:
        db = states.check(contract.path("state", account=account))
        db.execute("INSERT OR IGNORE INTO lockouts VALUES (?, NULL, ?)", (OVERRIDE, states.last_seq(db)))
    except (states.RefusedError, sqlite3.Error) as error:
        raise VerbError(f"{account}: not locked out: {error}", "state refused") from error


def fence(
    account: str | None = None, cause: str | None = None, lost: str | None = None, everywhere: bool = False
) -> int:
    """Halts the account, ends every local process, raises the epoch at the broker, and counts the writers left.

    lost: a host whose accounts are fenced from here, its spare; nobody knows what was in force there.
    everywhere: stops the account on the other hosts too, over ssh; one that does not answer makes the verb false.
    """
    if (account is None) == (lost is None):
        raise VerbError("give an account, or --lost HOST", "usage")
    if account is None:
        return fence_lost(str(lost))
    refuse_elsewhere(account)
    end_guard(account)
    try:
        set_halt(account, cause or "person")
    except VerbError as no:
        # A daemon that ignores the flag is ended below.
        print(no, flush=True)
    show(f"{account}: halted, sends no orders, positions stay open", *halt_lines(account), *ship(account))
    reached = stop_elsewhere(account) if everywhere else True
    return fence_here(account) or int(not reached)


def stop_elsewhere(account: str) -> bool:
    """Stops the account's slots on every other host of the environment of this one, all at once.

    Prints a line for each host. Returns whether all were reached.
    """
    units = [contract.unit(account, slot) for slot in contract.SLOTS]
    environments = contract.ROLLOUT["environments"].values()
    hosts: list[str] = next((facts["hosts"] for facts in environments if here() in facts["hosts"]), [])
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={SSH_CONNECT}"]
    calls = {
        host: subprocess.Popen(
            ["ssh", *options, contract.ROLLOUT["hosts"][host]["address"], "systemctl", "stop", *units],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for host in hosts
        if host != here()
    }
    until = time.monotonic() + SSH_STOP
    stopped = {host: ended_well(process, until) for host, process in calls.items()}
    show(*(f"{account}: stopped on {host}" if good else f"NOT STOPPED on {host}" for host, good in stopped.items()))
    return all(stopped.values())


def ended_well(process: subprocess.Popen[bytes], until: float) -> bool:
    """Whether a process ends with 0 before a time of the monotonic clock; it is killed then."""
    try:
        return process.wait(max(0.0, until - time.monotonic())) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False


def fence_lost(host: str) -> int:
    """Fences every account of a lost host, the highest exposure first; tries all, whatever fails."""
    if host == here():
        raise VerbError(f"{host} is this host: fence its accounts one by one", "usage")
    if host not in contract.ROLLOUT["hosts"]:
        raise VerbError(f"{host}: no such host", "usage")
    records = restrictions.records_of(host)
    # No record and a key here: an account of that host whose restrictions never arrived.
    silent = {
        name
        for name in contract.ROLLOUT["accounts"]
        if home(name) == host
        and not any(restrictions.known_of(name))
        and contract.path("secrets", account=name).exists()
    }
    accounts, failed = by_exposure(records.keys() | silent), False
    if not accounts:
        raise VerbError(f"{host}: no account of it is known here")
    for account in accounts:
        try:
            raise_halt(contract.path("halted", account=account), whoever(), UNKNOWN)
            show(f"{account}: halted, sends no orders, positions stay open")
            failed |= fence_here(account) != 0
        except VerbError as no:
            show(f"NOT FENCED {account}: {no}")
            failed = True
    return 1 if failed else 0


def fence_here(account: str) -> int:
    """Raises the epoch at the broker above everybody's, ends every local process, and counts the writers left."""
    try:
        epoch = max(ask(account, "snapshot")["epoch"], lease(account)["epoch"]) + 1
        contract.path("state_dir", account=account).mkdir(parents=True, exist_ok=True)
        leases.raise_epoch(contract.path("lease", account=account), epoch)
        ask(account, "fence", epoch=epoch)
    finally:
        # Also when the broker does not answer: what runs here can be ended all the same.
        end_processes(account)
    wait_until(lambda: not running(account), 5)
    wait_until(lambda: not ask(account, "snapshot")["writers"], 2, pause=0.1)
    found = ask(account, "snapshot")
    left = len(found["writers"])
    end = f"fenced at epoch {found['epoch']}, {left} writers"
    if left or running(account):
        show(f"NOT FENCED {account}: {end}, {len(running(account))} slots run")
        return 1
    show(f"{account}: {end}")
    return 0


def end_processes(account: str) -> None:
    """Ends every process of the account's daemon on this host, and clears the count of its starts."""
    units = [contract.unit(account, slot) for slot in contract.SLOTS]
    subprocess.run(["systemctl", "kill", "--signal=KILL", *units], capture_output=True, check=False)
    subprocess.run(["systemctl", "stop", *units], capture_output=True, check=False)
    subprocess.run(["systemctl", "reset-failed", *units], capture_output=True, check=False)
    for process in strays(account):
        os.kill(process, signal.SIGKILL)


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
