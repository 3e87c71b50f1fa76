"""Whether the market is open: the session of the exchange, as the contract has it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from . import contract

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_open(at: float) -> bool:
    """Whether the market trades at a moment (epoch seconds).

    A session opens on its first day or later, but not on its last one, and closes on the day after.
    """
    session = contract.ROLLOUT["session"]
    first, last = (DAYS.index(day) for day in session["days"].split("-"))
    now = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(contract.ROLLOUT["zone"]))
    clock, opening_days = now.strftime("%H:%M"), {(first + n) % 7 for n in range((last - first) % 7)}
    if clock >= session["open"]:
        return now.weekday() in opening_days
    return clock < session["close"] and (now - timedelta(days=1)).weekday() in opening_days
