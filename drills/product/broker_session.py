"""The broker's library, continued: the daemon's session."""

import asyncio
import json
import time
from typing import Any

from .broker_client import LIMIT, UnreachableError, pack, raise_refusal


class Session:
    """A daemon's connection to the broker, logged on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, logon: dict[str, Any]):
        self.reader, self.writer, self.logon = reader, writer, logon
        self.heard = time.monotonic()

    @classmethod
    async def open(cls, address: dict[str, Any], logon: dict[str, Any], timeout: float) -> "Session":
        """Connects and logs on; timeout in seconds. Raises UnreachableError, KeyRefusedError, DeniedError."""
        try:
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(address["host"], address["port"], limit=LIMIT)
                writer.write(pack({"op": "logon", **logon}))
                answer = await reader.readline()
        except (OSError, TimeoutError) as error:
            raise UnreachableError(str(error) or "no answer to the logon") from error
        if not answer:
            raise UnreachableError("the broker closed the connection")
        return cls(reader, writer, raise_refusal(json.loads(answer)))

    async def receive(self) -> dict[str, Any]:
        """The next message. Raises UnreachableError when the line ends."""
        try:
            line = await self.reader.readline()
        except (OSError, ValueError) as error:
            raise UnreachableError(str(error)) from error
        if not line:
            raise UnreachableError("the broker closed the connection")
        self.heard = time.monotonic()
        message: dict[str, Any] = json.loads(line)
        return message

    def send(self, **message: Any) -> None:
        """Sends without waiting; a broken line shows at the next receive."""
        if not self.writer.is_closing():
            self.writer.write(pack(message))

    def close(self) -> None:
        """Ends the connection."""
        self.writer.close()
