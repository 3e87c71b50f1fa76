"""The verb that answers whether a change may begin now: window."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from . import change_window, contract


def local(now: float, zone: str) -> str:
    """A moment (epoch seconds) in a zone, with the day, e.g. `Tue 21:10 Chicago`."""
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"{datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone)):%a %H:%M} {place}"


def window(name: str) -> int:
    """Prints the time at the exchange, at the desk and in UTC, and the calendar's verdict on a window."""
    now = time.time()
    state, words = change_window.verdict(contract.CALENDAR, name, now)
    times = [local(now, contract.CALENDAR["exchange"]), local(now, contract.CALENDAR["desk"])]
    print(f"exchange {times[0]} · desk {times[1]} · UTC {datetime.fromtimestamp(now, UTC):%a %H:%M}")
    print(f"window {name}: {words}")
    return change_window.EXITS[state]
