"""The cards: one sheet of paper, two sides, for a desk. Words of the pages, numbers and people of the data."""

import re
from decimal import Decimal
from html import escape

import phonenumbers
from lxml import etree, html
from lxml.html import HtmlElement

from runbook.data.catalog import PLACEHOLDER, Catalog
from runbook.data.models.contacts import Channel, Contact
from runbook.data.quantity import clock
from runbook.export.built_site import Page, UnreadableError, mark, title_of
from runbook.export.edition import PrintEdition
from runbook.export.pdf.documents import PrintDocument, head, qr
from runbook.export.pdf.form_fields import Fields
from runbook.export.pdf.line_wrap import pieces
from runbook.export.pdf.page_transform import markup

DESK = "desk/"
RECOVERY = "deployment/disaster_recovery/"
ROLLBACK = "deployment/rollback_procedure/"
# Points. Text for an emergency is 12 pt and more; the operators' commands leave less room.
DESK_SIZES = (13.5, 13, 12.5, 12)
OPERATOR_SIZES = (11, 10.5, 10, 9.5, 9)
# Characters of a command line on the operator's card, beside the box and the clock.
COMMAND_COLUMNS = 84


class Cards:
    """Builds both cards.

    catalog: the data. pages: the built pages. edition: what stands in the footer.
    """

    def __init__(self, catalog: Catalog, pages: list[Page], edition: PrintEdition):
        self.catalog, self.edition = catalog, edition
        self.pages = {page.path: page for page in pages}

    # ------------------------------------------------------------------- desk

    def desk(self) -> PrintDocument:
        """What a trader needs with everything else gone. The side for the emergency comes first."""
        call = self.catalog.messages["broker_call"]
        fields = Fields()
        mine = "".join(
            f"<td><small>{escape(label)}</small>{_html(fields.text(label, label, 'wide'))}</td>"
            for label in ("My account", "Account number at the broker", "My desk's telephone")
        )
        sections = [
            f'<table class="signed"><tbody><tr>{mine}</tr></tbody></table>',
            self._section("dead", DESK, "1"),
            f"<section><h2><b>2</b> Flatten by hand</h2>{self._steps(RECOVERY, 'platform', 'On the broker’s platform')}"
            f"<h3>By telephone, when the platform does not answer</h3>{self._person('broker_desk')}"
            "<p><strong>Have ready:</strong> "
            f"{escape('; '.join(self.catalog.contacts.contacts['broker_desk'].have_ready))}.</p>"
            f'<p class="say">{"<br>".join(escape(line) for line in self._plain(call.text).splitlines())}</p>'
            f"<p><strong>Write down:</strong> {escape(call.reply)}. "
            f"{_html(fields.text('call-name', 'Who answered at the broker', 'name'))} at "
            f"{_html(fields.text('call-time', 'Time of the call', 'clock'))}</p></section>",
            self._section("kill-switch", DESK, "3"),
            f"<section><h2><b>4</b> Whom to call, in order</h2>{self._chain('sev1')}</section>",
            self._section("does", DESK, "5"),
            self._section("deployment", DESK, "6"),
            self._message("hold"),
            self._message("clear"),
        ]
        return self._card(
            "desk-card.pdf",
            "Desk card",
            "For traders: what to do when the daemon is not there",
            DESK,
            DESK_SIZES,
            "".join(sections),
        )

    # --------------------------------------------------------------- operator

    def operator(self) -> PrintDocument:
        """What the operations desk needs in the first five minutes: who does what, and the way back."""
        fields = Fields()
        procedures = "".join(self._procedure(name, fields) for name in ("first", "warm", "cold"))
        body = f"{procedures}<section><h2>Call, in order</h2>{self._chain('sev1')}</section>"
        return self._card(
            "operator-card.pdf",
            "Operator card",
            "First five minutes, warm rollback, cold rollback",
            ROLLBACK,
            OPERATOR_SIZES,
            f'<div class="dense">{body}</div>',
        )

    def _procedure(self, key: str, fields: Fields) -> str:
        """A procedure as a list: tick, what, clock, command."""
        it = self.catalog.procedures[key]
        page = self.pages[it.page.removesuffix(".md") + "/"]
        rows, ends = [], Decimal(0)
        for number, step in enumerate(it.steps, 1):
            ends += self.catalog.thresholds[step.budget].value.base
            block = page.article.xpath(f'.//div[@id="{step.id}"]//code')
            command = ""
            if block:
                lines = [piece for line in block[0].text_content().rstrip("\n").splitlines() for piece in _marked(line)]
                command = f'<div class="code drill">{"".join(lines)}</div>'
            tick = _html(fields.tick(f"{key}-{step.id}", f"{number}. {step.title}: done"))
            at = _html(fields.text(f"{key}-{step.id}-at", f"{number}. {step.title}: clock", "clock"))
            hand = f"<p>{escape(self._plain(step.human))}.</p>" if step.human else ""
            rows.append(
                f'<tr><td class="do">{tick}</td><td><p><strong>{number}. '
                f'{escape(step.title)}</strong></p>{hand}{command}</td><td class="at">by '
                f"{clock(ends)}<br>{at}</td></tr>"
            )
        gap = f", gap at most {self.catalog.thresholds[it.gap].value}" if it.gap else ""
        example = " ".join(f"{name}={self.catalog.system.variables[name].example}" for name in it.set)
        return (
            f"<section><h2>{escape(it.title)}: {self.catalog.thresholds[it.budget].value}{gap}</h2>"
            f"<p>{escape(self._plain(it.use_when))} Set first, with your own values: <code>{escape(example)}</code></p>"
            '<table class="run"><colgroup><col style="width: 5%"><col style="width: 82%"><col style="width: '
            f'13%"></colgroup><tbody>{"".join(rows)}</tbody></table>'
            f"<p><strong>Verify:</strong> {escape(self._plain(' '.join(it.verify)))} <strong>Stop when:</strong> "
            f"{escape(self._plain(' '.join(it.stop_when)))}</p></section>"
        )

    # ----------------------------------------------------------------- pieces

    def _card(
        self, file: str, title: str, purpose: str, path: str, sizes: tuple[float, ...], content: str
    ) -> PrintDocument:
        live = self.edition.url + path
        sample = '<p class="sample">SAMPLE DATA: nobody answers these numbers.</p>' if self.edition.sample else ""
        code = qr(live, f"QR code: the live copy at {live}", "22mm")
        words = f"<h1>{escape(title)}</h1><p>{escape(purpose)}.<br>Live copy: {escape(live)}</p>"
        top = f"<header>{code}{words}{sample}</header>"
        end = f'<p class="end">END · {escape(title)}</p>'
        return PrintDocument(
            file,
            head(self.edition, f"{title}, {self.edition.name}", "card") + top + content + end + "</body></html>",
            ("paper.css", "card.css"),
            2,
            sizes,
        )

    def _section(self, key: str, path: str, number: str) -> str:
        """A section of a page: from the heading with this id to the next one of its rank, without links and notes."""
        page = self.pages.get(path)
        found = page.article.xpath(f'.//*[self::h2 or self::h3][@id="{key}"]') if page else []
        if not found:
            raise UnreadableError(f"the page {path} has no section #{key}; a card needs it")
        heading = found[0]
        parts = [f"<h2>{f'<b>{number}</b> ' if number else ''}{escape(title_of(heading))}</h2>"]
        for element in _below(heading):
            parts.append(self._clean(element))
        return f"<section>{''.join(parts)}</section>"

    def _steps(self, path: str, key: str, title: str) -> str:
        """The numbered list of a section."""
        heading = self.pages[path].article.xpath(f'.//*[@id="{key}"]')
        lists = [element for element in _below(heading[0]) if element.tag == "ol"] if heading else []
        if not lists:
            raise UnreadableError(f"{path}#{key} has no numbered list; the desk card needs it")
        return f"<h3>{title}</h3>{self._clean(lists[0])}"

    def _clean(self, element: HtmlElement) -> str:
        """An element without what leads away from paper: links become their words, and people get their telephone."""
        copy = html.fromstring(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
        for link in list(copy.iter("a")):
            if key := link.get("data-contact"):
                after = link.getnext()
                # The page gives the first channel, which may be a pager; paper gives a number to dial.
                if after is not None and mark(after) == "channel":
                    link.tail = " "
                    after.text = _number(self.catalog.contacts.contacts[key])
                    after.attrib.pop("href", None)
                    after.tag = "strong"
            if link.tag == "a":
                link.drop_tag()
        for tipped in copy.xpath(".//*[@data-tip or @data-label]"):
            tipped.attrib.clear()
        for table in [copy] if copy.tag == "table" else copy.iter("table"):
            for cell in table.iter("th"):
                cell.set("scope", "col")
        return markup(copy)

    def _person(self, key: str) -> str:
        it = self.catalog.contacts.contacts[key]
        who, number = f"<strong>{escape(it.title)}</strong>", f"<strong>{escape(_number(it))}</strong>"
        return f'<p class="person">{who} …… {number} <small>{escape(_hours(it))}</small></p>'

    def _chain(self, key: str) -> str:
        rows = []
        for number, name in enumerate(self.catalog.contacts.chains[key], 1):
            it = self.catalog.contacts.contacts[name]
            who = f"{it.name}, {it.title}" if it.name else it.title
            rows.append(
                f"<tr><td>{number}. "
                f"{escape(who)}</td><td><strong>{escape(_number(it))}</strong></td><td>{escape(_hours(it))}</td></tr>"
            )
        wait = next(
            (
                self.catalog.thresholds[it.respond].value
                for it in self.catalog.scenarios.severities.values()
                if it.chain == key
            ),
            None,
        )
        rule = f"<p>No answer within {wait}: call the next one.</p>" if wait else ""
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("Who", "Telephone", "Hours"))
        body = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody>"
        return f'<table class="chain">{body}</table>{rule}'

    def _message(self, key: str) -> str:
        """The words in which traders are told, so that they know them when they come."""
        it = self.catalog.messages[key]
        lines = "<br>".join(escape(line) for line in self._plain(it.text).splitlines())
        return f'<section><h3>The words of “{escape(it.title)}”</h3><p class="say">{lines}</p></section>'

    def _plain(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: str(self.catalog.thresholds[found[1]].value), text)


def _html(element: HtmlElement) -> str:
    return etree.tostring(element, encoding="unicode", method="html")


def _marked(line: str) -> list[str]:
    cut = pieces(line, COMMAND_COLUMNS)
    return [
        f'<p class="line{" more" if i < len(cut) - 1 else ""}{" on" if i else ""}">{escape(piece) or " "}</p>'
        for i, piece in enumerate(cut)
    ]


def _below(heading: HtmlElement) -> list[HtmlElement]:
    """What stands under a heading, down to the next one of the same rank or a higher one."""
    found, element = [], heading.getnext()
    while element is not None and not (
        re.fullmatch(r"h[1-6]", str(element.tag)) and str(element.tag) <= str(heading.tag)
    ):
        if isinstance(element.tag, str) and mark(element) not in ("none", "sample"):
            found.append(element)
        element = element.getnext()
    return found


def _number(contact: Contact) -> str:
    """The number to dial; the first other channel for who has none."""
    phone: Channel | None = next((it for it in contact.channels if it.kind == "phone"), None)
    if phone is None:
        return f"{contact.channels[0].kind} {contact.channels[0].value}"
    return phonenumbers.format_number(
        phonenumbers.parse(phone.value, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


def _hours(contact: Contact) -> str:
    if contact.hours == "always":
        return "always"
    return f"{contact.hours.days} {contact.hours.from_}–{contact.hours.to} {contact.zone}"
