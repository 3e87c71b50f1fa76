"""Verbs that look into the state and the rules: reconcile, smoke."""

import sqlite3
from pathlib import Path

from . import contract
from . import state as states
from .halt_flag import halt_token
from .verb_support import VerbError, ask, call, holder, running, show, slots, wait_until
from .verbs_override import note_reconciled


def open_state(account: str, path: Path | None = None) -> sqlite3.Connection:
    """Opens the account's state, checked. Raises VerbError with exit 65 when it is refused."""
    try:
        return states.check(path or contract.path("state", account=account))
    except states.RefusedError as refused:
        raise VerbError(f"{contract.log_words(refused.event)} {refused.why}", "state refused") from refused


def reconcile(account: str) -> int:
    """Compares state and broker."""
    token = halt_token(contract.path("halted", account=account))
    db, snapshot = open_state(account), ask(account, "snapshot")
    if running(account):
        wait_until(lambda: states.last_seq(db) >= snapshot["seq"], 3)
    found = states.differences(db, snapshot)
    lines = []
    for name, (count, differing) in found.items():
        lines += (
            [f"{name} {count} equal"]
            if not differing
            else [f"{name} {count} DIFFER", *(f"  {line}" for line in differing[:10])]
        )
    equal = not any(differing for _, differing in found.values())
    show(*lines, "RECONCILED" if equal else "MISMATCH")
    if equal:
        note_reconciled(account, token)
    return 0 if equal else 1


def smoke(account: str, standby: bool = False) -> int:
    """Each loaded rule of the daemon that has the lease, or of the standby: fires on a breach, silent when healthy."""
    slot = standby_of(account) if standby else holder(account)
    if slot is None or (answer := call(account, slot, "smoke", "POST", timeout=10)) is None:
        raise VerbError(f"{account}: no daemon answers", "no daemon")
    expected, loaded, results = answer["expected"], answer["loaded"], answer["results"]
    fire = [rule for rule, (fires, _) in results.items() if fires]
    silent = [rule for rule, (_, quiet) in results.items() if quiet]
    passed = len(fire) == len(silent) == len(loaded) == len(expected) > 0
    show(
        f"rules {len(loaded)} of {len(expected)} loaded",
        f"fire on a breach: {len(fire)} of {len(expected)}" + missing(expected, fire),
        f"silent when healthy: {len(silent)} of {len(expected)}" + missing(expected, silent),
        "SMOKE PASS" if passed else "SMOKE FAIL",
    )
    return 0 if passed else 1


def standby_of(account: str) -> str:
    """The slot that stands by. Raises VerbError when none does."""
    found = next((name for name, facts in slots(account).items() if facts["state"] == "standby"), None)
    if found is None:
        raise VerbError(f"{account}: no slot stands by", sign="NO STANDBY")
    return found


def missing(expected: list[str], found: list[str]) -> str:
    """Names what is not there."""
    absent = [rule for rule in expected if rule not in found]
    return f", not {', '.join(absent)}" if absent else ""
