"""What has grown old: contacts that nobody called for too long, evidence that is due. Reports; never fails a build.

`python -m runbook.evidence.report_stale` is what the weekly check runs.
"""

import os
from datetime import date
from pathlib import Path

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.diagnostics import Fault
from runbook.site.macros.evidence import age


def old(catalog: Catalog, today: date) -> list[str]:
    """A line for each contact and each piece of evidence that is older than its threshold."""
    limit = int(catalog.thresholds["contact.age"].value.to("d"))
    found = [
        Fault(
            "data/contacts.yml",
            catalog.line("contacts", "contacts", name, "verified"),
            f"contacts.{name}: last verified on {it.verified}; call it and set the date",
        )
        for name, it in catalog.contacts.contacts.items()
        if (today - date.fromisoformat(it.verified)).days > limit
    ]
    found += [
        Fault(f"data/evidence/{name}.json", 1, f"evidence of {it.date}; run: make drill {how}")
        for name, it, how in [
            *((name, it, f"ONLY={name}") for name, it in catalog.evidence.items()),
            *(
                (f"{environment}/{name}", it, f"TARGET={environment} ONLY={name}")
                for environment, ran in catalog.proven.real.items()
                for name, it in ran.items()
            ),
        ]
        if (today - date.fromisoformat(it.date)).days > age(catalog, it.of)
    ]
    return [
        fault.annotation().replace("::error", "::warning", 1)
        if os.environ.get("GITHUB_ACTIONS") == "true"
        else str(fault)
        for fault in found
    ]


if __name__ == "__main__":
    lines = old(load(Path(__file__).resolve().parents[2]), date.today())
    print("\n".join(lines) or "nothing has grown old")
