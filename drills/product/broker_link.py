"""The session with the broker: connects again for ever, reads, and gives each message to whom it concerns."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from . import broker_client as wire
from . import change_window, contract
from . import release_facts as release
from .broker_session import Session
from .daemon_log import log, say
from .enforcer import Enforcer
from .fatal import FatalError
from .lease_keeper import LeaseKeeper
from .slot import Arrived, Slot


class BrokerLink:
    """One slot's line to the broker."""

    def __init__(self, slot: Slot, enforcer: Enforcer, keeper: LeaseKeeper) -> None:
        self.slot, self.enforcer, self.keeper = slot, enforcer, keeper

    async def follow(self) -> None:
        """Keeps a session with the broker, for ever, and handles what it sends."""
        wait = contract.seconds("reconnect.first")
        while not self.slot.stopping:
            try:
                await self.connect()
                wait = contract.seconds("reconnect.first")
                await self.read_session()
            except wire.KeyRefusedError as refused:
                raise FatalError("credentials_refused", str(refused)) from refused
            except wire.DeniedError as denied:
                self.denied(denied)
            except wire.UnreachableError as lost:
                self.lost_link(str(lost))
            await self.sleep_or_wake(wait)
            wait = min(wait * 2, contract.seconds("reconnect.max"))

    async def sleep_or_wake(self, wait: float) -> None:
        """The pause before the next try. Taking the lease ends it: a writer must not wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.slot.wake.wait(), wait)
        self.slot.wake.clear()

    async def connect(self) -> None:
        """Logs on: as the writer when we hold the lease, else to read only."""
        logon = {
            "account": self.slot.account,
            "key": self.slot.key,
            "instance": self.slot.instance,
            "release": release.FACTS["version"],
        }
        if self.slot.holds:
            logon |= {"epoch": self.slot.lease.epoch, "from": self.slot.book.seq + 1}
        held = self.slot.holds
        self.slot.session = await Session.open(self.slot.config["broker"], logon, contract.seconds("start.ready"))
        self.slot.sessions += 1
        self.slot.link, self.slot.link_changed = "up", time.monotonic()
        self.slot.wake.clear()  # an old call must not shorten the first pause after this line
        self.slot.head, self.slot.asked_from = self.slot.session.logon["head"], 0
        self.slot.key_expires = time.time() + self.slot.session.logon["key_expires"]
        if held:
            await self.keeper.writing_now()
        elif self.slot.holds:
            self.keeper.promote()
        elif self.slot.state == "starting":
            self.slot.set_state("standby")

    async def read_session(self) -> None:
        """Reads until the line ends or falls silent."""
        queue: asyncio.Queue[Arrived] = asyncio.Queue()
        self.slot.queue = queue
        session = self.slot.session
        if session is None:
            raise RuntimeError("no session to read from")
        reader = asyncio.create_task(self.fill_queue(session, queue))
        try:
            while True:
                messages = [await queue.get()]
                while not queue.empty():
                    messages.append(queue.get_nowait())
                for arrived, message in messages:
                    if isinstance(message, Exception):
                        raise message
                    await self.handle(arrived, message)
        finally:
            reader.cancel()
            session.close()
            self.slot.session = None

    @staticmethod
    async def fill_queue(session: Session, queue: asyncio.Queue[Arrived]) -> None:
        """Moves messages from the line to the queue, with the time of their arrival."""
        silence = contract.seconds("heartbeat.silence")
        while True:
            message: dict[str, Any] | Exception
            try:
                message = await asyncio.wait_for(session.receive(), silence)
            except TimeoutError:
                log("link_silent")
                message = wire.UnreachableError(f"nothing heard for {silence:.0f} s")
            except wire.UnreachableError as lost:
                message = lost
            queue.put_nowait((time.monotonic(), message))
            if isinstance(message, Exception):
                return

    def lost_link(self, why: str) -> None:
        """The line is gone: the holder sees nothing from here on."""
        if self.slot.link == "up" and not self.slot.stopping:
            log("link_lost", why)
            self.slot.link_changed = time.monotonic()
        self.slot.figures.operations += 1
        self.slot.figures.errors += 1
        self.slot.link, self.slot.writable = "down", False
        self.slot.sent.clear()
        self.slot.waiting.clear()
        if self.slot.state in ("active", "halted", "draining"):
            self.slot.set_state("degraded")

    def denied(self, denied: wire.DeniedError) -> None:
        """The broker refuses our logon."""
        if denied.answer["code"] == "fenced":
            raise FatalError("fenced", str(denied.answer["epoch"]))
        self.slot.link = "down"
        say(f"broker refuses the session: {denied}")

    def note_silence(self) -> None:
        """Says once in the log when the session stands, the market is open, and no event has come for too long."""
        age = time.monotonic() - self.slot.last_event
        if self.slot.writable and not self.slot.silence_noted and age > contract.seconds("event.age"):
            if change_window.session(contract.CALENDAR, time.time()) != "closed":
                log("no_events", f"the last one came {age:.0f} s ago")
            self.slot.silence_noted = True

    def renew(self) -> bool:
        """Ends the session; the next one is opened at once. False when there is none to end."""
        self.slot.wake.set()
        if self.slot.session is None:
            return False
        self.slot.send(op="logoff")
        self.slot.session.close()
        return True

    async def handle(self, arrived: float, message: dict[str, Any]) -> None:
        """One message of the broker."""
        match message["type"]:
            case "events":
                self.slot.head = max(self.slot.head, message["head"])
                self.slot.last_event, self.slot.silence_noted = arrived, False
                if self.slot.writable:
                    await self.enforcer.take_events(arrived, message["events"])
            case "heartbeat":
                self.slot.head = max(self.slot.head, message["head"])
                self.slot.figures.skew = time.time() - message["t"]
                if self.slot.writable:
                    self.enforcer.ask_resend()
                    await self.enforcer.decide(arrived)
            case "acknowledged":
                self.slot.acknowledged = (message["seq"], arrived)
            case "order":
                await self.enforcer.order_answered(arrived, message)
            case "promoted":
                self.slot.head = message["head"]
                await self.keeper.writing_now()
            case "end" if message["code"] == "fenced":
                if self.slot.holds:
                    raise FatalError("fenced", str(message["epoch"]))
                raise wire.UnreachableError("session ended")
            case "end" if message["code"] == "key":
                raise wire.KeyRefusedError(message["why"])
            case "end":
                raise wire.UnreachableError(f"session ended: {message['code']}")
