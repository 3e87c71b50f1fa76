"""Compares output with what the page prints, as the page's reader does.

`…` stands for text that varies; a line that is nothing but `…` for any number of lines, none included; `$NAME` for the
value that was set; `<kind>` for a text of that kind, `<kind> of <kind>` for the same text twice, and
`<duration, at most 10 seconds>` for a time that is no longer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SECONDS = {"ms": 0.001, "s": 1, "second": 1, "seconds": 1, "min": 60, "minute": 60, "minutes": 60}
PLACEHOLDER = re.compile(r"<([a-z][a-z_]*)(?:, at most ([^<>]+))?>( of <\1>)?")
DURATION = re.compile(r"(\d+(?:\.\d+)?) ([a-z]+)")


def difference(expect: str, output: str, variables: Mapping[str, str], kinds: Mapping[str, str]) -> str | None:
    """None when the output is as expected; else the first line that is not, for a reader.

    variables: the values that `$NAME` stands for; kinds: the pattern of each `<kind>`.
    """
    wanted = [Line.read(line.rstrip(), variables, kinds) for line in expect.strip("\n").splitlines()]
    got = [line.rstrip() for line in output.strip("\n").splitlines()]
    if _match(wanted, got):
        return None
    for number, line in enumerate(wanted):
        if not line.any_lines and not any(line.fits(each) for each in got):
            return f'expected line {number + 1} "{line.text}" is not in the output'
    return "the output has other lines, or has them in another order"


@dataclass(frozen=True)
class Line:
    """One line of an expected output: its text, its pattern, and the longest duration of each group that has one."""

    text: str
    pattern: re.Pattern[str]
    longest: dict[str, float]

    @classmethod
    def read(cls, text: str, variables: Mapping[str, str], kinds: Mapping[str, str]) -> "Line":
        """Reads a line of a page. A kind that is not known stands for itself, as an unknown variable does."""
        filled = re.sub(r"\$([A-Z_]+)", lambda name: variables.get(name[1], name[0]), text)
        pattern, longest, at = "", {}, 0
        for number, found in enumerate(PLACEHOLDER.finditer(filled)):
            if found[1] not in kinds:
                continue
            group = f"g{number}"
            pattern += _around(filled[at : found.start()]) + f"(?P<{group}>{kinds[found[1]]})"
            if found[2]:
                longest[group] = seconds(found[2])
            if found[3]:
                pattern += f" of (?P={group})"
            at = found.end()
        return cls(text, re.compile(pattern + _around(filled[at:])), longest)

    @property
    def any_lines(self) -> bool:
        """Whether it stands for any number of lines."""
        return self.text == "…"

    def fits(self, line: str) -> bool:
        """Whether a line of the output is one of those that it stands for."""
        found = self.pattern.fullmatch(line)
        return found is not None and all(seconds(found[group]) <= most for group, most in self.longest.items())


def seconds(duration: str) -> float:
    """`350 ms` or `10 seconds` as a number. Raises ValueError for anything else."""
    found = DURATION.fullmatch(duration)
    if not found or found[2] not in SECONDS:
        raise ValueError(f'"{duration}" is not a duration')
    return float(found[1]) * SECONDS[found[2]]


def _around(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("…"))


def _match(wanted: list[Line], got: list[str]) -> bool:
    if not wanted:
        return not got
    if wanted[0].any_lines:
        return any(_match(wanted[1:], got[skip:]) for skip in range(len(got) + 1))
    return bool(got) and wanted[0].fits(got[0]) and _match(wanted[1:], got[1:])
