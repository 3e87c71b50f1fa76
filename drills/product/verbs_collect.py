"""The verb that keeps the evidence of an incident: collect."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from . import contract
from .verb_support import VerbError, ask, fresh_folder, linked, show, slots
from .verbs_files import digest_of, sums

LISTED = "SHA256SUMS"
# Beside the state. The lease is never copied: an old epoch would let an old writer in.
BESIDE = ("halted", "restrictions", "last_good", "before_last")


def collect(account: str) -> int:
    """Copies what an inquiry asks for into a new folder, and proves each file by a checksum. Changes nothing else.

    What cannot be had is named and left out; then the verb is not true. Keys are never copied.
    """
    folder = fresh_folder(contract.path("incidents", account=account))
    parts: dict[str, Callable[[], None]] = {
        "log": lambda: copy_log(account, folder),
        "state": lambda: copy_state(account, folder),
        "files beside the state": lambda: copy_beside(account, folder),
        "slots": lambda: write_slots(account, folder),
        "broker": lambda: write_broker(account, folder),
    }
    missing = []
    for name, take in parts.items():
        try:
            take()
        except (OSError, sqlite3.Error, subprocess.CalledProcessError, VerbError) as error:
            missing.append(f"{account}: MISSING {name}: {error}")
    found = sums(folder)
    listed = folder / LISTED
    listed.write_text("".join(f"{digest}  {name}\n" for name, digest in found.items()))
    show(*missing, f"{account}: collected {len(found)} files in {folder}, digest {digest_of(listed)}")
    return 1 if missing else 0


def copy_log(account: str, folder: Path) -> None:
    """The lines of both slots and of the canary's guard, in UTC."""
    since = f"-{contract.seconds('collect.log'):.0f}s"
    units = [contract.unit(account, slot) for slot in contract.SLOTS]
    units.append(contract.SYSTEM["names"]["guard_unit"].format(account=account))
    wanted = [word for unit in units for word in ("-u", unit)]
    call = ["journalctl", "--utc", "--no-pager", "-o", "short-iso-precise", "--since", since, *wanted]
    done = subprocess.run(call, capture_output=True, check=True)
    (folder / "log.txt").write_bytes(done.stdout)


def copy_state(account: str, folder: Path) -> None:
    """A consistent copy of the state; of one that is damaged, its files as they are."""
    path = contract.path("state", account=account)
    try:
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as source,
            closing(sqlite3.connect(folder / "state.db")) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error:
        (folder / "state.db").unlink(missing_ok=True)
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy2(file, folder / f"damaged-{file.name}")
        if not path.exists():
            raise


def copy_beside(account: str, folder: Path) -> None:
    """The halt flag, the restrictions, the configurations; and what lies in quarantine, by name."""
    for name in BESIDE:
        path = contract.path(name, account=account)
        if path.exists():
            shutil.copy2(path, folder / path.name)
    shutil.copy2(contract.path("config", account=account), folder / "config.yaml")
    quarantine = contract.path("quarantine", account=account)
    names = [str(path.relative_to(quarantine)) for path in sorted(quarantine.rglob("*"))]
    (folder / "quarantine.txt").write_text("".join(f"{name}\n" for name in names))


def write_slots(account: str, folder: Path) -> None:
    """What each slot says of itself, and the release that it points at."""
    found = {slot: facts | {"linked": linked(account, slot)} for slot, facts in slots(account).items()}
    (folder / "slots.json").write_text(json.dumps(found, indent=1))


def write_broker(account: str, folder: Path) -> None:
    """The broker's answers: writers, positions, orders and fills as they are, and the events of the day."""
    answers = {"snapshot": ask(account, "snapshot"), "events": ask(account, "events", timeout=30, **{"from": 1})}
    (folder / "broker.json").write_text(json.dumps(answers, indent=1))
