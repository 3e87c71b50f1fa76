"""Command blocks are written as plain shell; this turns them into what a reader gets.

A page says `traderctl handover $ACCOUNT --to $FREE_SLOT`. The reader's page says
`traderctl handover "${ACCOUNT:?set ACCOUNT}" --to "${FREE_SLOT:?set FREE_SLOT}"`, with the firm's own names and paths.
Each block is checked against data/ on the way, and every fault is reported with its line and column.
"""

import re
from collections.abc import Callable, Mapping

from runbook.data.catalog import Catalog
from runbook.data.models.procedures import Procedure
from runbook.diagnostics import Fault, MacroError
from runbook.site.shell_blocks.fences import Fence, fences
from runbook.site.shell_blocks.syntax import Script, ShellSyntaxError, read
from runbook.site.shell_blocks.values import VALUE, Mark, Values
from runbook.site.shell_blocks.vocabulary import Names, nearest, page_vocabulary
from runbook.site.shell_blocks.writer import BlockWriter

__all__ = ["plain_to_reader"]

_MACRO = re.compile(r"\{\{\s*\w+\s*\(|\{%")
_EXPECTED_VARIABLE = re.compile(r"\$([A-Z_]+)")
_PLACEHOLDER = re.compile(r"<([a-z][a-z_]*)(?:, at most [^<>]+)?>")


def plain_to_reader(
    markdown: str, page: str, catalog: Catalog, mark: Mark = lambda kind, key: ""
) -> tuple[str, list[Fault]]:
    """The page with its command blocks in the reader's form, line by line where they were, and the faults in them.

    markdown: the page as it is written, before its macros are rendered. page: its path below docs/.
    mark: what to put in front of a value, by the kind and the key of its record.
    """
    return _Page(markdown, page, catalog, mark).convert()


class _Page:
    def __init__(self, markdown: str, page: str, catalog: Catalog, mark: Mark):
        assert catalog.system
        self._lines = markdown.splitlines(keepends=True)
        self._page, self._system = page, catalog.system
        self._procedures: Mapping[str, Procedure] = catalog.procedures
        self._procedure_of = {step.id: name for name, step in catalog.steps()}
        self._vocabulary = page_vocabulary()
        self._names = Names(catalog.system, self._vocabulary)
        self._values = Values(catalog, mark)
        self._faults: list[Fault] = []
        self._known: dict[str, set[str]] = {}

    def convert(self) -> tuple[str, list[Fault]]:
        for fence in fences(self._lines):
            if "bash" in fence.classes:
                self._command(fence)
            elif "expect" in fence.classes:
                self._expected(fence)
            elif "markdown" in fence.classes:
                self._literal(fence)
        return "".join(self._lines), sorted(set(self._faults))

    def _body(self, fence: Fence) -> str:
        return "".join(self._lines[fence.opens + 1 : fence.closes])

    def _replace(self, fence: Fence, body: str) -> None:
        self._lines[fence.opens + 1 : fence.closes] = body.splitlines(keepends=True)

    def _report(self, fence: Fence, body: str, at: int, text: str) -> None:
        line = body.count("\n", 0, at)
        column = at - (body.rfind("\n", 0, at) + 1)
        self._faults.append(Fault(f"docs/{self._page}", fence.opens + 2 + line, text, column + 1))

    def _command(self, fence: Fence) -> None:
        body = self._body(fence)

        def report(at: int, text: str) -> None:
            self._report(fence, body, at, text)

        if found := _MACRO.search(body):
            report(found.start(), "a macro in a command block; write plain shell, see docs/contributing.md")
            self._literal(fence)
            return
        try:
            script = read(body)
        except ShellSyntaxError as error:
            report(error.at, str(error))
            return
        known = self._known_in(fence, script, report)
        writer = BlockWriter(self._system, self._vocabulary, self._names, self._values, known, report)
        self._replace(fence, writer.write(body, script))
        if "{{" in body:
            self._literal(fence)

    def _known_in(self, fence: Fence, script: Script, report: Callable[[int, str], None]) -> set[str] | None:
        """The variables that are set before a block; in the first one of a procedure, checks that it asks for them."""
        name = self._procedure_of.get(fence.id or "")
        if name is None:
            calls = self._vocabulary.names["cli"] in self._body(fence).split()
            return set(self._system.variables) if calls else None
        if name not in self._known:
            wanted = self._procedures[name].set
            self._known[name] = set(self._procedures[name].values)
            line = " ".join([":", *(f"${{{variable}:?}}" for variable in wanted)])
            first = script.commands[0].words if script.commands else []
            if wanted and " ".join(word.source for word in first) != line:
                report(
                    0,
                    f'the first block of {name} does not begin with "{line} &&", as its `set` in data/ wants',
                )
        return self._known[name]

    def _expected(self, fence: Fence) -> None:
        body = self._body(fence)

        def value(found: re.Match[str]) -> str:
            try:
                given = self._values.of(found[1])
            except MacroError as error:
                self._report(fence, body, found.start(), str(error))
                return found[0]
            return found[0] if given is None else given

        for found in _EXPECTED_VARIABLE.finditer(body):
            if found[1] not in self._system.variables:
                near = nearest(found[1], self._system.variables)
                self._report(
                    fence, body, found.start(), f"${found[1]} is not under `variables` in data/system.yml{near}"
                )
        kinds = self._system.kinds
        for found in _PLACEHOLDER.finditer(body):
            if found[1] not in kinds:
                text = f"{found[0]} is neither under `placeholders` nor `variables` in data/system.yml"
                self._report(fence, body, found.start(), text + nearest(found[1], kinds))
        self._replace(fence, VALUE.sub(value, body))

    def _literal(self, fence: Fence) -> None:
        """Keeps the macros of a block as they are written: an example of a page, or a template's own brackets."""
        if fence.closes < len(self._lines):
            self._lines[fence.opens] = self._lines[fence.opens].rstrip("\n") + "{% raw %}\n"
            self._lines[fence.closes] = "{% endraw %}" + self._lines[fence.closes]
