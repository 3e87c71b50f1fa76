"""How long the project's own commands take, beside their goals and beside a fixed calculation on the same machine.

Seconds alone say little on another machine: the last column divides them by the time of that calculation.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

FAST = "not browser and not pdf and not drills and not fresh and not sweep"


@dataclass(frozen=True)
class Timed:
    """One command: what it is, the goal and the result in seconds."""

    title: str
    goal: float
    seconds: float

    def row(self, yardstick: float) -> str:
        """A line of the table. yardstick: seconds of the fixed calculation."""
        verdict = "met" if self.seconds <= self.goal else "MISSED"
        took = f"{self.seconds:7.1f} s  goal {self.goal:5.0f} s  {verdict:<6}  {self.seconds / yardstick:6.1f} x"
        return f"  {self.title:<28} {took}"


def yardstick() -> float:
    """Seconds of the fixed calculation: a chain of a million SHA-256 digests, one core, no memory to speak of."""
    digest = b"runbook"
    start = time.perf_counter()
    for _ in range(1_000_000):
        digest = hashlib.sha256(digest).digest()
    return time.perf_counter() - start


def run(*words: str, **environment: str) -> float:
    """Runs a command of the project to its end. Returns seconds. Raises CalledProcessError when it fails."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *words], cwd=ROOT, check=True, capture_output=True, env={**os.environ, **environment}
    )
    return time.perf_counter() - start


def durations(whole: bool) -> list[Timed]:
    """Times the commands. whole: the drills, the browser and the PDFs' tests too, which take minutes."""
    found = [Timed("make data", 2, run("-m", "runbook", "data"))]
    fast = ("-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", FAST, "tests")
    found.append(Timed("make check, its tests", 30, run(*fast)))
    with tempfile.TemporaryDirectory() as scratch:
        found += printed(Path(scratch))
    if whole:
        rest = run("-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-m", "not drills", "tests")
        drills = run("-m", "pytest", "-q", "-n", "3", "--dist", "worksteal", "-m", "drills", "tests/drills")
        found.append(Timed("make test", 480, rest + drills))
    return found


def printed(scratch: Path) -> list[Timed]:
    """The PDFs: all of them with nothing kept, and again after one page has changed."""
    site = str(scratch / "site")
    shutil.rmtree(ROOT / ".cache" / "pdf", ignore_errors=True)
    run("-m", "mkdocs", "build", "--strict", "--site-dir", site, RUNBOOK_PDF="true", NO_MKDOCS_2_WARNING="1")
    cold = run("-m", "runbook", "export", "pdf", "--site", site)
    page = next(Path(site).glob("reference/glossary/index.html"))
    page.write_text(page.read_text(encoding="utf-8").replace("</h1>", ".</h1>", 1), encoding="utf-8")
    warm = run("-m", "runbook", "export", "pdf", "--site", site)
    return [Timed("all PDFs, nothing kept", 45, cold), Timed("all PDFs, one page changed", 5, warm)]


def show(say: Callable[[str], None], whole: bool) -> None:
    """Prints the table."""
    measure = yardstick()
    say(
        f"durations on {os.cpu_count()} cores; the unit of the last column is a fixed calculation, {measure:.2f} s here"
    )
    for each in durations(whole):
        say(each.row(measure))
