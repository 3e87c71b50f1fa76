"""Builds the site that the blocks are taken from: what a reader gets, never the Markdown."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build(folder: Path) -> Path:
    """Builds the site into a folder and returns it. Raises CalledProcessError with the build's words."""
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    subprocess.run(mkdocs, cwd=ROOT, check=True, capture_output=True)
    return folder
