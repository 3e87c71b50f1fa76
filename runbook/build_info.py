"""What git and the clock know of a build: which commit, when, and when each page last changed.

Without git: nothing, and the pages say so.
"""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

UNKNOWN = "unknown"


def git(root: Path, *words: str) -> str | None:
    """What git says, or None where there is no git, no repository or no such thing in it."""
    try:
        return subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def commit(root: Path) -> str:
    """The commit that is built; marked when there are uncommitted changes."""
    short, changes = git(root, "rev-parse", "--short=10", "HEAD"), git(root, "status", "--porcelain")
    return UNKNOWN if short is None or changes is None else short + (" with changes" if changes else "")


def made() -> datetime:
    """When the site is built, UTC: SOURCE_DATE_EPOCH (seconds since 1970) where it is set, else now.

    Ends the program, with one line, when SOURCE_DATE_EPOCH holds no such number: every command reads it.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise SystemExit(f"SOURCE_DATE_EPOCH is {epoch!r}; set it to seconds since 1970, e.g. 1700000000") from None


def changed(root: Path, folder: Path) -> dict[str, str]:
    """The date of the last commit of each file below a folder, by its path there.

    Empty without git, and in a shallow clone, which knows no older commits.
    """
    top = git(root, "rev-parse", "--show-toplevel")
    if top is None or git(root, "rev-parse", "--is-shallow-repository") != "false":
        return {}
    found: dict[str, str] = {}
    date = ""
    for line in (git(root, "log", "--format=%x00%cs", "--name-only", "--", str(folder)) or "").splitlines():
        if line.startswith("\0"):
            date = line[1:]
        elif line and (path := Path(top, line)).is_relative_to(folder.resolve()):
            found.setdefault(path.relative_to(folder.resolve()).as_posix(), date)
    return found
