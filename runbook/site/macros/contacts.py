"""Who is called, in which order, with which words, and who signs."""

from urllib.parse import quote

import phonenumbers
import segno
from markupsafe import Markup

from runbook.data.models.authority import Act
from runbook.data.models.contacts import Channel, Contact
from runbook.diagnostics import MacroError
from runbook.site.escape import code, md
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import CHAINS, CHECKLIST, MESSAGES, InlineMacros
from runbook.site.markdown_parts import bullets, definition_list, lines, row_anchor, row_filter, table
from runbook.site.templating import fill_inline, render


class ContactMacros:
    """Macros for contacts, chains, messages and sign-offs."""

    def __init__(self, inline: InlineMacros):
        self.inline, self.catalog = inline, inline.catalog

    @macro("contact")
    def contact(self, key: str) -> str:
        """`contact("broker_desk")` -> title, linked to the contact, and its telephone, or else its first channel."""
        it = self.catalog.find("contact", self.catalog.contacts.contacts, key)
        place = f"/reference/contacts.md#c-{key.replace('_', '-')}"
        named = f'[{md(it.title)}]({place}){{ data-contact="{key}" }}'
        return f"{self.inline.mark('contact', key)}{named} {self.channel(it.to_call[0])}"

    @macro("all_numbers")
    def all_numbers(self, key: str) -> str:
        """A contact with every channel that wakes somebody, telephones first."""
        it = self.catalog.find("contact", self.catalog.contacts.contacts, key)
        numbers = fill_inline("all_numbers.md.jinja", key=key, title=it.title, channels=Markup(self._waking(it)))
        return self.inline.mark("contact", key) + numbers

    @macro("have_ready")
    def have_ready(self, key: str) -> str:
        """What to have ready before calling a contact."""
        it = self.catalog.find("contact", self.catalog.contacts.contacts, key)
        if not it.have_ready:
            raise MacroError(f'contact {key} has no "have_ready" in data/contacts.yml')
        return f"{self.inline.mark('contact', key)}{md('; '.join(it.have_ready))}"

    def channel(self, channel: Channel) -> str:
        """A channel that can be tapped: telephone, pager, chat, bridge, mail."""
        if channel.kind in ("phone", "bridge"):
            number = phonenumbers.parse(channel.value, None)
            href = "tel:" + phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        elif channel.kind in ("pager", "mail"):
            href, shown = f"mailto:{channel.value}", channel.value
        else:
            href, shown = self._chat_address(channel.value), channel.value
        return fill_inline("channel.md.jinja", kind=channel.kind, href=href, shown=shown, note=channel.note)

    def _chat_address(self, channel: str) -> str:
        """Where a chat channel opens."""
        return self.catalog.contacts.meeting.chat.replace("%s", quote(channel.lstrip("#"), safe=""))

    def _chat(self, channel: str) -> str:
        """`_chat("#incident")` -> the channel, linked to where it opens."""
        return fill_inline("chat.md.jinja", href=self._chat_address(channel), shown=channel)

    def _waking(self, it: Contact) -> str:
        """Every channel that reaches a person who sleeps, telephones first."""
        return ", ".join(self.channel(channel) for channel in it.to_call if channel.wakes)

    def _hours(self, contact: Contact) -> str:
        """A contact's hours; the browser adds the time there and whether it is within them."""
        return fill_inline("hours.md.jinja", contact=contact)

    def _verified(self, it: Contact) -> str:
        """When a contact was last called; the browser marks what has grown old."""
        days = self.catalog.thresholds["contact.age"].value.whole("d")
        return fill_inline("verified.md.jinja", date=it.verified, days=days)

    def _next(self, name: str) -> str:
        """Who follows a contact, in each chain that it stands in."""
        found = []
        for key, chain in self.catalog.contacts.chains.items():
            if name in chain:
                after = chain[chain.index(name) + 1 :][:1]
                link = (
                    f"[{md(self.catalog.contacts.contacts[after[0]].title)}](#c-{after[0].replace('_', '-')})"
                    if after
                    else "nobody; the chain ends here"
                )
                found.append(f"[{md(key)}]({CHAINS}#chain-{key}): {link}")
        return lines(found)

    def _card(self, it: Contact) -> str:
        """A contact as a QR code for a phone's camera. In the internal edition alone: it may hold personal numbers."""
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"FN:{_vcard(it.name or it.title)}",
            f"N:{_vcard(it.name or it.title)};;;;",
            f"ORG:{_vcard(self.catalog.site.firm)}",
            f"TITLE:{_vcard(it.title)}",
        ]
        lines += [
            f"TEL;TYPE=WORK:{channel.value.replace(' ', '')}" for channel in it.channels if channel.kind == "phone"
        ]
        lines += [f"EMAIL:{channel.value}" for channel in it.channels if channel.kind in ("mail", "pager")]
        svg = segno.make("\r\n".join([*lines, "END:VCARD"]) + "\r\n", error="m", micro=False).svg_inline(
            scale=2,
            omitsize=True,
            title=f"{it.title}: contact for a telephone's camera",
            svgclass="vcard",
            lineclass=None,
            light="#fff",
        )
        return svg.replace("\n", "")

    @macro("chain")
    def chain(self, key: str) -> str:
        """A chain as numbered lines: who, how, when, and after how long the next one."""
        people = self.catalog.find("chain", self.catalog.contacts.chains, key)
        rows = []
        for name in people:
            contact = self.catalog.contacts.contacts[name]
            rows.append(
                (
                    Markup(self.inline.mark("contact", name)),
                    contact.name,
                    contact.title,
                    f"/reference/contacts.md#c-{name.replace('_', '-')}",
                    Markup(self._waking(contact)),
                    Markup(self._hours(contact)),
                    Markup(self._verified(contact)),
                )
            )
        return render("chain.md.jinja", key=key, people=rows) + self.sample_note()

    @macro("chains")
    def chains(self, *keys: str) -> str:
        """Some chains with their headings."""
        severities = {it.chain: it for it in self.catalog.scenarios.severities.values()}
        blocks = []
        for key in keys:
            title = (
                f"{it.title}: next person after {self.catalog.thresholds[it.respond].value.spoken}"
                if (it := severities.get(key))
                else f"{self.catalog.authority[key].title}: who decides"
                if key in self.catalog.authority
                else key
            )
            blocks.append(f"\n#### {md(title)} {{ #chain-{key} }}\n{self.chain(key)}")
        return "".join(blocks)

    @macro("sample_note")
    def sample_note(self) -> str:
        """The mark that these are samples; nothing once the data is the firm's own."""
        if not self.catalog.site.sample:
            return ""
        return render("sample_note.md.jinja")

    @macro("contacts_table")
    def contacts_table(self) -> str:
        """Every contact: roles, channels, hours, deputy, languages, verified, where used."""
        blocks = [str(row_filter("div.contact"))]
        for name, it in self.catalog.contacts.contacts.items():
            anchor = "c-" + name.replace("_", "-")
            facts = [
                ("Roles", ", ".join(self.inline.role(role) for role in it.roles)),
                ("Reach", lines(self.channel(channel) for channel in it.channels)),
                ("Hours", f"{self._hours(it)}; time zone {md(it.zone)}"),
                (
                    "Deputy",
                    f"[{md(self.catalog.contacts.contacts[it.deputy].title)}](#c-{it.deputy.replace('_', '-')})"
                    if it.deputy
                    else "none; the chain goes on",
                ),
                ("Verified", f"{self._verified(it)}; again within {self.inline.threshold('contact.age')}"),
            ]
            if self.catalog.audience == "internal":
                facts.append(("Scan", self._card(it)))
            if it.name:
                facts.insert(0, ("Name", md(it.name)))
            if it.have_ready:
                facts.append(("Have ready", md("; ".join(it.have_ready))))
            more = [
                ("Languages", md(", ".join(it.languages))),
                ("Next in the chain", self._next(name) or "in no chain"),
                ("Used in", self.inline.used_in("contact", name, otherwise="chains only")),
                ("Source", self.inline.edit_link("contacts", "contacts", name)),
            ]
            blocks.append(
                render(
                    "contact.md.jinja",
                    anchor=anchor,
                    contact=it,
                    facts=definition_list(facts),
                    more=definition_list(more, {"Used in": "places"}),
                )
            )
        return f"{''.join(blocks)}{self.sample_note()}"

    @macro("roles_table")
    def roles_table(self) -> str:
        """Every role: what it does, what it may do alone, who holds it."""
        rows = []
        for key, it in self.catalog.contacts.roles.items():
            holders = ", ".join(
                f"[{md(self.catalog.contacts.contacts[name].title)}](#c-{name.replace('_', '-')})"
                for name in self.catalog.holders(key)
            )
            rows.append(
                [
                    row_anchor(f"role-{key.replace('_', '-')}", f"**{md(it.title)}**", entry=True),
                    self.inline.sentence(it.does),
                    lines(md(act.title) for act in self.catalog.authority.values() if self._alone(key, act)) or "–",
                    holders + (" (outside the firm)" if it.external else ""),
                ]
            )
        return table(["Role", "Does", "May, alone", "Held by"], rows, "roles")

    @staticmethod
    def _alone(role: str, act: Act) -> bool:
        """Whether one holder of a role may decide an act without another signature."""
        return role in act.decides and act.signoff is None

    @macro("authority")
    def authority(self, key: str) -> str:
        """Who decides an act, as a part of a sentence: any one of them, or all who sign; who else, and when."""
        act = self.catalog.find("act", self.catalog.authority, key)
        roles = [self.inline.role(role) for role in act.decides]
        if act.signoff:
            return f"{' and '.join(roles)}, [signed]({CHECKLIST}#signoff-{act.signoff})"
        alone = f"{', '.join(roles[:-1])} or {roles[-1]}, any one alone" if len(roles) > 1 else roles[0]
        if act.after is None or act.fallback is None:
            return alone
        later = self.inline.threshold(act.after)
        return f"{alone}; {self.inline.role(act.fallback)} if none of them answers within {later}"

    @macro("authority_table")
    def authority_table(self) -> str:
        """Every act: who decides, who carries it out, who is told, and what stays so while nobody decides."""
        rows = [
            [
                row_anchor(f"act-{key.replace('_', '-')}", f"**{md(act.title)}**", entry=True),
                self.authority(key),
                ", ".join(self.inline.role(role) for role in act.carries_out),
                ", ".join(self.inline.role(role) for role in act.told),
                self.inline.sentence(act.nobody),
            ]
            for key, act in self.catalog.authority.items()
        ]
        return table(["Act", "Decides", "Carries out", "Is told", "While nobody decides"], rows, "authority")

    @macro("roles_duty")
    def roles_duty(self, *keys: str) -> str:
        """Some roles as a short list, for a page."""
        roles = self.catalog.contacts.roles
        return bullets(f"**{self.inline.role(key)}**: {self.inline.sentence(roles[key].does)}" for key in keys)

    @macro("signoffs_table")
    def signoffs_table(self) -> str:
        """Who approves what."""
        rows = []
        for key, it in self.catalog.contacts.signoffs.items():
            rows.append(
                [
                    row_anchor(f"signoff-{key}", f"**{md(it.title)}**"),
                    " and ".join(self.inline.role(role) for role in it.roles),
                    self.inline.threshold(it.quorum),
                    ", ".join(self.inline.role(role) for role in it.not_),
                    self.inline.sentence(it.evidence) + (f" {self.inline.sentence(it.note)}" if it.note else ""),
                ]
            )
        return table(["Sign-off", "By", "Quorum", "Never by", "On the evidence of"], rows, "signoffs")

    @macro("deputies_table")
    def deputies_table(self) -> str:
        """Who signs when the first one cannot."""
        rows = []
        for role in sorted({role for it in self.catalog.contacts.signoffs.values() for role in it.roles}):
            for name in self.catalog.holders(role):
                it = self.catalog.contacts.contacts[name]
                if it.deputy is None:  # the checks of the data refuse that for a role that signs
                    raise MacroError(f"{name} signs as {role} and has no deputy")
                deputy = self.catalog.contacts.contacts[it.deputy]
                rows.append(
                    [self.inline.role(role), md(it.title), self._hours(it), md(deputy.title), self._hours(deputy)]
                )
        return table(["Role", "Holder", "Hours", "Deputy", "Hours of the deputy"], rows, "deputies")

    @macro("message")
    def message(self, key: str) -> str:
        """A message template: to whom, when, within what time, the words to copy, the answer that is expected."""
        it = self.catalog.find("message", self.catalog.messages, key)
        words = self.inline.plain_sentence(it.text)
        if "```" in words:
            raise MacroError(f"message {key}: takes no code fence")
        return (
            f"\n#### {md(it.title)} {{ #message-{key} }}\n\n"
            f"To {md(', '.join(it.to))}, by {self.inline.role(it.by)}. {self.inline.sentence(it.when)}, within "
            f"{self.inline.threshold(it.within)}.\n\n"
            f"``` {{ .text .words }}\n{words}\n```\n\n"
            f"Answer: {code(it.reply) if it.reply != 'none' else 'none is needed.'}\n"
        )

    @macro("message_text")
    def message_text(self, key: str) -> str:
        """The words of a message, for a text block to copy."""
        message = self.catalog.find("message", self.catalog.messages, key)
        return self.inline.plain_sentence(message.text.replace("```", "'''"))

    @macro("message_link")
    def message_link(self, key: str) -> str:
        """A link to a message and its channel, for a step that sends it."""
        it = self.catalog.find("message", self.catalog.messages, key)
        where = self.catalog.contacts.meeting.traders if "traders" in it.to else self.catalog.contacts.meeting.channel
        return f"Send [{md(it.title)}]({MESSAGES}#message-{key}) to {self._chat(where)}"

    @macro("traders_channel")
    def traders_channel(self) -> str:
        """Where traders are told."""
        return self._chat(self.catalog.contacts.meeting.traders)

    @macro("meeting")
    def meeting(self) -> str:
        """Where everybody meets: bridge and channel."""
        it = self.catalog.contacts.meeting
        bridge = next(
            (channel for channel in self.catalog.contacts.contacts[it.bridge].channels if channel.kind == "bridge"),
            None,
        )
        if bridge is None:
            raise MacroError(f"meeting.bridge: {it.bridge} has no channel of kind bridge in data/contacts.yml")
        return f"{self.channel(bridge)}, channel {self._chat(it.channel)}; traders are told in {self._chat(it.traders)}"


def _vcard(text: str) -> str:
    """Text inside a vCard."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
