"""A host for the measurements: it compresses text and lets assets be kept, as a real one does.

Python's own does neither.
"""

import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path

# Slow 4G, as Lighthouse throttles it: seconds there and back, bytes a second.
ROUND_TRIP, DOWN, UP = 0.150, 1.6e6 / 8, 750e3 / 8
TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml")


@lru_cache
def packed(path: Path) -> bytes:
    """A file as it is sent."""
    body = path.read_bytes()
    return gzip.compress(body, 6) if path.suffix in TEXT else body


class Host(http.server.SimpleHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    slow = threading.Event()
    # One telephone has one line: what comes at the same time shares it.
    line = threading.Lock()

    def log_message(self, *_):
        """Says nothing."""

    def do_GET(self):
        """Sends a file, at the pace of a slow line when it is told to."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body = packed(path)
        if self.slow.is_set():
            time.sleep(ROUND_TRIP)
            with self.line:
                time.sleep(len(body) / DOWN)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=31536000" if "assets" in path.parts else "max-age=600")
        if path.suffix in TEXT:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # whoever asked has gone
            self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, while it is served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=folder))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
