"""Builds the macros from the data, and checks every page with them."""

from pathlib import Path

from runbook import build_info as history
from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.diagnostics import FaultsError
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


def prepare(root: Path, docs: Path) -> tuple[dict, dict, Catalog]:
    """The macros by name, the settings of MkDocs that are facts of the firm, and the data itself.

    root: the repository; docs: its pages. Raises FaultsError for everything that is wrong in data/ or in a page.
    """
    catalog = load(root)
    writer = Writer(catalog)
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
        raise FaultsError(faults)
    site = catalog.site
    commit, made, changed = history.commit(root), history.made(), history.changed(root, docs)
    proofs = Proofs(writer)
    settings = {
        # What stands at the foot of each page (runbook/site/theme/main.html).
        "foot": {
            page: {
                "changed": changed.get(page),
                "owner": catalog.contacts.roles[site.owner(page)].title,
                "role": site.owner(page).replace("_", "-"),
                "proven": proofs.of_page(page),
                "edition": f"{made:%Y-%m-%d}, {catalog.audience}, {commit}",
                "review": int(catalog.thresholds["page.review"].value.to("d")),
            }
            for page in (path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
        },
        "site_name": site.name,
        "site_url": site.url,
        "site_description": site.description,
        "edit_uri": f"{site.repository}/edit/{site.branch}/docs/",
    }
    return macros, settings, catalog
