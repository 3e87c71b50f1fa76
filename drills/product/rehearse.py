"""Runs a recorded day through this release's rules, without a broker. Called by `traderd replay` and `traderd stress`.

A recording is JSON lines: first {"account", "limits", "rules"}, then the day's events; an event carries `expected`
when the recorded daemon acted on it: a list of [rule, target, qty].
"""

import json
import resource
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from . import contract
from . import release_facts as release
from . import state as states
from .admin_socket import percentile
from .book import Book


def _read(file: Path) -> tuple[Book, list[dict[str, Any]]]:
    head, *events = [json.loads(line) for line in file.read_text().splitlines()]
    zone, hour = contract.ROLLOUT["zone"], int(contract.ROLLOUT["reset"].split(":")[0])
    return Book(head["account"], head["limits"], head["rules"], (zone, hour)), events


def _step(book: Book, event: dict[str, Any], sent: set[str]) -> list[Any]:
    """Applies one event; the actions that are new with it."""
    book.apply({key: value for key, value in event.items() if key != "expected"})
    fresh = [action for action in book.actions() if action.coid not in sent]
    sent.update(action.coid for action in fresh)
    return fresh


def replay(file: Path) -> int:
    """Compares this release's actions with the recorded ones; prints the result. 0: parity, 1: not."""
    book, events = _read(file)
    sent: set[str] = set()
    breaches = matched = expected = unexpected = 0
    for event in events:
        before = set(book.violations)
        actions = [[action.rule, action.target, action.qty] for action in _step(book, event, sent)]
        recorded = event.get("expected", [])
        breaches += len(set(book.violations) - before)
        expected += len(recorded)
        matched += sum(action in recorded for action in actions)
        unexpected += sum(action not in recorded for action in actions)
    print(f"breaches {breaches}, actions {matched} of {expected} expected, unexpected {unexpected}")
    equal = matched == expected and not unexpected
    print("PARITY" if equal else "NO PARITY")
    return 0 if equal else 1


def stress(file: Path, factor: float) -> int:
    """The day at `factor` times its speed into a real state; prints latency, memory and queue.

    Returns 0 when all is within its limit, else 1.
    """
    book, events = _read(file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        states.create(path, release.FACTS["schema"])
        store = states.Store(path, states.connect(path), release.FACTS["reads_schema"], release.FACTS["schema"])
        latencies, deepest = _run(store, book, events, factor)
    p95 = percentile(latencies, 0.95) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        ("event to decision P95", p95, "ms", "latency.event.warn"),
        ("memory", memory, "MB", "memory.warn"),
        ("queue", deepest, "events", "queue.warn"),
    ]
    for name, value, unit, threshold in rows:
        print(f"{name} {value:.0f} {unit}, limit {contract.text(threshold)}")
    within = all(value < contract.number(threshold) for _, value, _, threshold in rows)
    print("WITHIN LIMITS" if within else "OVER A LIMIT")
    return 0 if within else 1


def _run(store: states.Store, book: Book, events: list[dict[str, Any]], factor: float) -> tuple[list[float], int]:
    """Feeds the events when they are due. Returns each one's seconds from due to decided, and the longest queue."""
    begin, first = time.monotonic(), events[0]["t"]
    due = deque((begin + (event["t"] - first) / factor, event) for event in events)
    sent: set[str] = set()
    latencies: list[float] = []
    deepest = 0
    while due:
        at, event = due.popleft()
        if (wait := at - time.monotonic()) > 0:
            time.sleep(wait)
        actions = _step(book, event, sent)
        store.save(book, [event], actions, 1, time.time())
        now = time.monotonic()
        latencies.append(now - at)
        late = next((n for n, (when, _) in enumerate(due) if when > now), len(due))
        deepest = max(deepest, late)
    return latencies, deepest
