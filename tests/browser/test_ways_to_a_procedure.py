"""Something is wrong: two taps, or what is typed into the search, lead to the procedure."""

import re

import pytest
from playwright.sync_api import Error

from runbook.site.search_tags import answers, location
from tests.browser.conftest import DISASTER, opened, results_settled
from tests.conftest import PAGES, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


def test_from_every_page_two_taps_lead_to_a_procedure(phone, address, catalog):
    faults = []
    tab = phone.new_page()
    for i, page in enumerate(PAGES):
        name = list(catalog.scenarios.scenarios)[i % len(catalog.scenarios.scenarios)]
        procedure = catalog.procedures[name]
        try:
            tab.goto(url(address, page))
            tab.get_by_role("link", name="Something is wrong").first.tap()
            tab.wait_for_url("**/disaster_recovery/#triage")
            tab.locator(".triage li").get_by_role("link", name=procedure.title, exact=True).tap()
            tab.wait_for_url(f"**/{location(catalog, name)}")
            assert tab.locator(f"#{name}").is_visible(), "it is not shown"
        except (Error, AssertionError) as error:  # every page is tried
            faults.append(
                f'docs/{page}: "Something is wrong", then "{procedure.title}", '
                f"does not lead to {location(catalog, name)}: {str(error).splitlines()[0]}"
            )
    say(faults)


def test_the_money_question_comes_before_every_symptom(phone, address, catalog):
    tab = opened(phone, address, DISASTER)
    assert tab.locator(".triage").inner_text().startswith(catalog.scenarios.money[0].ask), (
        "the triage list begins with the first question of `money` in data/scenarios.yml"
    )


def test_typing_an_alert_or_a_line_of_the_log_finds_its_procedure_first(desk, address, catalog):
    """Typed into the search; the first section of the first page found is the one that answers."""
    faults = []
    tab = opened(desk, address, "index.md")
    wake(tab)
    tab.keyboard.press("/")
    field, results = tab.locator(".md-search__input"), tab.locator(".md-search-result__item")
    for typed, procedures in answers(catalog).items():
        field.fill("")
        results.first.wait_for(state="detached")
        # The search answers each key; only the answer to the last one is judged.
        field.fill(typed[:-1])
        field.press_sequentially(typed[-1])
        tab.locator(".md-search-result__link").first.wait_for(state="attached")
        results_settled(tab)
        item = results.first.locator(".md-search-result__link")
        found = [
            re.sub(r"\?[^#]*", "", link).removeprefix(address)
            for link in item.evaluate_all("links => links.map(link => link.href)")
        ]
        first = found[0] if found else "nothing"
        wanted = [location(catalog, name) for name in procedures]
        if first not in wanted:
            faults.append(
                f'typing "{typed}" finds {first} first, not {wanted[0]}; its words are too common: '
                "see runbook/site/search_tags.py, or change the line in data/"
            )
    say(faults)


def test_every_alert_and_line_is_asked_for(catalog):
    typed = answers(catalog)
    lines = {event.line for event in catalog.system.log_events.values()}
    assert set(catalog.alerts) | lines <= set(typed)
