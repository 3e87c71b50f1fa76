"""The canary's guard as a unit of its host: the note that it watches, and its end when people take over."""

import os
import subprocess

from . import contract
from .verb_support import show


def note_guard(account: str) -> None:
    """Lets the daemon's metrics say that a guard watches, as long as this process lives."""
    note = contract.path("socket", account=account, slot=contract.SLOTS[0]).parents[1] / f"{account}.guard"
    note.write_text(str(os.getpid()))


def end_guard(account: str) -> None:
    """Stops the guard of the account, if one runs, and says so: whoever moves the account by hand ends the canary."""
    unit = contract.SYSTEM["names"]["guard_unit"].format(account=account)
    if subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False).returncode == 0:
        subprocess.run(["systemctl", "stop", unit], capture_output=True, check=False)
        show("guard stopped: the canary has ended")
