"""The rig's own line to its broker: commands by name, see broker/rig_commands.py."""

import json
import socket
import time
from pathlib import Path
from typing import Any

ANSWER_WITHIN = 30.0  # seconds


class BrokerLine:
    """A connection to the broker's control socket.

    It is called like a function: line("flow", accounts=["A1"], rate=50).
    """

    def __init__(self, path: Path) -> None:
        """Connects. Raises OSError when nobody listens."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_WITHIN)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._answers = self._socket.makefile("rb")

    def __call__(self, command: str, **arguments: Any) -> Any:
        """Gives one command and returns its result. Raises RuntimeError when the broker refuses it."""
        self._socket.sendall(json.dumps({"do": command, **arguments}).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        if "error" in answer:
            raise RuntimeError(f"broker: {command}: {answer['error']}")
        return answer["result"]

    def close(self) -> None:
        """Hangs up."""
        self._answers.close()
        self._socket.close()


def connect(path: Path, log: Path, timeout: float = 10.0) -> BrokerLine:
    """Connects as soon as the broker listens; timeout in seconds. Raises RuntimeError with the broker's log."""
    until = time.monotonic() + timeout
    while True:
        try:
            return BrokerLine(path)
        except OSError as error:
            if time.monotonic() > until:
                raise RuntimeError(f"no broker:\n{log.read_text()}") from error
            time.sleep(0.02)
