"""`make bench`: the time of commands, build and first visits, and Lighthouse, beside a bare site with the same text.

Nothing here passes or fails: it prints seconds, goals and ratios.
"""

import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench import bare, durations, lighthouse
from tests.bench.host import served
from tests.bench.visits import cold, warm
from tests.conftest import FLAGS, ROOT

PAGES = [
    "",
    "deployment/rollback/warm/",
    "deployment/deployment_checklist/",
    "deployment/disaster_recovery/",
    "reference/thresholds/",
]
REPETITIONS = 3
NODE = ROOT / ".venv/bin/node"
# A strict build may cost this much of what a bare site costs.
BUILD_GOAL = 1.2


def main() -> None:
    """Prints everything; with WHOLE=1 in the environment also how long all tests take."""
    durations.show(lambda text: print(text, flush=True), whole=os.environ.get("WHOLE") == "1")
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
        [sys.executable, "-m", "runbook", "export", "web", "--site", sites["runbook"]],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    mine, theirs = (statistics.median(took[name]) for name in ("runbook", "bare"))
    print(
        f"build: {mine:.1f} s, {mine / theirs:.2f} times a bare site's {theirs:.1f} s; goal {BUILD_GOAL}, "
        f"{'met' if mine / theirs <= BUILD_GOAL else 'MISSED'}; median of {REPETITIONS}",
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
            cold_time = f"{mine.readable:.2f} s cold ({mine.readable / theirs.readable:.2f} of bare)"
            weight = f"{mine.weight / 1000:.0f} kB ({mine.weight / theirs.weight:.2f} of bare): {parts}"
            print(
                f"/{page}: readable after {cold_time}, {kept.readable:.2f} s warm; "
                f"layout shift {mine.shift:.3f}; {weight}",
                flush=True,
            )
        browser.close()


def line(page: str, mine: dict, theirs: dict) -> str:
    """Lighthouse's scores of a page, with those of the bare one behind them."""
    said = ", ".join(f"{name} {mine[name]} (bare {theirs[name]})" for name in lighthouse.CATEGORIES)
    return f"/{page}: {said}" + "".join(f"\n    {each}" for each in mine["wrong"])


if __name__ == "__main__":
    main()
