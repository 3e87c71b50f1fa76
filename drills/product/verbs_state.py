"""The verb that checks the state: state-check."""

import sqlite3
import time
from typing import Any

import yaml

from . import account_config as configuration
from . import contract, restrictions
from . import state as states
from .book import Book
from .verb_support import VerbError, ask, show
from .verbs_look import open_state

RECORD = "record"


def state_check(account: str, against: str | None = None) -> int:
    """Integrity, schema and age of the state; also that nothing is weaker than in a backup, or than the record."""
    db = open_state(account)
    saved = time.time() - db.execute("SELECT value FROM meta WHERE key='saved_at'").fetchone()[0]
    lines = [f"schema {states.schema(db)}, event {states.last_seq(db)}, saved {saved:.1f} s ago"]
    if against is None:
        show("integrity ok", *lines)
        return 0
    before = record_of(account) if against == RECORD else backup_of(account, against, db)
    now = states.stricter(db)
    weaker, days = states.weaker(now, before)
    lines.append(f"lockouts {', '.join(weaker)} WEAKER" if weaker else f"lockouts {len(now['lockouts'])} not weaker")
    loss = max(now["worst"].values(), default=0)
    lines.append(f"day's loss {', '.join(days)} WEAKER" if days else f"day's loss {loss:.2f} not weaker")
    show("integrity ok", *lines)
    return 1 if weaker or days else 0


def backup_of(account: str, name: str, db: sqlite3.Connection) -> dict[str, Any]:
    """The restrictions in a backup. Raises VerbError when the state was restored from that one: it proves nothing."""
    folder = (contract.path("backups", account=account) / name).resolve()
    path = folder / "state.db"
    if not path.exists():
        raise VerbError(f"{account}: no backup {name}")
    if states.restored_from(db) == folder.name:
        raise VerbError(f"{account}: {name} is what was restored: compare with {RECORD}", "inconclusive")
    then = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    try:
        return states.stricter(then)
    finally:
        then.close()


def record_of(account: str) -> dict[str, Any]:
    """All that is known besides the state: the records here, the states in quarantine, the loss at the broker.

    Raises VerbError, inconclusive, when no record can be read: what was in force is unknown.
    """
    records, unreadable = restrictions.known_of(account)
    if unreadable or not records:
        raise VerbError(f"{account}: restrictions: {'; '.join(unreadable) or 'NONE FOUND'}", "inconclusive")
    folders = contract.path("quarantine", account=account).glob("*/state.db")
    quarantined = [found for path in folders if (found := restrictions.read_state(path))]
    return restrictions.merged([*records, *quarantined, at_the_broker(account)])


def at_the_broker(account: str) -> dict[str, Any]:
    """The day's loss by the broker's fills."""
    book = new_book(account)
    for event in ask(account, "events", timeout=30, **{"from": 1})["events"]:
        book.apply(event)
    return states.NOTHING | ({"worst": {book.day: book.worst}} if book.day else {})


def new_book(account: str) -> Book:
    """An empty book with the limits and rules of the account's configuration. Raises VerbError."""
    try:
        config = yaml.safe_load(contract.path("config", account=account).read_text())
        zone, hour = contract.ROLLOUT["zone"], int(contract.ROLLOUT["reset"].split(":")[0])
        return Book(account, config["limits"], configuration.rules(config), (zone, hour))
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise VerbError(f"{account}: no configuration to book with: {error}", "configuration refused") from error
