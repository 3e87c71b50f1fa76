"""Who may write to an account: a row with an epoch and an end, and a kernel lock that tells a death at once.

The row is the authority and bounds a hung holder. The lock only lets a standby skip the waiting when the holder is
dead: a process that hangs keeps its lock. Times are CLOCK_BOOTTIME, which no correction of the clock moves.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


class LostError(Exception):
    """Somebody else holds the lease. `epoch` is theirs."""

    def __init__(self, epoch: int):
        super().__init__(f"epoch {epoch}")
        self.epoch = epoch


def boottime() -> float:
    """Seconds since boot, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def connect(path: Path) -> sqlite3.Connection:
    """Opens the lease, made when it is not there yet."""
    db = sqlite3.connect(path, isolation_level=None, timeout=2)
    db.executescript(
        "PRAGMA synchronous=FULL;"
        "CREATE TABLE IF NOT EXISTS lease(one INTEGER PRIMARY KEY CHECK(one=1), "
        "epoch INTEGER, holder TEXT, ends REAL, released REAL, locked INTEGER, boot TEXT);"
        "INSERT OR IGNORE INTO lease VALUES (1, 0, '', 0, 0, 0, '');"
    )
    return db


def read(db: sqlite3.Connection) -> dict[str, Any]:
    """The lease as it stands: epoch, holder (a slot's name), ends and released (boot time), locked, boot."""
    names = ("epoch", "holder", "ends", "released", "locked", "boot")
    return dict(zip(names, db.execute(f"SELECT {', '.join(names)} FROM lease").fetchone(), strict=True))


def raise_epoch(path: Path, epoch: int) -> None:
    """Moves the epoch up without becoming the holder: whoever holds the lease loses it."""
    db = connect(path)
    db.execute(
        "UPDATE lease SET epoch=?, ends=0, released=?, locked=0, boot=? WHERE epoch<?",
        (epoch, boottime(), BOOT_ID, epoch),
    )
    db.close()


class Lease:
    """One slot's side of the lease."""

    def __init__(self, path: Path, slot: str, ttl: float):
        """ttl: seconds."""
        self.slot, self.ttl, self.epoch, self.ends = slot, ttl, 0, 0.0
        self.db = connect(path)
        self.lock_path, self.locked = path.with_name("lock"), threading.Event()
        self.lock: int | None = None

    def contend(self, wake: Callable[[], object]) -> None:
        """Queues for the kernel lock, once; `wake` is called from another thread when we have it."""
        if self.lock is None:
            self.lock, self.locked = os.open(self.lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC), threading.Event()
            threading.Thread(target=self._wait, args=(self.lock, self.locked, wake), daemon=True).start()

    @staticmethod
    def _wait(lock: int, locked: threading.Event, wake: Callable[[], object]) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        locked.set()
        wake()

    def free(self, row: dict[str, Any]) -> str | None:
        """Why the lease may be taken now; None while it may not."""
        if row["boot"] != BOOT_ID:
            return "first holder since boot"
        if row["released"]:
            # Wait for the lock as well, but not for one that a hung process keeps.
            return "given away" if self.locked.is_set() or boottime() > row["released"] + self.ttl else None
        if row["locked"] and self.locked.is_set():
            return "holder died"
        return "lease ran out" if boottime() > row["ends"] else None

    def take(self) -> str | None:
        """Takes the lease under the next epoch if it is free. Returns why it was free."""
        if not self.free(read(self.db)):
            return None
        self.db.execute("BEGIN IMMEDIATE")
        row = read(self.db)
        why = self.free(row)
        if why:
            self.epoch, self.ends = row["epoch"] + 1, boottime() + self.ttl
            self.db.execute(
                "UPDATE lease SET epoch=?, holder=?, ends=?, released=0, locked=?, boot=?",
                (self.epoch, self.slot, self.ends, int(self.locked.is_set()), BOOT_ID),
            )
        self.db.execute("COMMIT")
        return why

    def renew(self) -> None:
        """Moves the end on. Raises LostError when the lease is not ours any more."""
        ends = boottime() + self.ttl
        mine = "WHERE epoch=? AND holder=? AND released=0"
        if (
            self.db.execute(
                f"UPDATE lease SET ends=?, locked=? {mine}", (ends, int(self.locked.is_set()), self.epoch, self.slot)
            ).rowcount
            != 1
        ):
            raise LostError(read(self.db)["epoch"])
        self.ends = ends

    def valid(self) -> bool:
        """Whether we may still act. To be asked before each order: no renewal means no order."""
        return boottime() < self.ends

    def release(self) -> None:
        """Gives the lease away; the kernel lock with it, so that whoever waits for it is woken."""
        self.db.execute(
            "UPDATE lease SET released=?, ends=0 WHERE epoch=? AND holder=?", (boottime(), self.epoch, self.slot)
        )
        self.ends = 0.0
        if self.lock is not None and self.locked.is_set():
            os.close(self.lock)
            self.lock = None
