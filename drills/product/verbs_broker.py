"""Verbs that ask the broker: broker, clock, credentials, limits, arrival, reconnect."""

import time
from datetime import UTC, datetime
from typing import Any

from . import broker_client as wire
from . import change_window, contract
from . import state as states
from .canary_guard import end_guard
from .verb_support import VerbError, ask, call, health, holder, show, wait_until
from .verbs_look import open_state

CONNECTED = ("active", "halted")


def broker(account: str, flat: bool = False) -> int:
    """What the broker says of the account. With flat: true only without a position and without a working order."""
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
    if not flat:
        return 0
    is_flat = not found["positions"] and not found["orders"]
    show("FLAT" if is_flat else "NOT FLAT")
    return 0 if is_flat else 1


def clock(account: str) -> int:
    """The host's clock against the broker's."""
    before = time.time()
    theirs = ask(account, "clock")["t"]
    offset = (before + time.time()) / 2 - theirs
    good = abs(offset) < contract.seconds("clock.skew.warn")
    text = f"{offset * 1000:+.0f} ms" if abs(offset) < 1 else f"{offset:+.1f} s"
    show(f"clock {text} from the broker's, {'ok' if good else 'WRONG'}")
    return 0 if good else 1


def ask_optional(account: str, op: str, what: str) -> dict[str, Any]:
    """A question that not every broker answers. Raises VerbError with the code for `inconclusive` when it does not."""
    try:
        return ask(account, op)
    except wire.DeniedError as denied:
        raise VerbError(f"{account}: this broker does not report {what}", "inconclusive") from denied


def credentials(account: str) -> None:
    """Tries the account's key with a question that opens no session: a second logon may end the first one's."""
    answer = ask_optional(account, "key", "a key without a logon")
    show(f"{account}: key accepted by the broker, expires in {answer['key_expires'] / 86400:.0f} d")


def limits(account: str, blocked: bool = False, cap: float | None = None) -> int:
    """What the broker itself holds the account to. True when what the options ask for is so."""
    found = ask_optional(account, "limits", "its limits")
    since, largest, loss = found["blocked"], found["position"], found["loss"]
    show(
        f"account blocked since {utc(since)}" if since is not None else "account open",
        f"largest position {largest:g}" if largest is not None else "largest position not set",
        f"loss limit {loss:.2f}" if loss is not None else "loss limit not set",
    )
    is_capped = cap is None or (largest is not None and largest <= cap and loss is not None)
    return 0 if is_capped and (since is not None or not blocked) else 1


def utc(at: float) -> str:
    """A moment (epoch seconds) to the second, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def event_numbers(account: str) -> tuple[int, int]:
    """The last event at the broker, and the last one that the daemon has saved and acknowledged there."""
    heard = ask(account, "snapshot")
    acknowledged = heard["acknowledged"]["seq"] if heard["acknowledged"] else 0
    db = open_state(account)
    try:
        return heard["seq"], min(acknowledged, states.last_seq(db))
    finally:
        db.close()


def arrival(account: str) -> int:
    """Waits until an event younger than this call has been saved and acknowledged. A session alone proves nothing."""
    slot = holder(account)
    if slot is None:
        raise VerbError(f"{account}: no daemon holds the lease", "no daemon")
    broker_first, daemon_first = event_numbers(account)
    broker_last, daemon_last = broker_first, daemon_first
    until = time.monotonic() + contract.seconds("arrival.within")
    while daemon_last <= broker_first and time.monotonic() < until:
        time.sleep(0.1)
        broker_last, daemon_last = event_numbers(account)
    heard = health(account, slot).get("heard")
    if daemon_last > broker_first:
        verdict, code = "ARRIVING", 0
    elif broker_last > broker_first:
        verdict, code = "NOT ARRIVING", 1
    elif change_window.session(contract.CALENDAR, time.time()) != "closed":
        verdict, code = "NO NEW EVENTS", contract.EXIT["inconclusive"]
    elif daemon_last == broker_last and heard is not None and heard < contract.seconds("heartbeat.silence"):
        verdict, code = "MARKET CLOSED, nothing missed", 0
    else:
        verdict, code = "NOT ARRIVING", 1
    show(f"broker event {broker_first} to {broker_last}", f"daemon event {daemon_first} to {daemon_last}", verdict)
    return code


def reconnect(account: str) -> int:
    """Has the slot that holds the lease open a new session, and proves that events arrive on it."""
    slot = holder(account)
    if slot is None:
        raise VerbError(f"{account}: no daemon holds the lease", "no daemon")
    end_guard(account)
    before = health(account, slot).get("session", 0)
    if not call(account, slot, "reconnect", "POST"):
        raise VerbError(f"{account}: {slot} does not answer", "no daemon")

    def is_renewed() -> bool:
        facts = health(account, slot)
        return facts["state"] == "failed" or (facts.get("session", 0) > before and facts["state"] in CONNECTED)

    wait_until(is_renewed, contract.seconds("start.ready"))
    facts = health(account, slot)
    if facts["state"] == "failed" and int(facts["exit"]) == contract.EXIT["credentials refused"]:
        raise VerbError(f"{account}: {slot} failed: broker refused the key", "credentials refused")
    if facts.get("session", 0) <= before:
        raise VerbError(f"{account}: no new session: {slot} is {facts['state']}", "broker unreachable")
    show(f"{account}: new session, {slot} {facts['state']}")
    return arrival(account)
