"""Makes what works without the site: the PDFs, the copies. `python -m runbook export` calls it."""

from pathlib import Path

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.export.built_site import Page, read
from runbook.export.edition import PrintEdition, print_edition
from runbook.export.pdf import documents, renderer
from runbook.export.pdf.cards import Cards
from runbook.export.pdf.documents import PrintDocument
from runbook.export.pdf.print_cache import PrintCache
from runbook.export.web import offline_copy

# What was printed before, below the repository; git ignores it.
KEPT = Path(".cache/pdf")


def print_documents(catalog: Catalog, edition: PrintEdition, pages: list[Page]) -> list[PrintDocument]:
    """Every document that is printed: the book, a document for each page, the cards."""
    columns, cards = renderer.columns(edition.paper), Cards(catalog, pages, edition)
    return [
        documents.book(pages, edition, columns),
        *(documents.page(page, pages, edition, columns) for page in pages),
        cards.desk(),
        cards.operator(),
    ]


def make_pdfs(root: Path, site: Path) -> list[Path]:
    """Makes every PDF of a built site and returns the files.

    root: the repository. site: the folder that mkdocs built.
    Raises FaultsError, UnreadableError, UnprintableError, and LibraryMissingError before anything is written.
    """
    catalog = load(root)
    edition = print_edition(catalog, root)
    found = print_documents(catalog, edition, read(site))
    return renderer.print_all(found, site / "pdf", edition, cache=PrintCache(root / KEPT))


def make_copies(root: Path, site: Path) -> list[Path]:
    """Makes the service worker and the archive, which takes in the PDFs that are there. Returns the files.

    root: the repository. site: the folder that mkdocs built. Raises FaultsError.
    """
    edition = print_edition(load(root), root)
    offline_copy.tidy(site)
    return [offline_copy.worker(site, edition), offline_copy.archive(site, edition)]
