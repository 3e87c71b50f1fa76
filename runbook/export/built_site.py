"""Reads the built site: which pages there are, in which order, and what stands on them."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from lxml import html
from lxml.html import HtmlElement


class Unreadable(RuntimeError):
    """The built site is not what was expected. The message says what is missing and what to do."""


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

    site: the folder that mkdocs built. Raises Unreadable when it holds no site or a page lacks its heading.
    """
    start = site / "index.html"
    if not start.is_file():
        raise Unreadable(f"{site} holds no built site; run `make site` first")
    return [_page(site, path, part) for path, part in _order(_tree(start)).items()]


def _tree(file: Path) -> HtmlElement:
    return html.parse(str(file), html.HTMLParser(encoding="utf-8")).getroot()


def _order(tree: HtmlElement) -> dict[str, str]:
    """path -> part, as the navigation of the start page has them."""
    lists = tree.xpath('//nav[contains(@class, "md-nav--primary")]/ul')
    if not lists:
        raise Unreadable("index.html has no navigation; the theme may have changed")
    found: dict[str, str] = {}

    def walk(items: HtmlElement, parts: tuple[str, ...]) -> None:
        for item in items.findall("li"):
            below = item.find("nav/ul")
            # The table of contents of the page itself hangs in the navigation as well.
            if below is not None and "md-nav--secondary" in below.getparent().get("class", ""):
                below = None
            names = item.xpath('./*[self::a or self::label or self::div]//span[@class="md-ellipsis"]')
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
    if heading is None:
        raise Unreadable(f"{path}index.html has no article with a heading")
    title = " ".join("".join(heading.xpath('.//text()[not(ancestor::a[contains(@class, "headerlink")])]')).split())
    return Page(path, title, heading.get("id", ""), part, article)
