"""The names, units and paths that the pages write, and what the firm calls them (page_vocabulary.yml)."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from runbook.data.models.system import System

_FILE = Path(__file__).with_name("page_vocabulary.yml")
# A path begins at the start of a word, or behind a blank, a quote, a bracket or a redirection.
_BEFORE_PATH = re.compile(r"[\s\"'=<>(|]")
_INSIDE_WORD = re.compile(r"[\w.-]")
_PATH = re.compile(r"/[A-Za-z](?:[\w./@:*+-]|\$\{?\w+\}?)*")

Guard = Callable[[str], str]


@dataclass(frozen=True)
class Vocabulary:
    """The words of the pages, as the file has them."""

    names: dict[str, str]
    paths: dict[str, str]
    roles: dict[str, list[str]]
    system_paths: list[str]
    commands: list[str]


@cache
def page_vocabulary() -> Vocabulary:
    """The vocabulary of the pages."""
    return Vocabulary(**yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def nearest(found: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?`, or nothing when no known word is near."""
    close = difflib.get_close_matches(found, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def unit_file_of(unit: str) -> str:
    """The name of the unit file of every slot: `traderd@{account}:{slot}.service` -> `traderd@.service`."""
    return unit.format(account="", slot="").replace(":", "")


@dataclass(frozen=True)
class _Name:
    pattern: re.Pattern[str]
    theirs: str
    is_unit: bool


class Names:
    """Finds the names of the pages in a text and gives those of the firm."""

    def __init__(self, system: System, vocabulary: Vocabulary):
        self._vocabulary = vocabulary
        self._names: list[_Name] = []
        self._by_first: dict[str, list[_Name]] = {}
        ours, theirs = vocabulary.names, system.names
        for key, path in sorted(vocabulary.paths.items(), key=lambda item: -len(item[1])):
            if key in system.paths:
                self._add(path, system.paths[key].path, is_path=True)
        unit = ours["unit"].replace("$ACCOUNT", "{account}").replace("$SLOT", "{slot}")
        self._add(ours["unit"], theirs.unit, is_unit=True)
        self._add(unit_file_of(unit).replace("@", "@*"), unit_file_of(theirs.unit).replace("@", "@*"), is_unit=True)
        self._add(unit_file_of(unit), unit_file_of(theirs.unit), is_unit=True)
        self._add(ours["guard_unit"], theirs.guard_unit, is_unit=True)
        self._add(ours["cli"], theirs.cli)
        self._add(ours["daemon"], theirs.daemon)

    def _add(self, ours: str, theirs: str, is_path: bool = False, is_unit: bool = False) -> None:
        pattern = re.escape(ours)
        for role, variables in self._vocabulary.roles.items():
            allowed = rf"\$\{{?(?P<{role.lower()}>{'|'.join(variables)})\b\}}?"
            if is_unit and role == "SLOT":
                allowed = rf"(?:{allowed}|(?P<any>\*))"
            pattern = pattern.replace(rf"\${role}", allowed)
        ends = r"(?![\w@])" if not is_path else r"(?![\w.@-])(?!/?\$)"
        name = _Name(re.compile(pattern + ends), theirs, is_unit)
        self._names.append(name)
        self._by_first.setdefault(ours[0], []).append(name)

    def at(self, text: str, here: int, before: str, guard: Guard) -> tuple[str, int] | None:
        """The firm's name for the one that begins here, and where it ends; None when none does.

        before: the character in front of it, empty at the start of a word. guard: writes a variable.
        """
        candidates = self._by_first.get(text[here])
        if not candidates:
            return None
        if before and (not _BEFORE_PATH.match(before) if text[here] == "/" else _INSIDE_WORD.match(before)):
            return None
        for name in candidates:
            if found := name.pattern.match(text, here):
                groups = found.groupdict()
                values = {
                    role.lower(): guard(groups[role.lower()]) if groups.get(role.lower()) else "*"
                    for role in self._vocabulary.roles
                }
                return name.theirs.format(**values), found.end()
        return None

    def unknown_path(self, text: str, here: int, before: str) -> tuple[str, int] | None:
        """The path that begins here and is neither of the pages nor of every Linux host, and where it ends."""
        if before and not _BEFORE_PATH.match(before):
            return None
        found = _PATH.match(text, here)
        if not found or any(fnmatchcase(found[0], known) for known in self._vocabulary.system_paths):
            return None
        return found[0], found.end()

    def is_unit(self, word: str) -> bool:
        """Whether a whole word is a unit of the firm."""
        return any(name.is_unit and name.pattern.fullmatch(word) for name in self._names)

    @property
    def units(self) -> list[str]:
        """How the pages write the units."""
        names = self._vocabulary.names
        return [names["unit"], names["unit"].replace("$SLOT", "*"), names["guard_unit"]]
