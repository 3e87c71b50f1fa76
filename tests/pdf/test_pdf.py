"""The PDFs, as files: what a reader opens, prints, clicks and fills in."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import groupby

import pypdfium2
import pytest
import zxingcpp
from lxml import html
from pypdf import PdfWriter

from runbook.data.loader import load
from runbook.export.built_site import read
from runbook.export.pdf import documents
from runbook.export.pdf import fonts as faces
from runbook.export.pdf import renderer as press
from runbook.export.pdf.card_steps import read_step
from runbook.export.pdf.cards import Cards
from runbook.export.pdf.renderer import SIZES
from tests.conftest import EPOCH, ROOT, say
from tests.pdf.conftest import Pdf, export

pytestmark = pytest.mark.pdf
CARDS = ["desk-card.pdf", "operator-card.pdf"]
MILLIMETRE = 72 / 25.4


# ------------------------------------------------------------------- the files


def test_every_page_has_its_pdf_beside_the_book_and_the_cards(exported):
    expected = {f"{page.stem}.pdf" for page in read(exported.folder)} | {"runbook.pdf", *CARDS}
    assert set(exported.pdfs) == expected


def test_every_sheet_has_the_size_that_the_data_name(exported, catalog):
    wanted = [round(side * MILLIMETRE) for side in SIZES[catalog.site.paper]]
    say(
        [
            f"{name}, page {i}: {page.mediabox}"
            for name, pdf in exported.pdfs.items()
            for i, page in enumerate(pdf.reader.pages, 1)
            if [round(page.mediabox.width), round(page.mediabox.height)] != wanted
        ]
    )


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_one_sheet_with_two_sides(exported, name):
    assert len(exported.pdfs[name].reader.pages) == 2


@pytest.mark.parametrize("paper", SIZES)
def test_the_cards_fit_both_papers(exported, facts, paper, tmp_path):
    if paper == facts.paper:
        paths = [exported.folder / "pdf" / name for name in CARDS]
    else:
        cards = Cards(load(ROOT, "public"), read(exported.folder), facts)
        sheets = [cards.desk(), cards.operator()]
        paths = press.print_all(sheets, tmp_path, replace(facts, paper=paper), workers=1)
    for path in paths:
        pages = Pdf(path).reader.pages
        assert len(pages) == 2, path.name
        assert [round(pages[0].mediabox.width), round(pages[0].mediabox.height)] == [
            round(side * MILLIMETRE) for side in SIZES[paper]
        ]


AGAIN = """\
import sys
from pathlib import Path
from runbook.data.loader import load
from runbook.export.built_site import read
from runbook.export.edition import print_edition
from runbook.export.pdf import documents, renderer
from runbook.export.pdf.cards import Cards

site, out, root = map(Path, sys.argv[1:])
catalog = load(root)
facts, pages = print_edition(catalog, root), read(site)
columns, cards = renderer.columns(facts.paper), Cards(catalog, pages, facts)
chosen = [it for it in pages if it.stem in ("desk", "deployment/deployment_checklist", "architecture")]
sheets = [cards.desk(), cards.operator(), *(documents.page(it, pages, facts, columns) for it in chosen)]
renderer.print_all(sheets, out, facts, workers=1)
"""


def test_the_same_input_gives_the_same_bytes(exported, facts, tmp_path):
    """In another process, with another seed for hashes, on one core instead of two."""
    script = tmp_path / "again.py"
    script.write_text(AGAIN)
    done = subprocess.run(
        [sys.executable, script, exported.folder, tmp_path / "pdf", ROOT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "7",
            "SOURCE_DATE_EPOCH": EPOCH,
            "RUNBOOK_AUDIENCE": "public",
        },
    )
    assert done.returncode == 0, done.stderr
    again = sorted((tmp_path / "pdf").rglob("*.pdf"))
    assert len(again) == 5
    say(
        [
            path.name
            for path in again
            if path.read_bytes() != (exported.folder / "pdf" / path.relative_to(tmp_path / "pdf")).read_bytes()
        ]
    )


def test_a_missing_library_costs_one_line_and_not_the_site(exported, tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libgobject-2.0-0'\")\n")
    copy = tmp_path / "site"
    subprocess.run(["cp", "-a", exported.folder, copy], check=True)
    (copy / "sw.js").unlink()
    alone = export("pdf", "--site", str(copy), PYTHONPATH=str(tmp_path))
    assert alone.returncode == 1 and alone.stderr.count("\n") == 1
    for words in ("apt-get install libpango", "dnf install pango", "brew install pango"):
        assert words in alone.stderr
    everything = export("--site", str(copy), PYTHONPATH=str(tmp_path))
    assert everything.returncode == 0 and everything.stderr == alone.stderr
    assert (copy / "sw.js").exists()


# ----------------------------------------------------------------- what it says


def test_no_template_braces_are_left(exported):
    """Except where a page shows them to editors."""
    shown = {f"{page.stem}.pdf" for page in read(exported.folder) if "{{" in page.article.text_content()} | {
        "runbook.pdf"
    }
    say(
        [
            f"{name}, page {i}"
            for name, pdf in exported.pdfs.items()
            if name not in shown
            for i, text in enumerate(pdf.texts, 1)
            if "{{" in text or "}}" in text
        ]
    )
    assert len(shown) < 4


def test_the_cover_says_which_edition_it_is_and_how_long_it_holds(exported, facts):
    cover = exported.pdfs["runbook.pdf"].texts[0]
    for words in (facts.name, facts.firm, facts.date, facts.commit, facts.valid, facts.url, *facts.releases):
        assert words in cover, words


def test_every_sheet_says_its_edition_its_number_and_until_when_it_is_valid(exported, facts):
    faults = []
    for name, pdf in exported.pdfs.items():
        for i, text in enumerate(pdf.texts, 1):
            faults += [
                f"{name}, page {i}: {words}"
                for words in (facts.title, f"Printed copy valid until {facts.valid}", f"page {i} of {len(pdf.texts)}")
                if words not in text
            ]
    say(faults)


def test_samples_are_marked_as_samples(exported, catalog):
    if catalog.site.sample:
        say(
            [
                f"{name}, page {i}"
                for name, pdf in exported.pdfs.items()
                for i, text in enumerate(pdf.texts, 1)
                if "SAMPLE" not in text
            ]
        )


def test_the_desk_card_answers_every_question_of_a_trader(exported, catalog):
    text = exported.pdfs["desk-card.pdf"].text
    contacts = catalog.contacts.contacts
    wanted = [
        "What the daemon does for you",
        "During a deployment",
        "It seems dead: the first minute",
        "Flatten by hand",
        "By telephone",
        "Have ready",
        "kill switch",
        "Whom to call, in order",
        "END",
    ]
    wanted += [contacts[name].title for name in catalog.contacts.chains["sev1"]]
    wanted += [" ".join(line.split()) for line in catalog.messages["broker_call"].text.splitlines()]
    say([words for words in wanted if words not in text])


def test_the_operators_card_has_every_step_of_its_procedures(exported, catalog):
    text = exported.pdfs["operator-card.pdf"].text
    say(
        [
            step.title
            for name in ("first", "warm", "cold")
            for step in catalog.procedures[name].steps
            if step.title not in text
        ]
    )


def test_a_step_with_a_command_says_on_the_card_what_to_expect_and_what_if_not(exported, catalog):
    pages = {page.path: page for page in read(exported.folder)}
    text, faults = exported.pdfs["operator-card.pdf"].text, []
    for name in ("first", "warm", "cold"):
        page = pages[catalog.procedures[name].page.removesuffix(".md") + "/"]
        for step in catalog.procedures[name].steps:
            block = page.article.xpath(f'.//div[@id="{step.id}"]')
            if not block:
                continue
            told = read_step(page, pages, step.id)
            below = block[0].getnext()
            # An expectation of any lines at all, "…", tells nobody anything.
            expected = "expect" in below.get("class", "") and below.text_content().strip("… \n")
            faults += [f"{step.id}: no Expect"] * bool(expected and not told.expect)
            faults += [f"{step.id}: no If not"] * (not told.if_not)
            faults += [f"{step.id}: not on the card: {it}" for it in (*told.expect, told.if_not) if it not in text]
            faults += [f"{step.id}: a guard is left" for _ in re.findall(r":\?set", told.command)]
    say(faults)


def test_a_card_never_ends_a_sentence_in_the_air(exported, facts):
    """A colon at the end of a paragraph stands before a list, a table or the words to say."""
    cards = Cards(load(ROOT, "public"), read(exported.folder), facts)
    faults = []
    for card in (cards.desk(), cards.operator()):
        for paragraph in html.document_fromstring(card.chapters[0].html).iter("p", "li"):
            after = paragraph.getnext()
            if paragraph.text_content().rstrip().endswith((":", ",")) and (
                paragraph.tag == "li" or after is None or after.tag not in ("ol", "ul", "table")
            ):
                faults.append(f"{card.file}: {paragraph.text_content()}")
    say(faults)


def test_a_card_names_no_pager_where_there_is_a_telephone(exported):
    say([name for name in CARDS if re.search(r"(?<!-)\bpager\b", exported.pdfs[name].text)])


def test_every_page_of_the_site_is_in_the_book_in_its_order(exported):
    pdf = exported.pdfs["runbook.pdf"]
    starts = [pdf.places[page.prefix] for page in read(exported.folder)]
    assert starts == sorted(starts) and len(set(starts)) == len(starts)


def test_words_of_every_section_are_in_its_pdf(exported):
    faults = []
    for page in read(exported.folder):
        text = exported.pdfs[f"{page.stem}.pdf"].text
        for heading in page.article.xpath(".//h1 | .//h2 | .//h3"):
            title = " ".join(
                "".join(heading.xpath('.//text()[not(ancestor::a[contains(@class, "headerlink")])]')).split()
            )
            if title not in text:
                faults.append(f"{page.stem}: {title}")
    say(faults)


# ------------------------------------------------------------- finding the way


def test_bookmarks_lead_to_every_page(exported):
    pdf = exported.pdfs["runbook.pdf"]
    found = {
        str(it.title): pdf.reader.get_destination_page_number(it) + 1
        for it in pdf.reader.outline
        if not isinstance(it, list)
    }
    assert {page.title: pdf.places[page.prefix] for page in read(exported.folder)}.items() <= found.items()
    assert "Contents" in found


def test_every_link_inside_a_document_arrives(exported):
    say(
        [
            f"{name}, page {i}: {target}"
            for name, pdf in exported.pdfs.items()
            for i in range(1, len(pdf.reader.pages) + 1)
            for target in pdf.links(i)
            if target not in pdf.places
        ]
    )


def test_see_page_names_the_page_that_it_points_to(exported, facts):
    pages = read(exported.folder)
    sheets = {"runbook.pdf": documents.book(pages, facts, press.columns(facts.paper))}
    sheets |= {f"{it.stem}.pdf": documents.page(it, pages, facts, press.columns(facts.paper)) for it in pages}
    faults, checked = [], 0
    for name, sheet in sheets.items():
        pdf = exported.pdfs[name]
        said = [int(number) for number in re.findall(r"\(see page (\d+)\)", pdf.text)]
        meant = [
            pdf.places[it.removeprefix("#")]
            for chapter in sheet.chapters
            for it in html.document_fromstring(chapter.html).xpath('//span[@class="n"]/@data-page-of')
        ]
        checked += len(meant)
        if said != meant:
            # The lengths may differ, too.
            pairs = enumerate(zip(said, meant, strict=False))
            first = next(((i, a, b) for i, (a, b) in pairs if a != b), None)
            faults.append(f"{name}: {len(said)} references printed, {len(meant)} meant; first difference {first}")
    say(faults)
    assert checked > 500


def test_the_contents_name_the_right_pages(exported):
    pdf = exported.pdfs["runbook.pdf"]
    last = pdf.places[read(exported.folder)[0].prefix]
    # A link and the number after it are two areas to click.
    targets = [target for target, _ in groupby(target for i in range(2, last) for target in pdf.links(i))]
    numbers = [
        int(number) for i in range(2, last) for number in re.findall(r"(?:\. ?){3,}\s*(\d+)(?=\D|$)", pdf.texts[i - 1])
    ]
    assert numbers == [pdf.places[target] for target in targets] and len(numbers) > 100


@pytest.mark.parametrize("name", ["runbook.pdf", "desk.pdf", *CARDS])
def test_the_qr_code_reads_as_the_live_address(exported, facts, name):
    path = {"runbook.pdf": "", "operator-card.pdf": "deployment/rollback_procedure/"}.get(name, "desk/")
    with pypdfium2.PdfDocument(exported.pdfs[name].path) as document:
        image = document[0].render(scale=110 / 72).to_pil()
    assert [it.text for it in zxingcpp.read_barcodes(image)] == [facts.url + path]


# ------------------------------------------------------------------------- type


def fonts(page) -> dict[str, bool]:
    """Name of each font on a page -> whether it is embedded."""
    found = {}
    for font in page.get("/Resources", {}).get("/Font", {}).values():
        font = font.get_object()
        below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        inside = below.get("/FontDescriptor", {})
        found[str(font["/BaseFont"])] = any(key in inside for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def test_only_our_own_faces_are_used_and_all_are_embedded(exported):
    say(
        sorted(
            {
                f"{name}: {font} {'embedded' if inside else 'not embedded'}"
                for name, pdf in exported.pdfs.items()
                for page in pdf.reader.pages
                for font, inside in fonts(page).items()
                if not inside or "Runbook-" not in font
            }
        )
    )


def test_the_desk_cards_type_is_large_enough(exported):
    """Text 12 pt, headings 14 pt; the footer is no part of what is read in an emergency."""
    sizes: dict[float, str] = {}
    for page in exported.pdfs["desk-card.pdf"].reader.pages:

        def see(text, cm, tm, font, size):
            if text.strip() and tm[5] * cm[3] + cm[5] > 14 * MILLIMETRE:
                sizes.setdefault(round(abs(size * tm[3] * cm[3]), 1), text)

        page.extract_text(visitor_text=see)
    say([f"{size} pt: {text}" for size, text in sizes.items() if size < 11.9 and not text.startswith("#")])
    assert sum(size >= 14 for size in sizes) >= 2


def test_nothing_is_clipped(exported):
    """Every line of text ends inside the margins, on all sides."""
    faults = []
    for name, pdf in exported.pdfs.items():
        edge = 8 * MILLIMETRE
        with pypdfium2.PdfDocument(pdf.path) as document:
            for i, page in enumerate(document, 1):
                wide, high = page.get_size()
                words = page.get_textpage()
                for at in range(words.count_rects()):
                    left, bottom, right, top = words.get_rect(at)
                    if left < edge or right > wide - edge + 1 or bottom < 5 * MILLIMETRE or top > high - 5 * MILLIMETRE:
                        faults.append(f"{name}, page {i}: {words.get_text_bounded(left, bottom, right, top)!r}")
    say(faults)


def test_a_step_stands_with_its_command(exported, catalog):
    faults = []
    for name, pdf in exported.pdfs.items():
        for place, number in pdf.places.items():
            if (
                "--step-" in place
                and (block := place.replace("--step-", "--")) in pdf.places
                and pdf.places[block] != number
            ):
                faults.append(f"{name}: {place} is on page {number}, its command on page {pdf.places[block]}")
    say(faults)


def test_a_table_that_goes_on_repeats_its_header(exported, catalog):
    pdf = exported.pdfs["reference/alerts.pdf"]
    pages = [text for text in pdf.texts if any(alert in text for alert in catalog.alerts)]
    assert len(pages) > 1 and all("Fires when" in text for text in pages)


def test_the_cuts_of_the_faces_have_every_character_of_the_site(exported):
    say(
        [
            f"{page.stem}: {sign!r}"
            for page in read(exported.folder)
            for sign in sorted(set(page.article.text_content()))
            if sign.isprintable() and ord(sign) not in faces.CHARACTERS and ord(sign) > 31
        ]
    )


# ------------------------------------------------------------------------ fields


def test_every_item_of_the_checklist_has_a_box_a_value_and_initials(exported, catalog):
    fields = exported.pdfs["deployment/deployment_checklist.pdf"].reader.get_fields()
    wanted = [
        f"item-{item.id}{part}"
        for pause in catalog.checklists.pauses
        for item in pause.items
        for part in ("", "-seen", "-initials")
    ]
    say([name for name in wanted if name not in fields])
    assert sum("signature" in name or "-hand" in name for name in fields) == 2 * len(catalog.checklists.pauses)


def test_every_field_has_a_label_for_a_screen_reader(exported):
    faults = []
    for name, pdf in exported.pdfs.items():
        for key, it in (pdf.reader.get_fields() or {}).items():
            if not it.get("/TU") or it.get("/TU") == key:
                faults.append(f"{name}: {key}")
    say(faults)


def test_fields_can_be_filled_saved_and_read_back(exported, tmp_path):
    writer = PdfWriter(clone_from=exported.pdfs["deployment/deployment_checklist.pdf"].path)
    filled = {"item-day-class": "/on", "item-day-class-seen": "standard", "item-day-class-initials": "AB"}
    for page in writer.pages:
        writer.update_page_form_field_values(page, filled, auto_regenerate=False)
    saved = tmp_path / "filled.pdf"
    writer.write(saved)
    fields = Pdf(saved).reader.get_fields()
    assert {name: fields[name].value for name in filled} == filled
    before, after = (pictures(path) for path in (exported.pdfs["deployment/deployment_checklist.pdf"].path, saved))
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1, (
        "what was filled in shows on its page, and on no other"
    )


def pictures(path) -> list[bytes]:
    """Each page as a reader shows it, fields included."""
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        return [page.render().to_pil().tobytes() for page in document]


# ---------------------------------------------------------------- accessibility


def test_every_pdf_is_tagged_titled_and_in_a_language(exported, facts):
    faults = []
    for name, pdf in exported.pdfs.items():
        root = pdf.reader.trailer["/Root"]
        if (
            root.get("/Lang") != facts.language
            or not root["/MarkInfo"]["/Marked"]
            or not root["/ViewerPreferences"]["/DisplayDocTitle"]
            or not pdf.reader.metadata.title
        ):
            faults.append(name)
    say(faults)


def test_every_figure_has_words(exported):
    faults, seen = [], 0
    for name, pdf in exported.pdfs.items():
        for it in structure(pdf):
            if it.get("/S") == "/Figure":
                seen += 1
                if not it.get("/Alt"):
                    faults.append(name)
    say(faults)
    assert seen > 10


def structure(pdf):
    """Every element of the structure tree."""
    waiting = [pdf.reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        it = waiting.pop().get_object()
        if not hasattr(it, "get"):
            continue
        yield it
        below = it.get("/K", [])
        waiting += [
            child
            for child in (below if isinstance(below, list) else [below])
            if not isinstance(child, int) and hasattr(child.get_object(), "get")
        ]
