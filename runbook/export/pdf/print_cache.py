"""Keeps what was printed before, by the digest of all that it was made from, so that it need not be laid out again."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

# Bytes that the folder may hold: some twenty editions. What was used least recently goes first.
ROOM = 400_000_000
_DIGEST = hashlib.sha256().digest_size


def digest(*parts: bytes | str) -> str:
    """A name for these parts in this order; other parts, or the same ones divided elsewhere, have another name."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()


class PrintCache:
    """Files by digest in one folder. Several processes may use it at once.

    folder: made when the first file is kept. None keeps nothing and knows nothing.
    """

    def __init__(self, folder: Path | None, room: int = ROOM):
        self.folder, self.room = folder, room

    def get(self, key: str) -> bytes | None:
        """What was kept under a key; None when there is nothing, or when it is damaged."""
        if self.folder is None:
            return None
        try:
            kept = (self.folder / key).read_bytes()
        except OSError:
            return None
        content = kept[_DIGEST:]
        if kept[:_DIGEST] != hashlib.sha256(content).digest():
            return None
        # Another process may have thrown it away meanwhile; what was read is whole.
        with suppress(OSError):
            os.utime(self.folder / key)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keeps content under a key. A folder that cannot be written costs time at the next print, nothing else."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="part-")
            with os.fdopen(handle, "wb") as out:
                out.write(hashlib.sha256(content).digest() + content)
            # At once, so that nobody reads half a file.
            Path(name).replace(self.folder / key)
        except OSError:
            return

    def tidy(self) -> None:
        """Throws away what was used least recently, until the rest has room."""
        if self.folder is None or not self.folder.is_dir():
            return
        used = 0
        for path in sorted(self.folder.iterdir(), key=lambda it: it.stat().st_mtime_ns, reverse=True):
            used += path.stat().st_size
            if used > self.room:
                path.unlink(missing_ok=True)
