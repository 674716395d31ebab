"""Counterparts that misbehave on purpose, which no real server does on demand."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def listener(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """Listen on a port, hand each connection to ``serve`` in a thread, and keep it open until the block ends."""
    accepted: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def one(connection: socket.socket) -> None:
        try:
            serve(connection)
        except OSError:
            return  # the other side has had enough

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            accepted.append(connection)
            threads.append(threading.Thread(target=one, args=(connection,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for connection in accepted:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            for thread in threads:
                thread.join()
            for connection in accepted:
                connection.close()
