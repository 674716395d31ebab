"""``/metrics`` on loopback, and the same in a file for the textfile collector of the node exporter.

Whoever asks gets what was rendered last: a client costs the supervisor nothing but the bytes. No more than ``MOST`` are served at
a time, none for longer than ``LIMIT_S``, however slowly it asks or reads.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final

from qtops.errors import NotPermitted, Unavailable
from qtops.facts.text import printable
from qtops.supervisor.exposition import render
from qtops.supervisor.snapshot import Snapshot

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
MOST: Final = 8  # clients at a time: a Prometheus, its twin, and a person
LIMIT_S: Final = 5.0  # for a client, from its connection to its last byte; Prometheus itself gives up after 10 s
POLL_S: Final = 0.25  # how often that is looked after
MODE: Final = 0o644


class Metrics:
    """Serves the last snapshot. Raises Unavailable where the address cannot be listened on."""

    def __init__(self, listen: str, *, wall: Callable[[], float] = time.time) -> None:
        """``listen``: HOST:PORT; empty: it is only rendered. Port 0: a free one, see ``address``."""
        self._wall, self._ahead_s = wall, 0.0
        self._snapshot: Snapshot | None = None
        self._rendered: bytes | None = None
        self._lock = threading.Lock()
        self._server = _Server(self, listen) if listen else None

    @property
    def address(self) -> str:
        """Where it listens; empty for nowhere."""
        return self._server.shown if self._server else ""

    def update(self, snapshot: Snapshot) -> None:
        """From now on this, of just now, is shown. Costs nothing until somebody asks."""
        with self._lock:
            self._snapshot, self._rendered = snapshot, None
            self._ahead_s = self._wall() - snapshot.at_s

    def text(self) -> bytes:
        """The last snapshot in Prometheus' text format; each is rendered once, however often it is asked for."""
        with self._lock:
            if self._rendered is None:
                self._rendered = render(self._snapshot, self._ahead_s)
            return self._rendered

    def close(self) -> None:
        """Listen no more. Clients that are being served are cut off."""
        server, self._server = self._server, None
        if server is not None:
            server.end()


class _Server(ThreadingMixIn, TCPServer):
    """Takes clients in one thread, and serves each in one of its own, which a deadline ends."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, metrics: Metrics, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        host = host.strip("[]")
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.metrics = metrics
        self._served: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        try:
            super().__init__((host, int(port)), _Handler)
        except OSError as error:
            advice = 'see what listens there (ss -ltnp), or set supervise.metrics to another port, or to ""'
            raise Unavailable(f"/metrics cannot be served on {listen}: {error.strerror}; {advice}") from None
        self.shown = f"{listen.rpartition(':')[0]}:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(POLL_S,), name="metrics", daemon=True)
        self._thread.start()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Whether there is room for one more."""
        with self._lock:
            if len(self._served) >= MOST:
                return False
            self._served[request] = time.monotonic() + LIMIT_S
            return True

    def shutdown_request(self, request: Any) -> None:
        """It is served, or was never taken."""
        with self._lock:
            self._served.pop(request, None)
            super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called after each client, and four times a second: whoever has had its time is cut off, and its thread ends."""
        self._cut_off(time.monotonic())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or was cut off, is nobody's concern; anything else is a bug."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening, and cut everybody off."""
        self.shutdown()
        self.server_close()
        self._cut_off(float("inf"))
        self._thread.join()

    def _cut_off(self, now_s: float) -> None:
        with self._lock:  # a socket in the table is open: its number is not another's yet
            for request, until_s in self._served.items():
                if now_s >= until_s:
                    with suppress(OSError):
                        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One question, one answer, in HTTP/1.0: the connection ends with it."""

    timeout = LIMIT_S
    server: _Server
    server_version = "qtops"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        found = self.path.partition("?")[0] == "/metrics"
        body = self.server.metrics.text() if found else b"qtops: there is /metrics\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", CONTENT_TYPE if found else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are not worth a line in the journal."""


def write_textfile(path: str, text: bytes) -> None:
    """Put ``text`` in the place of a file, readable for all: whoever reads it sees all of it, or what was there before.

    It is written beside it and renamed; no link is followed. Raises NotPermitted and Unavailable.
    """
    place = Path(path)
    beside = place.with_name(f".{place.name}.tmp")  # the collector reads *.prom alone
    with _errors(path):
        beside.unlink(missing_ok=True)  # of a writer that was killed
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                os.fchmod(file.fileno(), MODE)
            beside.replace(place)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


@contextmanager
def _errors(path: str) -> Iterator[None]:
    shown = printable(path)
    try:
        yield
    except PermissionError as error:
        raise NotPermitted(f"{shown} cannot be written: {error.strerror}; let the supervisor's user write its folder") from None
    except OSError as error:
        raise Unavailable(f"{shown} cannot be written: {error.strerror}; see supervise.textfile") from None
