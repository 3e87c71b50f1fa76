"""What every page keeps to, on a telephone and at a desk: one visit to each page, one test for each promise."""

import pytest

from tests.browser.visits import SLOW, Reader, Seen, one_of_each_kind
from tests.conftest import PAGES, SIZES, say

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
VISITS = [pytest.param((size, page), id=f"{size}-{page}") for size in SIZES for page in [*PAGES, "404.md"]]


@pytest.fixture(scope="module")
def readers(browser, address):
    """Gives the window of a size, and keeps it for the next page: scripts and styles are fetched once.

    One window at a time: a browser may stop drawing the one behind.
    """
    windows: list[Reader] = []

    def reader(size: str) -> Reader:
        if not windows or windows[-1].size != size:
            close()
            windows.append(Reader(browser, address, size))
        return windows[-1]

    def close() -> None:
        while windows:
            windows.pop().context.close()

    yield reader
    close()


@pytest.fixture(scope="module")
def in_depth(site) -> list[str]:
    """The pages that are judged in depth: together they have every kind of element."""
    return one_of_each_kind(site)


@pytest.fixture(scope="module", params=VISITS)
def seen(request, readers, in_depth) -> Seen:
    """One visit; pytest runs all tests of a visit before the next one."""
    size, page = request.param
    # The sizes share the schemes of a page.
    turn = (in_depth.index(page) + [*SIZES].index(size)) % 2 if page in in_depth else None
    return readers(size).visit(page, turn)


def test_it_fits_its_screen(seen):
    """In both schemes of the system, and at a desk also when it is enlarged."""
    say(
        [
            f"docs/{seen.where}, {when}: {wide} pixels wide on {screen}; something must wrap or scroll inside"
            for when, (wide, screen) in seen.widths.items()
            if wide > screen
        ]
    )


def test_it_asks_nobody_else(seen, address):
    say([f"docs/{seen.where}: asks {it}" for it in seen.asked if not it.startswith((address, "data:", "blob:"))])


def test_it_has_no_error(seen):
    say([f"docs/{seen.where}: {it}" for it in seen.told])


def test_the_index_waits_until_somebody_searches(seen):
    say(
        [
            f"docs/{seen.where}: asks for {it}; runbook/site/frontend/scripts/search_on_demand.js must hold it back"
            for it in seen.asked
            if "search_index" in it
        ]
    )


def test_nothing_moves_under_a_reader_s_finger(seen):
    say(
        [
            f"docs/{seen.where}: {what} moved ({score:.3f}); give what pushes it its room in "
            f"runbook/site/frontend/styles before its script comes ({SLOW['latency']} ms late here)"
            for score, what in seen.moved
            if score >= 0.01
        ]
    )


def test_one_tap_leads_to_the_triage_list(seen, address):
    """On a telephone. From there on: test_ways_to_a_procedure.py."""
    if seen.size == "telephone":
        wanted = f"{address}deployment/disaster_recovery/#triage"
        assert seen.door == wanted, f'docs/{seen.where}: a tap on "Something is wrong": {seen.door}'


def test_every_table_is_cards_on_a_telephone(seen):
    say([f"docs/{seen.where}: this table does not become cards: {it}" for it in seen.no_cards])
    say(
        [
            f"docs/{seen.where}: the name of this cell runs over the next one: {it}; let it take room in "
            "runbook/site/frontend/styles"
            for it in seen.run_over
        ]
    )


def test_a_finger_hits_every_control_of_ours(seen):
    """44 pixels high, or as much room around it; on a telephone."""
    say(
        [
            f"docs/{seen.where}: {html}: {width:.0f} by {height:.0f} pixels; a finger wants 44: give it padding in "
            "runbook/site/frontend/styles"
            for html, height, width in seen.small
        ]
    )


def test_text_can_be_read_in_every_scheme(seen):
    say(
        [
            f"docs/{seen.where}, scheme {scheme}: contrast {it}; change the colour in runbook/site/frontend/styles"
            for scheme, low in seen.low.items()
            for it in low
        ]
    )


def test_it_breaks_no_rule_of_wcag(seen):
    """WCAG 2.2, levels A and AA, as far as axe-core can judge.

    On a telephone every page by every rule; at a desk every page by the rules that the size decides. Pages that have
    together every kind of element of the site: by every rule at both sizes, with the colours of every scheme at one.
    """
    say([f"docs/{seen.where}: {it}" for it in seen.axe])


def test_every_kind_of_element_is_judged_in_depth(site, in_depth):
    """A sample that leaves kinds out, or one that leaves no page out, is a mistake in `one_of_each_kind`."""
    assert set(in_depth) < set(PAGES)
    classes = {name for page in PAGES for it in site.trees[page].xpath("//@class") for name in it.split()}
    judged = {name for page in in_depth for it in site.trees[page].xpath("//@class") for name in it.split()}
    assert judged == classes
