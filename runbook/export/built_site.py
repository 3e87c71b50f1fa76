"""Reads the built site: which pages there are, in which order, and what stands on them.

What the export reads of a page, and nothing else: HTML's own elements, ids, and the names below. It reads no words:
whoever changes a sentence, a heading or a label changes no more than that on paper. `marked`, `has` and the style
sheets know these names alone; tests/export/test_contract.py holds that.
"""

import posixpath
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from lxml import html
from lxml.html import HtmlElement

# The values of the attribute data-print, which pages and macros write: what stands there, and what paper makes of it.
MARKS = {
    "none": "of use on a screen only, or leads to the next page: left out; a fact with nothing left is left out whole",
    "box": "the head or the end of a procedure: the steps between two boxes are kept together one by one",
    "step": "the heading of a step: stays on one sheet with what follows, down to its first command",
    "ifnot": "what to do when a step does not show what it must: a card takes its first sentences",
    "chain": "a chain of contacts: a card has it as numbers to dial",
    "clock": "the line under a step's heading: gets a box to tick and a place for the time",
    "end": "the end mark of a procedure or a list: stays with what it ends",
    "checklist": "a list of checks: becomes a form with lines for signatures",
    "check": "in a check: what is looked at; its id names the fields",
    "must": "in a check: the value that it must have",
    "by": "in a check: who looks",
    "evidence": "in a check: what is written down, the label of the field",
    "table": "a wrapper that holds a table: only the table is kept",
    "entry": "a record in a list to look things up in: links to it get no page number, its facts run in one paragraph",
    "places": "a fact that lists places: in a document of many pages their page numbers",
    "label": "words in a drawing: get a white copy below them, so that lines do not cross them",
    "channel": "how a contact is reached, after its name: a card gives a number to dial instead",
    "numbers": "a contact with every channel that wakes somebody: a card gives the numbers to dial alone",
    "sample": "the note that numbers are samples: a card says it once for all",
}
# Other attributes that pages and macros write.
ATTRIBUTES = {
    "data-print": "see above",
    "data-contact": "on a contact: its key in data/contacts.yml",
    "data-chain": "on a chain of contacts: its key in data/contacts.yml",
    "data-reason": "on a command block that no drill runs: why",
    "data-tip": "what a pointer shows: left out",
    "data-label": "the header of a cell's column, for telephones: left out",
}
# Classes that others write: the theme, Markdown's extensions, and the words on the fence of a block.
CLASSES = {
    "md-nav--primary": "theme: the navigation",
    "md-nav--secondary": "theme: the table of contents of a page, inside the navigation",
    "md-ellipsis": "theme: a name in the navigation",
    "md-content__button": "theme: edits the page; left out",
    "md-source-file": "theme: when the page was changed; left out",
    "headerlink": "toc: the sign that links to a heading; left out",
    "highlight": "highlight: a fenced block",
    "drill": "fence: commands that a drill runs",
    "undrilled": "fence: commands that no drill runs",
    "expect": "fence: what the commands print",
    "words": "fence: words to say or send",
}
# Classes that only the style sheets read: they change how something looks, never what stands there.
STYLED = {
    "admonition",
    "admonition-title",
    "danger",
    "warning",
    "alarm",
    "door",
    "doors",
    "close",
    "disaster",
    "override",
    "procedure",
    "rollback",
    "scenario",
    "first",
    "end",
    "meta",
    "row",
    "sample",
    "sev",
    "sev1",
    "sev3",
    "step",
    "t",
    "long",
    "tel",
    "threshold",
    "timeline",
    "triage",
}


def marked(*marks: str) -> str:
    """An XPath condition: the element has one of these marks. Raises KeyError for one that is not in MARKS."""
    return " or ".join(f'@data-print="{mark}"' for mark in marks if MARKS[mark])


def has(name: str) -> str:
    """An XPath condition: the element has this class. Raises KeyError for one that is not in CLASSES."""
    assert CLASSES[name]
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'


def mark(element: HtmlElement) -> str:
    """What paper makes of an element: one of MARKS, or "" when it is nothing particular."""
    return element.get("data-print", "")


def title_of(heading: HtmlElement) -> str:
    """The words of a heading, without the sign that links to it."""
    return " ".join("".join(heading.xpath(f".//text()[not(ancestor::a[{has('headerlink')}])]")).split())


class UnreadableError(RuntimeError):
    """The built site is not what was expected. The message says what is missing and what to do."""


def inner(element: HtmlElement, path: str) -> HtmlElement:
    """The first element at a path inside another. Raises UnreadableError when there is none."""
    if (found := element.find(path)) is None:
        raise UnreadableError(f"a <{element.tag!s}> has no {path.removeprefix('.//')} in it; was the site built anew?")
    return found


def parent_of(element: HtmlElement) -> HtmlElement:
    """What an element stands in. Raises UnreadableError for one that stands alone."""
    if (found := element.getparent()) is None:
        raise UnreadableError(f"a <{element.tag!s}> stands in nothing; was the site built anew?")
    return found


@dataclass(frozen=True)
class Page:
    """One page of the site.

    path: below the site's root, "" for the start page, else with a slash at the end.
    title: its first heading; top: that heading's id. part: the navigation's sections above it, joined by " · ", or "".
    article: what stands on it; taken as it is, so change a copy.
    """

    path: str
    title: str
    top: str
    part: str
    article: HtmlElement

    @cached_property
    def entries(self) -> frozenset[str]:
        """The ids of the records in its lists to look things up in."""
        return frozenset(self.article.xpath(f".//*[{marked('entry')}]/descendant-or-self::*/@id"))

    @property
    def stem(self) -> str:
        """`deployment/rollback_procedure`; `index` for the start page."""
        return self.path.rstrip("/") or "index"

    @property
    def prefix(self) -> str:
        """What sets its ids apart from those of other pages in one document."""
        return self.stem.replace("/", "-")

    def resolve(self, href: str) -> tuple[str, str] | None:
        """The page and the fragment that a link on this page leads to, or None when it leaves the site."""
        if "://" in href or href.split(":")[0] in ("tel", "mailto", "data"):
            return None
        address, fragment = urldefrag(urljoin(f"http://site/{self.path}", href))
        return address.removeprefix("http://site/").removesuffix("index.html"), fragment


def read(site: Path) -> list[Page]:
    """Every page, in the order of the navigation.

    site: the folder that mkdocs built. Raises UnreadableError when it holds no site or a page lacks its heading.
    """
    start = site / "index.html"
    if not start.is_file():
        raise UnreadableError(f"{site} holds no built site; run `make site` first")
    return [_page(site, path, part) for path, part in _order(_tree(start)).items()]


def _tree(file: Path) -> HtmlElement:
    return html.parse(str(file), html.HTMLParser(encoding="utf-8")).getroot()


def _order(tree: HtmlElement) -> dict[str, str]:
    """path -> part, as the navigation of the start page has them."""
    lists = tree.xpath(f"//nav[{has('md-nav--primary')}]/ul")
    if not lists:
        raise UnreadableError("index.html has no navigation; the theme may have changed")
    found: dict[str, str] = {}

    def walk(items: HtmlElement, parts: tuple[str, ...]) -> None:
        for item in items.findall("li"):
            # The table of contents of the page itself hangs in the navigation as well.
            below = next(iter(item.xpath(f"./nav[not({has('md-nav--secondary')})]/ul")), None)
            names = item.xpath(f"./*[self::a or self::label or self::div]//span[{has('md-ellipsis')}]")
            name = " ".join(names[0].text_content().split()) if names else ""
            inner = (*parts, name) if below is not None else parts
            for link in item.xpath("./a[@href] | ./div/a[@href]"):
                path = urldefrag(link.get("href"))[0]
                path = "" if path in ("", ".", "./") else posixpath.normpath(path) + "/"
                found.setdefault(path, " · ".join(inner))
            if below is not None:
                walk(below, inner)

    walk(lists[0], ())
    return found


def _page(site: Path, path: str, part: str) -> Page:
    article = _tree(site / path / "index.html").find(".//article")
    heading = article.find(".//h1") if article is not None else None
    if article is None or heading is None:
        raise UnreadableError(f"{path}index.html has no article with a heading")
    return Page(path, title_of(heading), heading.get("id", ""), part, article)
