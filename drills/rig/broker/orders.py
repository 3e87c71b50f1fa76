"""What daemons and the desk may do to an account: acknowledge events, send orders, become the writer."""

import time
from typing import Any

from drills.rig.broker.account import Account
from drills.rig.broker.session import Session

RECORDED = ("coid", "cause", "rule", "target", "qty")


def acknowledge(account: Account, session: Session, seq: int, guarding: bool) -> bool:
    """Takes an acknowledgement of all events up to `seq`. False when it comes from a fenced writer."""
    if session.role != "writer" or (account.settings.fencing and session.epoch < account.epoch):
        account.stale_acks += 1
        return False
    now = time.time()
    account.acknowledged += [(now, session.instance, session.epoch)] * (seq - len(account.acknowledged))
    if guarding:
        account.guarded += [now] * (seq - len(account.guarded))
    return True


def take_order(account: Account, order: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    """One order or cancellation, from a session or from the desk. who: instance, release, epoch. Returns the answer."""
    stale, caused = who["epoch"] < account.epoch, account.in_breach(order["target"])
    answer = _answer(account, order, who)
    facts = {name: order.get(name) for name in RECORDED}
    account.writes.append(
        {"t": time.time(), "stale": stale, "caused": caused, "answer": answer["status"], **facts, **who}
    )
    return {"type": "order", "coid": order["coid"], **answer}


def _answer(account: Account, order: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    now, faults = time.time(), account.faults
    if account.settings.fencing and who["epoch"] < account.epoch:
        return {"status": "fenced", "epoch": account.epoch}
    if faults.rate_limit > now:
        return {"status": "later", "wait": min(0.5, faults.rate_limit - now)}
    if faults.reject > 0:
        faults.reject -= 1
        return {"status": "rejected", "why": "risk system unavailable"}
    if order["coid"] in account.answers:
        return {"status": "duplicate", "seq": account.answers[order["coid"]]}
    if order["kind"] == "close" and not account.may_hold(order["symbol"], order["qty"]):
        return {"status": "rejected", "why": "account blocked"}
    return {"status": "accepted", "seq": _execute(account, order)}


def _execute(account: Account, order: dict[str, Any]) -> int:
    """Carries an order out. Returns the number of its event; of the last one when there was nothing to do."""
    for breach in account.breaches:
        if breach.ended is None and breach.target == order["target"]:
            breach.acted = breach.acted or time.time()
            breach.actions += 1
    if order["kind"] == "cancel" and order["target"] in account.orders:
        account.emit("cancel", id=order["target"], coid=order["coid"])
    elif order["kind"] != "cancel" and order["qty"]:
        price = account.prices[order["symbol"]]
        account.emit("fill", symbol=order["symbol"], qty=order["qty"], price=price, coid=order["coid"])
    account.answers[order["coid"]] = len(account.events)
    return len(account.events)


def promote(account: Account, session: Session, epoch: int) -> dict[str, Any]:
    """Makes a session the writer. With fencing, ends every other one."""
    fencing = account.settings.fencing
    rival = any(other.instance != session.instance for other in account.writing())
    if fencing and (epoch < account.epoch or (epoch == account.epoch and rival)):
        return {"ok": False, "code": "fenced", "why": f"epoch {account.epoch} is known", "epoch": account.epoch}
    account.epoch = max(account.epoch, epoch)
    if fencing:
        for other in account.writing():
            if other is not session:
                other.end("fenced", epoch=account.epoch)
    session.role, session.epoch = "writer", epoch
    account.writers.append(
        {
            "t": time.time(),
            "instance": session.instance,
            "release": session.release,
            "epoch": epoch,
            "at_once": len(account.writing()),
        }
    )
    return {"ok": True, "head": session.head, "epoch": epoch}


def fence(account: Account, epoch: int) -> None:
    """Raises the epoch; with fencing, ends every writer below it."""
    account.epoch = max(account.epoch, epoch)
    if account.settings.fencing:
        for session in account.writing():
            if session.epoch < account.epoch:
                session.end("fenced", epoch=account.epoch)
