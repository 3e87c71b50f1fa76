"""Plain English: one word for one thing, and sentences that a tired reader takes in at once."""

import re
from copy import deepcopy

import pytest
import textstat
from lxml import html as lxml_html

from runbook.data.catalog import Catalog
from runbook.data.plain_words import found_in, refused
from tests.conftest import DOCS, FENCE, PAGES, Site, say

# Who maintains the site reads these, at a desk.
FOR_MAINTAINERS = ("contributing.md", "architecture/", "reference/evidence.md", "reference/compliance.md")
OPERATORS_PAGES = [page for page in PAGES if not page.startswith(FOR_MAINTAINERS)]
MAX_GRADE = 8.0
MAX_WORDS = 20.0
# No prose, or no sentence: commands, tables, figures, the tool of the checklist, what the browser adds.
LEFT_OUT = ".//pre|.//table|.//svg|.//script|.//style|.//*[contains(@class, 'headerlink') or contains(@class, 'tool')]"


def test_pages_use_one_word_for_one_thing(catalog: Catalog):
    """data/language.yml has the words; what data/ itself says is checked when it is read."""
    words = refused(catalog.language)
    faults = []
    for page in PAGES:
        text = FENCE.sub(lambda match: "\n" * match[0].count("\n"), (DOCS / page).read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            for found, better in found_in(line, words):
                faults.append(f'docs/{page}:{number}: "{found}" is not a word of this site; write "{better}"')
    say(faults)


def sentences(content: lxml_html.HtmlElement) -> list[str]:
    """The sentences of a page as its readers see them; code counts as one word, a list item ends a sentence."""
    for element in content.xpath(LEFT_OUT):
        element.drop_tree()
    for element in content.iter("code", "kbd"):
        element.text = "name"
        for child in list(element):
            element.remove(child)
    found = []
    for block in content.iter("p", "li", "dd", "h1", "h2", "h3", "summary"):
        own = block.text_content() if block.tag != "li" else _own_text(block)
        text = re.sub(r"[^\w\s.,:;!?'’%-]", " ", own)
        found += [part.strip() for part in re.split(r"(?<=[.!?:;])\s+|\n\n", text) if len(part.split()) > 2]
    return found


def _own_text(item: lxml_html.HtmlElement) -> str:
    """The text of a list item without that of the blocks in it, which are counted by themselves."""
    parts = [item.text or ""]
    for child in item:
        if child.tag not in ("p", "ul", "ol", "dl", "div"):
            parts.append(child.text_content())
        parts.append(child.tail or "")
    return " ".join(" ".join(parts).split())


def readability(found: list[str]) -> tuple[float, float]:
    """The reading grade (Flesch and Kincaid, 1975) and the mean number of words of sentences."""
    words = [len(sentence.split()) for sentence in found]
    text = " ".join(sentence.rstrip(".!?:;") + "." for sentence in found)
    return textstat.flesch_kincaid_grade(text), sum(words) / len(words)


@pytest.mark.parametrize("page", OPERATORS_PAGES)
def test_an_operators_page_is_easy_to_read(site: Site, page: str):
    grade, words = readability(sentences(deepcopy(site.article(page))))
    assert grade <= MAX_GRADE, f"docs/{page}: reading grade {grade:.1f}, at most {MAX_GRADE:g}; use shorter words"
    assert words <= MAX_WORDS, f"docs/{page}: {words:.1f} words a sentence, at most {MAX_WORDS:g}"


def test_hard_text_is_found_hard():
    hard = (
        "Notwithstanding the aforementioned considerations, operational personnel responsible for the reconciliation "
        "of discrepancies are obliged to ascertain, prior to initiating remediation, the provenance of each position."
    )
    grade, words = readability([hard])
    assert grade > MAX_GRADE
    assert words > MAX_WORDS
