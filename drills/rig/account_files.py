"""What an account has on a host's disk besides its state: its configuration, and a recorded day for replays."""

import json
from typing import Any

import yaml

from drills.product.book import Book
from drills.rig.broker.account import Account
from drills.rig.broker.orders import take_order
from drills.rig.broker.settings import Settings
from drills.rig.broker.traders import breach, trade

RULES = ["max-position", "order-size", "daily-loss", "net-limits"]
LIMITS = {
    "position_limit": 10,
    "order_limit": 20,
    "net_limit": 1000,
    "loss_limit": 1_000_000,
    "trailing_limit": 1_000_000,
}
# In a recorded day every n-th event is a trader who breaks a limit.
BREACH_EVERY = 500
DAY_BEGAN = 1_790_000_000.0  # epoch seconds


def configuration(
    account: str,
    broker: str,
    flags: list[str] | None = None,
    limits: dict[str, float] | None = None,
    version: int = 3,
) -> str:
    """An account's configuration, as YAML. broker: its host name. The judge's limits at the broker are the same."""
    facts = {
        "version": version,
        "account": account,
        "broker": {"host": broker, "port": 9000},
        "limits": LIMITS | (limits or {}),
        "rules": RULES[:3],
        "flags": ["net-limits"] if flags is None else flags,
    }
    return yaml.safe_dump(facts, sort_keys=False)


def recording(account: str, events: int, rate: float = 50.0) -> str:
    """A recorded day of the simulated traders with what a good release did: events in number, rate per second."""
    source, engine = Account(account, Settings()), Book(account, LIMITS, RULES)
    lines: list[str] = [json.dumps({"account": account, "limits": LIMITS, "rules": RULES})]
    sent: set[str] = set()
    done = 0
    while done < events:
        if done and done % BREACH_EVERY == 0:
            breach(source, "size")
        else:
            trade(source)
        while done < len(source.events):
            event: dict[str, Any] = source.events[done] | {"t": DAY_BEGAN + done / rate}
            engine.apply(event)
            fresh = [action for action in engine.actions() if action.coid not in sent]
            sent.update(action.coid for action in fresh)
            done += 1
            if fresh:
                event["expected"] = [[action.rule, action.target, action.qty] for action in fresh]
            lines.append(json.dumps(event))
            for action in fresh:
                take_order(source, vars(action), {"instance": "recording", "release": "", "epoch": 0})
    return "\n".join(lines) + "\n"
