"""What the tests of the exports share: the site with everything that is made from it, built once for all processes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from runbook.data.loader import load
from runbook.export.edition import print_edition
from tests.conftest import EPOCH, ROOT, built, made_once


def export(*words: str, **environment: str) -> subprocess.CompletedProcess:
    """Runs the command line of the exports."""
    return subprocess.run(
        [sys.executable, "-m", "runbook", "export", *words],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "RUNBOOK_AUDIENCE": "public", **environment},
    )


@dataclass
class Pdf:
    """One PDF, opened."""

    path: Path

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(BytesIO(self.path.read_bytes()))

    @cached_property
    def texts(self) -> list[str]:
        """The words of each page, in the order in which they were written, with one space between them.

        Read by PDFium: pypdf takes twenty times as long for the same words.
        """
        with pypdfium2.PdfDocument(self.path) as document:
            return [" ".join(page.get_textpage().get_text_range().split()) for page in document]

    @cached_property
    def text(self) -> str:
        return " ".join(self.texts)

    @cached_property
    def places(self) -> dict[str, int]:
        """Named destination -> page, counted from 1."""
        numbers = {page.indirect_reference.idnum: number for number, page in enumerate(self.reader.pages, 1)}
        return {name: numbers[it.page.idnum] for name, it in self.reader.named_destinations.items()}

    def links(self, number: int) -> list[str]:
        """The named destinations that a page (counted from 1) links to, in order."""
        found = [it.get_object() for it in self.reader.pages[number - 1].get("/Annots", [])]
        return [str(it["/Dest"]) for it in found if it["/Subtype"] == "/Link" and "/Dest" in it]


@dataclass
class Exported:
    """The site with its PDFs and its copies."""

    folder: Path

    @cached_property
    def pdfs(self) -> dict[str, Pdf]:
        home = self.folder / "pdf"
        return {path.relative_to(home).as_posix(): Pdf(path) for path in sorted(home.rglob("*.pdf"))}


@pytest.fixture(scope="session")
def exported(tmp_path_factory) -> Exported:
    """The site that names its PDFs, and everything that is made from it."""

    def make(folder: Path) -> None:
        built(ROOT, folder, RUNBOOK_PDF="true")
        done = export("--site", str(folder))
        assert done.returncode == 0 and "not made" not in done.stderr, done.stdout + done.stderr

    return Exported(made_once(tmp_path_factory, "exported", make))


@pytest.fixture
def facts(catalog, monkeypatch):
    """The edition that the exports were made for."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    return print_edition(load(ROOT, "public"), ROOT)
