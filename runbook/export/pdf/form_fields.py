"""Fields to fill in, on a screen or with a pen. Every field has a name and a label of its own."""

import re
from dataclasses import dataclass, field

from lxml import etree, html
from lxml.html import HtmlElement

from runbook.export.built_site import UnreadableError, mark, marked, parent_of
from runbook.export.pdf.column_widths import widths


def _part(item: HtmlElement, name: str) -> HtmlElement:
    """The one part of a check with this mark."""
    found: list[HtmlElement] = item.xpath(f".//*[{marked(name)}]")
    if len(found) != 1:
        raise UnreadableError(f"a check has {len(found)} parts marked {name!r} instead of one: {words(item)}")
    return found[0]


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


@dataclass
class Fields:
    """Makes the fields of one document. Names are unique in it, and the same in every build.

    scope: what the names begin with, "" for nothing. kept: how often a name has been given.
    """

    scope: str = ""
    kept: dict[str, int] = field(default_factory=dict)

    def _name(self, name: str) -> str:
        name = re.sub(r"[^a-z0-9]+", "-", f"{self.scope} {name}".lower()).strip("-")
        self.kept[name] = self.kept.get(name, 0) + 1
        return name if self.kept[name] == 1 else f"{name}-{self.kept[name]}"

    def tick(self, name: str, label: str) -> HtmlElement:
        """A box to tick."""
        return html.Element("input", {"type": "checkbox", "name": self._name(name), "title": label, "class": "tick"})

    def text(self, name: str, label: str, css: str) -> HtmlElement:
        """A line to write on. css: how long it is."""
        return html.Element(
            "input", {"type": "text", "name": self._name(name), "title": label, "class": f"write {css}"}
        )

    # ------------------------------------------------------------- checklists

    def checklist(self, block: HtmlElement) -> None:
        """A pause point as a form: tick, object, value, what was seen, initials; then who, when, signature."""
        table = html.Element("table", {"class": "form"})
        widths(table, 7, 57, 25, 11)
        head = etree.SubElement(etree.SubElement(table, "thead"), "tr")
        for title in ("Done", "Check …… must be", "Seen", "Initials"):
            etree.SubElement(head, "th", {"scope": "col"}).text = title
        body = etree.SubElement(table, "tbody")
        for number, item in enumerate(block.iter("li"), 1):
            check, must, by, evidence = (_part(item, name) for name in ("check", "must", "by", "evidence"))
            name = check.get("id", f"item-{number}").rsplit("--", 1)[-1]
            subject = words(check)
            row = etree.SubElement(body, "tr")
            if check.get("id"):
                row.set("id", check.get("id"))
            box = etree.SubElement(row, "td", {"class": "do"})
            box.append(self.tick(name, f"{number}. {subject}: done"))
            cell = etree.SubElement(row, "td")
            etree.SubElement(cell, "strong").text = f"{number}. {subject}"
            cell[-1].tail = " …… "
            must.tail = None
            cell.append(must)
            write = words(evidence)
            etree.SubElement(cell, "br")
            etree.SubElement(cell, "small").text = f"{words(by)} · write down: {write}"
            etree.SubElement(row, "td", {"class": "seen"}).append(
                self.text(f"{name}-seen", f"{number}. {subject}: {write}", "wide")
            )
            etree.SubElement(row, "td", {"class": "who"}).append(
                self.text(f"{name}-initials", f"{number}. {subject}: initials", "wide")
            )
        table.tail = block.tail
        parent_of(block).replace(block, table)
        scope = self._name("pause")
        table.addnext(self.signature(scope, ["Operator", "Verifier"]))
        _keep(table)

    def signature(self, scope: str, people: list[str]) -> HtmlElement:
        """Lines for names, dates with zone and signatures."""
        table = html.Element("table", {"class": "signed"})
        body = etree.SubElement(table, "tbody")
        for person in people:
            row = etree.SubElement(body, "tr")
            for kind, css in ((f"{person}, name", "who"), ("Date, time, zone", "when"), ("Signature", "hand")):
                cell = etree.SubElement(row, "td", {"class": css})
                etree.SubElement(cell, "small").text = kind
                cell.append(
                    self.text(f"{scope}-{person}-{css}", f"{person}: {kind if css != 'who' else 'name'}", "wide")
                )
        return table

    # ------------------------------------------------------------------ steps

    def step(self, meta: HtmlElement) -> None:
        """The line under a step's heading gets a box to tick and a place for the clock."""
        heading = meta.getprevious()
        title = words(heading) if heading is not None else words(meta)
        name = (heading.get("id") if heading is not None else None) or "step"
        tail = etree.SubElement(meta, "span", {"class": "log"})
        tail.text = " done "
        tail.append(self.tick(f"{name}-done", f"{title}: done"))
        tail[-1].tail = " at "
        tail.append(self.text(f"{name}-at", f"{title}: clock", "clock"))

    # ---------------------------------------------------------------- records

    def record(self, body: HtmlElement) -> None:
        """Empty cells beside a question are there to be filled in."""
        for row in body.xpath(".//tbody/tr[count(td) = 2 and not(td[2]/node())]"):
            label, cell = row.findall("td")
            cell.set("class", "fill")
            table = next(row.iterancestors("table"))
            if table.find("colgroup") is None:
                widths(table, 42, 58)
            cell.append(self.text(f"record-{words(label)[:40]}", words(label), "wide"))


def _keep(table: HtmlElement) -> None:
    """Heading, mode, list, signatures and END mark of a pause point on one sheet."""
    group = html.Element("div", {"class": "together"})
    first = table
    last = table.getnext()
    if last is None:
        raise UnreadableError("nothing stands after a pause point; it ends with its END mark")
    while (before := first.getprevious()) is not None and str(before.tag) in ("p", "h3", "h2"):
        first = before
        above = before.getprevious()
        if before.tag != "p" and (above is None or str(above.tag) not in ("h2", "h3")):
            break
    after = last.getnext()
    if after is not None and mark(after) == "end":
        last = after
    first.addprevious(group)
    moved: HtmlElement | None = first
    while moved is not None:
        after = None if moved is last else moved.getnext()
        group.append(moved)
        moved = after
