"""Keeps the restrictions of a running daemon in their files, at each change and now and then."""

import asyncio
import time
from typing import Any

from . import contract, restrictions
from . import release_facts as release
from . import state as states
from .daemon_log import log
from .halt_flag import read_halt
from .slot import Slot
from .spare_hosts import spares

POLL = 0.1  # seconds between two looks for a change


class RestrictionsKeeper:
    """One slot's copies of its restrictions. They are written in a thread: a slow mount stops no rule."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.failed: list[str] = []
        # What was on record when this slot took the lease, and everything that came since.
        self.known: list[dict[str, Any]] = []

    async def keep(self) -> None:
        """Writes while the slot holds the lease."""
        last, written = None, 0.0
        while True:
            if self.slot.holds:
                if last is None:
                    self.known, _ = restrictions.known_of(self.slot.account)
                record = self.record()
                # Without the time, which differs always.
                now = record | {"at": 0.0}
                if now != last or time.monotonic() > written + contract.seconds("restrictions.ship"):
                    last, written = now, time.monotonic()
                    self.note(await asyncio.to_thread(restrictions.keep, self.slot.account, record))
            else:
                last, self.slot.shipped = None, time.monotonic()
            await asyncio.sleep(POLL)

    def record(self) -> dict[str, Any]:
        """The restrictions now: those that the book enforces, committed or not, and those that the state has lost."""
        book = self.slot.book
        now = {
            "lockouts": dict(book.lockouts),
            "worst": {book.day: book.worst} if book.day else {},
            "ended": states.ended(self.slot.store.db),
        }
        strict = restrictions.with_known(now, self.known)
        self.known = [strict]
        halt = read_halt(self.slot.halt_flag)
        return restrictions.make(self.slot.account, release.FACTS["version"], halt, strict, self.slot.resumed)

    def lost(self) -> set[str]:
        """The lockouts that are on record and not in the state."""
        return {kind for record in self.known for kind in record["lockouts"]} - set(self.slot.book.lockouts)

    def note(self, failed: list[str]) -> None:
        """Remembers when every copy was written; says it once when one fails."""
        if failed and not self.failed:
            log("restrictions_not_shipped", "; ".join(failed))
        if not failed or not spares():
            self.slot.shipped = time.monotonic()
        self.failed = failed

    def last(self) -> None:
        """One more copy, before a clean end."""
        restrictions.keep(self.slot.account, self.record())
