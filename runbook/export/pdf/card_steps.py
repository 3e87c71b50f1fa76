"""What a card takes of a step on its page: the command, what it prints, and what to do when it prints another thing."""

import re
from dataclasses import dataclass

from lxml import etree, html
from lxml.html import HtmlElement

from runbook.export.built_site import Page, UnreadableError, has, mark, marked

# Characters of what is to be done otherwise; whole sentences, and the first one in any case.
IF_NOT_ROOM = 130
# The build writes "${NAME:?set NAME}" where a page's source says $NAME, and a first line that asks for each of them.
GUARD = re.compile(r"\$\{([A-Z_]+):\?set \1\}")
NAME_GOES_ON = re.compile(r"[A-Za-z0-9_]")
GUARD_LINE = re.compile(r'(?:([A-Z_]+)="\$\{\1:\?set \1\}" )+&&\n')
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True)
class CardStep:
    """A step as a card shows it.

    command: the lines to type, "" for a step that a person does; without guards against an unset variable, which nobody
    types by hand: the card sets `set -u` first. expect: the lines of the output that decide, in order.
    if_not: the first sentences of what to do when the output differs, or each row of a table that says it;
    "" where the page has none.
    """

    command: str
    expect: list[str]
    if_not: str


def read_step(page: Page, pages: dict[str, Page], key: str) -> CardStep:
    """A step of a page, which stays as it is.

    pages: every page, by path. key: the step's id in the data.
    Raises UnreadableError when the page does not have the step.
    """
    headings = page.article.xpath(f'.//*[{marked("step")}][@id="step-{key}"]')
    if not headings:
        raise UnreadableError(f"the page has no step {key}; a card needs it. Was the site built anew?")
    command, expect, if_not = "", list[str](), ""
    for element in _below(headings[0]):
        if element.get("id") == key:
            command = _typed(element.text_content().rstrip("\n"))
        elif command and not expect and element.xpath(f"self::*[{has('expect')}]"):
            expect = _deciding(element.text_content().rstrip("\n").splitlines())
        elif command and not if_not and mark(element) == "ifnot":
            table = element.getnext()
            if_not = _first_sentences(_remedy(element, page, pages))
            if not if_not and table is not None and table.tag == "table":
                if_not = _cases(table, page, pages)
    return CardStep(command, expect, if_not)


def _below(heading: HtmlElement) -> list[HtmlElement]:
    """The elements of a step: from its heading down to the next one, or to the end of the procedure."""
    found, element = [], heading.getnext()
    while element is not None and mark(element) not in ("step", "box", "end") and element.tag not in ("h1", "h2", "h3"):
        found.append(element)
        element = element.getnext()
    return found


def _typed(command: str) -> str:
    """`traderctl broker "${ACCOUNT:?set ACCOUNT}"` -> `traderctl broker "$ACCOUNT"`."""

    def bare(guard: re.Match[str]) -> str:
        longer = NAME_GOES_ON.match(command, guard.end())
        return f"${{{guard[1]}}}" if longer else f"${guard[1]}"

    # A line that only asks for the variables says nothing more than `set -u` did.
    command = GUARD_LINE.sub("", command, count=1)
    return GUARD.sub(bare, command)


def _deciding(lines: list[str]) -> list[str]:
    """Of many lines the first, the last, and those that are the same at each run."""
    told = [line for line in lines if line.strip("… ")]
    return [line for at, line in enumerate(told) if at in (0, len(told) - 1) or "…" not in line]


def _remedy(paragraph: HtmlElement, page: Page, pages: dict[str, Page]) -> str:
    """The words of a paragraph without those in bold that begin it."""
    copy = _copy(paragraph)
    if len(copy) and copy[0].tag == "strong" and not (copy.text or "").strip():
        copy[0].drop_tree()
    text = _words(copy, page, pages)
    return text[:1].upper() + text[1:]


def _cases(table: HtmlElement, page: Page, pages: dict[str, Page]) -> str:
    """What is read and where to go then, row by row: the first and the last cell. All rows: each is another danger."""
    rows = []
    for row in table.xpath(".//tr[td[2]]"):
        read, *_, then = [_words(_copy(cell), page, pages) for cell in row.xpath("./td")]
        rows.append(f"{read} → {then}")
    return "; ".join(rows) + "." if rows else ""


def _copy(element: HtmlElement) -> HtmlElement:
    """A copy of an element, without the words after it."""
    return html.fromstring(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _words(copy: HtmlElement, page: Page, pages: dict[str, Page]) -> str:
    """The words of a copy of an element, which is changed; what another sheet has in double angle quotes."""
    for link in copy.xpath(".//a[@href]"):
        path, fragment = page.resolve(link.get("href")) or ("", "")
        if path in (page.path, "") or fragment in pages[path].entries:
            continue
        # As on every sheet: a name in these quotes is on another one.
        link.text = f"»{link.text_content().strip()}«"
        for child in list(link):
            link.remove(child)
    return " ".join(copy.text_content().split())


def _first_sentences(text: str) -> str:
    first, *others = SENTENCE_END.split(text)
    for sentence in others:
        if len(first) + 1 + len(sentence) > IF_NOT_ROOM:
            break
        first += f" {sentence}"
    return first
