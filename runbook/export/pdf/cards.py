"""The cards: one sheet of paper, two sides, for a desk. Words of the pages, numbers and people of the data."""

import re
from decimal import Decimal

import phonenumbers
from lxml import etree, html
from lxml.html import HtmlElement
from markupsafe import Markup

from runbook.data.catalog import PLACEHOLDER, Catalog
from runbook.data.models.contacts import Channel, Contact
from runbook.data.quantity import clock
from runbook.export.built_site import Page, UnreadableError, mark, marked, title_of
from runbook.export.edition import PrintEdition
from runbook.export.pdf.card_steps import read_step
from runbook.export.pdf.documents import Chapter, PrintDocument, document, qr
from runbook.export.pdf.form_fields import Fields
from runbook.export.pdf.line_wrap import pieces
from runbook.export.pdf.page_transform import markup
from runbook.export.templating import render

DESK = "desk/"
PLATFORM = "deployment/override/platform/"
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
        call, fields = self.catalog.messages["broker_call"], Fields()
        own = [
            (label, fields.text(label, label, "wide"))
            for label in ("My account", "Account number at the broker", "My desk's telephone")
        ]
        broker_desk = self.catalog.contacts.contacts["broker_desk"]
        flatten = render(
            "card_flatten.html.jinja",
            first=self._first_words(DESK, "flatten"),
            platform=self._list(PLATFORM, "platform"),
            desk=(broker_desk.title, _telephones(broker_desk), _hours(broker_desk)),
            ready=broker_desk.have_ready,
            lines=self._plain(call.text).splitlines(),
            reply=call.reply,
            name_field=fields.text("call-name", "Who answered at the broker", "name"),
            time_field=fields.text("call-time", "Time of the call", "clock"),
        )
        sections = [
            render("card_own_numbers.html.jinja", fields=own),
            self._section("dead", DESK, 1),
            flatten,
            self._section("kill-switch", DESK, 3),
            render("card_section.html.jinja", number=4, title="Whom to call, in order", content=self._chain("sev1")),
            self._section("does", DESK, 5),
            self._section("deployment", DESK, 6),
            self._message("hold"),
            self._message("clear"),
        ]
        return self._card(
            "desk-card.pdf",
            "Desk card",
            "For traders: what to do when the daemon is not there",
            DESK,
            DESK_SIZES,
            Markup("").join(sections),
        )

    # --------------------------------------------------------------- operator

    def operator(self) -> PrintDocument:
        """What the operations desk needs in the first five minutes: who does what, and the way back."""
        fields = Fields()
        sections = [self._procedure(name, fields) for name in ("first", "warm", "cold")]
        sections.append(
            render("card_section.html.jinja", number=None, title="Call, in order", content=self._chain("sev1"))
        )
        return self._card(
            "operator-card.pdf",
            "Operator card",
            "First five minutes, warm rollback, cold rollback",
            ROLLBACK,
            OPERATOR_SIZES,
            Markup('<div class="dense">{}</div>').format(Markup("").join(sections)),
        )

    def _procedure(self, key: str, fields: Fields) -> Markup:
        """A procedure as a list: tick, what, command, what it prints and what if not, clock."""
        procedure = self.catalog.procedures[key]
        page = self.pages[procedure.page.removesuffix(".md") + "/"]
        steps, ends = [], Decimal(0)
        for number, step in enumerate(procedure.steps, 1):
            ends += self.catalog.thresholds[step.budget].value.base
            seen = read_step(page, self.pages, step.id)
            steps.append(
                {
                    "title": step.title,
                    "human": self._plain(step.human) if step.human else "",
                    "lines": _lines(seen.command) if seen.command else [],
                    "expect": seen.expect,
                    "if_not": seen.if_not,
                    "by": clock(ends),
                    "tick": fields.tick(f"{key}-{step.id}", f"{number}. {step.title}: done"),
                    "at": fields.text(f"{key}-{step.id}-at", f"{number}. {step.title}: clock", "clock"),
                }
            )
        return render(
            "card_procedure.html.jinja",
            title=procedure.title,
            budget=self.catalog.thresholds[procedure.budget].value,
            gap=self.catalog.thresholds[procedure.gap].value if procedure.gap else None,
            use_when=self._plain(procedure.use_when),
            example="set -u; "
            + " ".join(f"{name}={self.catalog.system.variables[name].example}" for name in procedure.values),
            steps=steps,
            verify=self._plain(" ".join(procedure.verify)),
            stop_when=self._plain(" ".join(procedure.stop_when)),
        )

    # ----------------------------------------------------------------- pieces

    def _card(
        self, file: str, title: str, purpose: str, path: str, sizes: tuple[float, ...], content: Markup
    ) -> PrintDocument:
        live = self.edition.url + path
        code = qr(live, f"QR code: the live copy at {live}", "20mm")
        body = render(
            "card.html.jinja",
            edition=self.edition,
            title=title,
            purpose=purpose,
            live=live,
            code=code,
            content=content,
        )
        whole = document(self.edition, f"{title}, {self.edition.name}", "card", body)
        return PrintDocument(file, (Chapter(title, whole, ("paper.css", "card.css"), 2, sizes),))

    def _section(self, key: str, path: str, number: int) -> Markup:
        """A section of a page: from the heading with this id to the next one of its rank, without links and notes."""
        heading = self._heading(path, key)
        content = Markup("").join(map(self._clean, _below(heading)))
        return render("card_section.html.jinja", number=number, title=title_of(heading), content=content)

    def _first_words(self, path: str, key: str) -> Markup:
        """The first paragraph of a section."""
        return self._clean(next(element for element in self._in_section(path, key) if element.tag == "p"))

    def _list(self, path: str, key: str) -> Markup:
        """The numbered list of a section."""
        lists = [element for element in self._in_section(path, key) if element.tag == "ol"]
        if not lists:
            raise UnreadableError(f"{path}#{key} has no numbered list; the desk card needs it")
        return self._clean(lists[0])

    def _heading(self, path: str, key: str) -> HtmlElement:
        page = self.pages.get(path)
        found = page.article.xpath(f'.//*[self::h1 or self::h2 or self::h3][@id="{key}"]') if page else []
        if not found:
            raise UnreadableError(f"the page {path} has no section #{key}; a card needs it")
        heading: HtmlElement = found[0]
        return heading

    def _in_section(self, path: str, key: str) -> list[HtmlElement]:
        return _below(self._heading(path, key))

    def _clean(self, element: HtmlElement) -> Markup:
        """An element without what leads away from paper: links become their words, and people get their telephone."""
        if chain := element.get("data-chain"):
            return render("card_chain_list.html.jinja", people=self._people(chain))
        copy = html.fromstring(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
        for named in copy.xpath(f"descendant-or-self::*[{marked('numbers')}]"):
            contact = self.catalog.contacts.contacts[named.get("data-contact")]
            for channel in list(named):
                named.remove(channel)
            named.text = f"{contact.title}, "
            etree.SubElement(named, "strong").text = _telephones(contact)
        for link in list(copy.iter("a")):
            if key := link.get("data-contact"):
                after = link.getnext()
                # The page gives the first channel, which may be a pager; paper gives a number to dial.
                if after is not None and mark(after) == "channel":
                    link.tail = " "
                    after.text = _telephone(self.catalog.contacts.contacts[key])
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

    def _people(self, key: str) -> list[tuple[str, str, str]]:
        """A chain: name, number to dial, hours."""
        contacts = [self.catalog.contacts.contacts[name] for name in self.catalog.contacts.chains[key]]
        return [
            (
                f"{contact.name}, {contact.title}" if contact.name else contact.title,
                _telephone(contact),
                _hours(contact),
            )
            for contact in contacts
        ]

    def _chain(self, key: str) -> Markup:
        waits = [level.respond for level in self.catalog.scenarios.severities.values() if level.chain == key]
        return render(
            "card_chain.html.jinja",
            people=self._people(key),
            wait=self.catalog.thresholds[waits[0]].value if waits else None,
        )

    def _message(self, key: str) -> Markup:
        """The words in which traders are told, so that they know them when they come."""
        message = self.catalog.messages[key]
        lines = self._plain(message.text).splitlines()
        return render("card_message.html.jinja", title=message.title, lines=lines)

    def _plain(self, text: str) -> str:
        """Text of the data as paper has it: thresholds as their values, code without its backticks."""
        return PLACEHOLDER.sub(lambda found: str(self.catalog.thresholds[found[1]].value), text).replace("`", "")


def _lines(command: str) -> list[dict[str, str | bool]]:
    """A command as lines that fit on the card: text, whether it goes on in the next (more), whether it did (on)."""
    found: list[dict[str, str | bool]] = []
    for line in command.rstrip("\n").splitlines():
        cut = pieces(line, COMMAND_COLUMNS)
        found += [{"text": piece, "more": i < len(cut) - 1, "on": i > 0} for i, piece in enumerate(cut)]
    return found


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


def _telephone(contact: Contact) -> str:
    """The number to dial; the first other channel for who has none."""
    return _dialled(contact.to_call[0])


def _telephones(contact: Contact) -> str:
    """Every number to dial, each with its note."""
    phones = [channel for channel in contact.to_call if channel.kind == "phone"]
    return ", ".join(
        f"{_dialled(channel)} ({channel.note})" if channel.note else _dialled(channel) for channel in phones
    )


def _dialled(channel: Channel) -> str:
    if channel.kind != "phone":
        return f"{channel.kind} {channel.value}"
    return phonenumbers.format_number(
        phonenumbers.parse(channel.value, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


def _hours(contact: Contact) -> str:
    if contact.hours == "always":
        return "always"
    return f"{contact.hours.days} {contact.hours.from_}–{contact.hours.to} {contact.zone}"
