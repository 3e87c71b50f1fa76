"""What waits until somebody is there waits: the theme's script, the search's index. And nothing moves when they come."""

import pytest
from playwright.sync_api import Browser

from tests.conftest import PAGES, SIZES, say, url

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


def search_by_key(page):
    page.keyboard.press("/")


def search_by_tap(page):
    page.locator('header label.md-header__button[for="__search"]').tap()


def search_by_mouse(page):
    page.locator(".md-search__input").click()


SCRIPT = "**/assets/javascripts/bundle*.js"
RUNS = "'document$' in window"


@pytest.fixture
def tab(browser: Browser):
    """A telephone on which time stands still until a test moves it."""
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True, is_mobile=True)
    page = context.new_page()
    page.clock.install()
    page.clock.pause_at("2030-01-01T00:00:00Z")
    yield page
    context.close()


SIGNS = {
    "a finger beside a link": lambda tab: tab.locator("h1").tap(),
    "a mouse": lambda tab: tab.mouse.move(200, 300),
    "a key": lambda tab: tab.keyboard.press("Tab"),
    "a wheel": lambda tab: tab.mouse.wheel(0, 9),
    "ten seconds": lambda tab: tab.clock.run_for(10_001),
}


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_the_theme_s_script_waits_for_a_sign_of_a_person(tab, address: str, sign):
    """It is what keeps a telephone's processor busy; nothing that is read needs it."""
    tab.goto(url(address, "deployment/rollback_procedure.md"), wait_until="networkidle")
    tab.clock.run_for(9_000)
    assert not tab.evaluate(RUNS), (
        "the theme's script runs before anybody is there; docs/assets/later.js must hold it back"
    )
    sign(tab)
    tab.wait_for_function(RUNS, polling=50)
    tab.locator("#warm-back .md-code__nav").wait_for(state="attached")
    assert tab.locator("#warm-back .md-code__nav").count() == 1


def test_a_finger_on_a_link_does_not_wait_for_the_theme_s_script(tab, address: str):
    tab.goto(url(address, "index.md"), wait_until="networkidle")
    asked = []
    tab.on("request", lambda it: asked.append(it.resource_type))
    tab.get_by_role("link", name="Something is wrong").first.tap()
    tab.wait_for_url("**/disaster_recovery/#triage")
    assert asked[0] == "document", (
        f"a {asked[0]} is asked for before the page; docs/assets/later.js must let links pass"
    )


@pytest.mark.parametrize("start", ["index.md", "deployment/rollback_procedure.md#warm"])
@pytest.mark.parametrize(
    "size, search", [("desk", search_by_key), ("desk", search_by_mouse), ("telephone", search_by_tap)]
)
def test_what_is_typed_before_the_theme_s_script_has_come_is_searched_for(
    browser: Browser, address: str, size: str, search, start: str
):
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    page = context.new_page()
    name, _, section = start.partition("#")
    page.goto(f"{url(address, name)}#{section}", wait_until="networkidle")
    page.route(SCRIPT, lambda route: (page.wait_for_timeout(700), route.continue_()))
    search(page)
    page.keyboard.type("canary", delay=20)
    assert not page.evaluate(RUNS)
    page.locator(".md-search-result__link").first.wait_for(timeout=10_000)
    page.wait_for_timeout(400)
    assert page.locator(".md-search__input").input_value() == "canary" and page.locator("#__search").is_checked()
    assert page.locator(".md-search-result__link").first.is_visible()
    context.close()


def test_without_the_theme_s_script_a_first_visit_has_the_colours_of_its_system(browser: Browser, address: str):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(url(address, "index.md"))
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate", (
        "see runbook/site/theme/partials/javascripts/palette.html"
    )
    context.close()


@pytest.mark.parametrize(
    "size, search, pages", [("desk", search_by_key, PAGES), ("telephone", search_by_tap, PAGES[:1])]
)
def test_the_index_waits_until_somebody_searches(browser: Browser, address: str, size: str, search, pages: list[str]):
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    page, asked = context.new_page(), []
    page.on("request", lambda it: asked.append(it.url.removeprefix(address)))
    faults = []
    for name in pages:
        page.goto(url(address, name), wait_until="networkidle")
        faults += [
            f"docs/{name} asks for {it}; docs/assets/later.js must hold it back" for it in asked if "search_index" in it
        ]
        asked.clear()
    say(faults)
    search(page)
    page.keyboard.type("rollback", delay=30)
    page.locator(".md-search-result__link").first.wait_for(state="attached", timeout=10_000)
    assert [it for it in asked if "search_index" in it] == ["search/search_index.json"]
    context.close()


@pytest.mark.parametrize("link", ["?q=rollback", "deployment/rollback_procedure/?h=warm"])
def test_a_link_of_a_search_gets_the_index_at_once(browser: Browser, address: str, link: str):
    page = browser.new_page()
    with page.expect_request("**/search/search_index.json", timeout=10_000):
        page.goto(f"{address}{link}")
    page.close()


MOVED = """window.moved = []; new PerformanceObserver(list => { for (const it of list.getEntries()) if (!it.hadRecentInput)
  moved.push([it.value, it.sources.map(source => source.node?.outerHTML?.slice(0, 60) ?? "").join(", ")]) }).observe({ type: "layout-shift", buffered: true })"""


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
        # The first sign of a person is no reason to move either; a key's own half second would excuse it.
        page.mouse.wheel(0, 1)
        page.wait_for_function("!document.getElementById('theme')")
        page.wait_for_timeout(100)
        faults += [
            f"docs/{name}: {what} moved ({score:.3f}); give what pushes it its room in docs/assets/runbook.css before its script comes"
            for score, what in page.evaluate("moved")
            if score >= 0.01
        ]
    context.close()
    say(faults)
