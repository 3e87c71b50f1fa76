"""Google's Lighthouse, as `make bench` installs it: it simulates a telephone on slow 4G with a slow processor."""

import json
import os
import subprocess
from pathlib import Path

from tests.conftest import FLAGS, ROOT

PROGRAM = ROOT / ".venv/bench/node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")


def scores(node: Path, address: str) -> dict[str, int]:
    """The scores of one page, 0 to 100, by category; those below 100 with what is wrong behind them.

    Raises RuntimeError with what Lighthouse says.
    """
    done = subprocess.run(
        [
            node,
            PROGRAM,
            address,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
            "--no-enable-error-reporting",
        ],
        env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"},
        text=True,
        capture_output=True,
        timeout=180,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"lighthouse {address}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    return {name: round(report["categories"][name]["score"] * 100) for name in CATEGORIES} | {"wrong": wrong(report)}


def wrong(report: dict) -> list[str]:
    """What costs points, in Lighthouse's own words."""
    failed = []
    for category in report["categories"].values():
        for item in category["auditRefs"]:
            audit = report["audits"][item["id"]]
            if item["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                failed.append(f"{audit['title']}{' ' + audit['displayValue'] if audit.get('displayValue') else ''}")
    return failed
