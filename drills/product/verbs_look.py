"""Verbs that look: accounts, slot, status, wait, broker, clock, credentials, reconcile, state-check, smoke."""

import socket
import sqlite3
import time
from pathlib import Path

from . import broker_client as wire
from . import contract
from . import state as states
from .halt_flag import halt_token
from .verb_support import VerbError, ask, call, health, holder, last_slot, other_slot, running, show, slots, wait_until
from .verbs_override import note_reconciled


def accounts() -> None:
    """The accounts that this host runs or ran last, the highest exposure first: the waves, the other way round."""
    waves = [account for wave in contract.ROLLOUT["waves"] for account in wave["accounts"]]
    known = contract.ROLLOUT["accounts"]
    leased = {name for name in known if contract.path("lease", account=name).exists()}
    # Installed but never started: its lease can lie nowhere else, unless the account was moved, and then its home has
    # the lease too.
    fresh = {
        name
        for name, facts in known.items()
        if facts["host"] == socket.gethostname() and contract.path("config", account=name).exists()
    }
    show(*sorted(leased | fresh, key=lambda name: waves.index(name) if name in waves else -1, reverse=True))


def slot(account: str, which: str) -> None:
    """The slot that holds or last held the lease, or the other one."""
    active = last_slot(account)
    show(active if which == "active" else other_slot(active))


def status(account: str) -> int:
    """Both slots; true if one of them is active."""
    lines, found = [], slots(account)
    for name, facts in found.items():
        more = f" epoch {facts['epoch']}" if facts["epoch"] else ""
        if facts["state"] == "failed":
            more = f" exit {facts['exit']}"
        lines.append(f"{name} {facts['state']} {facts['release']}{more}")
    show(*lines)
    return 0 if any(facts["state"] == "active" for facts in found.values()) else 1


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


def broker(account: str) -> None:
    """What the broker says of the account."""
    found = ask(account, "snapshot")
    writers = ", ".join(
        f"{writer['instance']} {writer['release']} epoch {writer['epoch']}" for writer in found["writers"]
    )
    last = found["acknowledged"]
    held = " ".join(f"{symbol} {qty:+d}" for symbol, qty in found["positions"].items())
    show(
        f"sessions {len(found['writers'])}",
        f"epoch {found['epoch']}" + (f": {writers}" if writers else ""),
        f"acknowledged {last['age']:.1f} s ago, event {last['seq']} of {found['seq']}"
        if last
        else "acknowledged never",
        f"positions {len(found['positions'])}" + (f": {held}" if held else ""),
        f"orders {len(found['orders'])}",
    )


def clock(account: str) -> int:
    """The host's clock against the broker's."""
    before = time.time()
    theirs = ask(account, "clock")["t"]
    offset = (before + time.time()) / 2 - theirs
    good = abs(offset) < contract.seconds("clock.skew.warn")
    text = f"{offset * 1000:+.0f} ms" if abs(offset) < 1 else f"{offset:+.1f} s"
    show(f"clock {text} from the broker's, {'ok' if good else 'WRONG'}")
    return 0 if good else 1


def credentials(account: str) -> None:
    """Logs on with the account's key, to read only, and off again."""
    try:
        answer = ask(account, "logon", instance=f"{socket.gethostname()}/traderctl", release="")
    except wire.DeniedError:
        # The key was good; the broker has no second session to give.
        show(f"{account}: key accepted by the broker, its session is in use")
        return
    show(f"{account}: key accepted by the broker, expires in {answer['key_expires'] / 86400:.0f} d")


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


def state_check(account: str, against: str | None = None) -> int:
    """Integrity, schema and age of the state; against a backup also that nothing is weaker."""
    db = open_state(account)
    saved = time.time() - db.execute("SELECT value FROM meta WHERE key='saved_at'").fetchone()[0]
    lines = ["integrity ok", f"schema {states.schema(db)}, event {states.last_seq(db)}, saved {saved:.1f} s ago"]
    if against is None:
        show(*lines)
        return 0
    path = contract.path("backups", account=account) / against / "state.db"
    if not path.exists():
        raise VerbError(f"{account}: no backup {against}")
    then = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    now, before = states.stricter(db), states.stricter(then)
    lockouts, days = states.weaker(now, before)
    lines.append(
        f"lockouts {', '.join(lockouts)} WEAKER" if lockouts else f"lockouts {len(now['lockouts'])} not weaker"
    )
    lines.append(
        f"day's loss {', '.join(days)} WEAKER"
        if days
        else f"day's loss {max(now['worst'].values(), default=0):.2f} not weaker"
    )
    show(*lines)
    return 1 if lockouts or days else 0


def smoke(account: str) -> int:
    """Each loaded rule of the running daemon: fires on a breach, silent when healthy."""
    slot = holder(account)
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


def missing(expected: list[str], found: list[str]) -> str:
    """Names what is not there."""
    absent = [rule for rule in expected if rule not in found]
    return f", not {', '.join(absent)}" if absent else ""


def handover(account: str, to: str) -> int:
    """Drains the slot that holds the lease and waits until the other one has taken it."""
    source, target = holder(account), health(account, to)
    if source == to:
        show(f"{account}: {to} {target['state']}, release {target['release']}, gap 0 ms")
        return 0
    if source is None:
        raise VerbError(f"{account}: no slot holds the lease", "no daemon")
    if target["state"] != "standby" or target["link"] != "up":
        raise VerbError(f"{account}: {to} is {target['state']}, not a standby with a broker link")
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
