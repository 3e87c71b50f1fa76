"""The command line: `python -m runbook`."""

import sys
import time
from datetime import date
from pathlib import Path

import click

from runbook.data import json_schemas
from runbook.data.catalog import Catalog
from runbook.data.checklist_sheet import missing_edition
from runbook.diagnostics import FaultsError
from runbook.evidence.checked_catalog import load_checked
from runbook.evidence.report_stale import old

ROOT = Path(__file__).resolve().parents[1]
# The repository whose data/ is read.
root_option = click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT, hidden=True
)


@click.group()
def main() -> None:
    """What the runbook's data says, and what is made of it."""


def loaded(root: Path) -> Catalog:
    """The data with its evidence, or the end of the command: prints every fault once and exits with 1."""
    try:
        return load_checked(root)
    except FaultsError as error:
        click.echo(error, err=True)
        sys.exit(1)


@main.command()
@root_option
def data(root: Path) -> None:
    """Read and check data/; print every fault with its file and line."""
    catalog = loaded(root)
    click.echo(f"data/ is in order: {len(catalog.thresholds)} thresholds, {len(catalog.procedures)} procedures")


@main.command()
@root_option
def stale(root: Path) -> None:
    """Name contacts and evidence that have grown old."""
    click.echo("\n".join(old(loaded(root), date.today())) or "nothing has grown old")


@main.command()
@root_option
def records(root: Path) -> None:
    """Check every deployment record; print the checklist edition to add when its items read otherwise."""
    catalog = loaded(root)
    if faults := missing_edition(catalog):
        click.echo("\n".join(map(str, faults)), err=True)
        sys.exit(1)
    click.echo(f"{len(catalog.records)} records, all in order; the checklist is version {catalog.checklists.version}")


@main.command()
@root_option
def schemas(root: Path) -> None:
    """Write the JSON Schemas that editors use into data/schemas/."""
    json_schemas.write(root / "data" / "schemas")


@main.command()
@click.argument("what", type=click.Choice(["all", "pdf", "web"]), default="all")
@click.option(
    "--site",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that mkdocs built; site/ when left out.",
)
@root_option
def export(what: str, site: Path | None, root: Path) -> None:
    """Make from the built site what works without it: PDFs, copies for offline.

    With `all`, a missing system library costs the PDFs only: one line says so, and the rest is made.
    """
    # The other commands need none of the libraries that print, and `data` is to answer at once.
    from runbook.export import run
    from runbook.export.built_site import UnreadableError
    from runbook.export.pdf.page_transform import UnprintableError
    from runbook.export.pdf.renderer import LibraryMissingError

    site = site or root / "site"
    begun = time.monotonic()
    try:
        if what in ("all", "pdf"):
            try:
                made = run.make_pdfs(root, site)
                click.echo(f"{len(made)} PDFs in {site / 'pdf'}, {time.monotonic() - begun:.0f} s")
            except LibraryMissingError as error:
                click.echo(error, err=True)
                if what == "pdf":
                    sys.exit(1)
        if what in ("all", "web"):
            copies = (path.relative_to(site).as_posix() for path in run.make_copies(root, site))
            click.echo("Offline: " + ", ".join(copies))
    except (FaultsError, UnreadableError, UnprintableError) as error:
        click.echo(error, err=True)
        sys.exit(1)
