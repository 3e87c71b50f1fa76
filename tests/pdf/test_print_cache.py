"""What was printed before is used again for the very same input, and never for another."""

import os
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from runbook.export.edition import PrintEdition
from runbook.export.pdf import fonts, renderer
from runbook.export.pdf.documents import Chapter, PrintDocument
from runbook.export.pdf.page_transform import UnprintableError
from runbook.export.pdf.print_cache import PrintCache, digest

pytestmark = pytest.mark.pdf
HTML = (
    '<!doctype html><html lang="en"><head><title>One</title></head>'
    '<body data-name="a" data-edition="E" data-valid="V">'
    '<section class="page" data-part="d"><h1>One</h1></section></body></html>'
)
CHAPTER = Chapter("one", HTML, ("paper.css",))


EDITION = PrintEdition(
    name="Runbook",
    firm="Firm",
    description="About",
    language="en",
    url="https://example.com/",
    paper="A4",
    audience="public",
    sample=True,
    releases=("1.0.0",),
    commit="0123456789",
    made=datetime(2026, 1, 2),
    valid_until=datetime(2026, 2, 1),
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> PrintCache:
    """Holds CHAPTER as it is laid out on A4, and the faces."""
    kept = PrintCache(tmp_path_factory.mktemp("cache") / "pdf")
    printed(tmp_path_factory.mktemp("first"), kept)
    return kept


@pytest.fixture
def laid_out(monkeypatch) -> list[str]:
    """The chapters that are laid out instead of taken from the cache."""
    names: list[str] = []
    lay_out = renderer.Press.lay_out
    monkeypatch.setattr(
        renderer.Press, "lay_out", lambda self, chapter: names.append(chapter.name) or lay_out(self, chapter)
    )
    return names


def printed(folder: Path, cache: PrintCache | None, *chapters: Chapter, edition: PrintEdition = EDITION) -> bytes:
    document = PrintDocument("one.pdf", chapters or (CHAPTER,))
    (path,) = renderer.print_all([document], folder, edition, 1, cache)
    return path.read_bytes()


def test_the_same_bytes_come_with_and_without_it(cache, laid_out, tmp_path):
    with_it = printed(tmp_path / "with", cache)
    assert laid_out == []
    assert printed(tmp_path / "without", None) == with_it
    assert laid_out == ["one"]


@pytest.mark.parametrize(
    ("chapter", "paper"),
    [
        pytest.param(replace(CHAPTER, html=HTML.replace("<h1>One", "<h1>Two")), "A4", id="its words"),
        pytest.param(replace(CHAPTER, css=("paper.css", "card.css")), "A4", id="its style sheets"),
        pytest.param(replace(CHAPTER, sides=2, sizes=(12.0,)), "A4", id="its size of type"),
        pytest.param(CHAPTER, "Letter", id="its paper"),
    ],
)
def test_a_chapter_is_laid_out_anew_when_this_differs(cache, laid_out, tmp_path, chapter, paper):
    printed(tmp_path, cache, chapter, edition=replace(EDITION, paper=paper))
    assert laid_out == ["one"]


@pytest.mark.parametrize(
    ("words", "edition"),
    [
        pytest.param("abcabcabca", replace(EDITION, commit="abcabcabca"), id="a commit"),
        pytest.param("valid until 2026-03-01", replace(EDITION, valid_until=datetime(2026, 3, 1)), id="a day"),
        pytest.param("internal", replace(EDITION, audience="internal"), id="an audience"),
    ],
)
def test_another_edition_is_written_without_a_new_layout(cache, laid_out, tmp_path, words, edition):
    content = printed(tmp_path, cache, edition=edition)
    assert laid_out == []
    assert words in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_a_book_lays_out_the_chapter_alone_that_differs(cache, laid_out, tmp_path):
    other = replace(CHAPTER, name="two", html=HTML.replace("One", "Two"))
    content = printed(tmp_path, cache, CHAPTER, other)
    assert laid_out == ["two"]
    texts = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    assert "page 1 of 2" in texts[0] and "page 2 of 2" in texts[1]


def test_a_reference_into_nothing_stops_the_print(tmp_path):
    lost = HTML.replace("</section>", '<span class="n" data-page-of="#lost"></span></section>')
    with pytest.raises(UnprintableError, match="references into nothing: lost"):
        printed(tmp_path, None, replace(CHAPTER, html=lost))


@pytest.mark.parametrize("name", ["paper.css", "more.svg"])
def test_everything_is_printed_anew_when_a_file_beside_the_renderer_differs(tmp_path, monkeypatch, name):
    home = tmp_path / "pdf"
    home.mkdir()
    for path in renderer.HERE.iterdir():
        if path.suffix in (".css", ".svg"):
            (home / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(renderer, "HERE", home)
    before = renderer._inputs("A4")
    (home / name).write_bytes((home / name).read_bytes() + b" ")
    assert renderer._inputs("A4") != before


@pytest.mark.parametrize("library", ["weasyprint", "pydyf", "pikepdf", "fonttools"])
def test_everything_is_printed_anew_when_a_library_differs(monkeypatch, library):
    before = renderer._inputs("A4")
    known = renderer.version
    monkeypatch.setattr(renderer, "version", lambda name: "0" if name == library else known(name))
    assert renderer._inputs("A4") != before


def test_everything_is_printed_anew_when_the_faces_differ(monkeypatch):
    before = renderer._inputs("A4")
    monkeypatch.setattr(fonts, "inputs", lambda: ["another face"])
    assert renderer._inputs("A4") != before


@pytest.mark.parametrize("harm", ["cut", "overwritten", "emptied"])
def test_a_damaged_file_is_no_file(tmp_path, harm):
    cache = PrintCache(tmp_path)
    cache.put("key", b"what was printed")
    whole = (tmp_path / "key").read_bytes()
    (tmp_path / "key").write_bytes({"cut": whole[:-1], "overwritten": whole[:-1] + b"!", "emptied": b""}[harm])
    assert cache.get("key") is None


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path):
    (tmp_path / "file").write_text("")
    cache = PrintCache(tmp_path / "file" / "pdf")
    cache.put("key", b"what was printed")
    assert cache.get("key") is None


def test_what_was_used_least_recently_goes_first(tmp_path):
    cache = PrintCache(tmp_path, room=200)
    for name in ("old", "older but used", "new"):
        cache.put(name, bytes(50))
    assert cache.get("old") and cache.get("older but used")
    cache.put("newest", bytes(50))
    for age, name in enumerate(("newest", "older but used", "new", "old")):
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    cache.tidy()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newest", "older but used"]


def test_parts_divided_elsewhere_have_another_name():
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
