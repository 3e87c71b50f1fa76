"""Samples: marked while the data is a sample; once it is the firm's own, nothing of the sample is left."""

import re

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault
from runbook.data.checks.texts import strings
from runbook.diagnostics import Fault

# Domains and telephone numbers that are reserved for examples and fiction (RFC 2606; Ofcom; NANPA).
SAMPLE = re.compile(
    r"\bexample\.(com|net|org)\b|github\.com/example/|\+44 20 7946 0\d{3}|\+1 \d{3} 555 01\d\d|\bExample Trading\b"
)


def check(catalog: Catalog) -> list[Fault]:
    """Which samples are not marked, or are left."""
    if not catalog.site.sample:
        return [
            fault(catalog, name, path, f'"{text}" is a sample; put your own in, or say sample: true')
            for name, file in catalog.files.items()
            if not name.startswith("records/")
            for path, text in strings(file.data)
            if SAMPLE.search(text)
        ]
    text = "has an address or a number that is reserved for samples; mark it with sample: true"
    return [
        fault(catalog, "contacts", ("contacts", name), text)
        for name, contact in catalog.contacts.contacts.items()
        if not contact.sample and any(SAMPLE.search(channel.value) for channel in contact.channels)
    ]
