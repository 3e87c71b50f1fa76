"""The traders of an account: their ordinary flow, and a limit that they break on command."""

from drills.rig.broker.account import SYMBOLS, Account

MOST_ORDERS = 5  # working at once
# Every n-th step of traders who trade is an order beyond the size limit, while few such orders stand unanswered.
OVERSIZE_EVERY = 3
MOST_OVERSIZE = 5


def trade(account: Account) -> None:
    """One step of the traders.

    One whose symbol or order is in breach waits: no breach heals by itself, so a missing action cannot hide.
    """
    account.steps += 1
    if account.trading and account.steps % OVERSIZE_EVERY == 0 and oversize(account) < MOST_OVERSIZE:
        breach(account, "size")
        return
    draw = account.random
    pick, symbol = draw.random(), draw.choice(list(SYMBOLS))
    account.prices[symbol] = round(account.prices[symbol] + draw.choice((-0.25, 0.0, 0.25)), 2)
    price, size = account.prices[symbol], draw.choice((-3, -2, -1, 1, 2, 3))
    if not account.trading or account.in_breach(symbol) or pick < 0.4:
        account.emit("mark", symbol=symbol, price=price)
    elif pick < 0.75 and account.may_hold(symbol, size):
        account.emit("fill", symbol=symbol, qty=size, price=price, coid=None)
    elif pick < 0.88 and account.blocked is None and len(account.orders) < MOST_ORDERS:
        place_order(account, symbol, size)
    elif healthy := [name for name in account.orders if not account.in_breach(name)]:
        account.emit("cancel", id=healthy[0], coid=None)
    else:
        account.emit("mark", symbol=symbol, price=price)


def oversize(account: Account) -> int:
    """How many working orders are beyond the size limit."""
    return sum(abs(order["qty"]) > account.limits["size"] for order in account.orders.values())


def place_order(account: Account, symbol: str, qty: int) -> int:
    """A trader's order at the present price. Returns the number of its event."""
    if account.blocked is not None:
        return refused(account, symbol)
    name = f"T{len(account.events) + 1}"
    seq: int = account.emit("order", id=name, symbol=symbol, qty=qty, price=account.prices[symbol])["seq"]
    return seq


def buy(account: Account, symbol: str, qty: int, price: float) -> int:
    """A trader's fill; qty is negative for a sale. Returns the number of its event."""
    if not account.may_hold(symbol, qty):
        return refused(account, symbol)
    seq: int = account.emit("fill", symbol=symbol, qty=qty, price=price, coid=None)["seq"]
    return seq


def refused(account: Account, symbol: str) -> int:
    """What the broker does not take leaves only a price behind. Returns the number of its event."""
    seq: int = account.emit("mark", symbol=symbol, price=account.prices[symbol])["seq"]
    return seq


def breach(account: Account, rule: str) -> int:
    """Has the traders break a limit now: position, size or loss. Returns the number of the event that does.

    Raises ValueError for another rule.
    """
    if rule == "position":
        over = int(account.limits["position"]) + 1 - account.positions.get("ES", 0)
        return buy(account, "ES", over, account.prices["ES"])
    if rule == "size":
        return place_order(account, "ES", int(account.limits["size"]) + 1)
    if rule == "loss":
        buy(account, "NQ", 1, account.prices["NQ"] + account.limits["loss"] + account.prices["NQ"])
        return buy(account, "NQ", -1, 0.0)
    raise ValueError(f"no such rule: {rule}")
