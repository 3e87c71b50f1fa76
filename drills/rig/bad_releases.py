"""The bad releases: each a good one with one piece of its source changed, named after what it does wrong."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bug:
    """One change: the module of drills/product, what stands there, and what stands there instead."""

    module: str
    good: str
    bad: str
    # The schemas that the release says it reads; None for the same as a good one.
    reads_schema: tuple[int, int] | None = None


SEQ = '        self.seq = event["seq"]\n'
LOADED = "        self.slot.store.load(self.slot.book)\n\n"
MOVED_ON = (
    "        if states.schema(db) < 9:\n"
    "            states.migrate(db, 2)\n"
    '            db.execute("PRAGMA user_version=9")\n'
)
OVERRUN = '        if self.seq % 700 == 0:\n            raise RuntimeError("event buffer overrun")\n'
BUGS = {
    "crash-at-start": Bug(
        "daemon.py", "        self.read_config()\n", '        raise RuntimeError("cannot load the new rules")\n'
    ),
    "crash-under-load": Bug("book.py", SEQ, SEQ + OVERRUN),
    "deaf": Bug("book.py", "        for rule in self.rules:\n", "        for rule in ():\n"),
    "mute": Bug(
        "enforcer.py",
        "        for action in actions:\n            if not self.slot.lease",
        "        for action in ():\n            if not self.slot.lease",
    ),
    "runaway": Bug(
        "book.py", 'abs(qty) > book.limits["position_limit"]', 'abs(qty) > book.limits["position_limit"] // 3'
    ),
    "inverted": Bug("book.py", "-held if symbol else 0)", "held if symbol else 0)"),
    "breaks-schema": Bug("daemon.py", LOADED, MOVED_ON + LOADED, reads_schema=(1, 9)),
    "random-ids": Bug(
        "book.py", "-{violation.target}-{violation.tries}", "-{violation.target}-{__import__('uuid').uuid4()}"
    ),
    "no-gap-check": Bug("enforcer.py", 'if fresh and fresh[0]["seq"] != self.slot.book.seq + 1:', "if not fresh:"),
}


def put_in(folder: Path, bug: Bug) -> None:
    """Puts a bug into a copy of the source.

    Raises ValueError when the piece that it replaces does not stand there exactly once.
    """
    file = folder / bug.module
    text = file.read_text(encoding="utf-8")
    if text.count(bug.good) != 1:
        raise ValueError(f"{bug.module}: {bug.good!r} stands there {text.count(bug.good)} times, not once")
    file.write_text(text.replace(bug.good, bug.bad), encoding="utf-8")
