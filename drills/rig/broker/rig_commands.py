"""What the rig may ask of the broker and do to it: the flow, every fault, and the record.

Each do_… method is a command.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drills.rig.broker import figures, traders
from drills.rig.broker.account import KEY_LIFE, Account
from drills.rig.broker.orders import take_order
from drills.rig.broker.settings import Settings


@dataclass
class RigCommands:
    """The broker's control socket. account: gives an account by its name, made when it is first named."""

    settings: Settings
    accounts: dict[str, Account]
    account: Callable[[str], Account]

    async def line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One command of the rig: {"do": name, ...arguments}."""
        while line := await reader.readline():
            command = json.loads(line)
            try:
                result = {"result": getattr(self, "do_" + command.pop("do"))(**command)}
            except Exception as error:  # the rig shall see whatever went wrong
                result = {"error": repr(error)}
            writer.write(json.dumps(result).encode() + b"\n")
            await writer.drain()

    def do_set(self, **settings: Any) -> None:
        """Switches the broker's settings."""
        for name, value in settings.items():
            if not hasattr(self.settings, name):
                raise ValueError(f"no such setting: {name}")
            setattr(self.settings, name, value)

    def do_flow(self, accounts: list[str], rate: float, trading: bool = True) -> None:
        """rate: events a second, 0 to stop; trading: False when the traders hold and only prices move."""
        for name in accounts:
            account = self.account(name)
            account.rate, account.trading = rate, trading

    def do_limits(self, account: str, **limits: float) -> None:
        """The limits by which we judge: position, size, net, loss."""
        self.account(account).limits.update(limits)

    def do_breach(self, account: str, rule: str) -> int:
        """Breaks a limit: position, size or loss."""
        return traders.breach(self.account(account), rule)

    def do_drop(self, account: str) -> int:
        """Cuts the account's lines. Returns how many there were."""
        sessions = list(self.account(account).sessions)
        for session in sessions:
            session.writer.transport.abort()
        return len(sessions)

    def do_silence(self, account: str) -> int:
        """Half-open: the lines stand and carry nothing any more. Returns how many there were."""
        sessions = list(self.account(account).sessions)
        for session in sessions:
            session.silent = True
        return len(sessions)

    def do_mute(self, account: str, new: bool = False) -> int:
        """Connected, but no events: the lines that stand carry heartbeats alone. new: those to come as well.

        Returns how many lines there were. With `new` given as false, those to come are well again.
        """
        target = self.account(account)
        target.faults.mute = new
        for session in target.sessions:
            session.muted_at = len(target.events)
        return len(target.sessions)

    def do_unmute(self, account: str) -> None:
        """Every line carries events again; what was missed shows as a hole."""
        target = self.account(account)
        target.faults.mute = False
        for session in target.sessions:
            session.muted_at = None

    def do_block(self, account: str, blocked: bool = True) -> None:
        """What the broker's desk does on the phone: no order that opens or enlarges a position, until it is lifted."""
        self.account(account).blocked = time.time() if blocked else None

    def do_limits_at_broker(self, account: str, cap: int | None = None, loss: float | None = None) -> None:
        """What risk has the broker set: the largest position (contracts) and the daily loss. None: no limit."""
        self.account(account).largest, self.account(account).loss_limit = cap, loss

    def do_outage(self, account: str, seconds: float) -> int:
        """Cuts the lines and refuses every connection for so long."""
        self.account(account).faults.outage = time.time() + seconds
        return self.do_drop(account)

    def do_key(self, account: str, state: str = "valid", key: str | None = None) -> None:
        """state: valid, expired or revoked; a revoked key ends its sessions. key: the new one."""
        target = self.account(account)
        target.key_state, target.key = state, key or target.key
        target.key_expires = time.time() + (KEY_LIFE if state == "valid" else 0)
        if state == "revoked":
            for session in list(target.sessions):
                session.end("key", why="the key is revoked")

    def do_reject(self, account: str, orders: int) -> None:
        """Refuses the next orders."""
        self.account(account).faults.reject = orders

    def do_rate_limit(self, account: str, seconds: float) -> None:
        """Answers orders with `later` for so long."""
        self.account(account).faults.rate_limit = time.time() + seconds

    def do_delay(self, account: str, seconds: float) -> None:
        """Every message to the account's daemons waits so long."""
        self.account(account).faults.delay = seconds

    def do_skip(self, account: str, every: int) -> None:
        """Does not push every n-th event; 0 ends the fault."""
        self.account(account).faults.skip = every

    def do_order(self, account: str, order: dict[str, Any], instance: str, epoch: int) -> dict[str, Any]:
        """A stranger's order, past every session: for the judge's own test and for a leaked key."""
        return take_order(self.account(account), order, {"instance": instance, "release": "", "epoch": epoch})

    def do_report(self, since: float = 0.0) -> dict[str, Any]:
        """The judge's figures for every account."""
        return {name: figures.report(account, since) for name, account in self.accounts.items() if name != "?"}

    def do_record(self, account: str, since: float = 0.0, until: float = 1e18) -> dict[str, Any]:
        """The raw record of one account around a moment: for a failure's message."""
        target = self.account(account)
        inside = [item for item in (*target.writes, *target.writers) if since <= item["t"] <= until]
        return {
            "events": [e for e in target.events if since <= e["t"] <= until],
            "orders": inside,
            "breaches": [vars(b) for b in target.breaches if since <= b.t <= until],
        }

    def do_seen(self, account: str) -> dict[str, Any]:
        """What can be seen of an account from outside; `answered`: the events whose breach an order has answered."""
        target = self.account(account)
        return {
            "sessions": [{"role": it.role, "instance": it.instance, "release": it.release} for it in target.sessions],
            "positions": target.held(),
            "orders": target.orders,
            "blocked": target.blocked is not None,
            "key": target.key if target.key_state == "valid" else None,
            "answered": [breach.began for breach in target.breaches if breach.acted is not None],
        }

    def do_snapshot(self, account: str) -> dict[str, Any]:
        """What the account's daemon could ask."""
        return self.account(account).snapshot()

    def do_moment(self, account: str, since: float = 0.0) -> dict[str, Any]:
        """The figures and the snapshot of one account, both of the same moment."""
        return {"report": figures.report(self.account(account), since), "snapshot": self.account(account).snapshot()}
