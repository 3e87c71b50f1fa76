"""Builds the macros from the data, and checks every page with them."""

from pathlib import Path

from . import history, pages
from .book import Book, load
from .commands import Commands
from .diagrams import Diagrams
from .faults import Faults
from .people import People
from .plan import Plan
from .procedures import Procedures
from .proofs import EvidencePage, Proofs
from .tables import Tables
from .writer import Writer


def prepare(root: Path, docs: Path) -> tuple[dict, dict, Book]:
    """The macros by name, the settings of MkDocs that are facts of the firm, and the data itself.

    root: the repository; docs: its pages. Raises Faults for everything that is wrong in data/ or in a page.
    """
    book = load(root)
    writer = Writer(book)
    macros: dict = {}
    for part in (
        writer,
        Commands(writer),
        Procedures(writer),
        People(writer),
        Plan(writer),
        Tables(writer),
        Diagrams(writer),
        EvidencePage(writer),
    ):
        for name in dir(part):
            if not name.startswith("_") and callable(getattr(part, name)):
                if name in macros:
                    raise RuntimeError(
                        f"two macros are called {name}: in {macros[name].__self__.__class__.__name__} and in {part.__class__.__name__}"
                    )
                macros[name] = getattr(part, name)
    faults = pages.index(writer, macros, docs)
    if faults:
        raise Faults(faults)
    site = book.site
    commit, made, changed = history.commit(root), history.made(), history.changed(root, docs)
    proofs = Proofs(writer)
    settings = {
        # What stands at the foot of each page (macros/theme/main.html).
        "foot": {
            page: {
                "changed": changed.get(page),
                "owner": book.contacts.roles[site.owner(page)].title,
                "role": site.owner(page).replace("_", "-"),
                "proven": proofs.of_page(page),
                "edition": f"{made:%Y-%m-%d}, {book.audience}, {commit}",
                "review": int(book.thresholds["page.review"].value.to("d")),
            }
            for page in (path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
        },
        "site_name": site.name,
        "site_url": site.url,
        "site_description": site.description,
        "edit_uri": f"{site.repository}/edit/{site.branch}/docs/",
    }
    return macros, settings, book
