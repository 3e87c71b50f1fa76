"""The verb that makes room: prune deletes old backups, and never the one that would be needed."""

import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from . import contract
from . import state as states
from .verb_support import VerbError, read_sums, show
from .verbs_files import sums


def prune(account: str, dry_run: bool = False) -> int:
    """Deletes the backups that are older than `backup.retention`.

    Never the one that `latest` points at, the newest one that restores, or one that the file `keep` names.
    True when the disk of the account's state has room afterwards.
    """
    root = contract.path("backups", account=account)
    latest = (root / "latest").resolve()
    if not (root / "latest").is_symlink() or not latest.is_dir():
        show(room(account)[1])
        raise VerbError(f"{account}: no latest: nothing deleted")
    folders = sorted((path for path in root.iterdir() if path.is_dir() and not path.is_symlink()), reverse=True)
    newest = next((folder for folder in folders if restores(folder)), None)
    named = (root / "keep").read_text().split() if (root / "keep").exists() else []
    oldest = time.time() - contract.seconds("backup.retention")
    old = [
        folder
        for folder in folders
        if made(folder) < oldest and folder not in (latest, newest) and folder.name not in named
    ]
    if not dry_run:
        for folder in old:
            shutil.rmtree(folder)
    what = f"{len(old)} {'backup' if len(old) == 1 else 'backups'}"
    show(f"{account}: {'would delete' if dry_run else 'deleted'} {what}, kept latest {latest.name}")
    is_enough, line = room(account)
    show(line)
    return 0 if is_enough else 1


def room(account: str) -> tuple[bool, str]:
    """Whether the disk of the account's state has room, and a line that says how much."""
    free = free_share(contract.path("state_dir", account=account))
    is_enough = free * 100 >= contract.number("disk.free.page")
    return is_enough, f"{account}: {free:.0%} of the disk free, {'enough' if is_enough else 'NOT ENOUGH'}"


def free_share(folder: Path) -> float:
    """How much of a file system is free, 0 to 1: of its space or of its file entries, whichever is less."""
    found = os.statvfs(folder)
    space = found.f_bavail / found.f_blocks if found.f_blocks else 1.0
    return min(space, found.f_favail / found.f_files if found.f_files else 1.0)


def made(folder: Path) -> float:
    """When a backup was made (epoch seconds): its list of checksums is written last."""
    listed = folder / "SHA256SUMS"
    return (listed if listed.exists() else folder).stat().st_mtime


def restores(folder: Path) -> bool:
    """Whether a backup is whole: its checksums match, and its state can be opened and is sound."""
    try:
        if read_sums(folder / "SHA256SUMS") != sums(folder):
            return False
        with tempfile.TemporaryDirectory() as scratch:
            # On a copy: opening a database may write beside it.
            states.check(Path(shutil.copy(folder / "state.db", scratch))).close()
    except (OSError, ValueError, sqlite3.Error, states.RefusedError):
        return False
    return True
