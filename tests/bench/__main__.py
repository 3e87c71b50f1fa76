"""`make bench`: build time, bytes of a first visit, time until a page can be read, layout shift, Lighthouse; and the same for a bare
Material site with the same text, as ratios. Nothing here passes or fails: it prints.
"""

import contextlib
import io
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import bare, lighthouse
from tests.bench.host import served
from tests.bench.visits import cold, warm
from tests.conftest import FLAGS, ROOT

PAGES = [
    "",
    "deployment/rollback_procedure/",
    "deployment/deployment_checklist/",
    "deployment/disaster_recovery/",
    "reference/thresholds/",
]
REPETITIONS = 3
NODE = ROOT / ".venv/bench/bin/node"


def main() -> None:
    """Prints everything."""
    with tempfile.TemporaryDirectory() as scratch:
        sites = builds(Path(scratch))
        with served(sites["runbook"]) as own, served(sites["bare"]) as other:
            first_visits(own, other)
            for page in PAGES:
                print(
                    line(page, lighthouse.scores(NODE, own + page), lighthouse.scores(NODE, other + page)), flush=True
                )


def builds(scratch: Path) -> dict[str, Path]:
    """Builds both sites, prints how long each took, and makes the offline copies of ours. Returns their folders."""
    sites = {name: scratch / name for name in ("runbook", "bare")}
    with contextlib.redirect_stdout(io.StringIO()):
        bare.ours(sites["runbook"], scratch / "text")
        took = {"runbook": [], "bare": []}
        for _ in range(REPETITIONS):
            took["runbook"].append(bare.ours(sites["runbook"]))
            took["bare"].append(bare.bare(sites["bare"], scratch / "text"))
    subprocess.run(
        [sys.executable, "-m", "runbook.export", "offline", "--site", sites["runbook"]],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    mine, theirs = (statistics.median(took[name]) for name in ("runbook", "bare"))
    print(
        f"build: {mine:.1f} s, {mine / theirs:.1f} times a bare site's {theirs:.1f} s; median of {REPETITIONS}",
        flush=True,
    )
    return sites


def first_visits(own: str, other: str) -> None:
    """Prints a cold visit to each page of both sites, and one from the service worker."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for page in PAGES:
            mine, theirs, kept = (
                cold(browser, own + page),
                cold(browser, other + page),
                warm(browser, own + "reference/glossary/", own + page),
            )
            parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in sorted(mine.sizes.items()))
            print(f"/{page}: readable after {mine.readable:.2f} s cold ({mine.readable / theirs.readable:.2f} of bare), {kept.readable:.2f} s warm; layout shift {mine.shift:.3f};"
                  f" {mine.weight / 1000:.0f} kB ({mine.weight / theirs.weight:.2f} of bare): {parts}", flush=True)  # fmt: skip
        browser.close()


def line(page: str, mine: dict, theirs: dict) -> str:
    """Lighthouse's scores of a page, with those of the bare one behind them."""
    said = ", ".join(f"{name} {mine[name]} (bare {theirs[name]})" for name in lighthouse.CATEGORIES)
    return f"/{page}: {said}" + "".join(f"\n    {each}" for each in mine["wrong"])


if __name__ == "__main__":
    main()
