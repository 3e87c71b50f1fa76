"""What a first visit costs on a telephone: everything that a page asks for before it can be read, as a host sends it; and that nothing moves.

The search's index is no part of it: it waits until somebody searches.
"""

import gzip

import pytest
from lxml import html as lxml_html
from playwright.sync_api import Browser

from tests.conftest import PAGES, ROOT, SIZES, Site, say, url

KILO = 1000
# A second and a half on the slow side of mobile data (800 kbit/s): what is left of the two seconds within which a page must be read.
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
    asked = tree.xpath('//link[@rel="stylesheet" or @rel="icon"]/@href | //script/@src | //img/@src')
    return [page, *sorted({(page.parent / link.split("?")[0]).resolve() for link in asked if "://" not in link and not link.startswith(("data:", "/"))})]


def test_a_first_visit_is_light(site: Site):
    faults = []
    for page in sorted(site.folder.rglob("*.html")):
        heavy = sorted(((weight(part), part.name) for part in parts(page)), reverse=True)
        whole = sum(size for size, _ in heavy)
        if whole > FIRST_VISIT:
            faults.append(f"{page.relative_to(site.folder)}: {whole / KILO:.0f} kB compressed, {FIRST_VISIT / KILO:.0f} at most: " + ", ".join(f"{name} {size / KILO:.0f}" for size, name in heavy[:4]) + ". Split the page, or take out what few need")
    say(faults)


def test_our_own_script_is_light(site: Site):
    """What one page asks for. The offline copy's script is added where it is made, and counted here everywhere."""
    faults = []
    for page in sorted(site.folder.rglob("*.html")):
        own = {part.name for part in parts(page) if part.parent.name == "assets" and part.suffix == ".js"} | {"offline.js"}
        sizes = {name: weight(OWN / name) for name in sorted(own)}
        if sum(sizes.values()) > OWN_SCRIPT:
            faults.append(f"{page.relative_to(site.folder)}: {sizes}: {sum(sizes.values())} bytes compressed, {OWN_SCRIPT} at most: docs/assets/")
    say(faults)


@pytest.mark.parametrize("page", ["index.html", "deployment/rollback_procedure/index.html"])
def test_the_parts_of_a_page_are_found(site: Site, page: str):
    """An empty list would weigh nothing."""
    names = {part.name for part in parts(site.folder / page)}
    assert {"index.html", "runbook.css", "reader.js"} <= names and len(names) >= 6, names


# ------------------------------------------------------------------ the index


def search_by_key(page):
    page.keyboard.press("/")


def search_by_tap(page):
    page.locator('header label.md-header__button[for="__search"]').tap()


@pytest.mark.browser
@pytest.mark.parametrize("size, search, pages", [("desk", search_by_key, PAGES), ("telephone", search_by_tap, PAGES[:1])])
def test_the_index_waits_until_somebody_searches(browser: Browser, address: str, size: str, search, pages: list[str]):
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    page, asked = context.new_page(), []
    page.on("request", lambda it: asked.append(it.url.removeprefix(address)))
    faults = []
    for name in pages:
        page.goto(url(address, name), wait_until="networkidle")
        faults += [f"docs/{name} asks for {it}; docs/assets/search.js must hold it back" for it in asked if "search_index" in it]
        asked.clear()
    say(faults)
    search(page)
    page.keyboard.type("rollback", delay=30)
    page.locator(".md-search-result__link").first.wait_for(state="attached", timeout=10_000)
    assert [it for it in asked if "search_index" in it] == ["search/search_index.json"]
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("link", ["?q=rollback", "deployment/rollback_procedure/?h=warm"])
def test_a_link_of_a_search_gets_the_index_at_once(browser: Browser, address: str, link: str):
    page = browser.new_page()
    with page.expect_request("**/search/search_index.json", timeout=10_000):
        page.goto(f"{address}{link}")
    page.close()


# ------------------------------------------------------------- what is moved

MOVED = """window.moved = []; new PerformanceObserver(list => { for (const it of list.getEntries()) if (!it.hadRecentInput)
  moved.push([it.value, it.sources.map(source => source.node?.outerHTML?.slice(0, 60) ?? "").join(", ")]) }).observe({ type: "layout-shift", buffered: true })"""


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_under_a_reader_s_finger(browser: Browser, address: str, size: str):
    """The scripts come late, as on a slow line: what they add must find its room."""
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    context.add_init_script(MOVED)
    page, faults = context.new_page(), []
    page.route("**/*.js", lambda route: (page.wait_for_timeout(150), route.continue_()))
    for name in PAGES:
        page.goto(url(address, name), wait_until="load")
        page.wait_for_timeout(150)
        faults += [f"docs/{name}: {what} moved ({score:.3f}); give what pushes it its room in docs/assets/runbook.css before its script comes" for score, what in page.evaluate("moved") if score >= 0.01]
    context.close()
    say(faults)
