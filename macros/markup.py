"""Mends the theme's markup in the built pages, so that each is valid HTML. Only what a template override cannot reach."""

import re
from pathlib import Path

# What the theme writes, what stands there instead, and why.
MENDS = (
    # An empty number is none. A label that opens nothing takes no focus.
    (re.compile(r'(<label class="md-nav__link[^>]*) tabindex=""'), r"\1"),
    # A check box knows no autocomplete. Its form does, and says the same: a reload leaves menu and search closed.
    (re.compile(r'(<input class="md-toggle"[^>]* id="__drawer") autocomplete="off"'), r'<form id="__state" autocomplete="off" hidden></form>\1 form="__state"'),
    (re.compile(r'(<input class="md-toggle"[^>]* id="__search") autocomplete="off"'), r'\1 form="__state"'),
)
NAMED = re.compile(r'aria-labelledby="(__nav_\w+)_label"')


def mend(html: str) -> str:
    """A page as the theme wrote it -> the same page, valid."""
    for pattern, instead in MENDS:
        html = pattern.sub(instead, html)
    # A section whose first page is its only one has no label of the name that its list refers to: the list bears the title itself.
    for name in set(NAMED.findall(html)):
        if f'id="{name}_label"' not in html:
            title = re.search(rf'<label class="md-nav__title" for="{name}">(.*?)</label>', html, re.S)
            words = " ".join(re.sub(r"<[^>]*>", "", title[1]).split())
            html = html.replace(f'aria-labelledby="{name}_label"', f'aria-label="{words}"')
    # Nor has its page a switch for the contents.
    if 'id="__toc"' not in html:
        html = html.replace('<label class="md-nav__title" for="__toc">', '<label class="md-nav__title">')
    return html


def mend_all(site: Path) -> None:
    """Mends every page of the built site, in place."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        mended = mend(text)
        if mended != text:
            path.write_text(mended, encoding="utf-8")
