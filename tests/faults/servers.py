"""Real servers whose fate is the test's, each on a loopback port of its own, ended with the block that started it."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from publisher.embedded import find_server, tied_to_this_process

BOUNDED: dict[str, Any] = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0, "retry": Retry(NoBackoff(), 0)}
START_LIMIT_S = 20.0
FORGETFUL = ("--save", "", "--repl-diskless-sync", "no")


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], object], limit_s: float, what: str) -> float:
    """Seconds until ``true()`` was; the test fails after ``limit_s``."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < limit_s, f"not within {limit_s:g} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - began


class Server:
    """One redis-server. Killed and started again, it has the same port and the same folder."""

    def __init__(self, folder: Path, *args: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.args, self.port = folder, args, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(host="127.0.0.1", port=self.port, **BOUNDED)

    @property
    def url(self) -> str:
        """Its address for the publisher."""
        return f"redis://127.0.0.1:{self.port}/0"

    def launch(self, *args: str) -> None:
        """Start it with ``args`` on top of its own, and do not wait."""
        command = [find_server(), *self.args, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), *args]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                tied_to_this_process(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def start(self, *args: str) -> None:
        """Start it, and wait until it answers PING."""
        self.launch(*args)
        wait_until(self.answers, START_LIMIT_S, f"a server that answers on port {self.port}")

    def answers(self) -> bool:
        """Whether it answers PING."""
        try:
            return bool(self.client.ping())
        except (redis.RedisError, OSError):
            return False

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, which works on a stopped one as well."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        """End it, and the test's own connection to it."""
        self.client.close()
        self.kill()


@contextmanager
def stopped(*servers: Server) -> Iterator[None]:
    """The servers hang within the block, and go on after it."""
    for server in servers:
        server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for server in servers:
            server.send_signal(signal.SIGCONT)


@contextmanager
def running(folder: Path, *args: str) -> Iterator[Server]:
    """A server until the block ends; it keeps nothing unless ``args`` say so."""
    server = Server(folder, *(args or FORGETFUL))
    try:
        server.start()
        yield server
    finally:
        server.close()
