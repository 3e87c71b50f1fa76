"""WCAG 2.2 in what only opens on demand, and with a keyboard alone. Pages as they open: test_every_page.py."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import judge
from tests.conftest import SIZES, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


@pytest.fixture(params=SIZES)
def sized(request, browser: Browser):
    """A page of one size."""
    context = browser.new_context(
        viewport=SIZES[request.param], has_touch=request.param == "telephone", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def judged(tab: Page, what: str) -> list[str]:
    """Faults in what is open now. The sizes share the colour schemes."""
    turn = [it["width"] for it in SIZES.values()].index(tab.viewport_size["width"])
    return [f"{what}: {fault}" for fault in judge(tab, turn=turn)]


def test_the_open_search_and_the_open_menu_break_nothing(sized: Page, address: str):
    sized.goto(url(address, "index.md"))
    sized.keyboard.press("/")
    sized.keyboard.type("rollback", delay=30)
    sized.locator(".md-search-result__item a").first.wait_for(timeout=10_000)
    faults = judged(sized, "the search")
    sized.goto(url(address, "deployment/rollback_procedure.md"))
    wake(sized)
    if sized.viewport_size["width"] < 1220:
        sized.locator('header label[for="__drawer"]').click()
    say(faults + judged(sized, "the menu"))


TINY = '<button style="width: 9px; height: 9px; padding: 0">.</button>'


# The rule that a fault breaks -> the fault.
BROKEN = {
    "color-contrast": '<p style="color: #999; background: #fff">pale</p>',
    "label": "<input>",
    "link-name": '<a href="#a"></a>',
    "target-size": f'<div style="font-size: 6px">{TINY}{TINY}</div>',
}


@pytest.mark.parametrize(
    ("everything", "rules"),
    [pytest.param(True, set(BROKEN), id="by every rule"), pytest.param(False, {"target-size"}, id="by size alone")],
)
def test_axe_sees_a_fault(sized: Page, address: str, everything: bool, rules: set[str]):
    sized.goto(url(address, "index.md"))
    broken = "".join(BROKEN.values())
    sized.evaluate("body => document.querySelector('article').insertAdjacentHTML('afterbegin', body)", broken)
    found = judge(sized, everything=everything, turn=0 if everything else None)
    say([f"axe does not see {rule}" for rule in rules if not any(f"{rule}: " in fault for fault in found)])


WATCH_FOCUS = """() => {
  window.reached = new Set();
  window.blind = [];
  addEventListener("focusin", ({ target }) => {
    reached.add(target);
    const { outlineStyle, boxShadow } = getComputedStyle(target);
    if (target.closest("article, .md-banner") && outlineStyle === "none" && boxShadow === "none")
      blind.push(target.outerHTML.slice(0, 90));
  });
}"""
MISSED = """() => {
  const ours = ["a[href]", "button", "input", "summary", "select"].map(it => `article ${it}`);
  return [...document.querySelectorAll([".md-banner a", ...ours])]
    .filter(it => it.checkVisibility({ visibilityProperty: true }) && it.tabIndex >= 0 && !it.disabled)
    .filter(it => !reached.has(it)).map(it => it.outerHTML.slice(0, 90));
}"""


def test_the_keyboard_reaches_every_control(browser: Browser, address: str):
    """Whoever has no mouse: Tab comes to each link and button that can be seen, and shows where it is."""
    page, faults = browser.new_page(viewport=SIZES["desk"]), []
    for name in ("index.md", "deployment/deployment_checklist.md", "reference/contacts.md"):
        page.goto(url(address, name))
        wake(page)
        page.evaluate(WATCH_FOCUS)
        count = page.locator("a[href], button, input, summary, select, [tabindex='0']").count()
        for _ in range(count + 5):
            page.keyboard.press("Tab")
        faults += [f"docs/{name}: Tab never comes to {html}" for html in page.evaluate(MISSED)]
        faults += [f"docs/{name}: no outline while it has the focus: {html}" for html in page.evaluate("blind")]
    page.close()
    say(faults)
