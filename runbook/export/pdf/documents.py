"""The documents: the whole book and one for each page, as HTML for the press."""

import io
from dataclasses import dataclass

import segno
from lxml import html
from lxml.html import HtmlElement
from markupsafe import Markup

from runbook.export.built_site import Page, inner, marked
from runbook.export.edition import PrintEdition
from runbook.export.pdf.binding import EDITION_MARK
from runbook.export.pdf.form_fields import Fields, words
from runbook.export.pdf.page_transform import Paper, markup
from runbook.export.templating import render

# A page with more sections than this is a list to look things up in; the table of contents names only the page.
SECTIONS_IN_CONTENTS = 40


@dataclass(frozen=True)
class Chapter:
    """A part of a document that is laid out, and kept, by itself. It begins on a new sheet.

    name: sets it apart in its document. html: the whole of it; elements with `data-page-of` get the number of a page.
    css: the style sheets by name, in order. sides: how many pages it may have, None for as many as it needs.
    sizes: the type's sizes in points for a number of sides; the largest that fits is taken.
    """

    name: str
    html: str
    css: tuple[str, ...]
    sides: int | None = None
    sizes: tuple[float, ...] = ()


@dataclass(frozen=True)
class PrintDocument:
    """One PDF to be: where it goes, below site/pdf/, and what it is put together from."""

    file: str
    chapters: tuple[Chapter, ...]


def qr(url: str, label: str, size: str) -> Markup:
    """An address as a QR code: inline SVG with a title, that survives a smudge (level Q)."""
    out = io.BytesIO()
    segno.make(url, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, title=label, omitsize=True, lineclass=None, svgclass=None
    )
    sized = f'<svg class="qr" style="width: {size}; height: {size}" '
    return Markup(out.getvalue().decode().replace("<svg ", sized, 1))


def document(edition: PrintEdition, title: str, kind: str, body: Markup) -> str:
    """The HTML of a whole document. kind: a class for what is particular to it."""
    return render("document.html.jinja", edition=edition, title=title, kind=kind, body=body)


def book(pages: list[Page], edition: PrintEdition, columns: int) -> PrintDocument:
    """Every page in one document, with a cover and a table of contents."""
    every = {page.path: page for page in pages}
    parts = []
    for page in pages:
        part = Paper(every, every, edition.url, columns, Fields(scope=page.prefix)).part(page)
        part.set("data-part", page.part or edition.firm)
        parts.append(part)
    code = qr(edition.url, f"QR code: the live copy at {edition.url}", "34mm")
    front = render("cover.html.jinja", edition=edition, code=code)
    front += render("contents.html.jinja", lines=_contents(pages, parts))
    bodies = {"front": front} | {page.prefix: markup(part) for page, part in zip(pages, parts, strict=True)}
    title = f"{edition.name}, {EDITION_MARK}"
    return PrintDocument(
        "runbook.pdf",
        tuple(
            Chapter(name, document(edition, title, "book", body), ("paper.css", "book.css"))
            for name, body in bodies.items()
        ),
    )


def page(one: Page, pages: list[Page], edition: PrintEdition, columns: int) -> PrintDocument:
    """One page as a document of its own. Links to other pages lead to the live site and name the page."""
    paper = Paper({one.path: one}, {other.path: other for other in pages}, edition.url, columns)
    part = paper.part(one)
    part.set("data-part", one.part or edition.firm)
    live = edition.url + one.path
    head = render("page_head.html.jinja", edition=edition, code=qr(live, f"QR code: this page at {live}", "22mm"))
    inner(part, ".//h1").addnext(html.fragment_fromstring(head))
    whole = document(edition, f"{one.title}, {edition.name}", "one", markup(part))
    return PrintDocument(f"{one.stem}.pdf", (Chapter(one.prefix, whole, ("paper.css",)),))


def _contents(pages: list[Page], parts: list[HtmlElement]) -> list[tuple[str, str | None, str]]:
    """Page by page, with the sections and the procedures below: (kind, the target's id or None, text)."""
    lines: list[tuple[str, str | None, str]] = []
    last = ""
    for page_, part in zip(pages, parts, strict=True):
        if page_.part != last and page_.part:
            lines.append(("part", None, page_.part))
        last = page_.part
        lines.append(("one", page_.prefix, page_.title))
        headings = part.xpath(f".//h2 | .//h3[not({marked('step')})]")
        if len(headings) > SECTIONS_IN_CONTENTS:
            headings = part.xpath(".//h2")
        if len(headings) <= SECTIONS_IN_CONTENTS:
            lines += [
                ("two" if heading.tag == "h2" else "three", heading.get("id"), words(heading))
                for heading in headings
                if heading.get("id")
            ]
    return lines
