"""YAML with line numbers, without YAML's traps.

PyYAML reads `NO` as false, `12:30` as 750, `1.10` as 1.1, `+44...` as a number, and keeps the last of two equal keys.
Here each of these is a fault that names its line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from runbook.diagnostics import Fault

# The parser in C is ten times faster, where the wheel brings it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Keys and places in lists, from the top of the file down.
KeyPath = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"^(0|-?[1-9][0-9]*)$")


@dataclass
class YamlFile:
    """One file as plain Python values, and the line of every path in it.

    name: path from the repository's root.
    data: dicts, lists, strings, numbers, booleans, None.
    faults: what is wrong with it as YAML.
    """

    name: str
    data: object = None
    faults: list[Fault] = field(default_factory=list)
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """The line of a path such as ("canary.soak", "value"); of its nearest parent when it is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(path: Path, root: Path) -> YamlFile:
    """Reads one file. Never raises for what is in it: the faults are in the result."""
    out = YamlFile(path.relative_to(root).as_posix())
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        out.faults.append(Fault(out.name, 1, "the file is missing"))
        return out
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        text = getattr(error, "problem", None) or str(error)
        out.faults.append(Fault(out.name, mark.line + 1 if mark else 1, f"not valid YAML: {text}"))
        return out
    if node is None:
        out.faults.append(Fault(out.name, 1, "the file is empty"))
    else:
        out.data = _value(node, (), out)
    return out


def _value(node: yaml.Node, path: KeyPath, out: YamlFile) -> object:
    out.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), out) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, out)
    return _scalar(node, path, out)


def _mapping(node: yaml.MappingNode, path: KeyPath, out: YamlFile) -> dict[str | int, object]:
    found: dict[str | int, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            out.faults.append(Fault(out.name, line, "a key must be a word, not a list or a mapping"))
            continue
        key: Any = _scalar(key_node, path, out)
        where = (*path, key)
        if key in found:
            text = f"the key stands twice, first in line {out.lines[where]}; remove one of them"
            out.faults.append(Fault(out.name, line, f"{_label(where)}: {text}"))
            continue
        out.lines[where] = line
        found[key] = _value(value_node, where, out)
    return found


def _scalar(node: yaml.Node, path: KeyPath, out: YamlFile) -> str | int | float | bool | None:
    text = str(node.value)
    # In quotes everything is text.
    if isinstance(node, yaml.ScalarNode) and node.style:
        return text
    value, trap = _plain(node.tag.removeprefix(_TAG), text)
    if trap:
        label = f"{_label(path)}: " if path else ""
        fault = f'{label}{text} without quotes is read as {trap}; write "{text}"'
        out.faults.append(Fault(out.name, node.start_mark.line + 1, fault))
    return value


def _plain(kind: str, text: str) -> tuple[str | int | float | bool | None, str | None]:
    """The value of a scalar without quotes, and what YAML would make of it when that is a trap."""
    match kind:
        case "str":
            return text, None
        case "null":
            return None, None
        case "bool":
            return (text == "true", None) if text in ("true", "false") else (text, "a truth value")
        case "int":
            return (int(text), None) if _WHOLE.match(text) else (text, "another number")
        case "float":
            same = repr(float(text.replace("_", ""))) == text
            return (float(text), None) if same else (text, "a number that is written differently")
        case "timestamp":
            return text, "a date object"
    return text, f"the type {kind}"


def _label(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)
