"""The documents: the whole book and one for each page, as HTML for the press."""

import io
from dataclasses import dataclass
from html import escape

import segno
from lxml import html
from lxml.html import HtmlElement

from runbook.export.built_site import Page, inner, marked
from runbook.export.edition import PrintEdition
from runbook.export.pdf.page_transform import Paper, markup

# A page with more sections than this is a list to look things up in; the table of contents names only the page.
SECTIONS_IN_CONTENTS = 40
SAMPLE = "SAMPLE: this is the project's sample data. Nobody answers these numbers."
READING = (
    "A line of a command that ends with the sign {more} goes on in the next line, which is indented: type both as "
    "one line. "
    "“See page” points into this document; a name in double angle quotes points to another sheet of the runbook. "
    "Numbers, roles, commands and exit codes stand in alphabetical or numerical order under Reference and Control "
    "surface. "
    "Fields can be filled in on a screen and saved, or with a pen."
)


@dataclass(frozen=True)
class PrintDocument:
    """One PDF to be: where it goes, below site/pdf/, and its HTML.

    css: the style sheets by name, in order. sides: how many pages it may have, None for as many as it needs.
    sizes: the type's sizes in points for a sheet with a number of sides; the largest that fits is taken.
    """

    file: str
    html: str
    css: tuple[str, ...]
    sides: int | None = None
    sizes: tuple[float, ...] = ()


def qr(url: str, label: str, size: str) -> str:
    """An address as a QR code: inline SVG with a title, that survives a smudge (level Q)."""
    out = io.BytesIO()
    segno.make(url, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, title=label, omitsize=True, lineclass=None, svgclass=None
    )
    return out.getvalue().decode().replace("<svg ", f'<svg class="qr" style="width: {size}; height: {size}" ', 1)


def head(edition: PrintEdition, title: str, css: str) -> str:
    """The start of a document: metadata, header and footer. css: a class for what is particular to it."""
    private = "INTERNAL: holds personal numbers · " if edition.audience == "internal" else ""
    sample = "SAMPLE DATA · " if edition.sample else ""
    return (
        f'<!doctype html><html lang="{escape(edition.language)}"><head><meta '
        f'charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="author" content="{escape(edition.firm)}"><meta name="description" '
        f'content="{escape(edition.description)}">'
        f'<meta name="dcterms.created" content="{edition.stamp}"><meta name="dcterms.modified" '
        f'content="{edition.stamp}">'
        f'<meta name="generator" content="{escape(edition.name)}"></head>'
        f'<body class="{css}" data-name="{escape(edition.name)}" '
        f'data-edition="{escape(private + sample + edition.title)}" '
        f'data-valid="{escape(f"Printed copy valid until {edition.valid}")}">'
    )


def reading() -> str:
    """How paper is read, with the sign that stands where a line was cut."""
    before, after = READING.split("{more}")
    words = f'{escape(before)}<span class="sign"></span>{escape(after)}'
    return f'<p class="reading"><strong>How to read this.</strong> {words}</p>'


def facts(edition: PrintEdition) -> str:
    """Where it comes from and how long it holds, as a table."""
    rows = [
        ("Edition", f"{edition.date}, {edition.audience}"),
        ("Commit", edition.commit),
        ("For daemon releases", " and ".join(edition.releases)),
        ("Printed copy valid until", edition.valid),
        ("Live copy", f'<a href="{escape(edition.url)}">{escape(edition.url)}</a>'),
    ]
    return (
        '<table class="facts">'
        + "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
        + "</table>"
    )


def book(pages: list[Page], edition: PrintEdition, columns: int) -> PrintDocument:
    """Every page in one document, with a cover and a table of contents."""
    paper = Paper(every := {page.path: page for page in pages}, every, edition.url, columns)
    parts = [paper.part(page) for page in pages]
    for page, part in zip(pages, parts, strict=True):
        part.set("data-part", page.part or edition.firm)
    sample = f'<p class="sample">{SAMPLE}</p>' if edition.sample else ""
    cover = (
        f'<section class="cover"><p class="firm">{escape(edition.firm)}</p><p '
        f'class="title">{escape(edition.name)}</p><p>{escape(edition.description)}</p>{sample}'
        f"{facts(edition)}{qr(edition.url, f'QR code: the live copy at {edition.url}', '34mm')}{reading()}</section>"
    )
    contents = f'<section class="contents"><p class="heading">Contents</p>{_contents(pages, parts)}</section>'
    body = "".join(map(markup, parts))
    return PrintDocument(
        "runbook.pdf",
        head(edition, f"{edition.name}, {edition.title}", "book") + cover + contents + body + "</body></html>",
        ("paper.css", "book.css"),
    )


def page(one: Page, pages: list[Page], edition: PrintEdition, columns: int) -> PrintDocument:
    """One page as a document of its own. Links to other pages lead to the live site and name the page."""
    paper = Paper({one.path: one}, {other.path: other for other in pages}, edition.url, columns)
    part = paper.part(one)
    part.set("data-part", one.part or edition.firm)
    live = edition.url + one.path
    band = f'<div class="band">{qr(live, f"QR code: this page at {live}", "22mm")}{facts(edition)}</div>'
    heading = inner(part, ".//h1")
    heading.addnext(html.fragment_fromstring(band + reading(), create_parent="div"))
    if edition.sample:
        heading.addnext(html.fragment_fromstring(f'<p class="sample">{SAMPLE}</p>'))
    body = markup(part)
    return PrintDocument(
        f"{one.stem}.pdf",
        head(edition, f"{one.title}, {edition.name}", "one") + body + "</body></html>",
        ("paper.css",),
    )


def _contents(pages: list[Page], parts: list[HtmlElement]) -> str:
    """Page by page, with the sections and the procedures below; the style sheet adds the page numbers."""
    lines, last = [], ""
    for page_, part in zip(pages, parts, strict=True):
        if page_.part != last and page_.part:
            lines.append(f'<p class="part">{escape(page_.part)}</p>')
        last = page_.part
        lines.append(_entry(page_.prefix, page_.title, "one"))
        headings = part.xpath(f".//h2 | .//h3[not({marked('step')})]")
        if len(headings) > SECTIONS_IN_CONTENTS:
            headings = part.xpath(".//h2")
        if len(headings) <= SECTIONS_IN_CONTENTS:
            lines += [
                _entry(it.get("id"), it.text_content(), "two" if it.tag == "h2" else "three")
                for it in headings
                if it.get("id")
            ]
    return "".join(lines)


def _entry(target: str, text: str, css: str) -> str:
    return f'<p class="{css}"><a href="#{escape(target)}">{escape(" ".join(text.split()))}</a></p>'
