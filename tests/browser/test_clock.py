"""The clock beside a path back: what should be done by now, in words; kept, and written into the run."""

import pytest
from playwright.sync_api import Page

from tests.browser.test_checklist import DENIED, PAGE, begin, exported
from tests.conftest import SIZES, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
ROLLBACK = "deployment/rollback/warm/"


@pytest.fixture
def tab(context) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(ROLLBACK)
    return page


@pytest.fixture
def first_step(catalog) -> str:
    return catalog.procedures["warm"].steps[0].title


def seconds(catalog, threshold: str) -> int:
    return int(catalog.thresholds[threshold].value.base)


def clock(tab: Page, procedure: str = "warm"):
    return tab.locator(f"[data-clock={procedure}] + .clock")


def start(tab: Page, procedure: str = "warm") -> None:
    clock(tab, procedure).get_by_role("button", name="Start the clock").click()


@pytest.mark.parametrize("procedure", ["warm", "cold"])
def test_the_clock_counts_with_the_budgets_of_the_page(tab, catalog, procedure):
    tab.goto(f"deployment/rollback/{procedure}/")
    start(tab, procedure)
    it = catalog.procedures[procedure]
    budgets = [seconds(catalog, step.budget) for step in it.steps]
    tab.clock.fast_forward(1000 * (sum(budgets[:2]) + 1))
    shown = clock(tab, procedure).inner_text()
    total = seconds(catalog, it.budget)
    assert f"of {total // 60:02}:{total % 60:02}" in shown and "by now steps 1 to 2 should be done" in shown, shown
    lines = clock(tab, procedure).locator("li").all_inner_texts()
    assert len(lines) == len(budgets), "a step has no data-budget: runbook/site/macros/procedures.py writes it"
    assert all("▲ OVERDUE by" in line for line in lines[:2]) and "left" in lines[2], lines


def test_what_is_done_in_time_is_not_overdue(tab, catalog, first_step):
    start(tab)
    clock(tab).get_by_role("button", name=f"Done: {first_step}").click()
    warm = catalog.procedures["warm"]
    tab.clock.fast_forward(1000 * (seconds(catalog, warm.steps[0].budget) + 1))
    assert "✓ at 00:0" in clock(tab).locator("li").first.inner_text()
    tab.clock.fast_forward(1000 * seconds(catalog, warm.budget))
    assert (
        "▲ OVERDUE by" in clock(tab).locator(".face").inner_text()
        and "Overdue: " in clock(tab).locator("[role=status]").inner_text()
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_clock_survives_a_reload_and_another_page(context, size):
    tab = context.new_page()
    tab.set_viewport_size(SIZES[size])
    tab.goto(ROLLBACK)
    start(tab)
    clock(tab).get_by_role("button", name="1 minute earlier").click()
    tab.goto(PAGE)
    tab.goto(ROLLBACK)
    face = clock(tab).locator(".face").inner_text()
    assert (
        face.startswith("▶ Running: 01:")
        and tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    ), face


def test_its_times_go_into_the_run(context, first_step):
    tab = context.new_page()
    tab.goto(ROLLBACK)
    start(tab)
    clock(tab).get_by_role("button", name=f"Done: {first_step}").click()
    clock(tab).get_by_role("button", name="End", exact=True).click()
    clock(tab).get_by_role("button", name="Write the times").click()
    assert "Begin one on the checklist page" in clock(tab).locator("[role=status]").inner_text()
    tab.goto(PAGE)
    begin(tab)
    tab.goto(ROLLBACK)
    clock(tab).get_by_role("button", name="Write the times").click()
    tab.goto(PAGE)
    (written,) = exported(tab)["clocks"]
    assert (
        written["procedure"] == "warm"
        and written["ended"]
        and written["steps"][0]["at"]
        and written["steps"][1]["at"] is None
    )


def test_without_storage_the_clock_runs_and_says_so(context):
    tab = context.new_page()
    tab.add_init_script(DENIED)
    tab.goto(ROLLBACK)
    start(tab)
    assert "not kept by this browser" in clock(tab).locator(".face").inner_text()


def test_the_clock_asks_nobody(context, address, first_step):
    tab = context.new_page()
    tab.goto(ROLLBACK, wait_until="networkidle")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    start(tab)
    clock(tab).get_by_role("button", name=f"Done: {first_step}").click()
    clock(tab).get_by_role("button", name="End", exact=True).click()
    clock(tab).get_by_text("■ Ended").wait_for()
    settled(tab)
    assert not asked, "the clock triggers nothing"
