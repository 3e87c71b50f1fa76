"""Events in, orders out: applies what the broker sends, commits it, acts on broken limits, acknowledges."""

import asyncio
import sqlite3
import time
from typing import Any

from . import contract
from . import lease as leases
from . import state as states
from .background import guarded_task
from .book import Action
from .daemon_files import keep_last_good
from .daemon_log import log
from .fatal import FatalError, raise_os, raise_sqlite
from .halt_flag import raise_halt
from .reconcile import reconcile
from .slot import Slot


class Enforcer:
    """The part of a slot that holds the lease: it sends orders, and never without a commit before."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot

    async def take_events(self, arrived: float, events: list[dict[str, Any]]) -> None:
        """Applies events in order, commits, acts, acknowledges. A hole is asked for, never skipped."""
        async with self.slot.writing:
            if not self.slot.writable:
                return
            fresh = [event for event in events if event["seq"] > self.slot.book.seq]
            if fresh and fresh[0]["seq"] != self.slot.book.seq + 1:
                self.ask_resend()
                return
            if not fresh:
                return
            for event in fresh:
                self.slot.book.apply(event)
                if event.get("coid"):  # our own order has reached the record
                    self.slot.waiting.pop(event.get("symbol") or event["id"], None)
            if self.slot.asked_from and self.slot.book.seq >= self.slot.head:
                self.slot.asked_from = 0
            if self.slot.book.seq >= self.slot.head and self.slot.state in ("standby", "degraded"):
                self.save(fresh, [])
                await self.caught_up()
                return
            actions = self.wanted() if self.slot.book.seq >= self.slot.head else []
            self.save(fresh, actions)
            self.slot.figures.decided.append(time.monotonic() - arrived)
            self.send_actions(actions, arrived)
            self.acknowledge()

    def ask_resend(self) -> None:
        """Asks for what is missing between the last event in the state and the last one at the broker."""
        if self.slot.head > self.slot.book.seq and self.slot.asked_from != self.slot.book.seq + 1:
            self.slot.asked_from = self.slot.book.seq + 1
            log("gap_found", f"{self.slot.asked_from} to {self.slot.head}")
            self.slot.send(op="resend", **{"from": self.slot.asked_from})

    async def caught_up(self) -> None:
        """Everything missed is in the state: guard from here on."""
        self.slot.set_state(self.slot.working_state())
        self.settle_pending()
        await self.decide_locked(time.monotonic())
        keep_last_good(self.slot.account, self.slot.config_text)
        asyncio.get_running_loop().create_task(guarded_task(reconcile(self.slot)))

    def settle_pending(self) -> None:
        """Orders in doubt: sent again under the same id if their cause still stands, else given up."""
        for intent in self.slot.store.pending():
            violation = self.slot.book.violations.get((intent["rule"], intent["target"]))
            if not violation or violation.began != intent["cause"]:
                self.slot.store.answered(intent["coid"], "given up")
            elif self.slot.state == "active":
                self.send_actions([Action(**intent)], time.monotonic())

    async def decide(self, arrived: float) -> None:
        """Acts on what is broken now, without a new event."""
        async with self.slot.writing:
            if self.slot.writable:
                await self.decide_locked(arrived)

    async def decide_locked(self, arrived: float) -> None:
        """The same, for a caller that has the lock."""
        actions = self.wanted()
        self.save([], actions)
        self.send_actions(actions, arrived)
        self.acknowledge()

    def wanted(self) -> list[Action]:
        """The orders to send now: one for each open violation whose order is not on its way already."""
        if self.slot.state not in ("active", "draining"):
            return []
        busy = {action.target for action, _ in self.slot.sent.values()} | set(self.slot.waiting)
        return [
            action for action in self.slot.book.actions() if action.target not in busy and self.below_fanout(action)
        ]

    def below_fanout(self, action: Action) -> bool:
        """More orders for one violation than a close may need is a loop: the daemon halts itself."""
        tries = self.slot.book.violations[(action.rule, action.target)].tries
        self.slot.figures.fanout = max(self.slot.figures.fanout, tries)
        if tries < contract.number("enforce.fanout"):
            return True
        log("halted_itself", f"{action.rule} on {action.target}, {tries} orders")
        raise_halt(self.slot.halt_flag, "the daemon itself", "itself")
        self.slot.set_state("halted")
        return False

    def send_actions(self, actions: list[Action], arrived: float) -> None:
        """Sends orders whose intent is committed. Without a valid lease nothing is sent."""
        for action in actions:
            if not self.slot.lease.valid():
                raise FatalError("fenced", str(leases.read(self.slot.lease.db)["epoch"]))
            self.slot.figures.actions[action.rule] += 1
            self.slot.figures.operations += 1
            self.slot.sent[action.coid] = (action, arrived)
            self.slot.send(op="order", order=vars(action))

    async def order_answered(self, arrived: float, answer: dict[str, Any]) -> None:
        """The broker's word on one of our orders."""
        action, began = self.slot.sent.pop(answer["coid"], (None, 0.0))
        if action is None:
            return
        match answer["status"]:
            case "accepted" | "duplicate":
                self.slot.figures.enforced.append(arrived - began)
                self.slot.store.answered(action.coid, "accepted")
                violation = self.slot.book.violations.get((action.rule, action.target))
                if violation:
                    violation.tries += 1
                if answer["seq"] > self.slot.book.seq:
                    self.slot.waiting[action.target] = arrived
            case "later":
                log("rate_limited", f"{answer['wait']:.1f} s")
                self.retry(action, began, answer["wait"])
            case "rejected":
                log("orders_rejected", answer["why"])
                self.slot.figures.errors += 1
                self.retry(action, began, 0.5)
            case "fenced":
                raise FatalError("fenced", str(answer["epoch"]))
            case _:
                self.slot.figures.unknown += 1

    def retry(self, action: Action, began: float, wait: float) -> None:
        """Sends an order that was not taken once more, under the same id, while its cause stands."""

        async def again() -> None:
            await asyncio.sleep(wait)
            if (action.rule, action.target) not in self.slot.book.violations or self.slot.state not in (
                "active",
                "draining",
            ):
                self.slot.sent.pop(action.coid, None)
            elif self.slot.writable:
                self.send_actions([action], began)

        # It stays among the sent ones, so that nothing else is sent for its target meanwhile.
        self.slot.sent[action.coid] = (action, began)
        asyncio.get_running_loop().create_task(guarded_task(again()))

    def save(self, events: list[dict[str, Any]], actions: list[Action]) -> None:
        """Commits, or ends: a daemon that cannot save must not go on."""
        try:
            self.slot.store.save(self.slot.book, events, actions, self.slot.lease.epoch, time.time())
        except states.FencedError as fenced:
            raise FatalError("fenced", "in the state") from fenced
        except states.RefusedError as refused:
            raise FatalError(refused.event, refused.why) from refused
        except sqlite3.Error as error:
            raise_sqlite(error)
        except OSError as error:
            raise_os(error)
        self.slot.saved = time.monotonic()

    def acknowledge(self) -> None:
        """Tells the broker how far we are, and whether we enforce."""
        if self.slot.session and self.slot.writable:
            self.slot.send(op="ack", seq=self.slot.book.seq, guarding=self.slot.state in ("active", "draining"))

    async def settle(self) -> None:
        """Waits until the broker has answered every order, at the most a second."""
        until = time.monotonic() + 1
        while self.slot.sent and time.monotonic() < until:
            await asyncio.sleep(0.005)
