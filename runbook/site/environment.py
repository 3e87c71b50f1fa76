"""Puts the site together: loads the data, makes the macros, renders the pages, gathers what MkDocs needs to know."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbook import build_info
from runbook.data.catalog import Catalog
from runbook.diagnostics import Fault, FaultsError
from runbook.evidence.checked_catalog import load_checked
from runbook.site.macro_registry import collect
from runbook.site.macros.checklist import ChecklistMacros
from runbook.site.macros.contacts import ContactMacros
from runbook.site.macros.diagrams import DiagramMacros
from runbook.site.macros.evidence import EvidenceMacros, EvidenceWording
from runbook.site.macros.inline import InlineMacros
from runbook.site.macros.moved import MovedMacros
from runbook.site.macros.procedures import ProcedureMacros
from runbook.site.macros.reference import ReferenceMacros
from runbook.site.macros.rollout import RolloutMacros
from runbook.site.page_index import PageIndex
from runbook.site.shell_blocks import plain_to_reader
from runbook.site.templating import look_up_anew


@dataclass(frozen=True)
class PreparedSite:
    """Everything that is known before MkDocs builds the first page."""

    catalog: Catalog
    pages: PageIndex
    proofs: EvidenceWording
    macros: dict[str, Callable[..., str]]

    def call(self, macro: str, *arguments: str) -> str:
        """What a page gets that calls a macro."""
        return self.pages.finished(self.macros[macro](*arguments))


def prepare(root: Path, docs: Path) -> PreparedSite:
    """Loads the data, and renders every page once.

    root: the repository; docs: its pages. Raises FaultsError for everything that is wrong in data/ or in a page, and
    for evidence that no drill can have written.
    """
    look_up_anew()
    catalog, pages = load_checked(root), PageIndex()
    inline = InlineMacros(catalog, pages)
    proofs = EvidenceWording(inline)
    macros = collect(
        (
            inline,
            ProcedureMacros(inline, proofs),
            ContactMacros(inline),
            RolloutMacros(inline),
            ChecklistMacros(inline, proofs),
            ReferenceMacros(inline, proofs),
            DiagramMacros(inline),
            EvidenceMacros(inline, proofs),
            MovedMacros(inline),
        )
    )

    def reader_form(text: str, page: str) -> tuple[str, list[Fault]]:
        return plain_to_reader(text, page, catalog, inline.mark)

    if faults := pages.render(docs, macros, root / ".cache" / "pages", reader_form):
        raise FaultsError(faults)
    return PreparedSite(catalog, pages, proofs, macros)


def settings(site: PreparedSite) -> dict[str, Any]:
    """The settings of MkDocs that are facts of the firm, by their names in mkdocs.yml."""
    facts = site.catalog.site
    return {
        "site_name": facts.name,
        "site_url": facts.url,
        "site_description": facts.description,
        "edit_uri": f"{facts.repository}/edit/{facts.branch}/docs/",
    }


def page_feet(site: PreparedSite, root: Path, docs: Path) -> dict[str, dict[str, Any]]:
    """What stands at the foot of each page (runbook/site/theme/main.html), by the page's path below docs."""
    catalog = site.catalog
    changed = build_info.changed(root, docs)
    edition = f"{build_info.made():%Y-%m-%d}, {catalog.audience}, {build_info.commit(root)}"
    review_days = catalog.thresholds["page.review"].value.whole("d")
    feet = {}
    for page in site.pages.names:
        owner = catalog.site.owner(page)
        feet[page] = {
            "changed": changed.get(page),
            "owner": catalog.contacts.roles[owner].title,
            "role": owner.replace("_", "-"),
            "proven": site.proofs.of_page(page),
            "edition": edition,
            "review": review_days,
        }
    return feet
