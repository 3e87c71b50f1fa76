"""What the record of an account adds up to: the audit that a monitor asks for, and the report that the judge reads."""

import time
from typing import Any

from drills.rig.broker.account import Account, Breach

# A breach that nobody has acted on for so many seconds counts as lost.
PATIENCE = 1.0
DESK = "desk"


def breaches_since(account: Account, since: float) -> list[Breach]:
    """The breaches that began since a time (epoch seconds), and those that nobody had acted on by then.

    So a daemon that never acts does not get away with a breach that was open before it was watched.
    """

    def stood(breach: Breach) -> bool:
        return not any(end is not None and end < since for end in (breach.ended, breach.acted))

    return [breach for breach in account.breaches if breach.t >= since or stood(breach)]


def accepted_since(account: Account, since: float) -> list[dict[str, Any]]:
    """The orders that the broker took since a time, from daemons and from the desk."""
    return [write for write in account.writes if write["t"] >= since and write["answer"] == "accepted"]


def audit(account: Account, since: float) -> dict[str, Any]:
    """Breaches and actions since a time (epoch seconds), from our own record: what a monitor counts."""
    now, breaches = time.time(), breaches_since(account, since)
    actions = [write for write in accepted_since(account, since) if write["instance"] != DESK]
    reactions = [breach.acted - max(breach.t, since) for breach in breaches if breach.acted]
    open_for = [now - max(breach.t, since) for breach in breaches if breach.acted is None]
    return {
        "ok": True,
        "breaches": len(breaches),
        "missed": sum(age > PATIENCE for age in open_for),
        "unexpected": sum(not write["caused"] for write in actions),
        "fanout": max([breach.actions for breach in breaches], default=0),
        "reaction": max(reactions + open_for, default=0.0),
        "writers": len(account.writing()),
        "loss": account.cost,
    }


def report(account: Account, since: float) -> dict[str, Any]:
    """The judge's figures since a time (epoch seconds): see judge.py for what must hold."""
    audited = audit(account, since)
    return {
        **_event_figures(account, since),
        **_writer_figures(account, since),
        **_order_figures(account, since),
        "unexpected": audited["unexpected"],
        "reaction": audited["reaction"],
        "breaches": audited["breaches"],
        "open": sum(breach.acted is None and breach.ended is None for breach in account.breaches),
        "positions": account.held(),
        "working": len(account.orders),
        "loss": account.cost,
        "epoch": account.epoch,
    }


def _event_figures(account: Account, since: float) -> dict[str, Any]:
    """How many events there were, and the longest time from one to the acknowledgement of a daemon that guards."""
    now, times = time.time(), account.times
    first = next((i for i, t in enumerate(times) if t >= since), len(times))
    recent = range(first, len(times))
    guarded, acknowledged = account.guarded, account.acknowledged
    gaps = [((guarded[i] if i < len(guarded) else now) - times[i], i + 1, times[i]) for i in recent]
    seconds, event, at = max(gaps, default=(0.0, 0, 0.0))
    return {
        "events": len(recent),
        "last": len(times),
        "acknowledged": len(acknowledged),
        "guarded": len(guarded),
        "gap": {"seconds": seconds, "event": event, "at": at},
        "acknowledgement": max(
            ((acknowledged[i][0] if i < len(acknowledged) else now) - times[i] for i in recent), default=0.0
        ),
    }


def _writer_figures(account: Account, since: float) -> dict[str, Any]:
    """How many wrote at once, and every takeover."""
    takeovers, writing = [entry for entry in account.writers if entry["t"] >= since], len(account.writing())
    return {
        "writers_now": writing,
        "writers_max": max([entry["at_once"] for entry in takeovers], default=writing),
        "takeovers": takeovers,
    }


def _order_figures(account: Account, since: float) -> dict[str, Any]:
    """Orders that are missing, too many, or from a writer that had been replaced."""
    now, accepted = time.time(), accepted_since(account, since)
    answers = [write["answer"] for write in account.writes if write["t"] >= since]
    causes = [(write["target"], write["cause"]) for write in accepted if write["instance"] != DESK]
    return {
        "lost": sum(
            breach.acted is None and (breach.ended is not None or now - breach.t > PATIENCE)
            for breach in breaches_since(account, since)
        ),
        "duplicated": len(causes) - len(set(causes)),
        "duplicates_refused": answers.count("duplicate"),
        "stale_accepted": sum(write["stale"] for write in accepted),
        "stale_refused": answers.count("fenced"),
        "orders": len(accepted),
    }
