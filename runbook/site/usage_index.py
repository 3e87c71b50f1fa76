"""Where each record of data/ is used: found in the rendered pages by marks that the macros leave there."""

import re
from collections import defaultdict
from dataclasses import dataclass

_MARK = re.compile("\x02use:([a-z]+):([^\x03]*)\x03")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*(?:\{[^}]*#([A-Za-z0-9_-]+)[^}]*\})?\s*$")
_FENCE = re.compile(r"^\s*(```+|~~~+)")


@dataclass(frozen=True)
class Place:
    """A section of a page that uses a record."""

    page: str
    """Path below docs/, e.g. `desk/index.md`."""
    title: str
    section: str
    """The id of the section's heading."""
    heading: str


class UsageIndex:
    """The sections that use each record, in the order of the pages."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], list[Place]] = defaultdict(list)
        """(kind, key) of a record -> the sections that use it, e.g. ("threshold", "canary.soak")."""
        self.sections: list[Place] = []
        """Every section that has an id, in the order of the pages."""

    def mark(self, kind: str, key: str) -> str:
        """A mark that says: the record is used here. It is taken out before the page becomes HTML."""
        return f"\x02use:{kind}:{key}\x03"

    def add_page(self, page: str, text: str) -> None:
        """Finds the marks of a page.

        page: its path below docs/. text: its Markdown after the macros.
        """
        title = heading = page
        section, fence = "", None
        for line in text.splitlines():
            opened = _FENCE.match(line) if "```" in line or "~~~" in line else None
            if opened and (fence is None or opened[1].startswith(fence)):
                fence = opened[1][:3] if fence is None else None
            found = _HEADING.match(without_marks(line)) if line.startswith("#") and not fence else None
            if found and found[3]:
                heading, section = _plain(found[2]), found[3]
                if len(found[1]) == 1:
                    title = heading
                self.sections.append(Place(page, title, section, heading))
            for kind, key in _MARK.findall(line):
                place, places = Place(page, title, section, heading), self.places[kind, key]
                if place not in places:
                    places.append(place)


def without_marks(text: str) -> str:
    """A text without the marks of uses."""
    return _MARK.sub("", text)


def _plain(heading: str) -> str:
    """A heading's Markdown -> its words."""
    words = re.sub(r"[*_`]|<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), words)
