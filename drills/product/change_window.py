"""Whether a change may begin now, by the calendar that the release carries; the same rule as the page's script."""

from typing import Any

# What each verdict means for whoever asks: the exit code.
EXITS = {"open": 0, "closed": 1, "frozen": 1, "unknown": 3}


def in_words(seconds: float) -> str:
    """A length of time in the two largest units that matter, e.g. `2 h 10 min`; never less than a minute."""
    minutes = max(1, -int(-seconds // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min"


def verdict(calendar: dict[str, Any], key: str, now: float) -> tuple[str, str]:
    """The state of a window, and the words for it.

    calendar: as runbook.data.change_windows.facts gives it. now: seconds since 1970.
    Raises KeyError for an unknown window.
    """
    known_from, known_to = calendar["known"]
    stretches = calendar["windows"][key]
    if not known_from <= now < known_to:
        return "unknown", "not known: the calendar does not cover today"
    here = next((each for each in stretches if each[0] <= now < each[1]), None)
    if here and here[2] is None:
        return "open", f"open, closes in {in_words(here[1] - now)}"
    ahead = next((each for each in stretches if each[0] > now and each[2] is None), None)
    opens = f"opens in {in_words(ahead[0] - now)}" if ahead else "opens on no day that the calendar covers"
    return ("frozen", f"frozen ({here[2]}), {opens}") if here else ("closed", f"closed, {opens}")


def session(calendar: dict[str, Any], now: float) -> str:
    """`open`, `closed`, or `unknown` when the calendar does not cover the moment: whether the exchange trades."""
    known_from, known_to = calendar["known"]
    if not known_from <= now < known_to:
        return "unknown"
    return "open" if any(begin <= now < end for begin, end in calendar["sessions"]) else "closed"
