"""Mends what the theme, the highlighter and Markdown write into the built pages, where no template reaches."""

import re
from collections.abc import Callable
from pathlib import Path

# What the theme writes, what stands there instead, and why.
MENDS = (
    # An empty tabindex is invalid HTML, and this label must not take the focus.
    (re.compile(r'(<label class="md-nav__link[^>]*) tabindex=""'), r"\1"),
    # `autocomplete` is invalid on a check box. On its form it does the same: a reload leaves menu and search closed.
    (
        re.compile(r'(<input class="md-toggle"[^>]* id="__drawer") autocomplete="off"'),
        r'<form id="__state" autocomplete="off" hidden></form>\1 form="__state"',
    ),
    (re.compile(r'(<input class="md-toggle"[^>]* id="__search") autocomplete="off"'), r'\1 form="__state"'),
    # The dialogue of the search needs a name for screen readers.
    (re.compile(r'(<div class="md-search" data-md-component="search" role="dialog")>'), r'\1 aria-label="Search">'),
    # A space of a command needs no element of its own; they were a tenth of a page's.
    (re.compile(r'<span class="w">(\s+)</span>'), r"\1"),
    # What to do when a step's output differs is marked for print: the export reads marks, never words.
    (re.compile(r"<p>(?=<strong>If not:</strong>)"), '<p data-print="ifnot">'),
)
HEADING = re.compile(r"<h([1-6])\b")
NAMED = re.compile(r'aria-labelledby="(__nav_\w+)_label"')


def mend(html: str) -> str:
    """A page as the theme wrote it -> the same page, valid."""
    for pattern, instead in MENDS:
        html = pattern.sub(instead, html)
    # A section with a page of its own has an empty label, or none: the list bears the title itself.
    for name in set(NAMED.findall(html)):
        label = re.search(rf'<label[^>]* id="{name}_label"[^>]*>(.*?)</label>', html, re.S)
        if not label or not words(label[1]):
            title = re.search(rf'<label class="md-nav__title" for="{name}">(.*?)</label>', html, re.S)
            if not title:
                raise LookupError(f"the theme no longer writes a title for {name}; see runbook/site/html_fixups.py")
            html = html.replace(f'aria-labelledby="{name}_label"', f'aria-label="{words(title[1])}"')
    # A page without sections has no switch for its contents.
    if 'id="__toc"' not in html:
        html = html.replace('<label class="md-nav__title" for="__toc">', '<label class="md-nav__title">')
    return HEADING.sub(levels(), html)


def words(html: str) -> str:
    """The text of a piece of HTML."""
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def levels() -> Callable[[re.Match[str]], str]:
    """Says of each heading how deep it is, where its number says more: a step is an h4 below an h2 too."""
    above: list[str] = []

    def told(match: re.Match[str]) -> str:
        while above and above[-1] >= match[1]:
            above.pop()
        above.append(match[1])
        return match[0] if len(above) == int(match[1]) else f'{match[0]} aria-level="{len(above)}"'

    return told


def mend_all(site: Path) -> None:
    """Mends every page of the built site, in place."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        mended = mend(text)
        if mended != text:
            path.write_text(mended, encoding="utf-8")
