"""The built site in a real browser, as its readers use it: telephone and desk, light and dark, scripts off."""

import pytest
from playwright.sync_api import Browser

from tests.conftest import PAGES, Site, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


def test_every_page_is_complete_without_scripts(browser: Browser, address: str):
    """Every word that a reader with scripts sees is there without them. A fold opens without scripts, too."""
    faults = []
    plain, full = browser.new_context(java_script_enabled=False), browser.new_context()
    for name in PAGES:
        texts = []
        for context in (plain, full):
            page = context.new_page()
            page.goto(url(address, name), wait_until="load")
            wake(page) if context is full else None
            # A tool that works with scripts alone, and what it writes, says nothing that is not on the page already.
            tools = ".live, [data-tool], .filter[data-rows] { display: none !important }"
            page.add_style_tag(content=tools) if context is full else None
            page.locator("details").evaluate_all("folds => folds.forEach(it => it.open = true)")
            texts.append(set(page.locator("article").inner_text().split()))
            page.close()
        missing = texts[1] - texts[0]
        if missing:
            faults.append(f"docs/{name}: shown only with scripts: {sorted(missing)[:8]}")
    plain.close()
    full.close()
    say(faults)


def test_a_threshold_explains_itself_on_focus(browser: Browser, address: str, catalog):
    page = browser.new_page()
    page.goto(url(address, "index.md"))
    link = page.locator("article .t a").first
    before = link.evaluate("element => getComputedStyle(element.parentElement, '::after').content")
    link.focus()
    after = link.evaluate("element => getComputedStyle(element.parentElement, '::after').content")
    name = link.get_attribute("href").partition("#")[2]
    (title,) = (it.title for key, it in catalog.thresholds.items() if name.endswith(key.replace(".", "-")))
    assert before == "none" and title in after, (before, after)
    page.close()


def test_copying_a_block_gives_exactly_the_commands(browser: Browser, address: str, site: Site):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(url(address, "deployment/rollback/warm.md"))
    wake(page)
    page.locator("#warm-back button[data-md-type=copy], #warm-back .md-clipboard").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    wanted = next(block.text for block in site.blocks("deployment/rollback/warm.md") if block.id == "warm-back")
    assert copied.strip() == wanted.strip()
    context.close()


def test_the_search_finds_an_alert(browser: Browser, address: str, catalog):
    alert = next(iter(catalog.alerts))
    page = browser.new_page()
    page.goto(url(address, "index.md"))
    page.keyboard.press("/")
    page.keyboard.type(alert, delay=30)
    page.locator(".md-search-result__item a").first.wait_for(timeout=10_000)
    found = page.locator(".md-search-result__item").all_inner_texts()
    assert any(alert in text for text in found), found[:3]
    page.close()


def test_severity_is_told_by_more_than_colour(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(url(address, "deployment/disaster_recovery.md"))
    for text in page.locator(".sev").all_inner_texts():
        assert "SEV-" in text and "▲" in text
    page.close()


def test_on_paper_nothing_of_the_screen_is_left(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(url(address, "deployment/rollback/warm.md"))
    wake(page)
    page.emulate_media(media="print")
    assert not page.locator(".md-banner").is_visible()
    assert not page.locator(".md-clipboard").first.is_visible()
    assert page.locator("#warm-back code").is_visible()
    page.close()
