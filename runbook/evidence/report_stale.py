"""What has grown old: contacts that nobody called for too long, evidence that is due, a calendar that ends soon.

`make stale` prints it, and the weekly check. It reports, and never fails a build.
"""

import os
from datetime import date

from runbook.data.catalog import Catalog
from runbook.data.models.evidence import Proof
from runbook.diagnostics import Fault
from runbook.evidence.freshness import is_due


def old(catalog: Catalog, today: date) -> list[str]:
    """A line for each contact and piece of evidence older than its threshold, and for a calendar that ends soon.

    A line is a workflow command on GitHub, else file, line and text.
    """
    found = [*old_contacts(catalog, today), *old_evidence(catalog, today), *short_calendar(catalog, today)]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return [fault.annotation().replace("::error", "::warning", 1) for fault in found]
    return [str(fault) for fault in found]


def old_contacts(catalog: Catalog, today: date) -> list[Fault]:
    """The contacts whose numbers nobody has called for too long."""
    limit = catalog.thresholds["contact.age"].value.whole("d")
    return [
        Fault(
            *catalog.place("contacts", "contacts", name, "verified"),
            f"contacts.{name}: last verified on {contact.verified}; call it and set the date",
        )
        for name, contact in catalog.contacts.contacts.items()
        if (today - date.fromisoformat(contact.verified)).days > limit
    ]


def short_calendar(catalog: Catalog, today: date) -> list[Fault]:
    """The calendar, when it ends too soon: every day after its end counts as frozen."""
    last = catalog.calendar.covers.last
    limit = catalog.thresholds["calendar.ahead"].value.whole("d")
    if (date.fromisoformat(last) - today).days >= limit:
        return []
    text = f"covers: ends on {last}; enter the next holidays and announcements, then set the date"
    return [Fault(*catalog.place("calendar", "covers"), text)]


def old_evidence(catalog: Catalog, today: date) -> list[Fault]:
    """The evidence that is due, with the command that renews it."""
    proofs: list[tuple[str, Proof, str]] = [(name, proof, f"ONLY={name}") for name, proof in catalog.evidence.items()]
    for environment, ran in catalog.proven.real.items():
        proofs += [(f"{environment}/{name}", proof, f"TARGET={environment} ONLY={name}") for name, proof in ran.items()]
    return [
        Fault(f"data/evidence/{name}.json", 1, f"evidence of {proof.date}; run: make drill {how}")
        for name, proof, how in proofs
        if is_due(catalog, proof, today)
    ]
