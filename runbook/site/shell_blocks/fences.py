"""Finds the fenced blocks of a page, as Markdown does: a fence ends at one of its own kind and at least its length."""

import re
from dataclasses import dataclass

_OPEN = re.compile(r"^(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
_ID = re.compile(r"#([\w-]+)")
_CLASS = re.compile(r"\.([\w-]+)")


@dataclass(frozen=True)
class Fence:
    """One fenced block at column 0.

    opens, closes: the indexes of its two fence lines, from 0. classes: of its attributes, the language first.
    """

    opens: int
    closes: int
    classes: tuple[str, ...]
    id: str | None


def fences(lines: list[str]) -> list[Fence]:
    """The fenced blocks of a page's lines, in order. One that never closes runs to the end of the page."""
    found = []
    index = 0
    while index < len(lines):
        opened = _OPEN.match(lines[index].rstrip("\n"))
        if opened:
            mark, info = opened["mark"], re.sub(r'"[^"]*"', "", opened["info"])
            ends = re.compile(rf"^{re.escape(mark[0])}{{{len(mark)},}}\s*$")
            closes = next((n for n in range(index + 1, len(lines)) if ends.match(lines[n])), len(lines))
            name = _ID.search(info)
            found.append(Fence(index, closes, tuple(_CLASS.findall(info)), name[1] if name else None))
            index = closes
        index += 1
    return found
