"""Writes the reader's form of one command block, and finds what is wrong with it on the way."""

import re
from collections.abc import Callable

from runbook.data.models.system import System
from runbook.diagnostics import MacroError
from runbook.site.shell_blocks.synopsis import check_call
from runbook.site.shell_blocks.syntax import Command, Part, Raw, Script, Segment, Substitution, Text, Word
from runbook.site.shell_blocks.values import VALUE, Values
from runbook.site.shell_blocks.vocabulary import Names, Vocabulary, nearest

_PLAIN = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=")
_PREFIX = re.compile(r"(?:--?[A-Za-z][\w-]*|[A-Za-z_]\w*)=")
_RESERVED = {"{", "}", "!", "if", "then", "elif", "else", "fi", "while", "until", "do", "done"}
_REQUIRED = re.compile(r"\$\{(\w+):\?\}")
_INSIDE_UNIT = re.compile(r"[\w.$-]")
_UNIT_LIKE = re.compile(r"[\w.-]*@[^\s\"']*|[\w.@:$*-]+\.(?:service|socket|timer)\b")


class BlockWriter:
    """Writes one block.

    known: the variables that are set before the block; None when the block may use any, as one of an editor's own
    machine does. Those that the block sets are added.
    report: called with an offset in the block and the words of a fault.
    """

    def __init__(
        self,
        system: System,
        vocabulary: Vocabulary,
        names: Names,
        values: Values,
        known: set[str] | None,
        report: Callable[[int, str], None],
    ):
        self._system, self._vocabulary, self._names, self._values = system, vocabulary, names, values
        self._known, self._report = known, report
        self._loops: set[str] = set()
        self._source = ""

    def write(self, source: str, script: Script) -> str:
        """The reader's form of a block that syntax.read has read."""
        self._source = source
        return self._script(script)

    def _script(self, script: Script) -> str:
        out, here = [], script.at
        for command in script.commands:
            self._check_command(command)
            if command.words[0].source == ":":
                out.append(self._source[here : command.words[0].at])
                required = command.words[1:]
                out.append(" ".join(map(self._required, required)))
                here = required[-1].end if required else command.words[0].end
                continue
            loop = self._loop(command)
            starting = True
            for word in command.words:
                out += [self._source[here : word.at], self._word(word, listed=bool(loop) and word not in loop)]
                here = word.end
                if starting and (assigned := _ASSIGNED.match(word.source)):
                    self._set(assigned[1])
                starting = starting and (bool(assigned) if word.source not in _RESERVED else True)
            if loop:
                self._set(loop[1].source)
                self._loops.add(loop[1].source)
        out.append(self._source[here : script.end])
        return "".join(out)

    @staticmethod
    def _loop(command: Command) -> list[Word]:
        """`for`, the variable and `in` of a loop; empty when the command is none."""
        words = [word for word in command.words if word.source not in _RESERVED][:3]
        return words if [word.source for word in words[::2]] == ["for", "in"] else []

    def _set(self, variable: str) -> None:
        if self._known is not None:
            self._known.add(variable)

    # ------------------------------------------------------------------ words

    def _required(self, word: Word) -> str:
        """`${ACCOUNT:?}` of the first line: the reader's form keeps the value that is entered on the page."""
        found = _REQUIRED.fullmatch(word.source)
        if not found:
            self._report(word.at, f"{word.source} in the line that checks the variables; write ${{NAME:?}}")
            return word.source
        self._check_variable(found[1], word.at)
        return f'{found[1]}="${{{found[1]}:?set {found[1]}}}"'

    def _word(self, word: Word, listed: bool) -> str:
        """listed: the word is of a loop's list, which the shell is to split."""
        out = []
        for number, segment in enumerate(word.segments):
            if segment.quoting == "double":
                out.append(f'"{self._parts(segment.parts)}"')
            elif segment.quoting == "single":
                out.append(self._single(segment))
            else:
                out.append(self._bare(segment, first=number == 0, listed=listed))
        return "".join(out)

    def _single(self, segment: Segment) -> str:
        """A text in single quotes is a program's own, but for the values of data/ in it."""
        at, text = segment.parts[0]
        assert isinstance(text, str)

        def value(found: re.Match[str]) -> str:
            return self._value(found[1], at + found.start(), strict=False)

        return VALUE.sub(value, text)

    def _bare(self, segment: Segment, first: bool, listed: bool) -> str:
        has_variable = any(isinstance(part, Text) and _PLAIN.search(part.source) for part in segment.parts)
        if not has_variable or listed:
            return self._parts(segment.parts, bare=True)
        for part in segment.parts:
            if isinstance(part, Text) and (glob := re.search(r"[*?\[]", part.source)):
                self._report(
                    part.at + glob.start(),
                    f'"{glob[0]}" in one word with a variable and without quotes; '
                    "quote the word, or only the part with the variable where the shell is to find files",
                )
        prefix, parts = "", segment.parts
        if first and isinstance(parts[0], Text) and (found := _PREFIX.match(parts[0].source)):
            prefix = found[0]
            parts = [Text(parts[0].at + found.end(), parts[0].source[found.end() :]), *parts[1:]]
        return f'{prefix}"{self._parts(parts, bare=True)}"'

    def _parts(self, parts: list[Part], bare: bool = False) -> str:
        out = []
        for part in parts:
            if isinstance(part, Substitution):
                out.append(f"$({self._script(part.script)})")
            elif isinstance(part, Raw):
                out.append(part.source)
            else:
                out.append(self._text(part, bare))
        return "".join(out)

    # ------------------------------------------------------------------- text

    def _text(self, part: Text, bare: bool) -> str:
        """A run of text: its names become the firm's, its variables are guarded, its values are put in."""
        out, here, text = [], 0, part.source
        while here < len(text):
            at = part.at + here
            before = self._source[at - 1 : at] if at else ""
            if bare and before in ("'", '"'):
                before = "."  # outside quotes, a quote in front is the end of another part of the same word

            def guard(variable: str, at: int = at) -> str:
                self._check_variable(variable, at)
                return f"${{{variable}:?set {variable}}}"

            if named := self._names.at(text, here, before, guard):
                out.append(named[0])
                here = named[1]
            elif text[here] == "/" and (path := self._names.unknown_path(text, here, before)):
                self._report(at, f"the path {path[0]} is not in page_vocabulary.yml{self._near_path(path[0])}")
                here = path[1]
            elif text[here] == "$" and (found := _PLAIN.match(text, here)):
                variable = found[1] or found[2]
                self._check_variable(variable, at)
                out.append(f"${{{variable}:?{'' if variable in self._loops else f'set {variable}'}}}")
                here = found.end()
            elif text[here] == "{" and (found := VALUE.match(text, here)):
                out.append(self._value(found[1], at, strict=True))
                here = found.end()
            elif not _INSIDE_UNIT.match(before) and (found := _UNIT_LIKE.match(text, here)):
                self._report(at, f"the unit {found[0]} is not in page_vocabulary.yml{self._near_unit(found[0])}")
                here = found.end()
            else:
                out.append(text[here])
                here += 1
        return "".join(out)

    def _value(self, asked: str, at: int, strict: bool) -> str:
        """strict: brackets that are no value are a fault; in single quotes they may be a program's."""
        try:
            value = self._values.of(asked)
        except MacroError as error:
            self._report(at, str(error))
            return ""
        if value is None and strict and "," not in asked:
            self._report(at, self._values.unknown(asked))
        return value if value is not None else f"{{{asked}}}"

    def _near_path(self, path: str) -> str:
        return nearest(path, [*self._vocabulary.paths.values(), *self._vocabulary.system_paths])

    def _near_unit(self, unit: str) -> str:
        return nearest(unit, self._names.units)

    # ----------------------------------------------------------------- checks

    def _check_variable(self, variable: str, at: int) -> None:
        if self._known is None:
            return
        if variable not in self._system.variables:
            near = nearest(variable, self._system.variables)
            self._report(at, f"${variable} is not under `variables` in data/system.yml{near}")
        elif variable not in self._known:
            self._report(
                at, f"${variable} is used before it is set; set it, or name it under `set` of the procedure in data/"
            )

    def _check_command(self, command: Command) -> None:
        words = command.arguments
        sources = [word.plain for word in words]
        cli = self._vocabulary.names["cli"]
        if cli in sources:
            call = sources.index(cli)
            for word, text in check_call(words[call], words[call + 1 :], self._system, self._vocabulary.roles):
                self._report(word.at, text)
        if "systemctl" in sources:
            options = [word for word in words[sources.index("systemctl") + 1 :] if not word.plain.startswith("-")]
            for word in options[1:]:
                unit = word.plain.replace("'", "")
                if not self._names.is_unit(unit) and not _UNIT_LIKE.match(unit):
                    self._report(word.at, f"the unit {unit} is not in page_vocabulary.yml{self._near_unit(unit)}")
        name = next((w for w in words if w.source not in _RESERVED and not _ASSIGNED.match(w.source)), None)
        known = {*self._vocabulary.commands, cli, ":", "for"}
        if name and name.source not in known:
            self._report(
                name.at, f"the command {name.source} is not in page_vocabulary.yml{nearest(name.source, known)}"
            )
