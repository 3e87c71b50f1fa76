"""WCAG 2.2, levels A and AA, as far as axe-core can judge: every page, telephone and desk, every colour scheme."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import PAGES, SIZES, html_of, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# What a scheme can change.
COLOURS = ["color-contrast", "link-in-text-block"]
# A colour that is still on its way is neither the old nor the new one.
STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"
# A token of a class looks the same in every block of a class: one of each is judged, the others become plain text.
# It saves most of the time.
ONE_TOKEN_OF_EACH = """() => {
  const seen = new Set();
  for (const token of document.querySelectorAll(".highlight code span[class]")) {
    const kind = `${token.className} in ${token.closest(".highlight").className}`;
    if (seen.has(kind)) token.replaceWith(...token.childNodes);
    seen.add(kind);
  }
}"""
SCHEMES = """() => [...document.querySelectorAll('input[name="__palette"]')].map(it => (
  { scheme: it.dataset.mdColorScheme, primary: it.dataset.mdColorPrimary, accent: it.dataset.mdColorAccent }))"""
WEAR = """colour => {
  for (const [key, value] of Object.entries(colour)) document.body.setAttribute(`data-md-color-${key}`, value);
}"""
# The theme's script gives every block of code a navigation without a name. All else that axe calls best practice holds.
LEFT_OUT = "landmark-unique"
RUN = """async ([only, left_out]) => {
  const rules = only.type === "tag" ? { [left_out]: { enabled: false } } : {};
  const { violations } = await axe.run({ runOnly: only, rules, resultTypes: ["violations"] });
  return violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n")[1].trim()}`));
}"""


@pytest.fixture(params=SIZES)
def sized(request, browser: Browser):
    """A page of one size, with axe in whatever it opens."""
    context = browser.new_context(
        viewport=SIZES[request.param], has_touch=request.param == "telephone", reduced_motion="reduce"
    )
    context.add_init_script(AXE)
    yield context.new_page()
    context.close()


def judge(page: Page, where: str, turn: int | None = None) -> list[str]:
    """Judges the page as it stands now: by every rule in the first scheme, its colours in every other scheme.

    turn: which size this is, when the same page is judged at every size. Then the sizes share the other schemes.
    """
    page.add_style_tag(content=STILL)
    page.evaluate(ONE_TOKEN_OF_EACH)
    schemes = {it["scheme"]: it for it in page.evaluate(SCHEMES)}
    assert len(schemes) > 1, f"{where}: no choice of colour schemes"
    faults = []
    for number, (name, colour) in enumerate(schemes.items()):
        if number and turn is not None and number % len(SIZES) != turn:
            continue
        page.evaluate(WEAR, colour)
        only = {"type": "rule", "values": COLOURS} if number else {"type": "tag", "values": TAGS}
        faults += [f"{where}, scheme {name}: {fault}" for fault in page.evaluate(RUN, [only, LEFT_OUT])]
    return faults


def test_no_page_breaks_wcag(sized: Page, address: str):
    faults = []
    turn = [it["width"] for it in SIZES.values()].index(sized.viewport_size["width"])
    for path in [html_of(name) for name in PAGES] + ["404.html"]:
        sized.goto(address + path.removesuffix("index.html"), wait_until="load")
        wake(sized)
        faults += judge(sized, path, turn)
    say(faults)


def test_the_open_search_and_the_open_menu_break_nothing(sized: Page, address: str):
    sized.goto(url(address, "index.md"))
    sized.keyboard.press("/")
    sized.keyboard.type("rollback", delay=30)
    sized.locator(".md-search-result__item a").first.wait_for(timeout=10_000)
    faults = judge(sized, "the search")
    sized.goto(url(address, "deployment/rollback_procedure.md"))
    wake(sized)
    if sized.viewport_size["width"] < 1220:
        sized.locator('header label[for="__drawer"]').click()
    say(faults + judge(sized, "the menu"))


TINY = '<button style="width: 9px; height: 9px; padding: 0">.</button>'


@pytest.mark.parametrize(
    "body, rule",
    [
        ('<p style="color: #999; background: #fff">pale</p>', "color-contrast"),
        ("<input>", "label"),
        ('<a href="#a"></a>', "link-name"),
        (f'<div style="font-size: 6px">{TINY}{TINY}</div>', "target-size"),
    ],
    ids=["pale text", "an input without a label", "a link without a name", "small targets"],
)
def test_axe_sees_a_fault(sized: Page, address: str, body: str, rule: str):
    sized.goto(url(address, "index.md"))
    sized.evaluate("body => document.querySelector('article').insertAdjacentHTML('afterbegin', body)", body)
    assert any(f": {rule}: " in fault for fault in judge(sized, "broken")), rule


# Our own controls: what a finger must hit at night. The theme's keep WCAG's 24 pixels.
TOUCHED = (
    ".md-banner a, .door, .md-typeset .tel, article button:not(.md-clipboard):not(.md-code__button), article summary, "
    "article select, article input"
)
SMALL = """list => list.filter(it => it.checkVisibility({ visibilityProperty: true }))
  .map(it => [it.outerHTML.slice(0, 90), it.getBoundingClientRect().height, it.getBoundingClientRect().width])
  .filter(([, height, width]) => height < 44 || width < 44)"""


def test_a_finger_hits_every_control_of_ours(browser: Browser, address: str):
    """44 pixels high, or as much room around it."""
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True)
    page, faults = context.new_page(), []
    for name in PAGES:
        page.goto(url(address, name))
        wake(page)
        faults += [
            f"docs/{name}: {html}: {width:.0f} by {height:.0f} pixels; a finger wants 44: "
            "give it padding in docs/assets/runbook.css"
            for html, height, width in page.eval_on_selector_all(TOUCHED, SMALL)
        ]
    context.close()
    say(faults)


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
