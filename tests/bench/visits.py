"""Visits on a slow telephone, in a real browser."""

from collections import Counter
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.bench.host import DOWN, ROUND_TRIP, UP, Host
from tests.conftest import SIZES

SLOWER = 4
NETWORK = {"offline": False, "latency": ROUND_TRIP * 1000, "downloadThroughput": DOWN, "uploadThroughput": UP}
WATCH = """window.shift = 0;
  const add = (it) => { if (!it.hadRecentInput) window.shift += it.value };
  new PerformanceObserver(list => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true })"""
READ = """() => [performance.getEntriesByName("first-contentful-paint")[0]?.startTime / 1000, window.shift]"""


@dataclass
class Visit:
    """One visit: seconds until the first words can be read, layout shift (CLS), bytes by kind of request."""

    readable: float
    shift: float
    sizes: dict[str, int]

    @property
    def weight(self) -> int:
        """Bytes of all."""
        return sum(self.sizes.values())


def cold(browser: Browser, address: str) -> Visit:
    """A first visit: nothing is in any cache, the browser itself slows the line down."""
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True, service_workers="block")
    page, sizes, kinds = context.new_page(), Counter(), {}
    wire = slow_processor(context, page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK)
    wire.on("Network.responseReceived", lambda it: kinds.update({it["requestId"]: it["type"]}))
    wire.on(
        "Network.loadingFinished",
        lambda it: sizes.update({kinds.get(it["requestId"], "Other"): int(it["encodedDataLength"])}),
    )
    return visited(context, page, address, sizes)


def warm(browser: Browser, start: str, address: str) -> Visit:
    """A page that was never opened, after the service worker has its copy from a visit to `start`.

    The host slows the line down: what a service worker asks for is out of the reach of the browser's own brake.
    """
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True)
    page = context.new_page()
    page.goto(start)
    page.wait_for_function("navigator.serviceWorker.controller", timeout=60_000)
    slow_processor(context, page)
    Host.slow.set()
    try:
        return visited(context, page, address, {})
    finally:
        Host.slow.clear()


def slow_processor(context: BrowserContext, page: Page) -> CDPSession:
    """A telephone's processor, and an eye on what moves."""
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return wire


def visited(context: BrowserContext, page: Page, address: str, sizes: dict[str, int]) -> Visit:
    """Opens a page, waits until it has all that it asks for, closes the browser's window."""
    page.goto(address, wait_until="networkidle", timeout=60_000)
    readable, shift = page.evaluate(READ)
    context.close()
    return Visit(readable, shift, dict(sizes))
