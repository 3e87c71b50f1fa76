"""Verbs that move files: backup, backup-verify, restore, adopt, migrate, config-check, config-restore."""

import difflib
import hashlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from . import contract, restrictions
from . import state as states
from .halt_flag import UNKNOWN, halt_token, raise_halt
from .spare_hosts import SPARE_MOUNTS, spares
from .verb_support import (
    VerbError,
    ask,
    call,
    fresh_folder,
    health,
    holder,
    read_sums,
    release_of,
    running,
    show,
    wait_until,
)
from .verbs_look import open_state
from .verbs_override import note_reconciled, whoever
from .verbs_state import new_book


def sums(folder: Path) -> dict[str, str]:
    """The checksum of each file of a backup, the list of checksums apart."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
        if file.name != "SHA256SUMS"
    }


def backup(account: str) -> int:
    """A consistent copy of state and configuration, checked, here and on the spare host."""
    folder = take_backup(account)
    point_latest(folder)
    copies = 1 + copy_to_spare(account, folder)
    wanted = contract.number("backup.copies") if any(spares()) else 1
    show(f"{account}: backup {folder.name}, integrity ok, {copies} {'copy' if copies == 1 else 'copies'}")
    return 0 if copies >= wanted else 1


def take_backup(account: str) -> Path:
    """Writes a backup beside the others; `latest` stays where it is. Raises VerbError when the state is not whole."""
    source = open_state(account)
    folder = fresh_folder(contract.path("backups", account=account))
    copy = sqlite3.connect(folder / "state.db")
    source.backup(copy)
    # One file: a backup must not depend on a log beside it.
    copy.execute("PRAGMA journal_mode=DELETE")
    found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    copy.close()
    if contract.path("config", account=account).exists():
        shutil.copy(contract.path("config", account=account), folder / "config.yaml")
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums(folder).items()))
    if found != "ok":
        raise VerbError(f"{account}: backup {folder.name}, integrity: {found}", "state refused")
    return folder


def point_latest(folder: Path) -> None:
    """Lets `latest` point at a backup, in one step."""
    new = folder.parent / "latest.new"
    new.unlink(missing_ok=True)
    new.symlink_to(folder.name)
    new.rename(folder.parent / "latest")


def copy_to_spare(account: str, folder: Path) -> int:
    """Copies a backup to each spare host and compares it there. Returns how many copies are good."""
    good = 0
    for spare in spares():
        mount = SPARE_MOUNTS / spare
        if not mount.is_dir():
            continue
        copy = mount / account / folder.name
        shutil.copytree(folder, copy)
        if sums(copy) == sums(folder):
            point_latest(copy)
            good += 1
    return good


def find_backup(account: str, name: str) -> Path:
    """A backup's folder, its checksums proven. Raises VerbError."""
    root = contract.path("backups", account=account)
    folder = (root / name).resolve()
    if root.resolve() not in folder.parents or not (folder / "SHA256SUMS").exists():
        raise VerbError(f"{account}: no backup {name}")
    if read_sums(folder / "SHA256SUMS") != sums(folder):
        raise VerbError(f"{account}: backup {folder.name} does not match its checksums", "state refused")
    return folder


def backup_verify(account: str) -> int:
    """Restores the latest backup into a scratch folder and compares its fills with the broker's."""
    folder = find_backup(account, "latest")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(shutil.copy(folder / "state.db", Path(scratch) / "state.db"))
        db = open_state(account, path)
        events, fills = states.last_seq(db), dict(db.execute("SELECT seq, qty FROM fills"))
        db.close()
    known = ask(account, "snapshot")["fills"]
    unknown = [seq for seq, qty in fills.items() if known.get(str(seq), [None, None])[1] != qty]
    if unknown:
        raise VerbError(f"{account}: latest backup has fills that the broker does not know: {unknown[:5]}")
    show(f"{account}: latest backup restores, integrity ok, event {events}, {len(fills)} fills known to the broker")
    return 0


def restore(account: str, backup: str) -> int:
    """Puts a backup in place of the state of a halted account, and keeps every restriction that is known.

    What it replaces goes to quarantine. When that cannot be read whole, the halt becomes one of unknown cause: what can
    be read of it is kept, and never counts as all there was.
    """
    if slots_up := running(account):
        raise VerbError(f"{account}: not restored: {' and '.join(slots_up)} runs")
    flag, path = contract.path("halted", account=account), contract.path("state", account=account)
    if not flag.exists():
        raise VerbError(f"{account}: not restored: halt the account first")
    folder, whole = find_backup(account, backup), is_whole(path)
    if whole and backup == "latest" and not is_restored(path, folder):
        raise VerbError(f"{account}: not restored: latest holds what runs now; name a backup")
    records, unreadable = restrictions.known_of(account)
    replaced = restrictions.read_state(path)
    strict = restrictions.merged([*records, *([replaced] if replaced else [])])
    cause = restrictions.halt_cause(records)
    if unreadable or not records or not whole:
        cause = UNKNOWN
    if cause:
        raise_halt(flag, whoever(), cause)
    found = "ok" if is_restored(path, folder) else put_in_place(account, folder, path)
    if found != "ok":
        raise VerbError(f"{account}: restored {folder.name}, integrity: {found}", "state refused")
    with closing(open_state(account)) as db:
        keep_stricter(db, strict)
    restore_config(account, folder)
    show(f"{account}: restored {folder.name}, integrity ok", restrictions_line(records, unreadable, strict))
    return 0


def is_whole(path: Path) -> bool:
    """Whether the present state passes its check."""
    try:
        states.check(path).close()
    except (states.RefusedError, sqlite3.Error):
        return False
    return True


def is_restored(path: Path, folder: Path) -> bool:
    """Whether that backup was put in place already and nothing has been booked since."""
    if not is_whole(path):
        return False
    backup = sqlite3.connect(f"file:{folder / 'state.db'}?immutable=1", uri=True)
    with closing(states.connect(path, readonly=True)) as db, closing(backup):
        return states.restored_from(db) == folder.name and states.last_seq(db) == states.last_seq(backup)


def put_in_place(account: str, folder: Path, path: Path) -> str:
    """Moves the present state to quarantine and copies the backup's. Returns what its integrity check says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    quarantine(account, [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), states.Mark(path).path])
    new = path.with_name("state.db.new")
    shutil.copy(folder / "state.db", new)
    new.rename(path)
    with closing(open_state(account)) as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES ('restored_from', ?)", (folder.name,))
        states.Mark(path).write(states.last_seq(db))
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def restore_config(account: str, folder: Path) -> None:
    """Takes the configuration from the backup when there is none."""
    config = contract.path("config", account=account)
    if not config.exists() and (folder / "config.yaml").exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "config.yaml", config)


def restrictions_line(records: list[dict[str, Any]], unreadable: list[str], strict: dict[str, Any]) -> str:
    """What a person reads aloud: the restrictions by the newest record, with the stricter of all that is known."""
    if unreadable or not records:
        return f"restrictions: NONE FOUND{': ' if unreadable else ''}{'; '.join(unreadable)}"
    last = records[-1]
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(last["at"]))
    halted = restrictions.halt_cause(records) or "none"
    loss = strict["worst"][max(strict["worst"])] if strict["worst"] else 0.0
    kinds = " ".join(sorted(strict["lockouts"])) or "none"
    return f"restrictions: release {last['release']}, halt {halted}, lockouts {kinds}, loss {loss:.2f}, as of {at}"


def keep_stricter(db: sqlite3.Connection, strict: dict[str, Any]) -> None:
    """Writes the stricter of two states' lockouts and losses, and which lockouts a person has ended since."""
    today = max([*strict["worst"], *(day for (day,) in db.execute("SELECT day FROM day_loss"))], default="")
    db.execute("BEGIN IMMEDIATE")
    for kind, seq in strict["ended"].items():
        states.note_ended(db, kind, max(seq, states.ended(db).get(kind, -1)))
    for kind, lockout in strict["lockouts"].items():
        if lockout["day"] is None or lockout["day"] >= today:
            kind = "daily-loss" if kind == "trailing-loss" and states.schema(db) < 2 else kind
            db.execute("INSERT OR IGNORE INTO lockouts VALUES (?, ?, ?)", (kind, lockout["day"], lockout["seq"]))
    for day, worst in strict["worst"].items():
        db.execute(
            "INSERT INTO day_loss(day, realised, worst) VALUES (?, ?, ?) "
            "ON CONFLICT(day) DO UPDATE SET worst=max(worst, excluded.worst)",
            (day, -worst, worst),
        )
    db.execute("COMMIT")


def quarantine(account: str, files: list[Path]) -> Path:
    """Moves files aside, for the inquiry."""
    folder = fresh_folder(contract.path("quarantine", account=account))
    for file in files:
        if file.exists():
            shutil.move(file, folder / file.name)
    return folder


def adopt(account: str) -> int:
    """Takes the broker's record into the state: through the daemon that holds the lease, or directly when none runs.

    What was there is kept as a backup first. When state and broker are equal then, that counts as a reconcile.
    """
    token, slot = halt_token(contract.path("halted", account=account)), holder(account)
    if slot is None and running(account):
        raise VerbError(f"{account}: a daemon runs and does not answer", "no daemon")
    take_backup(account)
    if slot:
        answer = call(account, slot, "adopt", "POST", timeout=60)
        if not answer:
            raise VerbError(f"{account}: {slot} does not answer", "no daemon")
        equal = answer["equal"]
    else:
        db = open_state(account)
        states.rebuild(db, new_book(account), ask(account, "events", timeout=30, **{"from": 1})["events"])
        found = states.differences(db, ask(account, "snapshot"))
        # Events that came meanwhile are the next daemon's, not a difference of what was adopted.
        equal = not found["positions"][1]
    if not equal:
        raise VerbError(f"{account}: adopted, but state and broker still differ; reconcile")
    if slot:
        note_reconciled(account, token)
    show(f"{account}: state equals broker")
    return 0


def knows_schema(account: str, slot: str) -> bool:
    """Whether a running daemon can say already which schemas it reads."""
    return "reads_schema" in health(account, slot)


def schema_of(release: str) -> int:
    """The schema that a release writes, from its release.json."""
    file = contract.path("release", release=release) / "release.json"
    try:
        return int(json.loads(file.read_text())["schema"])
    except OSError as error:
        raise VerbError(f"{release}: not unpacked here") from error


def migrate(
    account: str, to: int | None = None, release: str | None = None, down: bool = False, dry_run: bool = False
) -> int:
    """Moves the state to the schema that a release writes, if every running release reads it.

    Only upward, unless `down` is given. to: instead of a release the number of the schema, up or down.
    """
    if (to is None) == (release is None):
        raise VerbError("migrate wants either --for or --to", "usage")
    if to is None:
        to, now = schema_of(str(release)), states.schema(open_state(account))
        if to < now and not down:
            raise VerbError(f"{account}: not migrated: would go down from {now} to {to}: needs --down")
    for slot in running(account):
        wait_until(partial(knows_schema, account, slot), 2)
        low, high = health(account, slot).get("reads_schema", (0, 0))
        if not low <= to <= high:
            raise VerbError(
                f"{account}: not migrated: {slot} runs a release that reads schema {low} to {high}", "state refused"
            )
    db = open_state(account)
    if dry_run:
        show(f"{account}: would migrate schema {states.schema(db)} to {to}")
        return 0
    try:
        states.migrate(db, to)
    except FileNotFoundError as error:
        raise VerbError(f"{account}: not migrated: no way to schema {to}", "state refused") from error
    except sqlite3.Error as error:
        raise VerbError(f"{account}: not migrated, nothing changed: {error}", "state refused") from error
    found = db.execute("PRAGMA integrity_check").fetchone()[0]
    show(f"{account}: schema {states.schema(db)}, integrity {found}")
    return 0 if found == "ok" else contract.EXIT["state refused"]


def config_check(account: str, release: str | None = None, diff: str | None = None) -> int:
    """Checks the configuration as a release would: the given one, or the one that runs or ran last.

    Without a release it also names the copies that could be put back, each with its digest.
    diff: the digest of a copy; prints the lines that differ from it as well. No copy has it: the verb is false.
    """
    named, release = release, release or release_of(account)
    program = contract.path("release", release=release) / "bin" / contract.SYSTEM["names"]["daemon"]
    if not program.exists():
        raise VerbError(f"{account}: release {release} is not here")
    config = contract.path("config", account=account)
    copies = {"present": config} if named else {"present": config} | kept_configs(account)
    said = check_copies(account, program, list(copies.values()))
    refused = said[0] != "accepted"
    show(said[0] if refused else f"{account}: configuration accepted by {release}")
    if named is None:
        lines = zip(copies.items(), said, strict=True)
        show(*(config_line(name, file, verdict == "accepted") for (name, file), verdict in lines))
    if diff is not None:
        show(*config_diff(account, diff))
    return contract.EXIT["configuration refused"] if refused else 0


def config_diff(account: str, digest: str) -> list[str]:
    """The lines that putting back the copy with this digest would take away (-) and bring (+). Raises VerbError."""
    config, copy = contract.path("config", account=account), copy_with(account, digest)
    if digest == digest_of(config):
        return [f"nothing differs: {digest} is in place"]
    now, then = (file.read_text(errors="replace").splitlines() if file.is_file() else [] for file in (config, copy))
    lines = difflib.unified_diff(now, then, n=0, lineterm="")
    return [line for line in lines if line[:3] not in ("---", "+++", "@@ ")]


def kept_configs(account: str) -> dict[str, Path]:
    """The configurations that the daemon has kept beside the state, by the words that name them."""
    return {
        "last good": contract.path("last_good", account=account),
        "before last": contract.path("before_last", account=account),
    }


def check_copies(account: str, program: Path, files: list[Path]) -> list[str]:
    """What a release says of configurations, in one call: `accepted` for each, or why it is refused."""
    checked = subprocess.run([program, "check-copies", account, *files], capture_output=True, text=True, check=False)
    if checked.returncode:
        raise VerbError(checked.stderr.strip(), "configuration refused")
    return checked.stdout.splitlines()


def config_line(name: str, file: Path, accepted: bool) -> str:
    """A configuration in one line: which it is, its digest, whether the release takes it, since when it is there."""
    if not file.is_file():
        return f"{name} none"
    since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(file.stat().st_mtime))
    return f"{name} {digest_of(file)} {'accepted' if accepted else 'refused'}, written {since}"


def digest_of(file: Path) -> str | None:
    """The digest by which the deployment record names a configuration: twelve hexadecimal digits; None without it."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None


def config_copies(account: str) -> dict[str, Path]:
    """What a configuration can be restored from, the newest first: by the words that name the copy."""
    backups = sorted(contract.path("backups", account=account).glob("*/config.yaml"), reverse=True)
    return kept_configs(account) | {
        f"backup {file.parent.name}": file for file in backups if not file.parent.is_symlink()
    }


def copy_with(account: str, digest: str) -> Path:
    """The present configuration, or the newest copy, that has this digest. Raises VerbError when none has it."""
    files = [contract.path("config", account=account), *config_copies(account).values()]
    found = next((file for file in files if digest_of(file) == digest), None)
    if found is None:
        raise VerbError(f"{account}: no copy of the configuration has the digest {digest}")
    return found


def put_config_back(account: str, copy: Path) -> Path:
    """Lets a copy take the configuration's place, in one step. Returns the quarantine folder of what it replaced."""
    config = contract.path("config", account=account)
    folder = quarantine(account, [config])
    new = config.with_name(f".{config.name}.new")
    shutil.copy(copy, new)
    new.rename(config)
    return folder


def config_restore(account: str, digest: str) -> int:
    """Puts back the configuration with this digest. Pasted a second time it finds it in place and changes nothing."""
    config = contract.path("config", account=account)
    if digest_of(config) == digest:
        show(f"{account}: configuration unchanged, {digest} in place already")
        return 0
    folder = put_config_back(account, copy_with(account, digest))
    show(f"{account}: configuration restored, {digest} in place, the other one is in {folder}")
    return 0
