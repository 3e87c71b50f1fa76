"""What a first visit costs on a telephone: everything that a page asks for before it can be read, as a host sends it.

The search's index is no part of it: it waits until somebody searches.
"""

import gzip

import pytest
from lxml import html as lxml_html

from tests.conftest import ROOT, Site, say

KILO = 1000
# A second and a half on slow mobile data (800 kbit/s): what is left of two seconds within which a page must be read.
FIRST_VISIT = 150 * KILO
# The theme's own script is three times that; ours must never be what an operator waits for.
OWN_SCRIPT = 12 * KILO
OWN = ROOT / "docs/assets"


def weight(path) -> int:
    """A file's bytes on the way: every host compresses text."""
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


def parts(page) -> list:
    """A page and the files that it asks for: styles, scripts, pictures, its sign."""
    tree = lxml_html.parse(str(page), lxml_html.HTMLParser(encoding="utf-8")).getroot()
    asked = tree.xpath('//link[@rel="stylesheet" or @rel="icon" or @rel="prefetch"]/@href | //script/@src | //img/@src')
    return [
        page,
        *sorted(
            {
                (page.parent / link.split("?")[0]).resolve()
                for link in asked
                if "://" not in link and not link.startswith(("data:", "/"))
            }
        ),
    ]


def test_a_first_visit_is_light(site: Site):
    faults = []
    for page in sorted(site.folder.rglob("*.html")):
        heavy = sorted(((weight(part), part.name) for part in parts(page)), reverse=True)
        whole = sum(size for size, _ in heavy)
        if whole > FIRST_VISIT:
            faults.append(
                f"{page.relative_to(site.folder)}: {whole / KILO:.0f} kB compressed, {FIRST_VISIT / KILO:.0f} at most: "
                + ", ".join(f"{name} {size / KILO:.0f}" for size, name in heavy[:4])
                + ". Split the page, or take out what few need"
            )
    say(faults)


def test_our_own_script_is_light(site: Site):
    faults = []
    for page in sorted(site.folder.rglob("*.html")):
        own = {part.name for part in parts(page) if part.parent.name == "assets" and part.suffix == ".js"}
        sizes = {name: weight(OWN / name) for name in sorted(own)}
        if sum(sizes.values()) > OWN_SCRIPT:
            faults.append(
                f"{page.relative_to(site.folder)}: {sizes}: {sum(sizes.values())} bytes compressed, {OWN_SCRIPT} at "
                "most: docs/assets/"
            )
    say(faults)


@pytest.mark.parametrize("page", ["index.html", "deployment/rollback_procedure/index.html"])
def test_the_parts_of_a_page_are_found(site: Site, page: str):
    """An empty list would weigh nothing."""
    names = {part.name for part in parts(site.folder / page)}
    assert {"index.html", "runbook.css", "page_enhancements.js"} <= names and len(names) >= 5, names


def test_our_scripts_stay_small():
    size = weight(OWN / "page_enhancements.js")
    assert size <= 4096, f"docs/assets/page_enhancements.js has {size} bytes compressed; 4096 are enough"
