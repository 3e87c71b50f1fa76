"""What a first visit gets: all that works from the start, the index when somebody searches."""

import pytest
from playwright.sync_api import Browser

from tests.conftest import SIZES, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


def search_by_key(page):
    page.keyboard.press("/")


def search_by_tap(page):
    page.locator('header label.md-header__button[for="__search"]').tap()


def search_by_mouse(page):
    page.locator(".md-search__input").click()


@pytest.mark.parametrize("size", SIZES)
def test_copy_buttons_and_keys_are_there_from_the_start(browser: Browser, address: str, size: str):
    """Nobody has to touch the page first."""
    context = browser.new_context(viewport=SIZES[size])
    page = context.new_page()
    page.goto(url(address, "deployment/rollback/warm.md"), wait_until="load")
    page.locator("#warm-back .md-code__nav, #warm-back .md-clipboard").first.wait_for(state="attached")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.matches('.md-search__input')")
    context.close()


@pytest.mark.parametrize(
    "size, search", [("desk", search_by_key), ("desk", search_by_mouse), ("telephone", search_by_tap)]
)
def test_what_is_typed_at_once_is_searched_for(browser: Browser, address: str, size: str, search):
    """The index comes while somebody types."""
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    page = context.new_page()
    page.goto(url(address, "deployment/rollback/warm.md") + "#warm", wait_until="load")
    search(page)
    page.wait_for_function("document.activeElement.matches('.md-search__input')")
    page.keyboard.type("canary")
    page.locator(".md-search-result__link").first.wait_for(timeout=10_000)
    assert page.locator(".md-search__input").input_value() == "canary" and page.locator("#__search").is_checked()
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


@pytest.mark.parametrize("size, search", [("desk", search_by_key), ("telephone", search_by_tap)])
def test_the_index_is_asked_for_once_somebody_searches(browser: Browser, address: str, size: str, search):
    """Not before: test_every_page.py."""
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
    page, asked = context.new_page(), []
    page.on("request", lambda it: asked.append(it.url.removeprefix(address)))
    page.goto(url(address, "index.md"), wait_until="load")
    wake(page)
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
