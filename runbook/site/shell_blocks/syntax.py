"""Reads a command block as the shell does, as far as the pages need it: commands, words, quotes, substitutions.

What it cannot read (a here-document, a backtick) it refuses, so that nothing passes unread.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_OPERATOR = re.compile(r"&&|\|\||;;|\||;|&(?!>)|\(|\)|\n")
_REDIRECTION = re.compile(r"\d*(?:<>|>>|>&|<&|&>|>|<)")
# What ends a word that is not quoted, and what has no meaning of its own anywhere.
_ENDS_WORD = frozenset(" \t\n;&|()<>")
_ENDS_BARE = _ENDS_WORD | {"'", '"'}
_ORDINARY = re.compile(r"[^\s;&|()<>'\"`$\\{]+")
_VALUE = re.compile(r"\{[a-z][^{}\n]*\}")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|(\{[^}]*\}|[?#$!@*0-9-]))")


class ShellSyntaxError(ValueError):
    """A place that this reader cannot read. at: its offset in the block."""

    def __init__(self, at: int, text: str):
        super().__init__(text)
        self.at = at


class Text(NamedTuple):
    """A run of text with plain variables in it, `$NAME` or `${NAME}`, in one kind of quoting."""

    at: int
    source: str


class Raw(NamedTuple):
    """What stays as it is: text in single quotes, an escaped character, `$?`, `${NAME:?words}`."""

    at: int
    source: str


class Substitution(NamedTuple):
    """`$(…)`: commands inside a word."""

    at: int
    script: "Script"


Part = Text | Raw | Substitution


@dataclass
class Segment:
    """A part of a word in one kind of quoting: `bare`, `double` or `single`. Double quotes belong to the segment."""

    quoting: str
    parts: list[Part] = field(default_factory=list)


@dataclass
class Word:
    """One word of a command. at, end: its offsets in the block."""

    at: int
    end: int
    segments: list[Segment]
    source: str
    redirected: bool = False

    @property
    def plain(self) -> str:
        """The word without its double quotes."""
        return self.source.replace('"', "")


@dataclass
class Command:
    """The words between two operators."""

    words: list[Word] = field(default_factory=list)

    @property
    def arguments(self) -> list[Word]:
        """The words without the targets of redirections."""
        return [word for word in self.words if not word.redirected]


@dataclass
class Script:
    """Commands in order, between two offsets of the block."""

    at: int
    end: int
    commands: list[Command]


def read(source: str) -> Script:
    """The commands of a block. Raises ShellSyntaxError for what it cannot read."""
    return _Reader(source).script(nested=False)


class _Reader:
    def __init__(self, source: str):
        self.source, self.here = source, 0

    def script(self, nested: bool) -> Script:
        source, start = self.source, self.here
        commands, command, redirected, depth = [], Command(), False, 0
        while self.here < len(source):
            if nested and depth == 0 and source[self.here] == ")":
                break
            if source[self.here] in " \t" or source.startswith("\\\n", self.here):
                self.here += 2 if source[self.here] == "\\" else 1
            elif source[self.here] == "#":
                self.here = (source + "\n").index("\n", self.here)
            elif source.startswith("<<", self.here):
                raise ShellSyntaxError(self.here, "a here-document; print the text with printf")
            elif operator := _OPERATOR.match(source, self.here):
                depth += {"(": 1, ")": -1}.get(operator[0], 0)
                self.here = operator.end()
                commands.append(command)
                command = Command()
            elif redirection := _REDIRECTION.match(source, self.here):
                redirected, self.here = True, redirection.end()
            else:
                word = self.word()
                word.redirected, redirected = redirected, False
                command.words.append(word)
        commands.append(command)
        return Script(start, self.here, [each for each in commands if each.words])

    def word(self) -> Word:
        source, start = self.source, self.here
        segments: list[Segment] = []
        while self.here < len(source) and source[self.here] not in _ENDS_WORD:
            char = source[self.here]
            if char == "'":
                end = self._find("'", self.here + 1)
                segments.append(Segment("single", [Raw(self.here, source[self.here : end + 1])]))
                self.here = end + 1
            elif char == '"':
                self.here += 1
                segments.append(Segment("double", self._parts('"', self.here - 1)))
                self.here += 1
            else:
                segments.append(Segment("bare", self._parts("", self.here)))
        return Word(start, self.here, segments, source[start : self.here])

    def _parts(self, quote: str, opened: int) -> list[Part]:
        """The parts up to the quote, or up to the end of a bare segment."""
        source, run = self.source, self.here
        parts: list[Part] = []

        def flush() -> None:
            if self.here > run:
                parts.append(Text(run, source[run : self.here]))

        while True:
            if ordinary := _ORDINARY.match(source, self.here):
                self.here = ordinary.end()
            if self.here >= len(source):
                if quote:
                    raise ShellSyntaxError(opened, "a quote that never ends")
                break
            char = source[self.here]
            if char == quote or (not quote and char in _ENDS_BARE):
                break
            if char == "`":
                raise ShellSyntaxError(self.here, "a backtick; write $(…)")
            if source.startswith("$((", self.here):
                flush()
                end = self._find("))", self.here)
                parts += [Raw(self.here, "$(("), Text(self.here + 3, source[self.here + 3 : end]), Raw(end, "))")]
                self.here = run = end + 2
            elif source.startswith("$(", self.here):
                flush()
                at = self.here
                self.here += 2
                script = self.script(nested=True)
                if self.here >= len(source):
                    raise ShellSyntaxError(at, "a $( that never ends")
                parts.append(Substitution(at, script))
                self.here = run = self.here + 1
            elif char == "\\":
                flush()
                parts.append(Raw(self.here, source[self.here : self.here + 2]))
                self.here = run = self.here + 2
            elif (found := _VARIABLE.match(source, self.here)) and found[3]:
                flush()
                parts.append(Raw(self.here, found[0]))
                self.here = run = found.end()
            elif not quote and (value := _VALUE.match(source, self.here)):
                self.here = value.end()  # a value of data/, blanks included: {hosts of production}
            else:
                self.here = found.end() if found else self.here + 1
        flush()
        return parts

    def _find(self, what: str, start: int) -> int:
        end = self.source.find(what, start)
        if end < 0:
            raise ShellSyntaxError(start - 1, f"no {what} to the end")
        return end
