"""Prints build time, and for a few pages on a slow telephone: bytes of a first visit, time until it can be read, layout shift.

The server compresses and lets assets be kept, as a real host does; Python's own does neither.
"""

import gzip
import http.server
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import FLAGS, ROOT, SIZES, build

PAGES = ["", "deployment/rollback_procedure/", "deployment/disaster_recovery/", "reference/thresholds/"]
# Slow 4G, as Lighthouse throttles it; a telephone's processor.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
WATCH = """new PerformanceObserver(list => { for (const it of list.getEntries()) if (!it.hadRecentInput) window.shift = (window.shift || 0) + it.value }).observe({ type: "layout-shift", buffered: true })"""
READ = """() => ({ readable: performance.getEntriesByName("first-contentful-paint")[0]?.startTime, shift: window.shift || 0 })"""


class Host(http.server.SimpleHTTPRequestHandler):
    """Compresses text and sets cache headers."""

    def log_message(self, *_):
        """Says nothing."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body = path.read_bytes()
        text = path.suffix in (".html", ".css", ".js", ".json", ".svg", ".xml")
        body = gzip.compress(body, 6) if text else body
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=31536000" if "assets" in path.parts else "max-age=600")
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def measure(browser, address: str) -> dict:
    """One cold visit."""
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True, service_workers="block")
    page, sizes = context.new_page(), Counter()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    kinds: dict[str, str] = {}
    wire.on("Network.responseReceived", lambda it: kinds.update({it["requestId"]: it["type"]}))
    wire.on("Network.loadingFinished", lambda it: sizes.update({kinds.get(it["requestId"], "Other"): int(it["encodedDataLength"])}))
    page.goto(address, wait_until="networkidle", timeout=60_000)
    found = page.evaluate(READ)
    context.close()
    return {**found, "sizes": dict(sizes)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        start = time.perf_counter()
        done = build(ROOT, Path(folder))
        assert done.returncode == 0, done.stdout + done.stderr
        print(f"build: {time.perf_counter() - start:.1f} s")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name in PAGES:
            it = measure(browser, f"http://127.0.0.1:{server.server_port}/{name}")
            parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in sorted(it["sizes"].items()))
            print(f"/{name}: readable after {it['readable'] / 1000:.2f} s, layout shift {it['shift']:.3f}, {sum(it['sizes'].values()) / 1000:.0f} kB ({parts})", flush=True)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
