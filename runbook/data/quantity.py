"""Quantities with a unit from a closed list: `24 h`, `0.1 %`, `1 account`."""

import re
from dataclasses import dataclass
from decimal import Decimal

# Time units in seconds; the word for one and for several.
SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
TIME_WORDS = {
    "ms": ("ms", "ms"),
    "s": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "d": ("day", "days"),
}
# What people write by mistake, and what is meant.
TIME_SLIPS = {
    **dict.fromkeys(["msec", "msecs", "millisecond", "milliseconds"], "ms"),
    **dict.fromkeys(["sec", "secs", "second", "seconds"], "s"),
    **dict.fromkeys(["m", "mins", "minute", "minutes"], "min"),
    **dict.fromkeys(["hr", "hrs", "hour", "hours"], "h"),
    **dict.fromkeys(["day", "days"], "d"),
}
MEGABYTES = {"MB": Decimal(1), "GB": Decimal(1000)}
# Things that are counted: one, several.
COUNTED = {
    "accounts": "account",
    "actions": "action",
    "changes": "change",
    "contracts": "contract",
    "copies": "copy",
    "errors": "error",
    "events": "event",
    "metrics": "metric",
    "people": "person",
    "releases": "release",
    "restarts": "restart",
    "rollbacks": "rollback",
    "rounds": "round",
    "samples": "sample",
    "sessions": "session",
}
SINGULAR = {one: many for many, one in COUNTED.items()}
UNITS = [*SECONDS, "%", *MEGABYTES, "times", *COUNTED]

PATTERN = r"^[0-9]+(\.[0-9]+)? (" + "|".join(re.escape(unit) for unit in [*UNITS, *SINGULAR]) + r")$"
_SHAPE = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(\S.*)?$")


@dataclass(frozen=True)
class Quantity:
    """A number and its unit, as the editor wrote them."""

    number: Decimal
    unit: str

    @property
    def dimension(self) -> str:
        """`time`, `size`, or the unit itself: what may be compared with what."""
        if self.unit in SECONDS:
            return "time"
        return "size" if self.unit in MEGABYTES else self.unit

    @property
    def base(self) -> Decimal:
        """The number in the dimension's base unit: seconds, megabytes, or the unit itself."""
        return self.number * SECONDS.get(self.unit, MEGABYTES.get(self.unit, Decimal(1)))

    def to(self, unit: str) -> str:
        """The bare number in `unit`, for a command: Quantity(5, "min").to("s") is "300".

        Raises ValueError when the unit is of another dimension.
        """
        wanted = Quantity(Decimal(1), SINGULAR.get(unit, unit))
        if wanted.dimension != self.dimension:
            raise ValueError(f"{self} is not a number of {unit}")
        return plain(self.base / wanted.base)

    def whole(self, unit: str) -> int:
        """The number in `unit`, rounded down: Quantity(36, "h").whole("d") is 1. Raises ValueError as `to` does."""
        return int(Decimal(self.to(unit)))

    @property
    def spoken(self) -> str:
        """As a page shows it, in one form whatever the editor wrote: `240 s` is `4 minutes`, `90 s` stays seconds."""
        minutes = self.base / SECONDS["min"]
        whole = self.unit == "s" and minutes >= 1 and minutes == int(minutes)
        return str(Quantity(minutes, "min") if whole else self)

    def __str__(self) -> str:
        """For people: `24 hours`, `1 account`, `0.1 %`."""
        number = plain(self.number)
        if self.unit in TIME_WORDS:
            return f"{number} {TIME_WORDS[self.unit][self.number != 1]}"
        if self.unit in COUNTED and self.number == 1:
            return f"{number} {COUNTED[self.unit]}"
        return f"{number} {self.unit}"


def plain(number: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: `300`, `0.1`."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clock(seconds: Decimal) -> str:
    """Seconds as minutes and seconds on a stop watch: 90 is `1:30`."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def parse(value: object) -> Quantity:
    """Reads `5 min`. Raises ValueError that says what was found and what is wanted."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f'{value} has no unit; write e.g. "{value} min"')
    if not isinstance(value, str) or not (match := _SHAPE.match(value)):
        raise ValueError(f'"{value}" is not a quantity; write a number, a space and a unit, e.g. "5 min"')
    number, unit = match[1], (match[2] or "").strip()
    if not unit:
        raise ValueError(f'"{value}" has no unit; write e.g. "{number} min"')
    meant = TIME_SLIPS.get(unit.lower())
    if unit not in UNITS and unit not in SINGULAR:
        if meant:
            raise ValueError(f'"{value}" is not a duration; write e.g. "{number} {meant}"')
        raise ValueError(f'"{value}" is not a quantity: "{unit}" is no unit; use one of {", ".join(UNITS)}')
    if value != f"{number} {unit}":
        raise ValueError(f'"{value}" is not a quantity; write one space between number and unit: "{number} {unit}"')
    return Quantity(Decimal(number), SINGULAR.get(unit, unit))
