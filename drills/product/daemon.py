"""The daemon: follows one account at the broker and enforces its limits.

One process per slot; the one with the lease writes. Its parts: slot.py (what they share), broker_link.py (the line),
lease_keeper.py (who writes), enforcer.py (events and orders), admin_socket.py (what the command line asks).
"""

import asyncio
import os
import signal
import time
from typing import Any
from urllib.parse import unquote

from . import account_config as configuration
from . import admin_socket, contract
from . import broker_client as wire
from . import lease as leases
from . import release_facts as release
from . import state as states
from .background import guarded
from .book import OVERRIDE, smoke
from .broker_link import BrokerLink
from .daemon_files import read_text
from .daemon_log import log, notify
from .enforcer import Enforcer
from .fatal import FatalError, die
from .halt_flag import read_halt
from .lease_keeper import LeaseKeeper
from .reconcile import reconcile
from .restrictions_keeper import RestrictionsKeeper
from .slot import Slot
from .spare_hosts import here, home

RECONCILE_EVERY = 10  # beats of the pulse


class Daemon:
    """One slot of one account, from its start to its end."""

    def __init__(self, account: str, slot: str) -> None:
        self.slot = Slot(account, slot)
        self.enforcer = Enforcer(self.slot)
        self.keeper = LeaseKeeper(self.slot, self.enforcer)
        self.line = BrokerLink(self.slot, self.enforcer, self.keeper)
        self.restrictions = RestrictionsKeeper(self.slot)

    # ------------------------------------------------------------------ life

    async def run(self) -> None:
        """Runs until the process ends; whatever is raised ends it at once, before other tasks can mask it."""
        try:
            await self.live()
        except BaseException as error:
            die(error)

    async def live(self) -> None:
        """Starts up and follows the account. Raises FatalError with the exit code."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, lambda: loop.create_task(self.stop()))
        # What fails in a callback must end the daemon as anything else does.
        loop.set_exception_handler(lambda _, context: die(context.get("exception") or RuntimeError(context["message"])))
        await admin_socket.serve(contract.path("socket", account=self.slot.account, slot=self.slot.name), self)
        self.read_config()
        self.open_state()
        self.slot.lease = leases.Lease(
            contract.path("lease", account=self.slot.account), self.slot.name, contract.seconds("lease.ttl")
        )
        tasks = [self.line.follow(), self.keeper.keep_lease(), self.pulse(), self.watch_clock()]
        tasks.append(self.restrictions.keep())
        await asyncio.gather(*tasks)

    def read_config(self) -> None:
        """Reads configuration and key."""
        try:
            self.slot.config_text = read_text(contract.path("config", account=self.slot.account))
            self.slot.config = configuration.load(
                contract.path("config", account=self.slot.account), self.slot.account, release.FACTS
            )
        except configuration.RefusedError as refused:
            raise FatalError("config_refused", str(refused)) from refused
        try:
            self.slot.key = contract.path("secrets", account=self.slot.account).read_text().strip()
        except OSError as error:
            raise FatalError("credentials_refused", str(error)) from error
        self.slot.expected = configuration.rules(self.slot.config)
        self.slot.book = self.slot.new_book()

    def open_state(self) -> None:
        """Opens the state. A missing one is made only for an account that never ran here."""
        path = contract.path("state", account=self.slot.account)
        self.slot.folder.mkdir(parents=True, exist_ok=True)
        try:
            if not path.exists() and self.never_ran():
                states.create(path, release.FACTS["schema"])
            db = states.check(path, release.FACTS["reads_schema"])
        except states.RefusedError as refused:
            raise FatalError(refused.event, refused.why) from refused
        self.slot.store = states.Store(path, db, release.FACTS["reads_schema"], release.FACTS["schema"])
        self.slot.store.load(self.slot.book)

    def never_ran(self) -> bool:
        """Whether this account is new: it belongs to this host, and nothing of an earlier run lies here.

        On a spare host an empty state would forget the lockouts of the host that was lost.
        """
        account = self.slot.account
        traces = [contract.path(key, account=account) for key in ("lease", "restrictions", "shipped")]
        return home(account) == here() and not any(trace.exists() for trace in traces)

    async def stop(self) -> None:
        """A clean end: answers come in, the lease goes out, the session is logged off."""
        notify("STOPPING=1")
        self.slot.stopping = True
        await self.enforcer.settle()
        if self.slot.holds:
            self.slot.holds = self.slot.writable = False
            self.slot.lease.release()
            self.restrictions.last()
        if self.slot.session:
            self.slot.send(op="logoff")
            await asyncio.sleep(0.02)
        # Writes the log back into the database: what is stopped cleanly is one file.
        self.slot.store.db.close()
        os._exit(0)

    # ------------------------------------------------------------------ what the command line asks for

    def smoke(self) -> dict[str, Any]:
        """Tests the loaded rules without sending."""
        return {"expected": self.slot.expected, "loaded": self.slot.book.rules, "results": smoke(self.slot.book)}

    async def adopt(self) -> dict[str, Any]:
        """Takes the broker's record into the state."""
        async with self.slot.writing:
            question = {"op": "events", "account": self.slot.account, "key": self.slot.key, "from": 1}
            answer = await asyncio.to_thread(wire.ask, self.slot.config["broker"], question, 30)
            book = self.slot.new_book()
            booked = states.rebuild(self.slot.store.db, book, answer["events"])
            self.slot.book = self.slot.new_book()
            self.slot.store.load(self.slot.book)
        found = await reconcile(self.slot)
        return {"booked": booked, "equal": found["equal"]}

    async def lock_out(self, by: str = "an override") -> dict[str, Any]:
        """Locks the account out until a signed resume, and closes what is open. by: who ordered it, for the log."""
        async with self.slot.writing:
            self.slot.book.lock_out(OVERRIDE)
            self.enforcer.save([], [])
        log("locked", f"{OVERRIDE}, ordered by {unquote(by)}")
        await self.enforcer.decide(time.monotonic())
        return {"ok": True}

    async def resume(self, signed: str = "") -> dict[str, Any]:
        """Ends a halt and an override's lockout. signed: the signatures, ROLE=NAME,ROLE=NAME, for the record."""
        halt = read_halt(self.slot.halt_flag)
        self.slot.resumed = {"at": time.time(), "cause": halt.cause if halt else OVERRIDE, "signed": signed}
        log("resumed", f"cause {self.slot.resumed['cause']}, signed {signed or 'by nobody'}")
        async with self.slot.writing:
            if self.slot.book.lockouts.pop(OVERRIDE, None):
                # An override also stands for the lockouts that the state has lost; they end with it.
                for kind in {OVERRIDE, *self.restrictions.lost()}:
                    states.note_ended(self.slot.store.db, kind, self.slot.book.seq)
            self.slot.book.violations = {
                key: v
                for key, v in self.slot.book.violations.items()
                if self.slot.book.lockouts or v.rule != "daily-loss"
            }
            # Else the orders of a release that did harm would count against the good one: it would halt itself at once.
            for violation in self.slot.book.violations.values():
                violation.begin_again(self.slot.book.seq)
            self.enforcer.save([], [])
            self.slot.halt_flag.unlink(missing_ok=True)
        self.keeper.watch_halt_flag()
        return {"state": self.slot.state}

    async def drain(self, to: str) -> dict[str, Any]:
        """Gives the lease away: see LeaseKeeper.drain."""
        return await self.keeper.drain(to)

    def reconnect(self) -> dict[str, Any]:
        """Opens a new session with the broker in place of the present one."""
        return {"ok": self.line.renew()}

    def look(self) -> dict[str, Any]:
        """Looks at the halt flag at once."""
        return self.keeper.look()

    # ------------------------------------------------------------------ pulse and clock

    async def pulse(self) -> None:
        """The service manager's watchdog; and, for the holder, a reconcile now and then."""
        beats = 0
        while True:
            notify("WATCHDOG=1")
            self.line.note_silence()
            beats += 1
            if beats % RECONCILE_EVERY == 0 and self.slot.state in ("active", "halted"):
                await guarded(reconcile(self.slot))
            await asyncio.sleep(1)

    async def watch_clock(self) -> None:
        """The clock of the day against the clock that nobody sets."""
        offset = time.time() - leases.boottime()
        while True:
            await asyncio.sleep(0.5)
            now = time.time() - leases.boottime()
            if abs(now - offset) > contract.seconds("clock.skew.warn"):
                log("clock_jump", f"{now - offset:+.3f} s")
            offset = now
