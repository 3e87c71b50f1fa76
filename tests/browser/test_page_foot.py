"""The foot of every page says how old the page is, whose it is and how it was proven."""

import pytest

from tests.browser.conftest import DISASTER
from tests.conftest import PAGES, add_pages, build, html_of, say, url

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]


def test_the_foot_of_every_page_says_how_old_it_is_whose_and_how_proven(site, catalog):
    faults = []
    for page in PAGES:
        text = " ".join(site.article(page).xpath("string(.//ul[@class='foot'])").split())
        faults += [
            f'docs/{page}: the foot does not say "{words}"; see runbook/site/theme/main.html'
            for words in (
                "Page last changed: ",
                f"Owner: {catalog.contacts.roles[catalog.site.owner(page)].title}",
                "Last proven: ",
                "Edition: ",
                "public",
            )
            if words not in text
        ]
    say(faults)


def test_without_git_the_foot_says_so(copy, tmp_path):
    add_pages(copy, *PAGES)
    done = build(copy, tmp_path / "out", GIT_CEILING_DIRECTORIES=str(copy.parent))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / html_of(DISASTER)).read_text(encoding="utf-8")
    assert "unknown, built without the history of git" in text and "public, unknown" in text


@pytest.mark.parametrize("years, stale", [(0, False), (3, True)])
def test_an_old_page_says_so(desk, address, site, years, stale):
    changed = site.article(DISASTER).xpath("string(.//ul[@class='foot']//time/@datetime)")
    if not changed:
        pytest.skip("built without the history of git")
    tab = desk.new_page()
    tab.clock.set_fixed_time(f"{int(changed[:4]) + years}{changed[4:]}T12:00:00Z")
    tab.goto(url(address, DISASTER))
    assert ("stale" in tab.locator(".foot").inner_text()) == stale
