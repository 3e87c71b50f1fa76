"""Compares the state of a running daemon with the broker."""

import asyncio
import time
from typing import Any

from . import broker_client as wire
from . import state as states
from .daemon_log import log
from .slot import Slot


async def reconcile(slot: Slot) -> dict[str, Any]:
    """Compares the state with the broker's snapshot. Changes nothing."""
    began = time.monotonic()
    question = {"op": "snapshot", "account": slot.account, "key": slot.key}
    snapshot = await asyncio.to_thread(wire.ask, slot.config["broker"], question)
    until = time.monotonic() + 3
    while slot.book.seq < snapshot["seq"] and time.monotonic() < until:
        await asyncio.sleep(0.01)
    found = states.differences(slot.store.db, snapshot)
    lines = [line for _, differing in found.values() for line in differing]
    slot.figures.mismatch, slot.figures.reconcile_time = len(lines), time.monotonic() - began
    result = {"at": time.time(), "equal": not lines}
    slot.reconciled = result
    if lines:
        log("mismatch", "; ".join(lines[:5]))
    return result
