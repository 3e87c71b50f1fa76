"""Renders the macros of every page, before MkDocs builds the first one. What is kept:

- the text of each page, which MkDocs gets as it is: nothing is rendered twice;
- every fault in every page, with its line: MkDocs would stop at the first one and name no line;
- where each threshold, contact and source is used, section by section, direct or through a table;
- the command blocks that drills run.

Knows no page by name; it takes whatever stands below docs/.
"""

import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from mkdocs.utils.meta import get_data

from runbook.diagnostics import Fault
from runbook.evidence.store import Block
from runbook.site.compiled_templates import kept_in
from runbook.site.late_text import LateText
from runbook.site.usage_index import UsageIndex, without_marks

# Takes a page's source and its path below docs/; gives the source for Jinja and the faults in it.
ReaderForm = Callable[[str, str], tuple[str, list[Fault]]]

_BLOCK = re.compile(r"^``` \{(?P<words>[^}]*)\}\n(?P<body>.*?)^```$", re.M | re.S)


class PageIndex:
    """What is known of the pages. The macros write into it while they are called, and read from it in late texts."""

    def __init__(self) -> None:
        self.usage = UsageIndex()
        self.late = LateText()
        self.blocks: dict[str, Block] = {}
        """The drilled command blocks of all pages, by step."""
        self._texts: dict[str, str] = {}

    def render(
        self, docs: Path, macros: Mapping[str, Callable[..., str]], cache: Path, reader_form: ReaderForm
    ) -> list[Fault]:
        """Renders every page below docs.

        reader_form: what becomes of a page's source, line by line, before its macros are called.
        cache: a folder for what Jinja has compiled; a page whose source is the same is not compiled again.
        Returns the faults found on the way; without faults, `text` gives each page.
        """
        faults: list[Fault] = []

        def source(page: str) -> tuple[str, str, None]:
            path = docs / page
            text, found = reader_form(path.read_text(encoding="utf-8"), page)
            faults.extend(found)
            return text, str(path), None

        environment = _environment(jinja2.FunctionLoader(source), cache)
        environment.globals.update(macros)
        for path in sorted(docs.rglob("*.md")):
            page = path.relative_to(docs).as_posix()
            try:
                text = environment.get_template(page).render()
            except Exception as error:  # a macro may fail in any way; each is a fault of the page
                faults.append(Fault(f"{docs.name}/{page}", _line(error, path), _words(error)))
                continue
            self.usage.add_page(page, text)
            self._texts[page] = text = without_marks(text)
            self.blocks.update(_blocks(text))
        return faults

    @property
    def names(self) -> list[str]:
        """Every page, by its path below docs/."""
        return list(self._texts)

    def text(self, page: str) -> str:
        """The Markdown of a page after the macros, without its front matter.

        page: its path below docs/. Call it when every page is rendered.
        """
        body: str = get_data(self._texts[page])[0]
        return self.finished(body)

    def finished(self, text: str) -> str:
        """What a macro has given, with its late texts filled in and without marks."""
        return without_marks(self.late.fill(text))


def _environment(loader: jinja2.BaseLoader, cache: Path) -> jinja2.Environment:
    """What renders the macros. Comment signs as in mkdocs.yml: Jinja's own would swallow {#id} and ${#array[@]}."""
    return jinja2.Environment(
        loader=loader,
        bytecode_cache=kept_in(cache),
        undefined=jinja2.StrictUndefined,
        comment_start_string="<!--#",
        comment_end_string="#-->",
    )


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


def _line(error: Exception, page: Path) -> int:
    """The line of the page: of the syntax error itself, or of the template's frame in the traceback."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == str(page)), 1)


def _words(error: Exception) -> str:
    if isinstance(error, jinja2.UndefinedError):
        return f"{error.message}; macros are listed in docs/contributing.md"
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"not valid Jinja: {error.message}; put foreign braces between {{% raw %}} and {{% endraw %}}"
    return str(error)
