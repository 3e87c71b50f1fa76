"""The broker's library: its messages, its refusals, and single questions. One JSON object a line."""

import json
import socket
from typing import Any

LIMIT = 64 * 1024 * 1024  # bytes of one line; a snapshot of a long day is one line


class UnreachableError(Exception):
    """The broker does not answer."""


class KeyRefusedError(Exception):
    """The broker does not take the key."""


class DeniedError(Exception):
    """The broker refuses something else. `answer` is what it said."""

    def __init__(self, answer: dict[str, Any]):
        super().__init__(answer.get("why", ""))
        self.answer = answer


def pack(message: dict[str, Any]) -> bytes:
    """One message as it goes over the line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def raise_refusal(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, when it is a good one. Raises KeyRefusedError or DeniedError."""
    if answer.get("ok"):
        return answer
    if answer.get("code") == "key":
        raise KeyRefusedError(answer["why"])
    raise DeniedError(answer)


def ask(address: dict[str, Any], question: dict[str, Any], timeout: float = 3.0) -> dict[str, Any]:
    """Puts one question to the broker on a connection of its own. address: host and port; timeout: seconds.

    Raises UnreachableError, KeyRefusedError, DeniedError.
    """
    try:
        with socket.create_connection((address["host"], address["port"]), timeout) as line:
            line.settimeout(timeout)
            line.sendall(pack(question))
            with line.makefile("rb") as answers:
                answer = answers.readline()
    except OSError as error:
        raise UnreachableError(str(error)) from error
    if not answer:
        raise UnreachableError("the broker closed the connection")
    return raise_refusal(json.loads(answer))
