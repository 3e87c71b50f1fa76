"""What was printed before is used again for the very same input, and never for another."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from runbook.export.pdf import fonts, renderer
from runbook.export.pdf.documents import PrintDocument
from runbook.export.pdf.print_cache import PrintCache, digest

pytestmark = pytest.mark.pdf
HTML = (
    '<!doctype html><html lang="en"><head><title>One</title></head>'
    '<body data-name="a" data-edition="b" data-valid="c">'
    '<section class="page" data-part="d"><h1>One</h1></section></body></html>'
)
SHEET = PrintDocument("one.pdf", HTML, ("paper.css",))


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> PrintCache:
    """Holds the print of SHEET on A4, and the faces."""
    kept = PrintCache(tmp_path_factory.mktemp("cache") / "pdf")
    renderer.print_all([SHEET], tmp_path_factory.mktemp("first"), "A4", 1, kept)
    return kept


@pytest.fixture
def laid_out(monkeypatch) -> list[str]:
    """The files that are laid out instead of taken from the cache."""
    files: list[str] = []
    lay = renderer.Press._lay
    monkeypatch.setattr(
        renderer.Press, "_lay", lambda self, sheet, *others: files.append(sheet.file) or lay(self, sheet, *others)
    )
    return files


def printed(folder: Path, cache: PrintCache | None, sheet: PrintDocument = SHEET, paper: str = "A4") -> bytes:
    (path,) = renderer.print_all([sheet], folder, paper, 1, cache)
    return path.read_bytes()


def test_the_same_bytes_come_with_and_without_it(cache, laid_out, tmp_path):
    with_it = printed(tmp_path / "with", cache)
    assert laid_out == []
    assert printed(tmp_path / "without", None) == with_it
    assert laid_out == ["one.pdf"]


@pytest.mark.parametrize(
    ("sheet", "paper"),
    [
        pytest.param(replace(SHEET, html=HTML.replace('data-edition="b"', 'data-edition="B"')), "A4", id="its edition"),
        pytest.param(replace(SHEET, html=HTML.replace("<h1>One", "<h1>Two")), "A4", id="its words"),
        pytest.param(replace(SHEET, css=("paper.css", "card.css")), "A4", id="its style sheets"),
        pytest.param(replace(SHEET, sides=2, sizes=(12.0,)), "A4", id="its size of type"),
        pytest.param(SHEET, "Letter", id="its paper"),
    ],
)
def test_a_sheet_is_printed_anew_when_this_differs(cache, laid_out, tmp_path, sheet, paper):
    printed(tmp_path, cache, sheet, paper)
    assert laid_out == ["one.pdf"]


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


@pytest.mark.parametrize("library", ["weasyprint", "pydyf", "fonttools"])
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
