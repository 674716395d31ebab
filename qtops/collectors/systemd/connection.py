"""A connection to systemd that never waits longer than it may.

A call of pystemd holds the interpreter until it returns and cannot be interrupted, so that its limit is set beforehand: libsystemd
takes it from a variable at the first call, and keeps it. Only the greeting has a fixed one, of 90 s, and is waited for here.
"""

import errno
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qtops.collectors.systemd.source import INSTALL, NoManager, NoProperty, NotText
from qtops.facts.text import printable

if TYPE_CHECKING:
    from pystemd.dbuslib import DBus

PRIVATE: Final = "/run/systemd/private"
"""Here systemd itself listens, to root alone: as systemctl, root asks here first, and needs no D-Bus daemon."""
_SYSTEMD: Final = "org.freedesktop.systemd1"
_LIMIT: Final = "SYSTEMD_BUS_TIMEOUT"
_ABSENT: Final = frozenset({errno.ENOENT, errno.ECONNREFUSED, errno.EHOSTDOWN, errno.ENOTDIR})
_SILENT: Final = frozenset({errno.ETIMEDOUT, errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE, errno.ESHUTDOWN})
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM})
_STEP_MS: Final = 5  # libsystemd may hold more of what it has read than poll(2) sees


class NotInstalled(NoManager):
    """pystemd cannot be imported."""


class Connection:
    """A bus of pystemd. A call takes at most half of ``timeout_s``, and none begins after the other half. Raises NoManager."""

    def __init__(self, timeout_s: float) -> None:
        self._half_s = timeout_s / 2
        self._bus: DBus | None = None
        self.begin()
        with _limited(self._half_s):
            self._bus = self._opened()
            try:
                self.call("/org/freedesktop/systemd1", "org.freedesktop.DBus.Peer", "Ping", "")
            except NoManager:
                self.close()
                raise

    def begin(self) -> None:
        """From now on the time counts."""
        self._deadline = time.monotonic() + self._half_s

    def call(self, path: str, interface: str, method: str, signature: str, *arguments: Any) -> Any:
        """What a method of systemd returns. Text goes in as str and comes back as bytes."""
        from pystemd.dbusexc import DBusBaseError
        from pystemd.dbuslib import apply_signature

        if self._bus is None or time.monotonic() > self._deadline:
            raise self._silence()
        where = (_SYSTEMD.encode(), path.encode(), interface.encode(), method.encode())
        try:
            return self._bus.call_method(*where, apply_signature(signature.encode(), list(arguments))).body
        except DBusBaseError as error:
            if -error.errno not in _SILENT:
                raise _refusal(error) from None
            self.close()  # whoever does not answer once is not waited for again
            raise self._silence() from None

    def unit_path(self, name: str) -> str:
        """Where the unit of a name is found."""
        from pystemd.dbuslib import path_encode

        return bytes(path_encode(b"/org/freedesktop/systemd1/unit", name.encode())).decode()

    def close(self) -> None:
        """End it. libsystemd aborts the process where that is done twice."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()

    def _opened(self) -> "DBus":
        """A bus whose other end has greeted."""
        try:
            from pystemd.dbuslib import DBus, DBusAddress
        except ImportError as error:
            raise NotInstalled(f"pystemd cannot be imported: {error}", INSTALL) from None
        if not os.geteuid() and Path(PRIVATE).exists():
            bus = DBusAddress(f"unix:path={PRIVATE}".encode(), peer_to_peer=True)
            if self._greets(bus, to_itself=True):
                return bus
        bus = DBus()
        if self._greets(bus, to_itself=False):
            return bus
        raise NoManager(*absence())

    def _greets(self, bus: "DBus", *, to_itself: bool) -> bool:
        """Open it, and wait until the other end knows us; False where nobody listens."""
        from pystemd.dbusexc import DBusBaseError

        try:
            bus.open()
            poll = select.poll()
            poll.register(bus.get_fd(), select.POLLIN)
            if to_itself and poll.poll(1000 * self._half_s):  # the greeting was sent; systemd gives no names
                return True
            while not to_itself and time.monotonic() < self._deadline:
                if bus.process().is_signal(b"org.freedesktop.DBus", b"NameAcquired"):
                    return True
                poll.poll(_STEP_MS)
        except DBusBaseError as error:
            bus.close()
            if -error.errno in _ABSENT:
                return False
            raise _refusal(error) from None
        bus.close()
        raise self._silence()

    def _silence(self) -> NoManager:
        return NoManager(f"systemd did not answer within {2 * self._half_s:g} s", "systemctl is-system-running")


def absence() -> tuple[str, str]:
    """Why nobody listens, and what would change that."""
    if not Path("/run/systemd/system").is_dir():
        return "systemd is not PID 1 here", "qtops preflight looks at unit files without it"
    return "no D-Bus daemon listens", "run it as root, or systemctl start dbus.service"


def _refusal(error: Any) -> NoManager:
    """An error of pystemd in our words."""
    said = error.err_message
    text = printable(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) or os.strerror(abs(error.errno))
    if error.errno == -errno.EINVAL:
        return NotText(f"systemd: {text}")
    if error.errno == -errno.EBADR:
        return NoProperty(f"systemd: {text}")
    if -error.errno in _DENIED:
        return NoManager(f"systemd does not tell this user: {text}", "run it as root")
    return NoManager(f"systemd: {text}", "systemctl is-system-running")


@contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    """How long libsystemd waits for an answer on a connection that is first used in here."""
    before = os.environ.get(_LIMIT)
    os.environ[_LIMIT] = f"{max(limit_s, 0.001):.3f}s"
    try:
        yield
    finally:
        del os.environ[_LIMIT]
        if before is not None:
            os.environ[_LIMIT] = before
