"""Something is wrong: two taps lead to the procedure. What is typed: test_search_answers.py."""

import pytest

from runbook.site.search_tags import location
from tests.browser.conftest import DISASTER, opened
from tests.conftest import say, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


# Where a tap on each link of the triage list leads: its words -> its address, or what a finger hits in its place.
TAPPED = """links => Object.fromEntries(links.map(link => {
  link.scrollIntoView({ block: "center", behavior: "instant" });
  const [{ x, y, width, height }] = link.getClientRects();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return [link.innerText.trim(), link.contains(hit) ? link.href : `${hit?.outerHTML.slice(0, 60)} is in its place`];
}))"""


def test_from_the_triage_list_one_tap_leads_to_each_procedure(phone, address, catalog):
    """It is one tap away from every page: test_every_page.py."""
    tab = opened(phone, address, DISASTER)
    wake(tab)
    found = tab.locator(".triage li a").evaluate_all(TAPPED)
    say(
        [
            f'docs/{DISASTER}: a tap on "{catalog.procedures[name].title}" does not lead to {location(catalog, name)}, '
            f"but: {found.get(catalog.procedures[name].title, 'there is no such link')}"
            for name in catalog.scenarios.scenarios
            if found.get(catalog.procedures[name].title, "").partition("#")[0] != f"{address}{location(catalog, name)}"
        ]
    )


@pytest.mark.parametrize("start", ["index.md", "deployment/release/canary.md", "reference/thresholds.md"])
def test_two_taps_lead_to_a_procedure(phone, address, catalog, start):
    """For all pages and procedures in parts: above, and in test_every_page.py."""
    name = list(catalog.scenarios.scenarios)[-1]
    tab = opened(phone, address, start)
    tab.get_by_role("link", name="Something is wrong").first.tap()
    tab.wait_for_url("**/disaster_recovery/#triage")
    tab.locator(".triage li").get_by_role("link", name=catalog.procedures[name].title, exact=True).tap()
    tab.wait_for_url(f"**/{location(catalog, name)}*")
    assert tab.locator(f"#{name}").is_visible()


def test_the_money_question_comes_before_every_symptom(phone, address, catalog):
    tab = opened(phone, address, DISASTER)
    assert tab.locator(".triage").inner_text().startswith(catalog.scenarios.money[0].ask), (
        "the triage list begins with the first question of `money` in data/scenarios.yml"
    )
