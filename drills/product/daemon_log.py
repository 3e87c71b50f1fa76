"""What the daemon says: to its log, in the words of the contract, and to the service manager."""

import os
import socket

from . import contract

LEVEL = {"info": 6, "warning": 4, "error": 3, "fatal": 2}


def log(event: str, detail: str = "") -> None:
    """Writes one of the contract's log events."""
    level = LEVEL[contract.SYSTEM["log_events"][event]["level"]]
    print(f"<{level}>{contract.log_words(event)} {detail}".rstrip(), flush=True)


def say(text: str) -> None:
    """Writes a line that nobody searches for."""
    print(f"<6>{text}", flush=True)


def notify(message: str) -> None:
    """Tells the service manager."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect("\0" + address[1:] if address[0] == "@" else address)
            line.send(message.encode())
