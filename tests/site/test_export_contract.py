"""The export reads marks, elements and ids of the built pages; no words, and no class that is not in its contract."""

import copy
import re
import string

import pytest
from lxml import etree, html

from runbook.export import built_site
from runbook.export.built_site import ATTRIBUTES, CLASSES, MARKS, STYLED, Page, has, marked, read, title_of
from runbook.export.pdf.page_transform import Paper
from tests.conftest import ROOT, Site, say

EXPORT = ROOT / "runbook/export"
# Each letter becomes another one of the same case, so that words stay as long as they were and no word stays.
TURNED = str.maketrans(
    string.ascii_letters,
    string.ascii_lowercase[13:]
    + string.ascii_lowercase[:13]
    + string.ascii_uppercase[13:]
    + string.ascii_uppercase[:13],
)

# Classes that the export writes itself. A page has some of the same name by chance, on elements that print drops or
# that no rule meets.
OWN = {"chain", "clock", "code", "index", "line", "log", "n", "name", "qr", "run", "say", "seen", "tick", "who"}


@pytest.fixture(scope="module")
def pages(site: Site) -> list[Page]:
    return read(site.folder)


def printed(pages: list[Page], together: list[Page]) -> list[html.HtmlElement]:
    """What the pages become on paper."""
    paper = Paper({it.path: it for it in together}, {it.path: it for it in pages}, "https://live.example/", 90)
    return [paper.part(page) for page in together]


def with_article(page: Page, change) -> Page:
    """The page with a change made to a copy of its article."""
    article = copy.deepcopy(page.article)
    change(article)
    return Page(page.path, title_of(article.find(".//h1")), page.top, page.part, article)


def turn_words(article: html.HtmlElement) -> None:
    for element in article.iter(etree.Element):
        if element.tag not in ("script", "style"):
            element.text = element.text and element.text.translate(TURNED)
        element.tail = element.tail and element.tail.translate(TURNED)


def drop_other_classes(article: html.HtmlElement) -> None:
    for element in article.iter(etree.Element):
        kept = [name for name in element.get("class", "").split() if name in CLASSES]
        element.attrib.pop("class", None)
        if kept:
            element.set("class", " ".join(kept))


def shape(part: html.HtmlElement, *without: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Elements and attributes in order, without words, and without some attributes."""
    return [
        (element.tag, sorted((name, value) for name, value in element.attrib.items() if name not in without))
        for element in part.iter(etree.Element)
    ]


@pytest.mark.parametrize("together", ["each page alone", "one book"])
def test_other_words_become_the_same_document(pages, together):
    """Names and labels of fields are words of the page; everything else must not depend on any."""
    turned = [with_article(page, turn_words) for page in pages]
    faults = []
    for number, page in enumerate(pages):
        if together == "one book" and number:
            break
        one, other = (printed(them, them if together == "one book" else [them[number]]) for them in (pages, turned))
        for before, after in zip(one, other, strict=True):
            if shape(before, "name", "title") != shape(after, "name", "title"):
                faults.append(f"{before.get('id') or page.path}: a word of the page decides what is printed")
    say(faults)


def test_classes_outside_the_contract_change_nothing_but_themselves(pages):
    bare = [with_article(page, drop_other_classes) for page in pages]
    faults = []
    for page, other in zip(pages, bare, strict=True):
        before, after = printed(pages, [page])[0], printed(bare, [other])[0]
        if shape(before, "class") != shape(after, "class") or before.text_content() != after.text_content():
            faults.append(f"{page.path}: a class that is not in CLASSES decides what is printed")
    say(faults)


def test_style_sheets_name_no_class_of_a_page_outside_the_contract(pages):
    written = {
        name
        for page in pages
        for element in page.article.iter(etree.Element)
        for name in element.get("class", "").split()
    }
    # What the export writes itself may share a name with a class of a page only when both look alike.
    styles = {path.name: path.read_text(encoding="utf-8") for path in (EXPORT / "pdf").glob("*.css")}
    faults = []
    for file, text in styles.items():
        bare = re.sub(r'/\*.*?\*/|"[^"]*"|\{[^{}]*\}', " ", text, flags=re.S)
        for name in sorted(set(re.findall(r"\.([a-z][\w-]*)", bare))):
            if name in written and name not in STYLED | CLASSES.keys() and name not in OWN:
                faults.append(
                    f"runbook/export/pdf/{file}: .{name} is a class of the pages; add it to STYLED in built_site.py"
                )
    say(faults)


def test_marks_of_the_pages_are_those_of_the_contract(pages):
    found = {value for page in pages for value in page.article.xpath(".//@data-print")}
    assert found == set(MARKS), f"not in the contract: {found - set(MARKS)}; on no page: {set(MARKS) - found}"


def test_attributes_of_the_contract_are_on_the_pages(pages):
    say([name for name in ATTRIBUTES if not any(page.article.xpath(f".//@{name}") for page in pages)])


@pytest.mark.parametrize("condition", [marked, has], ids=["a mark", "a class"])
def test_the_code_cannot_ask_for_what_is_not_in_the_contract(condition):
    with pytest.raises(KeyError):
        condition("guessed")


def test_the_code_asks_for_classes_and_attributes_through_the_contract_alone():
    faults = []
    for path in sorted(EXPORT.rglob("*.py")):
        if path == EXPORT / "built_site.py":
            continue
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            faults += [
                f"{path.relative_to(ROOT)}:{number}: {name} is not in ATTRIBUTES of built_site.py"
                for name in re.findall(r"""(?:get\(["']|@)(data-[a-z-]+)""", line)
                if name not in {**ATTRIBUTES, "data-to": "", "data-page": "", "data-page-of": ""}
            ]
    say(faults)


def test_a_page_leads_on_only_on_a_screen(pages):
    """Whoever holds paper turns the page."""
    last = [page.article.xpath("./p[starts-with(normalize-space(), 'Next: ')]") for page in pages]
    say([page.path for page, found in zip(pages, last, strict=True) if not all(map(built_site.mark, found))])
