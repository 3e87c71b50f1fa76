"""The admin socket: health, metrics, and what the command line asks of a running daemon. HTTP over a unix socket."""

import asyncio
import inspect
import json
import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from . import broker_client as wire
from . import contract
from . import release_facts as release
from .book import Book
from .halt_flag import read_halt
from .lease import Lease
from .slot import Slot
from .spare_hosts import spares

ASKED = ("drain", "adopt", "lock_out", "resume", "smoke", "look", "reconnect")


class Asked(Protocol):
    """The daemon, as the socket needs it: its slot, and a method for each of ASKED."""

    slot: Slot


async def serve(path: Path, daemon: Asked) -> None:
    """Listens on the socket."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    await asyncio.start_unix_server(lambda reader, writer: _answer(daemon, reader, writer), path)


async def _answer(daemon: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        method, target, *_ = (await reader.readline()).decode().split()
        while (await reader.readline()).strip():
            pass
        try:
            status, kind, body = await _route(daemon, method, target)
        except (wire.UnreachableError, wire.KeyRefusedError, wire.DeniedError) as error:
            status, kind, body = "502 Bad Gateway", "text/plain", str(error)
        length = len(body.encode())
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
    except (OSError, ValueError):
        pass  # the caller went away
    finally:
        writer.close()


async def _route(daemon: Asked, method: str, target: str) -> tuple[str, str, str]:
    name, _, query = target.lstrip("/").partition("?")
    if (method, name) == ("GET", "health"):
        return "200 OK", "application/json", json.dumps(health(daemon.slot))
    if (method, name) == ("GET", "metrics"):
        return "200 OK", "text/plain; version=0.0.4", metrics(daemon.slot)
    if method == "POST" and name in ASKED:
        result = getattr(daemon, name)(*query.split("&")) if query else getattr(daemon, name)()
        result = await result if inspect.isawaitable(result) else result
        return "200 OK", "application/json", json.dumps(result)
    return "404 Not Found", "text/plain", "no such page"


def health(slot: Slot) -> dict[str, Any]:
    """What the daemon says of itself; `acknowledged` is the broker's word."""
    now = time.monotonic()
    # Absent until the configuration is read.
    book: Book | None = getattr(slot, "book", None)
    lease: Lease | None = getattr(slot, "lease", None)
    seq, at = slot.acknowledged
    return {
        "state": slot.state,
        "release": release.FACTS["version"],
        "digest": release.DIGEST,
        "instance": slot.instance,
        "acknowledged": {"seq": seq, "age": round(now - at, 3)},
        "saved": round(now - slot.saved, 3),
        "rules": book.rules if book else [],
        "rules_loaded": len(book.rules) if book else 0,
        "rules_expected": len(slot.expected) if book else None,
        "reconciled": slot.reconciled,
        "positions": {symbol: qty for symbol, (qty, _) in book.positions.items() if qty} if book else {},
        "epoch": lease.epoch if lease else 0,
        "link": slot.link,
        "session": slot.sessions,
        "heard": round(now - slot.session.heard, 3) if slot.session else None,
        "reads_schema": release.FACTS["reads_schema"],
        "since": slot.since,
    }


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share lies; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def metrics(slot: Slot) -> str:
    """The metrics, in the text format of Prometheus."""
    now, figures = time.monotonic(), slot.figures
    book: Book | None = getattr(slot, "book", None)
    halt = read_halt(slot.halt_flag)
    disk = os.statvfs(slot.folder)
    values = {
        "acknowledged_age": now - slot.acknowledged[1],
        "active": int(slot.state in ("active", "draining")),
        "backup_age": _backup_age(slot.account),
        "clock_skew": figures.skew,
        "credentials_expiry": slot.key_expires - time.time(),
        "disk_free": disk.f_bavail / disk.f_blocks,
        "enforce_fanout": figures.fanout,
        "errors_rate": figures.errors / figures.operations if figures.operations else 0.0,
        "errors_unknown": figures.unknown,
        "event_age": now - slot.last_event,
        "halted": int(halt is not None),
        "halted_itself": int(halt is not None and halt.cause in ("itself", "harm")),
        "halted_recovery": int(halt is not None and halt.cause == "recovery"),
        "link_down": now - slot.link_changed if slot.link == "down" else 0.0,
        "lockouts": len(book.lockouts) if book else 0,
        "memory": _memory(),
        "mismatch": figures.mismatch,
        "queue": slot.queue.qsize() if slot.queue else 0,
        "reconcile_time": figures.reconcile_time,
        "restarts": slot.restarts,
        "restrictions_age": now - slot.shipped if spares() else 0.0,
        "rules": len(book.rules) if book else 0,
        "saved_age": now - slot.saved,
    }
    label = f'account="{slot.account}",slot="{slot.name}",release="{release.FACTS["version"]}"'
    lines = [f"{contract.metric(key)}{{{label}}} {value:g}" for key, value in values.items()]
    if _guarded(slot.account):
        lines.append(f"{contract.metric('guard')}{{{label}}} 1")
    for rule in slot.expected if book else []:
        lines.append(f'{contract.metric("enforce_actions")}{{{label},rule="{rule}"}} {figures.actions[rule]}')
    for key, samples in (("enforce_latency", figures.enforced), ("event_latency", figures.decided)):
        lines += [
            f'{contract.metric(key)}{{{label},quantile="{q}"}} {percentile(samples, q):g}' for q in (0.5, 0.95, 0.99)
        ]
        lines.append(f"{contract.metric(key)}_count{{{label}}} {len(samples)}")
    return "\n".join(lines) + "\n"


def _backup_age(account: str) -> float:
    latest = contract.path("backups", account=account) / "latest"
    return time.time() - latest.stat().st_mtime if latest.exists() else float("inf")


def _guarded(account: str) -> bool:
    """Whether the process that noted itself as the account's guard still lives."""
    note = contract.path("socket", account=account, slot=contract.SLOTS[0]).parents[1] / f"{account}.guard"
    return note.exists() and Path(f"/proc/{note.read_text() or 0}").exists()


def _memory() -> int:
    resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
    return resident_pages * resource.getpagesize()
