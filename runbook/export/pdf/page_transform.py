"""A page of the site -> the same page for paper: no buttons, numbered references, wrapped lines, fields to fill in."""

import copy
from dataclasses import dataclass, field

from lxml import etree, html
from lxml.html import HtmlElement
from markupsafe import Markup

from runbook.export.built_site import Page, has, inner, mark, marked, parent_of
from runbook.export.pdf import column_widths as columns
from runbook.export.pdf.form_fields import Fields
from runbook.export.pdf.line_wrap import pieces

# What the theme and its extensions add for a screen.
SCREEN_ONLY = ["md-content__button", "headerlink", "md-source-file"]
HEADINGS = ("h1", "h2", "h3", "h4")
# The diagrams' colours on paper: black, white and two greys, every meaning by line and word.
DIAGRAM = """
text { fill: #000; font: 11px 'Runbook Sans'; text-anchor: middle; }
.strong { font-size: 12px; font-weight: 700; } .mid, .label, .right { font-size: 10px; }
.num { font-size: 9px; font-weight: 700; fill: #fff; }
.left { text-anchor: start; } .right { text-anchor: end; }
rect { fill: #fff; stroke: #000; stroke-width: 1; } rect.good { stroke-width: 2.5; } rect.solid { stroke-width: 2; }
rect.frame { fill: none; stroke-dasharray: 5 3; } rect.gap { fill: #ddd; stroke-dasharray: 3 3; }
rect.track { fill: none; stroke: #777; }
rect.dashed { fill: none; stroke-dasharray: 3 2; stroke-width: 1.5; }
.arrow { fill: none; stroke: #000; stroke-width: 1.4; } .arrow.dashed { stroke-dasharray: 4 3; }
.life { stroke: #777; } .tip, .dot { fill: #000; }
"""


class UnprintableError(RuntimeError):
    """A page holds something that paper cannot show. The message names the page and the thing."""


def classes(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def markup(element: HtmlElement) -> Markup:
    """An element as HTML, without the attributes that told the export what to make of it."""
    for marked_ in element.xpath("descendant-or-self::*[@data-print or @data-contact or @data-chain]"):
        for name in ("data-print", "data-contact", "data-chain"):
            marked_.attrib.pop(name, None)
    return Markup(etree.tostring(element, encoding="unicode", method="html"))


def drop(element: HtmlElement) -> None:
    """Takes an element out and leaves the text behind it."""
    element.drop_tree()


@dataclass
class Paper:
    """Turns pages into parts of one document.

    together: the pages that the document holds, by path; links between them become page references.
    pages: every page of the site, by path.
    url: the live site; links to anything else lead there. columns: characters in a line of commands.
    """

    together: dict[str, Page]
    pages: dict[str, Page]
    url: str
    columns: int
    fields: Fields = field(default_factory=Fields)

    def part(self, page: Page) -> HtmlElement:
        """The page as a <section>, its ids prefixed, to stand beside other pages. Leaves the page itself as it is."""
        body = copy.deepcopy(page.article)
        body.tag, body.tail = "section", None
        body.attrib.clear()
        body.set("class", "page")
        for name in SCREEN_ONLY:
            for element in body.xpath(f".//*[{has(name)}]"):
                drop(element)
        for element in body.xpath(f".//script | .//style | .//noscript | .//comment() | .//*[{marked('none')}]"):
            drop(element)
        self._bare(body)
        self._links(page, body)
        self._ids(page, body)
        self._marks(body)
        for block in body.xpath(f".//div[{has('highlight')}]"):
            self._block(block)
        for listing in body.xpath(".//dl"):
            self._facts(listing)
        for checklist in body.xpath(f".//*[{marked('checklist')}]"):
            self.fields.checklist(checklist)
        self._numbers(body)
        for meta in body.xpath(f".//*[{marked('clock')}]"):
            self.fields.step(meta)
        self.fields.record(body)
        for svg in body.iter("svg"):
            self._diagram(page, svg)
        self._lists(body)
        self._steps(body)
        self._ranks(body)
        for table in body.iter("table"):
            if not set(classes(table)) & {"facts", "form", "signed"}:
                columns.fit(table)
        return body

    # ------------------------------------------------------------------ links

    def target(self, path: str, fragment: str) -> str:
        """The id of a place in this document."""
        page = self.together[path]
        return f"{page.prefix}--{fragment}" if fragment not in ("", page.top) else page.prefix

    def _links(self, page: Page, body: HtmlElement) -> None:
        for link in body.xpath(".//a"):
            href = link.get("href")
            if not href:
                link.drop_tag()
                continue
            inside = page.resolve(href)
            for name in ("title", "target", "rel", "download"):
                link.attrib.pop(name, None)
            if inside is None:
                continue
            path, fragment = inside
            if path in self.together:
                link.set("href", "#" + self.target(path, fragment))
                # Links to entries can be clicked; a page number after each would drown the text.
                if fragment not in self.together[path].entries:
                    link.set("class", "ref")
            else:
                link.set("href", self.url + path + (f"#{fragment}" if fragment else ""))
                other = self.pages.get(path)
                if (
                    other
                    and fragment not in other.entries
                    and other.title.casefold() not in link.text_content().casefold()
                ):
                    page_name = html.Element("span", {"class": "see"})
                    page_name.text, page_name.tail, link.tail = f" »{other.title}«", link.tail, None
                    link.addnext(page_name)

    @staticmethod
    def _bare(body: HtmlElement) -> None:
        """Links that hold nothing but words: tagged PDF wants one link element for each, not one for each inner one."""
        for link in body.xpath(".//a[*]"):
            if link[0].tag == "strong" and not (link.text or "").strip() and len(link) > 1:
                # The first words are the link; the rest explains it.
                link.tag = "span"
                inner = html.Element("a", {"href": link.attrib.pop("href")})
                first = link.find("strong")
                inner.text, first.text = first.text_content(), None
                for child in list(first):
                    first.remove(child)
                first.append(inner)
            elif (
                len(link) == 1
                and not (link.text or "").strip()
                and not (link[0].tail or "").strip()
                and link[0].tag in ("strong", "em", "code")
            ):
                outer = html.Element(link[0].tag)
                outer.tail, link.tail = link.tail, None
                link[0].drop_tag()
                link.getparent().replace(link, outer)
                outer.append(link)
            for child in list(link.iterdescendants()) if link.tag == "a" else []:
                child.drop_tag()

    @staticmethod
    def _ranks(body: HtmlElement) -> None:
        """Headings without gaps in their ranks. A page may skip one: steps look the same wherever they stand."""
        last = 0
        for heading in body.xpath(".//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]"):
            wanted = int(heading.tag[1])
            rank = min(wanted, last + 1)
            heading.tag = f"h{rank}"
            last = rank

    def _ids(self, page: Page, body: HtmlElement) -> None:
        for element in body.xpath(".//*[@id]"):
            if element.tag != "svg" and not any(parent.tag == "svg" for parent in element.iterancestors()):
                element.set("id", f"{page.prefix}--{element.get('id')}")
        inner(body, ".//h1").set("id", page.prefix)

    @staticmethod
    def _marks(body: HtmlElement) -> None:
        for element in body.xpath(".//*[@data-tip or @data-label]"):
            element.attrib.pop("data-tip", None)
            element.attrib.pop("data-label", None)
        # Wrappers without a meaning on paper.
        for element in body.xpath(f".//*[{marked('table')}]"):
            element.drop_tag()
        for head in body.xpath(".//thead//th"):
            head.set("scope", "col")
        for target in body.xpath(".//span[@id][not(node())]"):
            # An empty target takes no room on paper; its cell is the target.
            target.getparent().set("id", target.get("id"))
            drop(target)

    # --------------------------------------------------------------- commands

    def _block(self, block: HtmlElement) -> None:
        """A fenced block as lines; a line that was cut ends with a drawn mark and goes on indented."""
        code = inner(block, ".//code")
        kind = next((name for name in ("expect", "words", "drill", "undrilled") if name in classes(block)), "plain")
        text = code.text_content().rstrip("\n")
        new = html.Element("div", {"class": f"code {kind}"})
        if block.get("id"):
            new.set("id", block.get("id"))
        label = {
            "expect": "Expect",
            "words": "Words to say or send",
            "undrilled": f"Not drilled: {block.get('data-reason')}.",
        }.get(kind)
        if label:
            etree.SubElement(new, "p", {"class": "kind"}).text = label
        for line in text.splitlines():
            cut = [line] if kind == "words" else pieces(line, self.columns)
            for i, piece in enumerate(cut):
                css = "line" + (" more" if i < len(cut) - 1 else "") + (" on" if i else "")
                etree.SubElement(new, "p", {"class": css}).text = piece or " "
        new.tail = block.tail
        parent_of(block).replace(block, new)

    # ------------------------------------------------------------------ facts

    def _facts(self, listing: HtmlElement) -> None:
        """A definition list as a table of two columns, which breaks over pages where a list would not."""
        table = html.Element("table", {"class": "facts"})
        body = etree.SubElement(table, "tbody")
        for term in listing.findall("dt"):
            name = " ".join(term.text_content().split())
            values = []
            below = term.getnext()
            while below is not None and below.tag == "dd":
                values.append(below)
                below = below.getnext()
            if not any(len(value) or value.text_content().strip() for value in values):
                continue
            if mark(term) == "places" and len(self.together) > 1:
                name = self._pages(values[0]) or name
            row = etree.SubElement(body, "tr")
            etree.SubElement(row, "th", {"scope": "row"}).text = name
            for value in values:
                value.tag = "td"
                row.append(value)
                value.tail = None
        new = self._run_in(table) if mark(parent_of(listing)) == "entry" else table
        new.tail = listing.tail
        parent_of(listing).replace(listing, new)

    @staticmethod
    def _run_in(table: HtmlElement) -> HtmlElement:
        """Facts as one paragraph, for lists of hundreds of records."""
        words = html.Element("p", {"class": "runin"})
        for name, value in table.iter("tr"):
            term = etree.SubElement(words, "strong")
            term.text, term.tail = name.text, " "
            value.tag, value.tail = "span", " "
            words.append(value)
        return words

    @staticmethod
    def _pages(cell: HtmlElement) -> str:
        """Turns a list of places into page numbers, as in an index. Returns the name of the row, "" without places."""
        links = cell.xpath('.//a[@class="ref"]')
        if not links:
            return ""
        for child in list(cell):
            cell.remove(child)
        cell.text = ""
        for i, link in enumerate(links):
            link.text, link.tail = None, ", " if i < len(links) - 1 else ""
            link.set("class", "listed")
            link.set("data-page-of", link.get("href"))
            cell.append(link)
        return "Used on page" + ("s" if len(links) > 1 else "")

    @staticmethod
    def _numbers(body: HtmlElement) -> None:
        """After each reference, "(see page N)".

        The number is stamped, with its bracket, when the pages stand.
        """
        for link in body.xpath('.//a[@class="ref"]'):
            see = html.Element("span", {"class": "see"})
            # After the code that a link stands in: the words are no part of it, and its letters would not fit the room.
            after = next(
                (it for it in link.iterancestors("code") if it[-1] is link and not (link.tail or "").strip()), link
            )
            see.text, see.tail, after.tail = "\xa0(see page\xa0", after.tail, None
            etree.SubElement(see, "span", {"class": "n", "data-page-of": link.get("href")})
            after.addnext(see)

    # --------------------------------------------------------------- diagrams

    def _diagram(self, page: Page, svg: HtmlElement) -> None:
        title = svg.find("title")
        if title is None:
            raise UnprintableError(f"{page.path}: a drawing without a title; give it one, a screen reader reads it out")
        description = svg.find("desc")
        if description is not None:
            title.text = f"{title.text}. {description.text}"
            drop(description)
        svg.attrib.pop("aria-labelledby", None)
        style = html.Element("style")
        style.text = DIAGRAM
        svg.insert(1, style)
        for label in svg.xpath(f".//text[{marked('label')}]"):
            # A white copy below it keeps the words apart from the lines that cross them.
            halo = copy.deepcopy(label)
            halo.tail = None
            halo.set("style", "stroke: #fff; stroke-width: 3px; fill: #fff")
            label.addprevious(halo)
        box = (svg.get("viewbox") or svg.get("viewBox") or "0 0 0 0").split()
        svg.set("style", f"width: {float(box[2]) * 0.95:.0f}pt; height: {float(box[3]) * 0.95:.0f}pt")

    # -------------------------------------------------------------- structure

    @staticmethod
    def _lists(body: HtmlElement) -> None:
        """What stands in a list item becomes its one body, which is how tagged PDF wants it."""
        for item in body.xpath(".//li"):
            if not any(child.tag in ("p", "div", "ul", "ol", "table") for child in item):
                continue
            holder = html.Element("dd", {"class": "body"})
            holder.text, item.text = item.text, None
            for child in list(item):
                holder.append(child)
            item.append(holder)

    @staticmethod
    def _steps(body: HtmlElement) -> None:
        """A step's heading, its clock and all down to its first command stay on one page."""
        for heading in body.xpath(f".//*[{marked('step')}]"):
            group, below = html.Element("div", {"class": "together"}), heading.getnext()
            heading.addprevious(group)
            group.append(heading)
            heading.tail = None
            while below is not None and below.tag not in HEADINGS and mark(below) not in ("box", "end"):
                after = below.getnext()
                group.append(below)
                below.tail = None
                if "drill" in classes(below) or "undrilled" in classes(below) or len(group) > 4:
                    break
                below = after
