"""Whether the machine itself stood still while a drill ran: then a drill that failed says nothing about the procedure.

A drill judges time. A thread beside it does nothing but sleep for a moment, again and again; when it wakes up far too
late, so did everything else. Where the kernel counts how long programs wait for a processor, that counts as well.
"""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Seconds.
MOMENT = 0.05
# A broken limit may stand unanswered for as long (goals.UNANSWERED); a machine that stands still longer breaks it.
STALL = 1.0
# Three drills on two processors have programs waiting for 60 to 80 % of the time; four times the load, nearly always.
WAITING = 0.97
PRESSURE = Path("/proc/pressure/cpu")


class MachineWatch:
    """Watches from `with` to its end. stall: the longest time in seconds that it slept too long."""

    def __init__(self, pressure: Path = PRESSURE) -> None:
        """pressure: the kernel's file of the time that programs waited for a processor."""
        self.stall = 0.0
        self._pressure, self._over = pressure, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._began, self._waited = time.monotonic(), waited(self._pressure)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._over.wait(MOMENT):
            now = time.monotonic()
            self.stall = max(self.stall, now - last - MOMENT)
            last = now

    def excuse(self) -> str | None:
        """Why a failure up to now says nothing, for a reader; None when the machine ran."""
        if self.stall > STALL:
            return f"the machine stood still for {self.stall:.1f} s"
        before, now = self._waited, waited(self._pressure)
        if before is None or now is None:
            return None
        share = (now - before) / max(time.monotonic() - self._began, MOMENT)
        return f"programs waited for a processor {share:.0%} of the time" if share > WAITING else None


def waited(pressure: Path) -> float | None:
    """Seconds since the start in which some program waited for a processor; None where the kernel does not count."""
    try:
        line = next(line for line in pressure.read_text().splitlines() if line.startswith("some "))
    except (OSError, StopIteration):
        return None
    return int(line.rpartition("total=")[2]) / 1_000_000
