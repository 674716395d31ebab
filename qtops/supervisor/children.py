"""Child processes that the supervisor waits for without waiting: each with a deadline, and killed with its group when that is over.

Their output goes to temporary files, so that no pipe fills up, and a child that outlives its answer holds nothing of ours.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import IO, Final

MOST_OUTPUT: Final = 4 << 20  # bytes that are read back of each stream
NICE: Final = 10  # to notice comes before to examine
_DYING_S: Final = 5.0  # from SIGKILL until a process is expected to be gone


@dataclass(frozen=True)
class Ended:
    """What became of a child. A negative ``returncode`` is the signal that ended it; 127 where it could not be started."""

    name: str
    returncode: int
    stdout: bytes
    stderr: bytes
    took_s: float
    timed_out: bool = False

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stderr. Not printable yet."""
        lines = self.stderr[-4096:].decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    @property
    def first_words(self) -> str:
        """The first line that it wrote to stderr: what systemctl says after that is where to look. Not printable yet."""
        lines = self.stderr[:4096].decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[0].strip() if lines else ""


@dataclass(frozen=True)
class _Child:
    process: "subprocess.Popen[bytes]"
    descriptor: int
    began_s: float
    deadline_s: float
    streams: tuple[IO[bytes], IO[bytes]]
    done: Callable[[Ended], None]
    outlives: bool


class Children:
    """The children under way, by name; ``selector`` has their ends, each with a callable that the loop calls."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._children: dict[str, _Child] = {}

    def __len__(self) -> int:
        return len(self._children)

    def running(self, name: str) -> bool:
        """Whether a child of this name is under way."""
        return name in self._children

    def start(
        self,
        name: str,
        argv: Sequence[str],
        done: Callable[[Ended], None],
        *,
        timeout_s: float,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        clean_environ: bool = False,
        cwd: str | None = "/",
        outlives: bool = False,
        nice: int = NICE,
    ) -> None:
        """Start one; ``done`` is called from ``expire`` or from the selector, once. A name that is under way is refused.

        ``environ`` adds to the environment of the supervisor, or is all of it (``clean_environ``); ``cwd``: None is its own; one
        that ``outlives`` is left to itself when the supervisor ends; ``nice`` is its priority, as in nice(1).
        """
        if name in self._children:
            raise ValueError(f"{name} is under way already")
        began_s = time.monotonic()
        inherited = {} if clean_environ else os.environ
        with ExitStack() as opened:
            try:
                streams = (opened.enter_context(tempfile.TemporaryFile()), opened.enter_context(tempfile.TemporaryFile()))
                process = _started(argv, stdin, streams, {**inherited, **(environ or {})}, cwd, nice)
            except (OSError, ValueError) as error:  # no such program, no room for its output; NUL in a word
                why = (error.strerror if isinstance(error, OSError) else None) or error
                done(Ended(name, 127, b"", f"{argv[0]}: {why}".encode(), 0.0))
                return
            opened.pop_all()
        descriptor = os.pidfd_open(process.pid)
        self._children[name] = _Child(process, descriptor, began_s, began_s + timeout_s, streams, done, outlives)
        self._selector.register(descriptor, selectors.EVENT_READ, lambda: self._ended(name))

    def next_deadline_s(self) -> float | None:
        """When the first of them is over time, by the monotonic clock."""
        return min((child.deadline_s for child in self._children.values()), default=None)

    def expire(self) -> None:
        """End those that are over time."""
        now_s = time.monotonic()
        for name in [name for name, child in self._children.items() if child.deadline_s <= now_s]:
            self._ended(name, timed_out=True)

    def close(self) -> None:
        """End all of them but those that may outlive us, without a word to anybody."""
        for name, child in list(self._children.items()):
            if child.outlives:
                self._forget(name)
            else:
                self._finish(name)

    def _forget(self, name: str) -> None:
        """Leave it to whoever adopts it."""
        child = self._children.pop(name)
        self._selector.unregister(child.descriptor)
        os.close(child.descriptor)
        for stream in child.streams:
            stream.close()
        child.process.returncode = 0  # else Popen warns of a process that nobody waited for

    def _ended(self, name: str, *, timed_out: bool = False) -> None:
        child = self._children[name]
        out, err = self._finish(name)
        took_s = time.monotonic() - child.began_s
        child.done(Ended(name, child.process.returncode or 0, out, err, took_s, timed_out))

    def _finish(self, name: str) -> tuple[bytes, bytes]:
        """Kill its group, reap it, read what it said."""
        child = self._children.pop(name)
        self._selector.unregister(child.descriptor)
        os.close(child.descriptor)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)  # not reaped yet: its number is nobody else's
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(_DYING_S)
        said = []
        for stream in child.streams:
            stream.seek(0)
            said.append(stream.read(MOST_OUTPUT))
            stream.close()
        return said[0], said[1]


def _started(
    argv: Sequence[str], stdin: bytes, streams: tuple[IO[bytes], IO[bytes]], environ: Mapping[str, str], cwd: str | None, nice: int
) -> "subprocess.Popen[bytes]":
    """A process in a session of its own, whose standard input is a file with ``stdin``."""
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            list(argv), stdin=given, stdout=streams[0], stderr=streams[1], cwd=cwd, start_new_session=True, env=environ,
        )  # fmt: skip
    with suppress(OSError):  # a sandbox may forbid it
        os.setpriority(os.PRIO_PROCESS, process.pid, nice)
    return process
