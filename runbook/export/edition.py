"""Which edition this is: what stands on every cover and in every footer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from runbook import build_info as history
from runbook.data.catalog import Catalog

# How long a print may be used. The threshold that says so, and what holds while a firm has none.
VALID = "print.valid"
VALID_DAYS = 30
# What the pages are written in.
LANGUAGE = "en"


@dataclass(frozen=True)
class PrintEdition:
    """The facts of one build.

    made: when, UTC. commit: short hash, "unknown" without git. valid_until: the last day on which a print may be used.
    releases: the daemon's releases that the book applies to. audience: "public" or "internal".
    url: the live copy, ends in a slash. paper: "A4" or "Letter". sample: whether the data is the project's sample.
    """

    name: str
    firm: str
    description: str
    language: str
    url: str
    paper: str
    audience: str
    sample: bool
    releases: tuple[str, ...]
    commit: str
    made: datetime
    valid_until: datetime

    @property
    def date(self) -> str:
        return self.made.strftime("%Y-%m-%d")

    @property
    def valid(self) -> str:
        return self.valid_until.strftime("%Y-%m-%d")

    @property
    def title(self) -> str:
        """`Edition 2026-11-23, public, 5f85d86`."""
        return f"Edition {self.date}, {self.audience}, {self.commit}"

    @property
    def footer(self) -> str:
        """The title, and before it what a reader of any sheet must know."""
        private = "INTERNAL: holds personal numbers · " if self.audience == "internal" else ""
        sample = "SAMPLE DATA · " if self.sample else ""
        return f"{private}{sample}{self.title}"


def print_edition(catalog: Catalog, root: Path) -> PrintEdition:
    """Collects the facts. The time is SOURCE_DATE_EPOCH (seconds since 1970) where it is set, else now."""
    made = history.made()
    site, rollout = catalog.site, catalog.rollout
    return PrintEdition(
        site.name,
        site.firm,
        site.description,
        LANGUAGE,
        site.url,
        site.paper,
        catalog.audience,
        site.sample,
        tuple(dict.fromkeys((rollout.current, rollout.next))),
        history.commit(root),
        made,
        made + timedelta(days=_days(catalog)),
    )


def _days(catalog: Catalog) -> float:
    if VALID not in catalog.thresholds:
        return VALID_DAYS
    return float(catalog.thresholds[VALID].value.base / Decimal(86400))
