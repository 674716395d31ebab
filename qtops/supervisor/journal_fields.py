"""What the supervisor writes to the journal, as structured entries: a MESSAGE_ID for each kind of event, and fields of its own.

The native protocol of journald, one datagram an entry (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). An entry never says
OBJECT_SYSTEMD_UNIT=, UNIT= or INVOCATION_ID=: by these ``journalctl -u`` and our own reading of a unit's journal find its lines,
and what the supervisor says of a unit would come back as something that the unit said. ``journalctl QTOPS_UNIT=…`` finds it.
"""

import os
import re
import select
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from qtops.collectors.known_secrets import learned
from qtops.collectors.redact import Redactor
from qtops.facts.text import printable, printable_lines
from qtops.findings import Severity
from qtops.incidents import Change, Event

SOCKET: Final = "/run/systemd/journal/socket"
MOST: Final = 32 << 10  # bytes of one value
MESSAGE_IDS: Final[Mapping[Event, str]] = {
    "opened": "535082b5ef724207ac2f72c67f2411b6",
    "seen again": "ac08f845bc22408e93d79dd19b450164",
    "noted": "946a9b36889845dba24c68c745a1404c",
    "diagnosed": "5288644439de4c56b1c2caafa6cff2c2",
    "worse": "4ee66161d8a34ce0a009fc5bcf87373e",
    "restarting": "941ab4a3108c47d9935f47ad1b02bce3",
    "restarted": "ffc45416b0864baca6d525b2e241d6f0",
    "restart failed": "9ff371ea13c849b3893213f05bd27171",
    "recovering": "4e3d75fb19c8475fa0ec96fd27fe83b3",
    "recovered": "5f14b0a9925d43fbafd05c0062a1f450",
    "not recovered": "2dcc998f48c34dfc9087b3c93aebd5f7",
    "waits": "80b938d429ab41daa91fec1ea01fbb2f",
    "left alone": "c9960b79daf64e8ebb613b29e035694f",
    "gave up": "d935d07aaf8e48cd8ac7a3e22dd7d3f3",
    "armed again": "9cda2d4b48e04798ac134b7e1db8d1ca",
    "clear": "dd4264cd0fee4366823af6b9d0279a27",
    "not clear": "667149f019b346c08459a0aedf4541d0",
    "resolved": "35d222674a134c68b3c7e3e3ef7fd804",
    "reopened": "97e4b288203d49fa8742cbd94c8eff41",
    "reminded": "93806acc225448fd90621e2afabbbbdf",
    "acknowledged": "addb5e4a7cbc4d48a00a989cda5fb8c6",
    "closed": "0c95df4b34624bd08344d0bcb9a03183",
}
SUPERVISOR_STARTED: Final = "ac4c3a28ae6e4d4ca14c1b8ec6aab041"
SUPERVISOR_STOPPED: Final = "d3d8b07905524548a2afbc2ea1de41c2"
SOURCE_LOST: Final = "ebf985c5aa2147daaba202e1bc737cd4"
SOURCE_BACK: Final = "0253a193bba8436db077112d623f58b3"
CLOCK_JUMPED: Final = "792c02f9cd484aa39bdf4ebabd7874fa"
NOTED: Final = "65533e1c0d5643cda32413b7e689dda3"
NOTICE_FAILED: Final = "6a66f9bae7d442c2903992e58282e4e5"
CRITICAL, ERROR, WARNING, NOTICE, INFO = range(2, 7)  # as in syslog(3)
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_MOST_LINE: Final = select.PIPE_BUF  # a pipe that can be written takes so much at once
_BAD: Final = {"opened", "reopened", "worse", "not recovered", "restart failed", "not clear", "reminded"}
_QUIET: Final = {"seen again", "noted", "clear", "waits", "left alone"}


class Record(NamedTuple):
    """One entry: what ``Journal.event`` takes."""

    message: str
    message_id: str
    priority: int  # of syslog(3): 2 critical … 6 informational
    fields: Mapping[str, str]


def for_change(change: Change) -> Record:
    """The entry about what became of an incident."""
    incident = change.incident
    fields = {
        "QTOPS_EVENT": change.event,
        "QTOPS_INCIDENT": str(incident.number),
        "QTOPS_UNIT": incident.unit,
        "QTOPS_KIND": incident.kind,
        "QTOPS_CODE": incident.code,
        "QTOPS_SEVERITY": str(incident.severity),
        "QTOPS_STATE": incident.state,
        "QTOPS_TITLE": incident.title,
    }
    message = f"{incident.unit}: incident {incident.number} {change.event}: {change.text or incident.title}"
    return Record(message, MESSAGE_IDS[change.event], _priority(change), fields)


def _priority(change: Change) -> int:
    if change.event == "gave up":
        return CRITICAL
    if change.event in _BAD:
        return {Severity.CRITICAL: ERROR, Severity.WARNING: WARNING}.get(change.incident.severity, NOTICE)
    return INFO if change.event in _QUIET else NOTICE


class Journal:
    """Writes to journald, or to stderr where there is none. It neither raises nor waits; ``dropped`` counts what found no room."""

    def __init__(self, address: str = SOCKET) -> None:
        """``address``: the socket of journald, in the file system."""
        self.dropped = 0
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def event(self, message: str, *, message_id: str, priority: int, fields: Mapping[str, str] | None = None) -> None:
        """Write one entry. Values are redacted and printable, lines stay; what is empty, or no name of a field, is left out."""
        redactor = Redactor(learned())
        told = {name: value for name, value in (fields or {}).items() if value and _NAME.fullmatch(name)} | {
            "MESSAGE": message or "-"
        }
        clean = {name: printable_lines(redactor.text(value)) for name, value in told.items()}
        fixed = {"MESSAGE_ID": message_id, "PRIORITY": str(priority), "SYSLOG_IDENTIFIER": "qtops"}
        try:
            self._socket.sendto(encoded(clean | fixed), self._address)
        except BlockingIOError:  # journald is behind, or paused
            self.dropped += 1
        except OSError:
            self._to_stderr(clean["MESSAGE"], priority)

    def change(self, change: Change) -> None:
        """Write the entry about what became of an incident."""
        self.event(**for_change(change)._asdict())

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _to_stderr(self, message: str, priority: int) -> None:
        marked = f"<{priority}>" if _stderr_is_journal() else ""
        line = f"{marked}{printable(message)}".encode()[: _MOST_LINE - 1] + b"\n"
        with suppress(OSError, ValueError):
            if select.select([], [2], [], 0)[1]:
                os.write(2, line)
                return
        self.dropped += 1


def encoded(fields: Mapping[str, str]) -> bytes:
    """The datagram of one entry: a value of several lines goes with its length, cut at 32 KiB."""
    parts = list[bytes]()
    for name, value in fields.items():
        raw = value.encode()[:MOST].decode("utf-8", "ignore").encode()  # no character is cut in two
        lines = b"\n" + len(raw).to_bytes(8, "little") if b"\n" in raw else b"="
        parts += (name.encode(), lines, raw, b"\n")
    return b"".join(parts)


def _stderr_is_journal() -> bool:
    """Whether stderr is the stream to the journal that systemd told of in JOURNAL_STREAM."""
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"
