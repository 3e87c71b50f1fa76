"""`python -m runbook.export [pdf|offline|all]`: what works without the site, from the built site."""

import argparse
import sys
import time
from pathlib import Path

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.diagnostics import FaultsError
from runbook.export.built_site import Page, UnreadableError, read
from runbook.export.edition import Edition, edition
from runbook.export.pdf import documents
from runbook.export.pdf import renderer as press
from runbook.export.pdf.cards import Cards
from runbook.export.pdf.documents import Sheet
from runbook.export.pdf.page_transform import UnprintableError
from runbook.export.pdf.print_cache import PrintCache
from runbook.export.pdf.renderer import LibraryMissingError
from runbook.export.web import offline_copy as offline

ROOT = Path(__file__).resolve().parents[2]
# What was printed before; git ignores it.
KEPT = ROOT / ".cache" / "pdf"


def sheets(catalog: Catalog, facts: Edition, pages: list[Page]) -> list[Sheet]:
    """Every document that is printed: the book, a document for each page, the cards."""
    columns, cards = press.columns(facts.paper), Cards(catalog, pages, facts)
    return [
        documents.book(pages, facts, columns),
        *(documents.page(page, pages, facts, columns) for page in pages),
        cards.desk(),
        cards.operator(),
    ]


def pdfs(site: Path) -> list[Path]:
    """Makes every PDF of a built site. site: its folder. Returns the files."""
    catalog = load(ROOT)
    facts = edition(catalog, ROOT)
    return press.print_all(sheets(catalog, facts, read(site)), site / "pdf", facts.paper, cache=PrintCache(KEPT))


def copies(site: Path) -> list[Path]:
    """Makes the service worker and the archive, which takes in the PDFs that are there. Returns the files."""
    facts = edition(load(ROOT), ROOT)
    offline.tidy(site)
    return [offline.worker(site, facts), offline.archive(site, facts)]


def main(words: list[str] | None = None) -> int:
    """Returns 0, or 1 after a message of one line on standard error.

    With `all`, a missing system library costs the PDFs only: the message is printed and the rest is made.
    """
    parser = argparse.ArgumentParser(
        prog="python -m runbook.export", description="From the built site: PDFs, and copies that work offline."
    )
    parser.add_argument("what", nargs="?", choices=["all", "pdf", "offline"], default="all")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the folder that mkdocs built")
    wish = parser.parse_args(words)
    begun = time.monotonic()
    try:
        if wish.what in ("all", "pdf"):
            try:
                made = pdfs(wish.site)
                print(f"{len(made)} PDFs in {wish.site / 'pdf'}, {time.monotonic() - begun:.0f} s")
            except LibraryMissingError as error:
                print(error, file=sys.stderr)
                if wish.what == "pdf":
                    return 1
        if wish.what in ("all", "offline"):
            print("Offline: " + ", ".join(path.relative_to(wish.site).as_posix() for path in copies(wish.site)))
    except (FaultsError, UnreadableError, UnprintableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
