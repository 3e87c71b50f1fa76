"""How the daemon ends when it must: by the events and exit codes of the contract."""

import errno
import os
import sqlite3
import sys

from . import contract
from . import state as states
from .daemon_log import notify


class FatalError(Exception):
    """The daemon must end: `event` is the log event of the contract, `code` its exit code."""

    def __init__(self, event: str, detail: str):
        self.code = contract.SYSTEM["log_events"][event]["exit"]
        super().__init__(f"{contract.log_words(event)} {detail}".rstrip())


def raise_sqlite(error: sqlite3.Error) -> None:
    """Names a database error as the contract does."""
    if states.full(error):
        raise FatalError("disk_full", "") from error
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        raise error
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in str(error) or "not a database" in str(error)):
        raise FatalError("state_damaged", str(error)) from error
    raise error


def raise_os(error: OSError) -> None:
    """Names a file error as the contract does."""
    if error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        raise FatalError("disk_full", "") from error
    raise error


def die(error: BaseException) -> None:
    """Ends the process as the contract says."""
    if isinstance(error, FatalError):
        print(f"<2>{error}", flush=True)
        notify(f"STATUS={error}")
        os._exit(error.code)
    if isinstance(error, sqlite3.Error) and states.full(error):
        die(FatalError("disk_full", ""))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        die(FatalError("disk_full", ""))
    print(f"<2>internal error: {error!r}", flush=True)
    sys.excepthook(type(error), error, error.__traceback__)
    os._exit(contract.EXIT["internal error"])
