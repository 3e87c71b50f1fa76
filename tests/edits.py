"""Edits of YAML by key path, as an editor would make them: the rest of the file keeps its text and its lines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

# The parser in C is ten times faster, where the wheel brings it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Edit:
    """One change of one place in one file below data/.

    file: its path below data/ without the ending, e.g. "procedures/warm".
    path: keys and places in lists with dots between them, e.g. "canary.soak.value", "contacts.desk_head.roles.0".
    A key may hold dots itself. text: what is written there, as it stands in the file, with quotes where YAML needs
    them. of: what is replaced: the value, the key, or the whole entry (then text is ignored and the entry goes).
    """

    file: str
    path: str
    text: str = ""
    of: Literal["value", "key", "entry"] = "value"

    def apply(self, root: Path) -> int:
        """Makes the change below a repository's root. Returns the line, from 1, in which the place stood."""
        file = root / "data" / f"{self.file}.yml"
        text = file.read_text(encoding="utf-8")
        place = found(text, self.path)
        if self.of == "entry":
            lines = text.splitlines(keepends=True)
            del lines[place.line - 1 : text.count("\n", 0, place.end) + 1]
            text = "".join(lines)
        else:
            begin, end = (place.begin, place.end) if self.of == "value" else place.key
            text = text[:begin] + self.text + text[end:]
        file.write_text(text, encoding="utf-8")
        return place.line


@dataclass(frozen=True)
class Place:
    """Where an entry of a file stands.

    line: of its key or its hyphen, from 1. key: begin and end of the key's text; (0, 0) for an item of a list.
    begin, end: of the value's text.
    """

    line: int
    key: tuple[int, int]
    begin: int
    end: int


def found(text: str, path: str) -> Place:
    """The place of a path in a YAML text. Raises KeyError with the part of the path that leads nowhere."""
    node, rest = yaml.compose(text, Loader=LOADER), path
    place = Place(1, (0, 0), 0, len(text))
    while rest:
        if isinstance(node, yaml.SequenceNode):
            number, _, rest = rest.partition(".")
            node = node.value[int(number)]
            place = Place(node.start_mark.line + 1, (0, 0), node.start_mark.index, end_of(node, text))
            continue
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        fits = [(key, value) for key, value in entries if f"{rest}.".startswith(f"{key.value}.")]
        if not fits:
            raise KeyError(f"{path}: nothing stands at {rest}")
        key, node = max(fits, key=lambda each: len(each[0].value))
        rest = rest[len(key.value) + 1 :]
        span = (key.start_mark.index, key.end_mark.index)
        place = Place(key.start_mark.line + 1, span, node.start_mark.index, end_of(node, text))
    return place


def end_of(node: yaml.Node, text: str) -> int:
    """Where the text of a value ends. PyYAML ends a block only where the next token begins, below the comments."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = node.end_mark.index
        return len(text[:end].rstrip())
    last = node.value[-1]
    return end_of(last[1] if isinstance(last, tuple) else last, text)


def edit(root: Path, file: str, path: str, text: str) -> int:
    """Puts `text` in the place of a value. Returns its line, from 1."""
    return Edit(file, path, text).apply(root)
