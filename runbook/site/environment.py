"""Builds the macros from the data, and checks every page with them."""

from pathlib import Path

from runbook import build_info as history
from runbook.data.loader import Book, load
from runbook.diagnostics import Faults
from runbook.site import page_index as pages
from runbook.site.macro_registry import collect
from runbook.site.macros.commands import Commands
from runbook.site.macros.contacts import People
from runbook.site.macros.diagrams import Diagrams
from runbook.site.macros.evidence import EvidencePage, Proofs
from runbook.site.macros.inline import Writer
from runbook.site.macros.procedures import Procedures
from runbook.site.macros.reference import Tables
from runbook.site.macros.rollout import Plan


def prepare(root: Path, docs: Path) -> tuple[dict, dict, Book]:
    """The macros by name, the settings of MkDocs that are facts of the firm, and the data itself.

    root: the repository; docs: its pages. Raises Faults for everything that is wrong in data/ or in a page.
    """
    book = load(root)
    writer = Writer(book)
    macros = collect(
        (
            writer,
            Commands(writer),
            Procedures(writer),
            People(writer),
            Plan(writer),
            Tables(writer),
            Diagrams(writer),
            EvidencePage(writer),
        )
    )
    faults = pages.index(writer, macros, docs)
    if faults:
        raise Faults(faults)
    site = book.site
    commit, made, changed = history.commit(root), history.made(), history.changed(root, docs)
    proofs = Proofs(writer)
    settings = {
        # What stands at the foot of each page (runbook/site/theme/main.html).
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
