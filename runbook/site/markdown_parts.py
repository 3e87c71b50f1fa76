"""Tables, lists and cells, the parts that blocks of Markdown are made of. They are given escaped Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from runbook.site.templating import fill_inline, render


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], css: str) -> Markup:
    """A table. Stands alone, with blank lines around it.

    css: a class for the table's wrapper, so that a style can address it. Raises ValueError for a row of another length.
    """
    lined_up = [[Markup(cell.replace("\n", " ")) for cell, _ in zip(row, headers, strict=True)] for row in rows]
    return render("table.md.jinja", css=css, headers=[Markup(header) for header in headers], rows=lined_up)


def folded(summary: str, text: str) -> Markup:
    """Some blocks that the reader opens by their summary. Stands alone, with blank lines around it."""
    return render("folded.md.jinja", summary=Markup(summary), text=Markup(text))


def row_filter(rows: str) -> Markup:
    """A field that leaves the rows that hold some words. It stands above them.

    rows: a CSS selector of the rows.
    """
    return render("filter.md.jinja", rows=rows)


def definition_list(facts: Iterable[tuple[str, str]], printed: Mapping[str, str] = MappingProxyType({})) -> Markup:
    """A definition list from pairs of a term, which is plain text, and its Markdown.

    printed: term -> what paper makes of the fact (runbook/export/built_site.py).
    """
    return render("definitions.md.jinja", facts=[(term, Markup(text)) for term, text in facts], printed=printed)


def bullets(texts: Iterable[str]) -> Markup:
    """A list."""
    return render("bullets.md.jinja", texts=[Markup(text) for text in texts])


def lines(texts: Iterable[str]) -> Markup:
    """Texts below each other in one cell; nothing when there are none."""
    return fill_inline("lines.md.jinja", lines=[Markup(text) for text in texts])


def row_anchor(anchor: str, text: str, entry: bool = False) -> Markup:
    """The place in a table that links lead to, and the text behind it.

    entry: whether paper takes the row for a heading (runbook/export/built_site.py).
    """
    return fill_inline("row_anchor.md.jinja", id=anchor, text=Markup(text), entry=entry)
