"""Renders every page once before the site is built, to find two things:

- every fault in every page, with its line: MkDocs would stop at the first one and name no line;
- where each threshold, contact and source is used, section by section, direct or through a table.

Knows no page by name; it takes whatever stands below docs/.
"""

import re
import traceback
from pathlib import Path

import jinja2

from runbook.diagnostics import Fault
from runbook.evidence.store import Block
from runbook.site.macros.inline import Place, Writer

_MARK = re.compile("\x02([a-z]+):([^\x03]*)\x03")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*(?:\{[^}]*#([A-Za-z0-9_-]+)[^}]*\})?\s*$")
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_BLOCK = re.compile(r"^``` \{(?P<words>[^}]*)\}\n(?P<body>.*?)^```$", re.M | re.S)
# The same delimiters as in mkdocs.yml: Jinja's own comment signs would swallow {#id} and ${#array[@]}.
JINJA = {"comment_start_string": "<!--#", "comment_end_string": "#-->"}


def index(writer: Writer, macros: dict, docs: Path) -> list[Fault]:
    """Fills writer.uses from every page below docs. Returns the faults found while rendering."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, **JINJA)
    environment.globals.update(macros)
    faults: list[Fault] = []
    writer.marking = True
    try:
        for path in sorted(docs.rglob("*.md")):
            page = path.relative_to(docs).as_posix()
            text = path.read_text(encoding="utf-8")
            try:
                rendered = environment.from_string(text).render()
                _collect(writer, page, rendered)
                writer.blocks.update(_blocks(_MARK.sub("", rendered)))
            except Exception as error:  # a macro may fail in any way; each is a fault of the page
                faults.append(Fault(f"{docs.name}/{page}", _line(error), _words(error)))
    finally:
        writer.marking = False
    return faults


def _collect(writer: Writer, page: str, text: str) -> None:
    title = heading = page
    section, fence = "", None
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if opened and (fence is None or opened[1].startswith(fence)):
            fence = opened[1][:3] if fence is None else None
        clean = _MARK.sub("", line)
        found = None if fence else _HEADING.match(clean)
        if found and found[3]:
            heading, section = re.sub(r"[*_`]|<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", found[2]), found[3]
            heading = re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), heading)
            if len(found[1]) == 1:
                title = heading
        for kind, key in _MARK.findall(line):
            place = Place(page, title, section, heading)
            if place not in writer.uses[f"{kind}:{key}"]:
                writer.uses[f"{kind}:{key}"].append(place)


def _blocks(text: str) -> dict[str, Block]:
    """The drilled command blocks of a rendered page by id, each with the expected output that follows it."""
    found: dict[str, Block] = {}
    last = None
    for fence in _BLOCK.finditer(text):
        words = fence["words"].split()
        if ".drill" in words and (name := next((word[1:] for word in words if word.startswith("#")), None)):
            found[name], last = Block(fence["body"], ""), name
        else:
            if ".expect" in words and last:
                found[last] = Block(found[last].code, fence["body"])
            last = None
    return found


def _line(error: Exception) -> int:
    """The line of the page: of the syntax error itself, or of the template's frame in the traceback."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else 1


def _words(error: Exception) -> str:
    if isinstance(error, jinja2.UndefinedError):
        return f"{error.message}; macros are listed in docs/contributing.md"
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"not valid Jinja: {error.message}; put foreign braces between {{% raw %}} and {{% endraw %}}"
    return str(error)
