"""Links to sections that have left the hub pages still lead to them."""

import json
import re

import pytest

from tests.conftest import PAGES, ROOT, Site, say

# Every section, step and command block that the hub pages had before each procedure got a page of its own.
OLD = json.loads((ROOT / "tests" / "fixtures" / "old_anchors.json").read_text(encoding="utf-8"))


def listed(site: Site, hub: str) -> dict[str, str]:
    """The hub's list of moved sections: id -> page."""
    folder = hub.removesuffix(".md") + "/"
    found = {}
    for link in site.article(hub).xpath(".//details[contains(@class, 'moved')]//a[contains(@href, '#')]"):
        address, _, section = link.get("href").partition("#")
        parts: list[str] = []
        for part in (folder + address).strip("/").split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        found[section] = "/".join(parts) + ".md"
    return found


def place(moved: dict[str, str], old: str) -> str | None:
    """The page that an old id leads to, by the same rule as the script moved_sections.js."""
    name = re.sub(r"^step-", "", old)
    while name and name not in moved:
        name = name.rpartition("-")[0]
    return moved.get(name)


@pytest.mark.parametrize("hub", OLD)
def test_every_old_link_to_a_hub_leads_to_its_section(hub, site: Site):
    ids = {page: {element.get("id") for element in site.article(page).xpath(".//*[@id]")} for page in PAGES}
    moved, faults = listed(site, hub), []
    for old in OLD[hub]:
        if old in ids[hub]:
            continue
        page = place(moved, old)
        if page is None:
            faults.append(f"docs/{hub}#{old}: no longer there, and not in its list of moved sections")
        elif old not in ids.get(page, ()):
            faults.append(f"docs/{hub}#{old}: leads to docs/{page}, which has no such id")
    say(faults)
