"""Small files of a running daemon: how often it was started, and the configuration that last ran."""

from pathlib import Path

from . import contract
from . import lease as leases


def read_text(path: Path) -> str:
    """A file's text; empty when it cannot be read."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def count_start(folder: Path) -> int:
    """The starts within the window of restarts, this one among them. The folder outlives a restart, not a stop."""
    folder.mkdir(parents=True, exist_ok=True)
    now, window = leases.boottime(), contract.seconds("restart.window")
    starts = [start for start in map(float, read_text(folder / "starts").split()) if start > now - window] + [now]
    (folder / "starts").write_text(" ".join(map(str, starts)))
    return len(starts)


def keep_last_good(account: str, text: str) -> None:
    """Keeps the configuration that passed the check and runs; the one before it stays beside it."""
    copy = contract.path("last_good", account=account)
    if copy.exists():
        if copy.read_text() == text:
            return
        copy.replace(contract.path("before_last", account=account))
    new = copy.with_name("config.last-good.new")
    new.write_text(text)
    new.rename(copy)
