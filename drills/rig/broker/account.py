"""One account at the broker: its record of events, and the limits that are broken by that record."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from drills.rig.broker.session import Session
from drills.rig.broker.settings import Faults, Settings

SYMBOLS = {"ES": 5000.0, "NQ": 18000.0}
KEY_LIFE = 90 * 86400.0  # seconds

# seq, t, kind and what the kind has: see drills/product/book.py.
Event = dict[str, Any]


@dataclass
class Breach:
    """A limit of the account broken at the broker.

    Position and loss: until flat or inside; size: until the order is gone.
    """

    rule: str
    target: str
    began: int
    t: float
    ended: float | None = None
    acted: float | None = None
    actions: int = 0


@dataclass
class Account:
    """One account: its record and the traders' flow into it."""

    name: str
    settings: Settings
    limits: dict[str, float] = field(default_factory=lambda: {"position": 10, "size": 20, "net": 1000, "loss": 1e6})
    events: list[Event] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # by event: when it really was, whatever the broker's clock said
    positions: dict[str, int] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)  # client order id: the event that answered it
    sessions: list[Session] = field(default_factory=list)
    writes: list[dict[str, Any]] = field(default_factory=list)  # every order of a daemon or the desk, with its answer
    writers: list[dict[str, Any]] = field(default_factory=list)  # every session that became the writer
    breaches: list[Breach] = field(default_factory=list)
    acknowledged: list[tuple[float, str, int]] = field(default_factory=list)  # by event: (time, instance, epoch)
    guarded: list[float] = field(default_factory=list)  # by event: when a daemon that enforces acknowledged it
    stale_acks: int = 0
    epoch: int = 0
    key: str = ""
    key_state: str = "valid"
    key_expires: float = field(default_factory=lambda: time.time() + KEY_LIFE)
    rate: float = 0.0  # events a second
    steps: int = 0  # of the traders, so far
    trading: bool = True  # False: the traders hold; prices go on
    blocked: float | None = None  # since when the broker takes no order that opens or enlarges a position
    largest: int | None = None  # the largest position that the broker allows
    loss_limit: float | None = None  # the daily loss at which the broker would step in
    cost: float = 0.0
    realised: float = 0.0
    average: dict[str, float] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        # Seeded: the same flow in every run, so that a failure can be looked at again.
        self.random = random.Random(f"flow of {self.name}")
        self.prices = dict(SYMBOLS)
        self.key = self.key or f"key-{self.name}"

    def now(self) -> float:
        """The broker's clock."""
        return time.time() + self.settings.clock

    def held(self) -> dict[str, int]:
        """The open positions by symbol."""
        return {symbol: qty for symbol, qty in self.positions.items() if qty}

    def writing(self) -> list[Session]:
        """The writing sessions."""
        return [session for session in self.sessions if session.role == "writer"]

    # ------------------------------------------------------------------ the record

    def emit(self, kind: str, **body: Any) -> Event:
        """Records one event and pushes it to every session of the account."""
        event = {"seq": len(self.events) + 1, "t": self.now(), "kind": kind, **body}
        self.events.append(event)
        self.times.append(time.time())
        if kind == "fill":
            self._book_fill(event)
        elif kind == "order":
            self.orders[event["id"]] = {"symbol": event["symbol"], "qty": event["qty"]}
        elif kind == "cancel":
            self.orders.pop(event["id"], None)
        self._find_breaches(event)
        skip = self.faults.skip
        if not (skip and event["seq"] % skip == 0):
            self.push([event])
        return event

    def push(self, events: list[Event], only: Session | None = None) -> None:
        """Sends events; with them the number of the last one, so that a hole shows."""
        for session in [only] if only else self.sessions:
            if session.muted_at is None:
                session.send(type="events", events=events, head=len(self.events))

    def _book_fill(self, event: Event) -> None:
        symbol, qty, price = event["symbol"], event["qty"], event["price"]
        held, average = self.positions.get(symbol, 0), self.average.get(symbol, 0.0)
        if held * qty < 0:
            self.realised += min(abs(held), abs(qty)) * (price - average) * (1 if held > 0 else -1)
            average = price if abs(qty) > abs(held) else average
        else:
            average = (held * average + qty * price) / (held + qty)
        self.positions[symbol], self.average[symbol] = held + qty, average
        self.cost = max(self.cost, -self.realised)

    # ------------------------------------------------------------------ broken limits

    def _broken(self) -> set[tuple[str, str]]:
        """The rules that are broken now, each with what breaks it: a symbol or an order."""
        held = self.held()
        broken = {("max-position", symbol) for symbol, qty in held.items() if abs(qty) > self.limits["position"]}
        broken |= {
            ("order-size", name) for name, order in self.orders.items() if abs(order["qty"]) > self.limits["size"]
        }
        if abs(sum(held.values())) > self.limits["net"]:
            broken.add(("net-limits", max(held, key=lambda symbol: abs(held[symbol]))))
        if self.cost >= self.limits["loss"]:
            broken |= {("daily-loss", target) for target in (*held, *self.orders)}
        return broken

    def _find_breaches(self, event: Event) -> None:
        """Begins and ends breaches with an event."""
        broken = self._broken()
        standing = {(breach.rule, breach.target): breach for breach in self.breaches if breach.ended is None}
        for rule, target in broken - standing.keys():
            self.breaches.append(Breach(rule, target, began=event["seq"], t=time.time()))
        for key in standing.keys() - broken:
            standing[key].ended = time.time()

    def in_breach(self, target: str) -> bool:
        """Whether a symbol or an order breaks a limit now."""
        return any(breach.target == target and breach.ended is None for breach in self.breaches)

    def may_hold(self, symbol: str, qty: int) -> bool:
        """Whether the broker lets a trade happen: one that reduces always, one that enlarges within its limits."""
        held = self.positions.get(symbol, 0)
        if abs(held + qty) <= abs(held) and (held + qty) * held >= 0:
            return True
        return self.blocked is None and (self.largest is None or abs(held + qty) <= self.largest)

    # ------------------------------------------------------------------ questions

    def held_to(self) -> dict[str, Any]:
        """What the broker itself holds the account to, as it answers whoever asks."""
        return {"ok": True, "blocked": self.blocked, "position": self.largest, "loss": self.loss_limit}

    def snapshot(self) -> dict[str, Any]:
        """What a daemon or an operator may ask about the account."""
        last = self.acknowledged[-1] if self.acknowledged else None
        return {
            "ok": True,
            "seq": len(self.events),
            "t": self.now(),
            "positions": self.held(),
            "orders": self.orders,
            "fills_from": 1,
            "fills": {str(e["seq"]): [e["symbol"], e["qty"], e["price"]] for e in self.events if e["kind"] == "fill"},
            "epoch": self.epoch,
            "writers": [{"instance": s.instance, "release": s.release, "epoch": s.epoch} for s in self.writing()],
            "observers": [s.instance for s in self.sessions if s.role == "observer"],
            "acknowledged": {"seq": len(self.acknowledged), "age": time.time() - last[0]} if last else None,
            "key_expires": self.key_expires - time.time(),
        }
