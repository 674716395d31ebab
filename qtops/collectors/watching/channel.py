"""The connection to systemd that signals come through.

pystemd hands one message to a callback for each call of ``process``; what libsystemd has read beyond that does not make the
descriptor readable again, so that it is drained after every call. Signals of PID 1 only: on the system bus anybody can send some.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from qtops.collectors.systemd.connection import Connection
from qtops.collectors.systemd.source import NoManager
from qtops.facts.text import printable

_ROOT: Final = b"/org/freedesktop/systemd1"
_UNITS: Final = _ROOT + b"/unit/"
_SYSTEMD: Final = b"org.freedesktop.systemd1"
_UNIT: Final = _SYSTEMD + b".Unit"
_SERVICE: Final = _SYSTEMD + b".Service"
_ADVICE: Final = "systemctl status dbus.service"


class Change(NamedTuple):
    """Properties of a service and its unit as they were at one moment, under systemd's names and in D-Bus's values."""

    unit: str
    values: dict[bytes, Any]


class Channel(Connection):
    """A connection on which systemd tells of its units. Raises NoManager."""

    def __init__(self, timeout_s: float) -> None:
        self.was_reloaded = False  # units may be others since: whoever sees it looks, and takes it back
        self._changes: list[Change] = []
        self._half: tuple[bytes, dict[bytes, Any]] = (b"", {})
        self._heard = (self._take_changes(), self._take_reloading())  # libsystemd only borrows them
        super().__init__(timeout_s)
        try:
            self._subscribe()
        except NoManager:
            self.close()
            raise

    def fileno(self) -> int | None:
        """The descriptor to wait for; None where the connection has ended."""
        descriptor = -1 if self._bus is None else int(self._bus.get_fd())
        return descriptor if descriptor >= 0 else None

    def drain(self) -> list[Change]:
        """All that was told since. Raises NoManager where the connection has ended."""
        from pystemd.dbusexc import DBusBaseError

        if self._bus is None:
            raise NoManager("the connection to systemd has ended", _ADVICE)
        try:
            while not self._bus.process().is_empty():
                pass
        except DBusBaseError as error:
            self.close()
            raise _ended(error) from None
        if self.fileno() is None:
            self.close()
            raise NoManager("systemd has closed the connection", _ADVICE)
        changes, self._changes = self._changes, []
        return changes

    def _subscribe(self) -> None:
        from pystemd.dbusexc import DBusBaseError
        from pystemd.dbuslib import DBusAddress

        if self._bus is None:
            raise NoManager("the connection to systemd has ended", _ADVICE)
        sender = None if isinstance(self._bus, DBusAddress) else _SYSTEMD  # nobody else is at the other end of that one
        changed, reloading = self._heard
        try:
            self._bus.match_signal(sender, None, b"org.freedesktop.DBus.Properties", b"PropertiesChanged", changed, None)
            self._bus.match_signal(sender, _ROOT, _SYSTEMD + b".Manager", b"Reloading", reloading, None)
            with suppress(_Subscribed):
                self._ask_to_tell()
        except DBusBaseError as error:
            raise _ended(error) from None

    def _ask_to_tell(self) -> None:
        try:
            self.call(_ROOT.decode(), "org.freedesktop.systemd1.Manager", "Subscribe", "")
        except NoManager as trouble:
            if "subscribed" in str(trouble):
                raise _Subscribed from None
            raise

    def _take_changes(self) -> Callable[..., None]:
        def changed(message: Any, error: object = None, userdata: object = None) -> None:  # noqa: ARG001  (pystemd's names)
            message.process_reply(True)
            path, body = message.headers.get("Path") or b"", message.body
            if not (path.startswith(_UNITS) and path.endswith(b"_2eservice")):
                return
            if body[0] == _SERVICE:
                self._half = (path, body[1])
            elif body[0] == _UNIT:
                values = self._half[1] if self._half[0] == path else {}
                self._changes.append(Change(unit_name(path), {**values, **body[1]}))
                self._half = (b"", {})

        return changed

    def _take_reloading(self) -> Callable[..., None]:
        def reloading(message: Any, error: object = None, userdata: object = None) -> None:  # noqa: ARG001
            message.process_reply(True)
            self.was_reloaded |= not message.body  # True: it begins

        return reloading


class _Subscribed(Exception):
    """It had been asked for already."""


def unit_name(path: bytes) -> str:
    """The unit of an object path: ``_2e`` stands for a dot there (sd_bus_path_encode(3))."""
    last = path.rpartition(b"/")[2]
    return re.sub(rb"_([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), last).decode("utf-8", "replace")


def _ended(error: Any) -> NoManager:
    said = error.err_message
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return NoManager(f"the connection to systemd has ended: {printable(text)} ({error.errno})", _ADVICE)
