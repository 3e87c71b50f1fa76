"""The spare hosts of this one: where backups and restrictions are copied to."""

import socket
from pathlib import Path

from . import contract

SPARE_MOUNTS = Path("/mnt/spare")  # the spare hosts' backup folders


def here() -> str:
    """The name of this host, as the contract has it."""
    return socket.gethostname().partition(".")[0]


def spares() -> list[str]:
    """The hosts that stand ready for the accounts of this one."""
    return [name for name, facts in contract.ROLLOUT["hosts"].items() if here() in facts["spare_of"]]


def home(account: str) -> str:
    """The host that the rollout gives an account; empty for an account that it does not know."""
    return str(contract.ROLLOUT["accounts"].get(account, {}).get("host", ""))
