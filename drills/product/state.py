"""The state of one account on disk: SQLite in WAL mode, its schemas, and the checks that refuse a damaged one."""

import json
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .book import OVERRIDE, Action, Book, Violation

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# What `stricter` gives of an account that was never restricted.
NOTHING: dict[str, Any] = {"lockouts": {}, "worst": {}, "ended": {}}


class RefusedError(Exception):
    """The state cannot be used. `event` names the log event of the contract, `why` says what was found."""

    def __init__(self, event: str, why: str):
        super().__init__(why)
        self.event, self.why = event, why


class FencedError(Exception):
    """The state was written under a higher epoch than ours."""


class Mark:
    """The number of the last committed event, in a file of its own.

    SQLite opens a database whose write-ahead log was lost as if nothing were missing; this file tells.
    """

    def __init__(self, state: Path):
        self.path = state.with_name("committed")

    def read(self) -> int:
        """The last committed event number; 0 when nothing was ever committed."""
        try:
            return int(struct.unpack("<q", self.path.read_bytes())[0])
        except (FileNotFoundError, struct.error):
            return 0

    def write(self, seq: int) -> None:
        """Moves the mark. Eight bytes: written at once or not at all."""
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", seq))


def connect(path: Path, readonly: bool = False) -> sqlite3.Connection:
    """Opens the database; transactions are begun by hand. Waits up to two seconds for another writer."""
    if readonly:
        # Not mode=ro: a reader of a WAL database must be able to write its shared memory file.
        db = sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=2)
        db.execute("PRAGMA query_only=1")
        return db
    db = sqlite3.connect(path, isolation_level=None, timeout=2)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    return db


def schema(db: sqlite3.Connection) -> int:
    """The schema version that the database is in."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def create(path: Path, version: int) -> None:
    """A new, empty state in the given schema."""
    db = connect(path)
    for step in range(1, version + 1):
        _run_script(db, f"{step}.up.sql", step)
    db.close()


def migrate(db: sqlite3.Connection, target: int) -> None:
    """Moves the state up or down to a schema in one transaction; changes nothing when a step fails.

    Raises FileNotFoundError when a step is unknown, sqlite3.Error when one fails.
    """
    now = schema(db)
    steps = [(f"{n}.up.sql", n) for n in range(now + 1, target + 1)] or [
        (f"{n}.down.sql", n - 1) for n in range(now, target, -1)
    ]
    scripts = [(MIGRATIONS / name, after) for name, after in steps]
    for script, _ in scripts:
        script.read_text()
    db.execute("BEGIN IMMEDIATE")
    try:
        for script, after in scripts:
            _statements(db, script)
            db.execute(f"PRAGMA user_version={after}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _run_script(db: sqlite3.Connection, name: str, after: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    _statements(db, MIGRATIONS / name)
    db.execute(f"PRAGMA user_version={after}")
    db.execute("COMMIT")


def _statements(db: sqlite3.Connection, script: Path) -> None:
    for statement in script.read_text().split(";\n"):
        if statement.strip():
            db.execute(statement)


def check(path: Path, reads: tuple[int, int] | None = None) -> sqlite3.Connection:
    """Opens an existing state and proves that it is whole.

    reads: the oldest and newest schema that the caller reads.

    Raises RefusedError when it is missing, damaged, has lost its write-ahead log, or is of another schema.
    """
    if not path.exists():
        raise RefusedError("state_missing", str(path))
    try:
        db = connect(path)
        found = db.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise RefusedError("state_damaged", found)
        version = schema(db)
        if version == 0:
            raise RefusedError("state_damaged", "it is empty")
        if reads and not reads[0] <= version <= reads[1]:
            raise RefusedError("schema_refused", f"{version}, this release reads {reads[0]} to {reads[1]}")
        committed = Mark(path).read()  # before the state: a running daemon moves on between the two
        seq = last_seq(db)
    except sqlite3.DatabaseError as error:
        if full(error):
            raise
        raise RefusedError("state_damaged", str(error)) from error
    if seq < committed:
        raise RefusedError(
            "state_damaged",
            f"event {committed} was committed, the last one found is {seq}: the write-ahead log is lost",
        )
    return db


def full(error: sqlite3.Error) -> bool:
    """Whether an error means that the disk is full."""
    return "full" in str(error) or "disk I/O" in str(error)


def last_seq(db: sqlite3.Connection) -> int:
    """The number of the last event in the state."""
    return int(db.execute("SELECT value FROM meta WHERE key='seq'").fetchone()[0])


class Store:
    """The state as the holder of the lease uses it."""

    def __init__(self, path: Path, db: sqlite3.Connection, reads: tuple[int, int], writes: int):
        self.path, self.db, self.reads, self.writes = path, db, reads, writes
        self.mark = Mark(path)

    def load(self, book: Book) -> None:
        """Fills an empty book from the state."""
        db = self.db
        book.seq = last_seq(db)
        book.positions = {
            symbol: [qty, price] for symbol, qty, price in db.execute("SELECT symbol, qty, price FROM positions")
        }
        book.orders = {
            name: {"symbol": symbol, "qty": qty}
            for name, symbol, qty in db.execute("SELECT id, symbol, qty FROM orders WHERE closed IS NULL")
        }
        book.lockouts = {
            kind: {"day": day, "seq": seq} for kind, day, seq in db.execute("SELECT kind, day, seq FROM lockouts")
        }
        book.violations = {
            (rule, target): Violation(rule, target, began, tries)
            for rule, target, began, tries in db.execute("SELECT * FROM violations")
        }
        peak = "peak" if schema(db) >= 2 else "0"
        row = db.execute(f"SELECT day, realised, worst, {peak} FROM day_loss ORDER BY day DESC LIMIT 1").fetchone()
        if row:
            book.day, book.realised, book.worst, book.peak = row

    def pending(self) -> list[dict[str, Any]]:
        """Orders that were meant to be sent and of whose answer nothing is known."""
        names = ("coid", "cause", "rule", "target", "kind", "symbol", "qty")
        return [
            dict(zip(names, row, strict=True))
            for row in self.db.execute(f"SELECT {', '.join(names)} FROM intents WHERE state='pending'")
        ]

    def save(self, book: Book, events: list[dict[str, Any]], intents: list[Any], epoch: int, now: float) -> None:
        """Commits events, what they changed in the book, and the orders about to be sent, all or nothing.

        epoch: the writer's; now: epoch seconds. Raises FencedError, RefusedError, sqlite3.Error.
        """
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            if db.execute("UPDATE meta SET value=? WHERE key='epoch' AND value<=?", (epoch, epoch)).rowcount != 1:
                raise FencedError
            version = schema(db)
            if not self.reads[0] <= version <= self.reads[1]:
                raise RefusedError(
                    "schema_refused", f"{version}, this release reads {self.reads[0]} to {self.reads[1]}"
                )
            self._events(events, book.day)
            self._book(book, version)
            for intent in intents:
                self._intent(intent, epoch, version)
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [("seq", book.seq), ("saved_at", now)])
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self.mark.write(book.seq)

    def answered(self, coid: str, state: str) -> None:
        """Notes what became of an order."""
        self.db.execute("UPDATE intents SET state=? WHERE coid=?", (state, coid))

    def _events(self, events: list[dict[str, Any]], day: str) -> None:
        db = self.db
        db.executemany(
            "INSERT INTO events VALUES (?, ?, ?)", [(event["seq"], event["t"], json.dumps(event)) for event in events]
        )
        for event in events:
            if event["kind"] == "fill":
                db.execute(
                    "INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?)",
                    (event["seq"], day, event["symbol"], event["qty"], event["price"], event["coid"]),
                )
            elif event["kind"] == "order":
                db.execute(
                    "INSERT INTO orders VALUES (?, ?, ?, ?, NULL)",
                    (event["id"], event["symbol"], event["qty"], event["seq"]),
                )
            elif event["kind"] == "cancel":
                db.execute("UPDATE orders SET closed=? WHERE id=?", (event["seq"], event["id"]))

    def _book(self, book: Book, version: int) -> None:
        db = self.db
        db.executemany(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
            [(symbol, qty, price) for symbol, (qty, price) in book.positions.items()],
        )
        db.execute("DELETE FROM violations")
        db.executemany(
            "INSERT INTO violations VALUES (?, ?, ?, ?)",
            [(v.rule, v.target, v.began, v.tries) for v in book.violations.values()],
        )
        kinds = list(book.lockouts)
        db.execute(f"DELETE FROM lockouts WHERE kind NOT IN ({', '.join('?' * len(kinds))})", kinds)
        db.executemany(
            "INSERT OR REPLACE INTO lockouts VALUES (?, ?, ?)",
            [(kind, lockout["day"], lockout["seq"]) for kind, lockout in book.lockouts.items()],
        )
        if book.day:
            db.execute(
                "INSERT INTO day_loss(day, realised, worst) VALUES (?, ?, ?) "
                "ON CONFLICT(day) DO UPDATE SET realised=excluded.realised, worst=max(worst, excluded.worst)",
                (book.day, book.realised, book.worst),
            )
            if version >= 2 and self.writes >= 2:
                db.execute("UPDATE day_loss SET peak=max(peak, ?) WHERE day=?", (book.peak, book.day))

    def _intent(self, action: Action, epoch: int, version: int) -> None:
        values = (
            action.coid,
            action.cause,
            action.rule,
            action.target,
            action.kind,
            action.symbol,
            action.qty,
            "pending",
            epoch,
        )
        self.db.execute("INSERT OR IGNORE INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        if version >= 2 and self.writes >= 2:
            self.db.execute(
                "INSERT OR IGNORE INTO decisions VALUES (?, ?, ?)",
                (action.coid, action.cause, f"{action.rule} on {action.target}"),
            )


def differences(db: sqlite3.Connection, broker: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    """Compares the state with a snapshot of the broker's, as of its event number, which the state must have reached.

    Returns for positions, orders and fills: how many there are at the broker, and one line for each difference.
    """
    db.execute("BEGIN")
    try:
        at, now = broker["seq"], last_seq(db)
        held = dict(db.execute("SELECT symbol, qty FROM positions"))
        later = db.execute("SELECT symbol, sum(qty) FROM fills WHERE seq>? GROUP BY symbol", (at,))
        for symbol, qty in later:
            held[symbol] = held.get(symbol, 0) - qty
        orders = {
            name: qty
            for name, qty in db.execute(
                "SELECT id, qty FROM orders WHERE opened<=? AND (closed IS NULL OR closed>?)", (at, at)
            )
        }
        fills = {
            seq: [symbol, qty, price]
            for seq, symbol, qty, price in db.execute("SELECT seq, symbol, qty, price FROM fills WHERE seq<=?", (at,))
        }
    finally:
        db.execute("COMMIT")
    result = {
        "positions": _compare({s: q for s, q in held.items() if q}, broker["positions"]),
        "orders": _compare(orders, {name: order["qty"] for name, order in broker["orders"].items()}),
        "fills": _compare({str(s): f for s, f in fills.items() if s >= broker["fills_from"]}, broker["fills"]),
    }
    if now < at:
        count, lines = result["fills"]
        result["fills"] = (count, [*lines, f"state ends at event {now}, broker at {at}"])
    return result


def _compare(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[int, list[str]]:
    lines = [
        f"{key}: state {ours.get(key, 'none')}, broker {theirs.get(key, 'none')}"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]
    return len(theirs), lines


def rebuild(db: sqlite3.Connection, book: Book, events: list[dict[str, Any]]) -> int:
    """Puts the broker's whole record in place of ours, keeping the stricter lockouts and loss.

    book: an empty one with the account's limits and rules; events: from the first one on. One transaction.
    Returns the number of events booked anew.
    """
    known = {row[0] for row in db.execute("SELECT seq FROM events")}
    strict = stricter(db)
    days = {}
    for event in events:
        book.apply(event)
        days[event["seq"]] = book.day
    store = Store(Path(db.execute("PRAGMA database_list").fetchone()[2]), db, (1, 99), schema(db))
    db.execute("BEGIN IMMEDIATE")
    try:
        for table in ("events", "fills", "orders", "positions", "violations"):
            db.execute(f"DELETE FROM {table}")
        for event in events:
            store._events([event], days[event["seq"]])
        merge(book, strict)
        store._book(book, schema(db))
        db.execute("INSERT OR REPLACE INTO meta VALUES ('seq', ?)", (book.seq,))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    store.mark.write(book.seq)
    return len({event["seq"] for event in events} - known)


def stricter(db: sqlite3.Connection) -> dict[str, Any]:
    """What must never get weaker: the lockouts and each day's worst loss."""
    return {
        "lockouts": {
            kind: {"day": day, "seq": seq} for kind, day, seq in db.execute("SELECT kind, day, seq FROM lockouts")
        },
        "worst": dict(db.execute("SELECT day, worst FROM day_loss")),
        "ended": ended(db),
    }


def ended(db: sqlite3.Connection) -> dict[str, int]:
    """The lockouts that a person ended: by kind, the number of the event at which."""
    rows = db.execute("SELECT key, value FROM meta WHERE key LIKE 'ended %'")
    return {key.removeprefix("ended "): seq for key, seq in rows}


@contextmanager
def copy_of(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens a copy of a state that may be damaged: opening the state itself would change it, and it is evidence.

    Raises OSError when it cannot be copied.
    """
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(path, scratch)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copy(log, scratch)
        db = sqlite3.connect(Path(scratch) / path.name)
        try:
            yield db
        finally:
            db.close()


def restored_from(db: sqlite3.Connection) -> str | None:
    """The backup that the state was restored from; None when it never was."""
    row = db.execute("SELECT value FROM meta WHERE key='restored_from'").fetchone()
    return str(row[0]) if row else None


def note_ended(db: sqlite3.Connection, kind: str, seq: int) -> None:
    """Remembers that a person ended a lockout, at which event."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"ended {kind}", seq))


def merge(book: Book, other: dict[str, Any]) -> None:
    """Keeps the stricter of the book's and another state's lockouts and loss."""
    for kind, lockout in other["lockouts"].items():
        if lockout["day"] is None or lockout["day"] >= book.day:
            book.lockouts.setdefault(kind, lockout)
    book.worst = max(book.worst, other["worst"].get(book.day, 0.0))


def weaker(now: dict[str, Any], before: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What of `before` (from `stricter`) is weaker `now`: lockouts by name, days by date.

    A lockout that has run out, or that a person ended, is not weaker.
    """
    today = max(now["worst"] | before["worst"], default="")
    lockouts = [
        kind
        for kind, lockout in before["lockouts"].items()
        if kind not in now["lockouts"] and (lockout["day"] is None or lockout["day"] >= today)
    ]
    if OVERRIDE in now["lockouts"]:
        # It ends by a signed resume alone, so it is as strict as any other.
        lockouts = []
    lockouts = [kind for kind in lockouts if now["ended"].get(kind, -1) < before["lockouts"][kind]["seq"]]
    if "trailing-loss" in lockouts and "daily-loss" in now["lockouts"]:
        # The way down to schema 1 writes it under the name that schema knows.
        lockouts.remove("trailing-loss")
    days = [day for day, worst in before["worst"].items() if now["worst"].get(day, 0.0) < worst - 1e-9]
    return lockouts, days
