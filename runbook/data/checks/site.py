"""The site: every page's owner is a role."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """Which owners do not exist."""
    return [
        each
        for start, role in catalog.site.owners.items()
        for each in unknown(catalog, "site", ("owners", start), "role", role, catalog.contacts.roles)
    ]
