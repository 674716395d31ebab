"""A wire that misbehaves: a TCP proxy on loopback that loses replies, delays them, lets them drip, or swallows everything."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.faults.servers import Server, wait_until

_CHUNK = 65536


class Wire:
    """How the proxy treats what passes; a test sets it at any time, and it holds from the next bytes on.

    ``lose``: the reply to a request that contains these bytes is dropped and the connection cut, after the server did its work;
    ``lose_every`` so many such requests. ``keep`` bytes of that reply still pass. ``drip_s``: the pause after each single byte of a
    reply. ``delay_s``: the pause before a reply. ``swallow``: nothing passes in either direction, and nothing is cut.
    """

    lose: bytes = b""
    lose_every: int = 1
    keep: int = 0
    drip_s: float = 0.0
    delay_s: float = 0.0
    swallow: bool = False

    def __init__(self, server: Server) -> None:
        self.lost = self.connections = 0
        self._matches, self._server = 0, server
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)

    @property
    def url(self) -> str:
        """Its address for the publisher."""
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def cut(self) -> None:
        """Cut every connection."""
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut everything, and wait until no thread is left."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        wait_until(self._is_idle, 5, "an idle proxy")
        self._listener.close()

    def _is_idle(self) -> bool:
        self.cut()
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self._server.port))
            except OSError:
                near.close()
                continue
            self._open |= {near, far}
            losing = threading.Event()
            self._start(self._carry, near, far, losing, True)
            self._start(self._carry, far, near, losing, False)

    def _carry(self, source: socket.socket, target: socket.socket, losing: threading.Event, asks: bool) -> None:
        with source, suppress(OSError):
            while data := source.recv(_CHUNK):
                while self.swallow and not self._ended.is_set():
                    time.sleep(0.01)
                if asks:
                    self._judge(data, losing)
                    target.sendall(data)
                elif losing.is_set():
                    target.sendall(data[: self.keep])
                    break
                else:
                    self._reply(data, target)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.discard(source)

    def _judge(self, request: bytes, losing: threading.Event) -> None:
        if self.lose and self.lose in request:
            self._matches += 1
            if self._matches % self.lose_every == 0:
                self.lost += 1
                losing.set()

    def _reply(self, data: bytes, target: socket.socket) -> None:
        time.sleep(self.delay_s)
        if not self.drip_s:
            target.sendall(data)
            return
        for number in range(len(data)):
            target.sendall(data[number : number + 1])
            if self._ended.wait(self.drip_s):
                return


@contextmanager
def wire(server: Server) -> Iterator[Wire]:
    """A proxy in front of the server until the block ends."""
    proxy = Wire(server)
    try:
        yield proxy
    finally:
        proxy.close()
