"""A page can be read and hit: contrast in every scheme, enlarged, as cards, with a finger, without motion, on paper."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DISASTER, opened
from tests.conftest import PAGES, say, settled, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
SCHEMES = ["default", "slate", "night", "contrast"]


CONTRAST = """() => {
  const linear = (c) => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.map(linear); return .2126 * r + .7152 * g + .0722 * b };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  const low = [];
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || !node.checkVisibility() || node.closest('svg')) continue;
    const both = [light(parse(getComputedStyle(node).color).slice(0, 3)), light(behind(node).slice(0, 3))];
    const ratio = (Math.max(...both) + .05) / (Math.min(...both) + .05);
    if (ratio < LIMIT) low.push(`${ratio.toFixed(1)}: ${text.slice(0, 30)} (${node.tagName} ${node.className})`);
  }
  return [...new Set(low)].slice(0, 6);
}"""


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


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", ["index.md", DISASTER, "reference/contacts.md"])
def test_text_can_be_read_in_every_scheme(desk, address, scheme, page):
    tab = opened(desk, address, page)
    choose(tab, scheme)
    tab.add_style_tag(content="* { transition: none !important }")
    settled(tab)
    low = tab.evaluate(CONTRAST.replace("LIMIT", "7" if scheme == "contrast" else "4.5"))
    say(
        [
            f"docs/{page} in the scheme {scheme}: contrast {fault}; change the colour in docs/assets/runbook.css"
            for fault in low
        ]
    )


def test_a_scheme_stays_chosen(desk, address):
    tab = opened(desk, address, "index.md")
    choose(tab, "night")
    tab.goto(url(address, DISASTER))
    assert tab.locator("body").get_attribute("data-md-color-scheme") == "night"


def test_no_page_scrolls_sideways_when_it_is_enlarged(browser, address):
    """A desk's window, to twice, three and four times its size."""
    context = browser.new_context()
    tab, faults = context.new_page(), []
    wire = context.new_cdp_session(tab)
    for page in PAGES:
        tab.goto(url(address, page))
        wake(tab)
        for wide, ratio in ((640, 2), (390, 3), (320, 4)):
            screen = {"width": wide, "height": 700, "deviceScaleFactor": ratio, "mobile": False}
            wire.send("Emulation.setDeviceMetricsOverride", screen)
            settled(tab)
            assert tab.evaluate("[innerWidth, devicePixelRatio]") == [wide, ratio]
            if (over := tab.evaluate("document.documentElement.scrollWidth")) > wide:
                faults.append(f"docs/{page}: {over} pixels wide on {wide}; something must wrap or scroll inside")
    context.close()
    say(faults)


NO_CARDS = """() => {
  const cards = (it) =>
    getComputedStyle(it.querySelector('tbody tr')).display === 'block' && it.querySelector('td[data-label]');
  const tables = [...document.querySelectorAll('article table:not([class])')];
  return tables.filter(it => it.querySelector('tbody td') && !cards(it)).map(it => it.innerText.slice(0, 40));
}"""
# A cell's name may be longer than what stands in the cell.
RUN_OVER = """() => {
  const cells = [...document.querySelectorAll('article td[data-label]')].filter(it => it.checkVisibility());
  return cells.flatMap(cell => {
    const name = Object.assign(document.createElement('span'), { textContent: cell.dataset.label });
    const { width, fontSize, fontWeight } = getComputedStyle(cell, '::before');
    Object.assign(name.style, { display: 'block', position: 'absolute', width, fontSize, fontWeight });
    cell.append(name);
    const short = name.getBoundingClientRect().height > cell.getBoundingClientRect().height + 1;
    name.remove();
    return short ? [cell.innerText.slice(0, 40)] : [];
  });
}"""


def test_every_table_is_cards_on_a_telephone(phone, address):
    tab = phone.new_page()
    faults = []
    for page in PAGES:
        tab.goto(url(address, page))
        faults += [f"docs/{page}: this table does not become cards: {fault}" for fault in tab.evaluate(NO_CARDS)]
        faults += [
            f"docs/{page}: the name of this cell runs over the next one: {fault}; "
            "let it take room in docs/assets/runbook.css"
            for fault in tab.evaluate(RUN_OVER)
        ]
    say(faults)


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
    say([f"with more contrast asked for: {fault}" for fault in tab.evaluate(CONTRAST.replace("LIMIT", "7"))])
    context.close()


def test_the_print_button_prints(desk, address):
    desk.add_init_script("window.print = () => { window.printed = true }")
    tab = opened(desk, address, DISASTER)
    tab.get_by_role("button", name="Print this page").click()
    assert tab.evaluate("window.printed")
