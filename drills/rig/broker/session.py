"""One daemon, logged on: its outbox, and how it is told that its session is over."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drills.rig.broker.account import Account  # an account keeps its sessions, a session names its account

Message = dict[str, Any]


@dataclass(eq=False)
class Session:
    """One daemon, logged on. role: observer, writer or ended."""

    account: "Account"
    instance: str
    release: str
    writer: asyncio.StreamWriter
    outbox: asyncio.Queue[tuple[float, Message]] = field(default_factory=asyncio.Queue)
    role: str = "observer"
    epoch: int = 0
    muted_at: int | None = None  # it carries heartbeats, but no event after this number
    silent: bool = False  # half-open: the line stands and carries nothing

    @property
    def head(self) -> int:
        """The number of the last event, as far as this session is told."""
        return len(self.account.events) if self.muted_at is None else self.muted_at

    def send(self, **message: Any) -> None:
        """Queues a message; the fault `delay` holds it up."""
        self.outbox.put_nowait((time.monotonic() + self.account.faults.delay, message))

    async def post(self) -> None:
        """Writes the outbox to the line, for ever."""
        while True:
            due, message = await self.outbox.get()
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if not self.silent:
                self.writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            if message.get("type") == "end":
                self.writer.close()
                return

    def end(self, code: str, **more: Any) -> None:
        """Ends the session, saying why."""
        if self in self.account.sessions:
            self.account.sessions.remove(self)
        self.role = "ended"
        self.send(type="end", code=code, **more)
