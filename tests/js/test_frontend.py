"""The pages' scripts and styles: formatted, linted, typed, tested, and bundled as their sources say."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, say

HERE = Path(__file__).parent
FRONTEND = ROOT / "runbook/site/frontend"
TOOLS = ROOT / ".venv/frontend/node_modules/.bin"


def node(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs `node --run`, which is for the scripts of package.json what `make` is for the Makefile."""
    assert TOOLS.is_dir(), "the JavaScript tools are not installed; `make scripts` installs them"
    path = os.pathsep.join([str(TOOLS), str(ROOT / ".venv/bin"), os.environ["PATH"]])
    return subprocess.run(
        ["node", "--run", *words],
        cwd=FRONTEND,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("script", ["lint", "types"])
def test_the_sources_pass(script: str):
    done = node(script)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda file: file.name.removesuffix(".test.js"))
def test_the_logic_keeps_its_promises(file: Path):
    done = subprocess.run(
        [ROOT / ".venv/bin/node", "--test", "--test-reporter=dot", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundles_are_those_of_the_sources(tmp_path):
    """They are committed, so that who edits pages needs no Node.js."""
    done = node("build", "--", f"--outdir={tmp_path}")
    assert done.returncode == 0, done.stdout + done.stderr
    assets = ROOT / "docs/assets"
    fresh = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in assets.iterdir()}
    assert {"runbook.css", "page_enhancements.js"} <= set(fresh)
    say(
        [
            f"docs/assets/{name}: not what runbook/site/frontend makes; call `make scripts`, change nothing by hand"
            for name in sorted(fresh | kept)
            if fresh.get(name) != kept.get(name)
        ]
    )
