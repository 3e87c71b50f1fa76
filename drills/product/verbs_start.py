"""The verb that starts a slot on a release: start."""

import subprocess

from . import contract
from .canary_guard import end_guard
from .verb_support import (
    VerbError,
    health,
    holder,
    last_slot,
    linked,
    other_slot,
    refuse_elsewhere,
    release_of,
    running,
    show,
    wait_until,
)
from .verbs_release import compatibility

STOPPED_FOR_GOOD = "failed"
# How the line of an account begins that was not started, when several are.
NOT_STARTED = "NOT STARTED"


def start(account: str, release: str | None = None, standby: bool = False) -> int:
    """Starts a slot on a release and waits until it works; never stops one that holds the lease.

    With standby: the slot beside the active one, anew, on the same release.
    """
    refuse_elsewhere(account)
    active = holder(account)
    if standby:
        return start_standby(account, active, release)
    if active and release in (None, health(account, active)["release"]):
        show(line(account, active))
        return 0
    if active:
        slot = other_slot(active)
    else:
        last = last_slot(account)
        slot = last if release in (None, linked(account, last)) or linked(account, last) == "-" else other_slot(last)
    release = release or (linked(account, slot) if linked(account, slot) != "-" else release_of(account))
    if release == "-":
        text = f"{account}: no slot has a release here, and no record names one: give --release"
        raise VerbError(text, sign=NOT_STARTED)
    if not safe_to_start(account, release):
        return 1
    if not active:
        point_stopped_slot(account, slot, release)
    return run(account, slot, release, "standby" if active else "active|halted")


def point_stopped_slot(account: str, slot: str, release: str) -> None:
    """Lets the other slot, if it does not run, point at the release too: a restart of the host starts both slots."""
    other = other_slot(slot)
    if other not in running(account) and linked(account, other) not in ("-", release):
        link(account, other, release)


def start_standby(account: str, active: str | None, release: str | None) -> int:
    """Starts the slot beside the active one anew: a new key, a new configuration are read at a start."""
    facts = health(account, active) if active else None
    if not active or not facts or facts["state"] not in ("active", "halted"):
        raise VerbError(f"{account}: no slot is active or halted: start one first", sign=NOT_STARTED)
    if release and facts["release"] != release:
        raise VerbError(f"{account}: {active} runs {facts['release']}, not {release}", sign=NOT_STARTED)
    return run(account, other_slot(active), facts["release"], "standby")


def safe_to_start(account: str, release: str) -> bool:
    """Whether the release is safe on the account today; when it is not, prints why."""
    lines, bad = compatibility(account, release)
    if bad:
        show(*lines, f"NOT SAFE: {', '.join(bad)}")
    return not bad


def run(account: str, slot: str, release: str, wanted: str) -> int:
    """Links a slot that does not hold the lease to a release, starts it anew, and waits for one of the states.

    When nobody holds the lease, the service manager may start the other slot again meanwhile: if that one takes the
    lease with the release, the account works as well.
    """
    end_guard(account)
    unit = contract.unit(account, slot)
    if slot in running(account):
        subprocess.run(["systemctl", "stop", unit], capture_output=True, check=False)
    link(account, slot, release)
    subprocess.run(["systemctl", "reset-failed", unit], capture_output=True, check=False)
    subprocess.run(["systemctl", "start", unit], capture_output=True, check=False)
    states, places = wanted.split("|"), [slot] if wanted == "standby" else [slot, other_slot(slot)]

    def works() -> str | None:
        found = ((name, health(account, name)) for name in places)
        return next((name for name, facts in found if facts["state"] in states and facts["release"] == release), None)

    def is_settled() -> bool:
        return works() is not None or health(account, slot)["state"] == STOPPED_FOR_GOOD

    wait_until(is_settled, contract.seconds("start.fail"), 0.05)
    working = works()
    show(line(account, working or slot))
    return 0 if working else 1


def link(account: str, slot: str, release: str) -> None:
    """Lets a slot point at a release, in one step."""
    path = contract.path("slot", account=account, slot=slot)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(contract.path("release", release=release))
    new.rename(path)


def line(account: str, slot: str) -> str:
    """A slot's state as a reader compares it; of one that failed, with its exit code."""
    facts = health(account, slot)
    more = f" exit {facts['exit']}" if facts["state"] == STOPPED_FOR_GOOD else ""
    return f"{account}:{slot} {facts['state']} {facts['release']}{more}"
