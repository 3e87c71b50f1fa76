"""Runs drills and controls side by side, each in a process of its own, so that one that breaks ends nothing else."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from drills.runner import drill, left_out, mutants, negative_controls
from drills.runner.site_build import ROOT
from runbook.data.loader import load
from runbook.data.models.evidence import Control, LeftOut, Mutant

# Rigs run side by side; more of them than this and they stall each other.
WORKERS = 3
PR_SET_PDEATHSIG = 1

Product = TypeVar("Product")


@dataclass
class Attempt(Generic[Product]):
    """What a process of its own gave back: a result or None, and what it said."""

    result: Product | None
    said: str


def workers() -> ProcessPoolExecutor:
    """A pool of worker processes. They and their rigs end with the process that started them, however it ends."""
    return ProcessPoolExecutor(WORKERS, initializer=die_with, initargs=(os.getpid(),))


def die_with(parent: int) -> None:
    """Has the kernel kill this process as soon as its parent is gone."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it went before we asked


def say(line: str) -> None:
    """One line of progress, whole, from whichever process."""
    os.write(sys.stdout.fileno(), f"  {line}\n".encode())


def run_drill(name: str, site: Path, twice: bool = False) -> Attempt[drill.Outcome]:
    """One repetition: its outcome, or what went wrong. twice: each block that changes something is pasted again."""
    return caught(name, lambda: Attempt(drill.run(load(ROOT, "public"), site, name, say=say, twice=twice), ""))


def run_control(name: str, site: Path) -> Attempt[Control]:
    """One negative control: its record, and what the sabotaged drill said."""
    return caught(name, lambda: Attempt(*negative_controls.run(load(ROOT, "public"), site, name)))


def run_mutant(name: str, site: Path) -> Attempt[Mutant]:
    """One mutant: its record, and what the drill said."""
    return caught(name, lambda: Attempt(*mutants.run(load(ROOT, "public"), site, name)))


def run_left_out(step: str, site: Path) -> Attempt[LeftOut]:
    """One step left out of its procedure: its record."""
    return caught(step, lambda: Attempt(left_out.run(load(ROOT, "public"), site, step), ""))


def caught(name: str, work: Callable[[], Attempt[Product]]) -> Attempt[Product]:
    """The result of some work; whatever it raises becomes words."""
    try:
        return work()
    except (drill.DrillError, RuntimeError) as error:
        return Attempt(None, str(error))
    except Exception:  # one drill that breaks must not end the night's run
        return Attempt(None, f"{name}: the runner itself failed\n{traceback.format_exc()}")


def attempt_of(run: Future[Attempt[Product]]) -> Attempt[Product]:
    """Waits for a process; when it is gone, says so."""
    try:
        return run.result()
    except Exception as error:
        return Attempt(None, f"the process is gone: {error!r}")
