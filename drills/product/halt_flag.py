"""The halt flag: a file, so that it outlives every restart."""

import json
import os
import time
from pathlib import Path


def write_halt_flag(path: Path, by: str, lockout: bool = False) -> None:
    """Sets the halt flag. Each halt has a token, so that a reconcile can be tied to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name("halted.new")
    new.write_text(json.dumps({"by": by, "at": time.time(), "token": os.urandom(8).hex(), "lockout": lockout}))
    new.rename(path)


def halt_token(path: Path) -> str | None:
    """What identifies the present halt; None when the account is not halted."""
    try:
        return str(json.loads(path.read_text())["token"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError):
        return "unreadable"
