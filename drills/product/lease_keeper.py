"""Which slot writes: takes the lease, keeps it, gives it away, and follows the halt flag while it is ours."""

import asyncio
import sqlite3
import time
from typing import Any

from . import contract
from . import lease as leases
from .background import guarded_task
from .daemon_log import log, say
from .enforcer import Enforcer
from .fatal import FatalError, raise_sqlite
from .halt_flag import read_halt
from .slot import Slot

POLL = 0.05  # seconds between two looks at the lease and at the halt flag
TAKE_BACK = 1.5  # seconds that a drained slot leaves the lease to the other one


class LeaseKeeper:
    """One slot's side of who may write."""

    def __init__(self, slot: Slot, enforcer: Enforcer) -> None:
        self.slot, self.enforcer = slot, enforcer

    async def keep_lease(self) -> None:
        """Renews the lease while we hold it, waits for it while we do not."""
        renewed = 0.0
        while True:
            if self.slot.holds:
                self.watch_halt_flag()
                if time.monotonic() - renewed > contract.seconds("lease.renew"):
                    self.renew()
                    renewed = time.monotonic()
            elif self.may_contend():
                self.contend()
                renewed = time.monotonic()
            await asyncio.sleep(POLL)

    def may_contend(self) -> bool:
        """A slot without a line leaves the lease to one that has it, but not for ever.

        A broker may admit nobody beside the writer.
        """
        patience = self.slot.started + contract.seconds("lease.ttl")
        if self.slot.hold_off and (
            time.monotonic() > self.slot.hold_off or leases.read(self.slot.lease.db)["epoch"] > self.slot.lease.epoch
        ):
            self.slot.hold_off = 0.0  # what we gave away has been taken, or nobody wants it
        return (
            not self.slot.stopping
            and not self.slot.hold_off
            and (self.slot.state == "standby" or time.monotonic() > patience)
        )

    def contend(self) -> None:
        """Takes the lease if it is free."""
        loop = asyncio.get_running_loop()
        self.slot.lease.contend(lambda: loop.call_soon_threadsafe(self.try_take))
        self.try_take()

    def try_take(self) -> None:
        """Called when the lease may have become free."""
        if self.slot.holds or not self.may_contend():
            return
        try:
            why = self.slot.lease.take()
        except sqlite3.Error as error:
            raise_sqlite(error)
        if why:
            log("took_over", f"epoch {self.slot.lease.epoch}, {why}")
            self.slot.book = self.slot.new_book()
            self.slot.store.load(self.slot.book)
            self.slot.sent.clear()
            self.slot.waiting.clear()
            self.slot.holds = True
            if self.slot.session:
                self.promote()
            else:
                self.slot.set_state("degraded")
            self.slot.wake.set()

    def promote(self) -> None:
        """Asks the broker to make this session the writer."""
        self.slot.send(op="promote", epoch=self.slot.lease.epoch, **{"from": self.slot.book.seq + 1})

    async def writing_now(self) -> None:
        """The broker has taken us as the writer; what we missed is on its way."""
        self.slot.writable = True
        self.slot.asked_from = self.slot.book.seq + 1 if self.slot.head > self.slot.book.seq else 0
        if self.slot.head <= self.slot.book.seq:
            await self.enforcer.caught_up()

    def renew(self) -> None:
        """Renews the lease, or ends."""
        try:
            self.slot.lease.renew()
        except leases.LostError as lost:
            raise FatalError("fenced", str(lost.epoch)) from lost
        except sqlite3.Error as error:
            raise_sqlite(error)

    def watch_halt_flag(self) -> None:
        """Follows the halt flag."""
        if self.slot.state in ("active", "halted") and self.slot.state != self.slot.working_state():
            self.slot.set_state(self.slot.working_state())
            if halt := read_halt(self.slot.halt_flag):
                log("halted", f"{halt.by}, cause {halt.cause}")
            asyncio.get_running_loop().create_task(guarded_task(self.enforcer.decide(time.monotonic())))

    async def drain(self, to: str) -> dict[str, Any]:
        """Finishes what was sent, saves, gives the lease away. Returns when (epoch seconds)."""
        if self.slot.state not in ("active", "halted"):
            return {"ok": False, "why": f"{self.slot.name} is {self.slot.state}"}
        self.slot.set_state("draining")
        await self.enforcer.settle()
        async with self.slot.writing:
            if self.slot.session:
                self.slot.send(op="demote")
            self.slot.writable = self.slot.holds = False
            self.slot.hold_off, at = time.monotonic() + TAKE_BACK, time.time()
            self.slot.lease.release()
            self.slot.set_state("standby")
        say(f"gave the lease away, to {to}")
        return {"ok": True, "at": at}

    def look(self) -> dict[str, Any]:
        """Looks at the halt flag at once."""
        if self.slot.holds:
            self.watch_halt_flag()
        return {"state": self.slot.state, "holds": self.slot.holds}
