"""Verbs about the accounts and slots of a host: accounts, slot, status, wait; and the handover itself."""

import time

from . import contract
from .halt_flag import read_halt
from .restrictions import records_of
from .verb_support import (
    VerbError,
    accounts_here,
    by_exposure,
    call,
    health,
    holder,
    last_slot,
    other_slot,
    show,
    slots,
    wait_until,
)


def accounts(of: str | None = None, on: str | None = None) -> int:
    """The accounts that this host runs or ran last, the highest exposure first.

    of: another host instead; from the restrictions that it shipped here, with release and exposure.
    on: a release; only the accounts that it holds the lease of, compared as a whole. None: 1.
    """
    if of is not None and on is not None:
        raise VerbError("give --of or --on", "usage")
    if of is None:
        found = [name for name in by_exposure(accounts_here()) if on in (None, running_release(name))]
        show(*found)
        return 0 if found or on is None else 1
    records = records_of(of)
    if not records:
        raise VerbError(f"{of}: no record of its restrictions is here")
    known = contract.ROLLOUT["accounts"]
    show(*(f"{name} {records[name]['release']} {known[name]['exposure']}" for name in by_exposure(records)))
    return 0


def slot(account: str, which: str) -> None:
    """The slot that holds or last held the lease, or the other one."""
    active = last_slot(account)
    show(active if which == "active" else other_slot(active))


def status(account: str, active: str | None = None, standby: str | None = None) -> int:
    """Both slots; true if one of them is active. With releases: exactly these, one active, one standing by."""
    lines, found = [], slots(account)
    for name, facts in found.items():
        more = f" epoch {facts['epoch']}" if facts["epoch"] else ""
        if facts["state"] == "failed":
            more = f" exit {facts['exit']}"
        if facts["state"] == "halted" and (halt := read_halt(contract.path("halted", account=account))):
            more += f" cause {halt.cause}"
        lines.append(f"{name} {facts['state']} {facts['release']}{more}")
    now = [facts["release"] for facts in found.values() if facts["state"] == "active"]
    ready = [facts["release"] for facts in found.values() if facts["state"] == "standby"]
    faults = []
    if active is not None and active not in now:
        faults.append(f"ANOTHER RELEASE IS ACTIVE: {', '.join(now)}" if now else "NO SLOT IS ACTIVE")
    if standby is not None and standby not in ready:
        faults.append(f"NO STANDBY ON {standby}")
    show(*lines, *faults)
    return 0 if now and not faults else 1


def running_release(account: str) -> str | None:
    """The release of the slot that holds the lease; None when no slot does."""
    slot = holder(account)
    return str(health(account, slot)["release"]) if slot else None


def wait(slot: str, wanted: str) -> int:
    """Waits until the slot is in one of the states, or failed, or the time for a start is over."""
    account, _, name = slot.partition(":")
    if name not in contract.SLOTS:
        raise VerbError(f"{slot}: not an account and a slot", "usage")
    until, states_wanted = time.monotonic() + contract.seconds("start.fail"), wanted.split("|")
    while True:
        facts = health(account, name)
        if facts["state"] in states_wanted or facts["state"] == "failed" or time.monotonic() > until:
            break
        time.sleep(0.05)
    show(f"{slot} {facts['state']} {facts['release']}")
    return 0 if facts["state"] in states_wanted else 1


def slot_of(account: str, to: str) -> str:
    """The slot that is meant by its name, or by the release that it runs: the holder of the lease first.

    Raises VerbError when no slot runs that release.
    """
    if to in contract.SLOTS:
        return to
    found, first = slots(account), holder(account)
    on_release = [name for name, facts in found.items() if facts["release"] == to]
    if not on_release:
        runs = ", ".join(f"{name} {facts['release']}" for name, facts in found.items())
        raise VerbError(f"{account}: no slot runs {to}: {runs}", sign="COLD")
    return first if first in on_release else on_release[0]


def hand_over(account: str, to: str) -> int:
    """Drains the slot that holds the lease and waits until slot `to` has taken it. Leaves the canary's guard alone."""
    source, target = holder(account), health(account, to)
    if source == to:
        show(f"{account}: {to} {target['state']}, release {target['release']}, gap 0 ms")
        return 0
    if source is None:
        raise VerbError(f"{account}: no slot holds the lease", "no daemon")
    if target["state"] != "standby" or target["link"] != "up":
        raise VerbError(f"{account}: {to} is {target['state']}, not a standby with a broker link", sign="COLD")
    drained = call(account, source, f"drain?{to}", "POST")
    if not drained or not drained["ok"]:
        raise VerbError(f"{account}: {source} does not drain: {drained['why'] if drained else 'no answer'}")

    def settled() -> bool:
        states_now = {health(account, name)["state"] for name in contract.SLOTS}
        return bool(states_now & {"active", "halted"}) or "failed" in states_now

    wait_until(settled, 10, pause=0.005)
    target = health(account, to)
    if target["state"] not in ("active", "halted"):
        raise VerbError(f"{account}: {to} did not take the lease, {source} is {health(account, source)['state']}")
    gap = max(0.0, target["since"] - drained["at"]) * 1000
    show(f"{account}: {to} {target['state']}, release {target['release']}, gap {gap:.0f} ms")
    return 0
