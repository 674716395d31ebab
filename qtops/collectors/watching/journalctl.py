"""``journalctl -f`` as a child process that is never waited for.

It goes on from a cursor with ``--cursor=``, which gives the entry of that cursor again: ``--after-cursor=`` would leave the first
entry out where that of the cursor does not match. It ends by itself when nobody reads its output any more, however that came about.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from qtops.collectors.journal.entries import FIELDS
from qtops.collectors.journal.reading import LONGEST_ENTRY
from qtops.facts.text import printable

EXITED: Final = "98e322203f7a4ed290d09fe03c09fe15"
FAILED: Final = "d9b373ed55a64feb8242e02dbe79a49c"
STOPPING: Final = "de5b426a63be47a7b6ac3eaac82e2f6f"
STARTED: Final = "39f53479d3a045ac8e11786248231fbf"
STARTING: Final = "7d4958e842da4a758f6c1cdc7b36dcc5"
_OF_ALL: Final = (EXITED, FAILED, STOPPING, STARTED, STARTING)
_OWNERS: Final = ("_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT")
_CHUNK: Final = 1 << 18
_MOST_WAITING: Final = 1 << 20  # bytes of lines that were read and not asked for yet: what is more stays with journalctl
_QUIET_S: Final = 0.3  # without a line, and it has shown what there was
_ENDING_S: Final = 1.0


class Brief(msgspec.Struct):
    """The least of an entry: enough to see whether all of it is wanted."""

    cursor: str = msgspec.field(name="__CURSOR", default="")
    pid: Any = msgspec.field(name="_PID", default="")
    unit: Any = msgspec.field(name="_SYSTEMD_UNIT", default="")
    invocation: Any = msgspec.field(name="_SYSTEMD_INVOCATION_ID", default="")
    priority: Any = msgspec.field(name="PRIORITY", default="")
    message: Any = msgspec.field(name="MESSAGE", default="")


_brief: Final = msgspec.json.Decoder(Brief)


def brief(line: bytes) -> Brief | None:
    """The least of the entry that a line of JSON holds; None where it holds none."""
    try:
        return _brief.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def arguments(units: Sequence[str], has_patterns: bool, position: str, began_s: float) -> list[str]:
    """What journalctl is asked for: all of some units, and of all units, where any may be meant, what becomes of them."""
    where = [f"--cursor={position}"] if position else [f"--since=@{began_s:.6f}"]
    groups = [["_PID=1", *(f"MESSAGE_ID={message}" for message in _OF_ALL)]] if has_patterns or not units else []
    groups += [[f"{owner}={unit}" for unit in units] for owner in _OWNERS] if units else []
    terms = [word for group in groups for word in ("+", *group)][1:]
    fields = f"--output-fields={','.join(FIELDS)}"
    return ["-f", "--no-tail", "-o", "json", "--all", "--no-pager", *where, fields, *terms]


class Journalctl:
    """One such child. Raises OSError where it cannot be run."""

    def __init__(self, units: Sequence[str], has_patterns: bool, position: str, began_s: float) -> None:
        program = shutil.which("journalctl")
        if program is None:
            raise FileNotFoundError(2, "journalctl is not installed")
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the child)
        self._output, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(theirs, True)
        try:
            self._process = subprocess.Popen(
                [program, *arguments(units, has_patterns, position, began_s)],
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=self._stderr,
                env={**os.environ, "SYSTEMD_COLORS": "0"},  # where colours are forced, its JSON is none
                cwd="/",
                process_group=0,
            )
        except OSError:
            os.close(self._output)
            self._stderr.close()
            raise
        finally:
            os.close(theirs)
        self._lines: deque[bytes] = deque()
        self._held, self._is_skipping, self._is_over = b"", False, False
        self._began_s = self._last_s = time.monotonic()

    @property
    def holds(self) -> bool:
        """Whether it has not ended at once."""
        return not self._is_over and (self._last_s > self._began_s or time.monotonic() - self._began_s > _QUIET_S)

    @property
    def has_more(self) -> bool:
        """Whether lines wait here, which make no descriptor readable."""
        return bool(self._lines)

    @property
    def is_idle(self) -> bool:
        """Whether nothing has come for a moment."""
        return not self._lines and time.monotonic() - self._last_s > _QUIET_S

    def fileno(self) -> int:
        """The descriptor that becomes readable with a line."""
        return self._output

    def read(self, most: int) -> list[bytes]:
        """Lines that have come, the oldest first, no more than so many."""
        waiting = sum(map(len, self._lines))
        while len(self._lines) < most and waiting < _MOST_WAITING and (chunk := self._chunk()):
            waiting += len(chunk)
            *lines, self._held = (self._held + chunk).split(b"\n")
            for line in lines:
                if not self._is_skipping:
                    self._lines.append(line)
                self._is_skipping = False
            if len(self._held) > LONGEST_ENTRY:
                self._held, self._is_skipping = b"", True
        return [self._lines.popleft() for _ in range(min(most, len(self._lines)))]

    def ended(self) -> str | None:
        """Why it is over, in its own last words; None while it goes on."""
        if not self._is_over or self._lines:
            return None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_S)
        self._stderr.seek(0)
        said = self._stderr.read(65536).decode("utf-8", "replace").strip().splitlines()
        return f"journalctl ended with status {self._process.returncode}" + (f": {printable(said[-1])}" if said else "")

    def close(self) -> None:
        """End it, and what it may have begun."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # not reaped yet, or gone with its group
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_S)
        os.close(self._output)
        self._stderr.close()

    def _chunk(self) -> bytes:
        try:
            chunk = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return b""
        self._is_over = not chunk
        self._last_s = time.monotonic()
        return chunk
