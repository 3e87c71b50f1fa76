"""What the tests in a browser share: a reader at a desk, a reader with a telephone."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import SIZES, url

DISASTER = "deployment/disaster_recovery.md"
CRASH = "deployment/scenarios/crash.md"
WARM = "deployment/rollback/warm.md"


@pytest.fixture
def desk(browser: Browser):
    context = browser.new_context(viewport=SIZES["desk"], permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser):
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True, is_mobile=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


def opened(context: BrowserContext, address: str, page: str) -> Page:
    tab = context.new_page()
    tab.goto(url(address, page))
    return tab


def results_settled(tab: Page) -> None:
    """Waits until the list of what was found is the same for twenty frames: the search answers each key."""
    tab.wait_for_function("""() => {
      const list = document.querySelector(".md-search-result__list").innerHTML;
      window.same = list === window.last ? (window.same ?? 0) + 1 : 0;
      window.last = list;
      return window.same > 20;
    }""")
