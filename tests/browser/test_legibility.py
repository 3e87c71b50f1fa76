"""A page can be read and hit: in the scheme that its reader chose, with a finger, without motion, on paper."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DISASTER, opened
from tests.browser.visits import CONTRAST
from tests.conftest import say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
SCHEMES = ["default", "slate", "night", "contrast"]


def choose(tab: Page, scheme: str) -> None:
    """Goes round with the button in the header, as a reader does."""
    wake(tab)
    for _ in SCHEMES:
        if tab.locator("body").get_attribute("data-md-color-scheme") == scheme:
            return
        tab.locator(".md-header__option label:not([hidden])").click()
    assert tab.locator("body").get_attribute("data-md-color-scheme") == scheme, (
        f"the button in the header never comes to the scheme {scheme}"
    )


def test_the_button_in_the_header_comes_to_every_scheme(desk, address):
    """In which every page can be read: test_every_page.py."""
    tab = opened(desk, address, "index.md")
    for scheme in SCHEMES:
        choose(tab, scheme)


def test_a_scheme_stays_chosen(desk, address):
    tab = opened(desk, address, "index.md")
    choose(tab, "night")
    tab.goto(url(address, DISASTER))
    assert tab.locator("body").get_attribute("data-md-color-scheme") == "night"


TARGETS = (
    ".md-banner a, label.md-header__button, .tel, .door, .triage li > p:first-child a, #values input, #values button, "
    "button.print, .fill, .md-code__button, .md-clipboard, .md-footer__link"
)
SMALL = """all => all.filter(it => it.checkVisibility({ visibilityProperty: true })).flatMap(it => {
  const { width, height } = it.getBoundingClientRect();
  const size = `${Math.round(width)} by ${Math.round(height)}`;
  return width && (height < 43.5 || width < 43.5)
    ? [`${it.className || it.tagName} ${size} ${it.innerText.slice(0, 20)}`] : [];
})"""


@pytest.mark.parametrize("page", ["index.md", DISASTER, "reference/contacts.md"])
def test_a_finger_hits_what_it_aims_at(phone, address, page):
    tab = opened(phone, address, page)
    wake(tab)
    small = tab.locator(TARGETS).evaluate_all(SMALL)
    say([f"docs/{page}: less than 44 pixels: {fault}" for fault in sorted(set(small))])


def test_a_tooltip_opens_with_the_first_tap_and_the_second_follows_the_link(phone, address):
    tab = opened(phone, address, "index.md")
    link = tab.locator("article .t a").first
    before = tab.url
    link.tap()
    tip = "link => getComputedStyle(link.parentElement, '::after').content"
    assert tab.url == before and link.evaluate(tip) != "none"
    link.tap()
    tab.wait_for_url("**/thresholds/#*")


def test_escape_closes_a_tooltip(desk, address):
    tab = opened(desk, address, "index.md")
    link = tab.locator("article .t a").first
    link.focus()
    shown = """link => {
      const style = getComputedStyle(link.parentElement, '::after');
      return style.content !== 'none' && style.display !== 'none';
    }"""
    assert link.evaluate(shown)
    tab.keyboard.press("Escape")
    assert not link.evaluate(shown)


def test_motion_stops_for_who_asks(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    tab = opened(context, address, "index.md")
    wake(tab)
    assert tab.evaluate(
        "[...document.querySelectorAll('*')].every(it => getComputedStyle(it).transitionDuration === '0s')"
    )
    context.close()


def test_a_system_that_asks_for_contrast_gets_it(browser, address):
    context = browser.new_context(contrast="more")
    tab = opened(context, address, "index.md")
    assert tab.evaluate("getComputedStyle(document.body).getPropertyValue('--rb-line')") == "#000", (
        "the lines stay pale; see prefers-contrast in docs/assets/runbook.css"
    )
    say([f"with more contrast asked for: {fault}" for fault in tab.evaluate(CONTRAST, 7)])
    context.close()


def test_the_print_button_prints(desk, address):
    desk.add_init_script("window.print = () => { window.printed = true }")
    tab = opened(desk, address, DISASTER)
    tab.get_by_role("button", name="Print this page").click()
    assert tab.evaluate("window.printed")
