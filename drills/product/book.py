"""What the daemon knows of one account, and its rules. Pure: events in, actions out; no clock, no disk, no network.

An event is a dict from the broker: `seq`, `t` (epoch seconds), `kind` and, by kind:
  fill    symbol, qty (signed), price, coid (ours) or None      order   id, symbol, qty, price
  cancel  id, coid or None                                      mark    symbol, price
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OVERRIDE, DAILY_LOSS, TRAILING_LOSS = "override", "daily-loss", "trailing-loss"


@dataclass
class Violation:
    """A limit that is broken, from the event that broke it until it is mended.

    Its identity comes from the broker's numbering alone.
    """

    rule: str
    target: str  # a symbol or the id of an order
    began: int  # event number
    tries: int = 0

    def begin_again(self, seq: int) -> None:
        """Counts it as new from an event on: a resume by people gives each violation its orders once more."""
        self.began, self.tries = seq, 0


@dataclass(frozen=True)
class Action:
    """One order that a rule wants sent.

    `coid` depends on its cause alone: made again after a crash or a restore, it is the same.
    """

    coid: str
    cause: int
    rule: str
    target: str
    kind: str  # close or cancel
    symbol: str | None = None
    qty: int = 0


@dataclass
class Book:
    """One account: positions, working orders, the day's result, lockouts, open violations."""

    account: str
    limits: dict[str, Any]
    rules: list[str]
    reset: tuple[str, int] = ("America/Chicago", 17)  # time zone and hour of the daily reset
    seq: int = 0
    day: str = ""
    positions: dict[str, list[Any]] = field(default_factory=dict)  # symbol: [qty, average price]
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    realised: float = 0.0
    worst: float = 0.0  # the day's largest loss so far, positive; never falls within a day
    peak: float = 0.0  # the day's best result so far
    lockouts: dict[str, dict[str, Any]] = field(default_factory=dict)  # kind: {"day", "seq"}
    violations: dict[tuple[str, str], Violation] = field(default_factory=dict)

    def apply(self, event: dict[str, Any]) -> None:
        """Takes one event in. Events must come in order and without a hole."""
        self.seq = event["seq"]
        day = trading_day(event["t"], *self.reset)
        if day != self.day:
            self._begin(day)
        if event["kind"] == "fill":
            self._fill(event["symbol"], event["qty"], event["price"])
        elif event["kind"] == "order":
            self.orders[event["id"]] = {"symbol": event["symbol"], "qty": event["qty"]}
        elif event["kind"] == "cancel":
            self.orders.pop(event["id"], None)
        self._judge()

    def actions(self) -> list[Action]:
        """What the open violations need now, whether or not it has been sent already."""
        wanted: dict[str, Action] = {}
        for violation in self.violations.values():
            if violation.target not in wanted:
                wanted[violation.target] = self._action(violation)
        return list(wanted.values())

    def lock_out(self, kind: str) -> None:
        """Locks the account out: until the daily reset, or, for an override, until a person ends it."""
        self.lockouts.setdefault(kind, {"day": None if kind == OVERRIDE else self.day, "seq": self.seq})
        self._judge()

    def _begin(self, day: str) -> None:
        self.day, self.realised, self.worst, self.peak = day, 0.0, 0.0, 0.0
        self.lockouts = {
            kind: lockout for kind, lockout in self.lockouts.items() if lockout["day"] is None or lockout["day"] >= day
        }

    def _fill(self, symbol: str, qty: int, price: float) -> None:
        held, average = self.positions.get(symbol, [0, 0.0])
        if held * qty >= 0:
            average = (held * average + qty * price) / (held + qty) if held + qty else 0.0
        else:
            closed = min(abs(held), abs(qty))
            self.realised += closed * (price - average) * (1 if held > 0 else -1)
            if abs(qty) > abs(held):
                average = price
        self.positions[symbol] = [held + qty, average if held + qty else 0.0]
        self.worst = max(self.worst, -self.realised)
        self.peak = max(self.peak, self.realised)

    def _judge(self) -> None:
        broken = set()
        for rule in self.rules:
            broken |= {(rule, target) for target in RULES[rule](self)}
        for key in broken - self.violations.keys():
            self.violations[key] = Violation(*key, began=self.seq)
        for key in self.violations.keys() - broken:
            del self.violations[key]

    def _action(self, violation: Violation) -> Action:
        held = self.positions.get(violation.target, [0])[0]
        kind = "cancel" if violation.target in self.orders else "close"
        coid = f"{self.account}-{violation.began}-{violation.rule}-{violation.target}-{violation.tries}"
        symbol = violation.target if kind == "close" else None
        return Action(coid, violation.began, violation.rule, violation.target, kind, symbol, -held if symbol else 0)


def trading_day(t: float, zone: str, reset_hour: int) -> str:
    """The trading day of an epoch second: it begins at the reset of the evening before."""
    local = datetime.fromtimestamp(t, ZoneInfo(zone))
    return (local + timedelta(hours=24 - reset_hour)).date().isoformat()


def over_position(book: Book) -> list[str]:
    """Symbols with more contracts than the limit."""
    return [symbol for symbol, (qty, _) in book.positions.items() if abs(qty) > book.limits["position_limit"]]


def over_size(book: Book) -> list[str]:
    """Working orders larger than the limit."""
    return [name for name, order in book.orders.items() if abs(order["qty"]) > book.limits["order_limit"]]


def over_net(book: Book) -> list[str]:
    """The largest position, when all together exceed the limit."""
    held = {symbol: qty for symbol, (qty, _) in book.positions.items() if qty}
    return (
        [max(held, key=lambda symbol: abs(held[symbol]))] if abs(sum(held.values())) > book.limits["net_limit"] else []
    )


def lost_too_much(book: Book) -> list[str]:
    """Locks the account out when the day's loss reaches the limit; while locked out, whatever is open is too much."""
    if book.worst >= book.limits["loss_limit"]:
        book.lockouts.setdefault(DAILY_LOSS, {"day": book.day, "seq": book.seq})
    return _all_open(book) if book.lockouts else []


def trailed_too_much(book: Book) -> list[str]:
    """Locks the account out when it has given back too much of the day's best result."""
    if book.peak - book.realised >= book.limits["trailing_limit"]:
        book.lockouts.setdefault(TRAILING_LOSS, {"day": book.day, "seq": book.seq})
    return _all_open(book) if TRAILING_LOSS in book.lockouts else []


def _all_open(book: Book) -> list[str]:
    return [symbol for symbol, (qty, _) in book.positions.items() if qty] + list(book.orders)


# By the name that the configuration uses. The flags of the configuration switch the last two on.
RULES = {
    "max-position": over_position,
    "order-size": over_size,
    "daily-loss": lost_too_much,
    "net-limits": over_net,
    "trailing-loss": trailed_too_much,
}
LIMIT_OF = {
    "max-position": "position_limit",
    "order-size": "order_limit",
    "daily-loss": "loss_limit",
    "net-limits": "net_limit",
    "trailing-loss": "trailing_limit",
}


def smoke(book: Book) -> dict[str, tuple[bool, bool]]:
    """Each loaded rule on scratch accounts: (fires on a breach, stays silent on a healthy day).

    The running daemon calls this with its own book; nothing is sent and the book is not touched.
    """
    results = {}
    for rule in book.rules:
        fires = _scratch(book, rule, _breach(rule, book.limits))
        silent = _scratch(book, rule, _healthy(book.limits))
        results[rule] = (any(action.rule == rule for action in fires), not silent)
    return results


def _scratch(book: Book, rule: str, events: list[dict[str, Any]]) -> list[Action]:
    trial = Book(book.account, book.limits, [rule], book.reset)
    seen = []
    for number, event in enumerate(events, 1):
        trial.apply({"seq": number, "t": 1e9, "coid": None, **event})
        seen += [
            action
            for action in trial.actions()
            if action.kind == "cancel" or action.qty * trial.positions[action.target][0] < 0
        ]
    return seen


def _breach(rule: str, limits: dict[str, Any]) -> list[dict[str, Any]]:
    if rule == "order-size":
        return [{"kind": "order", "id": "T1", "symbol": "ES", "qty": limits["order_limit"] + 1, "price": 1.0}]
    if rule in ("daily-loss", "trailing-loss"):
        loss = limits[LIMIT_OF[rule]] + 1
        # A trade that loses too much, and one after it that must not stay open.
        return [fill(1, loss), fill(-1, 0.0), fill(1, 1.0)]
    return [fill(limits[LIMIT_OF[rule]] + 1, 1.0)]


def _healthy(limits: dict[str, Any]) -> list[dict[str, Any]]:
    size = max(1, int(min(limits["position_limit"], limits["net_limit"], limits["order_limit"])))
    return [
        fill(size, 100.0),
        {"kind": "order", "id": "T1", "symbol": "ES", "qty": size, "price": 100.0},
        fill(-size, 100.0),
        fill(-size, 100.0),
        fill(size, 100.0),
    ]


def fill(qty: int, price: float) -> dict[str, Any]:
    """A fill of the scratch accounts."""
    return {"kind": "fill", "symbol": "ES", "qty": qty, "price": price}
