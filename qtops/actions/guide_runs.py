"""Run one command of a runbook: its words as they are, no shell, a time limit, and of its output what can be kept.

It becomes the leader of a session and process group of its own, without a terminal to ask on. Whatever of that group is left when
the limit is reached, or when qtops itself is told to end, is asked to end, and killed where it does not.
"""

import hashlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from qtops.facts.times import span
from qtops.guides.outcome import Ran

KEPT: Final = 1 << 16  # bytes of output: half from the beginning, half from the end
GRACE_S: Final = 5.0  # between SIGTERM and SIGKILL
_CHUNK: Final = 1 << 16


def run(argv: Sequence[str], limit_s: float, environment: Mapping[str, str]) -> Ran:
    """Run it to its end. An ending by signal, at the limit or for want of the program is a Ran without an exit code."""
    started_s, began = time.time(), time.monotonic()
    output, given = os.pipe2(os.O_CLOEXEC)
    try:
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=given, stderr=given, env=environment, start_new_session=True
            )
        finally:
            os.close(given)
        return _ran(process, output, limit_s, started_s, began)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Ran(started_s=started_s, took_s=0.0, exit_code=None, why=f"{argv[0]} cannot be run: {reason}")
    finally:
        os.close(output)


def _ran(process: "subprocess.Popen[bytes]", output: int, limit_s: float, started_s: float, began: float) -> Ran:
    kept, ended = _Kept(), False
    try:
        ended = _follow(process, output, kept, began + limit_s)
    finally:
        if not ended:
            _end(process)
    return Ran(
        started_s=started_s,
        took_s=time.monotonic() - began,
        exit_code=process.returncode if ended and process.returncode >= 0 else None,
        why=_by_signal(process.returncode) if ended else f"not done within {span(limit_s)}, and ended",
        output=kept.output(),
        output_size=kept.size,
        output_sha256=kept.digest.hexdigest(),
        output_cut=kept.lost > 0,
    )


class _Kept:
    """Output as it arrives: counted and hashed as a whole, kept at both ends."""

    __slots__ = ("_head", "_tail", "digest", "size")

    def __init__(self) -> None:
        self._head, self._tail = bytearray(), bytearray()
        self.digest = hashlib.sha256()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.digest.update(chunk)
        self.size += len(chunk)
        room = KEPT // 2 - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        del self._tail[: -KEPT // 2]

    @property
    def lost(self) -> int:
        return self.size - len(self._head) - len(self._tail)

    def output(self) -> bytes:
        gap = b"\n[... %d bytes ...]\n" % self.lost if self.lost else b""
        return bytes(self._head + gap + self._tail)


def _follow(process: "subprocess.Popen[bytes]", output: int, kept: _Kept, until: float) -> bool:
    """Read until the command has ended; False where that is not before ``until``.

    A child that it leaves behind may hold its output open: what is there by the end of the command itself is all that counts.
    """
    os.set_blocking(output, False)
    ending = os.pidfd_open(process.pid)
    try:
        sources = [output, ending]
        while (left_s := until - time.monotonic()) > 0:
            ready, _, _ = select.select(sources, (), (), left_s)
            if ending in ready:
                break
            if not _read(output, kept):
                sources.remove(output)
        else:
            return False
        if output in sources:
            deadline = min(until, time.monotonic() + GRACE_S)
            while _read(output, kept) and time.monotonic() < deadline and select.select([output], (), (), 0)[0]:
                pass
        process.wait()
        return True
    finally:
        os.close(ending)


def _by_signal(code: int) -> str:
    if code >= 0:
        return ""
    named = {number.value: number.name for number in signal.Signals}
    return f"ended by {named.get(-code, f'signal {-code}')}"


def _read(output: int, kept: _Kept) -> bool:
    """Take what is there; False at the end of the output."""
    with suppress(BlockingIOError):
        chunk = os.read(output, _CHUNK)
        kept.add(chunk)
        return bool(chunk)
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End its whole group. The leader is not reaped before the group is killed, so that its number is nobody else's."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    ending = os.pidfd_open(process.pid)
    try:
        select.select([ending], (), (), GRACE_S)
    finally:
        os.close(ending)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
