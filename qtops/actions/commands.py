"""Run a child process as another user: never with root's rights what belongs to somebody else, and never longer than it may.

The child knows nothing of its caller: its environment is a few fixed variables, its directory ``/``, it has a session of its own
(no terminal to type into) and no open file but its three streams. Its whole process group ends with it; only what makes a session
for itself outlives it.
"""

import os
import pwd
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Final, NamedTuple

import msgspec

from qtops.errors import Exit, NotPermitted, QtopsError
from qtops.facts.text import printable, quoted

MOST_OUTPUT: Final = 1 << 20  # bytes kept of each of the two streams
_CHUNK: Final = 1 << 16
_LEFT_IN_PIPE: Final = 16  # chunks: no pipe of an ordinary user holds more than a MiB (pipe(7), pipe-max-size)
_DYING_S: Final = 5.0  # from SIGKILL until a process is expected to be gone
_NOBODY_AT_ALL: Final = 2**32 - 1  # -1 as an unsigned number: to setreuid(2) it means "leave it as it is"
_NUMBER: Final = re.compile(r"[0-9]{0,10}")
_NUMBERS: Final = re.compile(r"([0-9]{1,10}):([0-9]{1,10})")
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


class Done(msgspec.Struct, frozen=True):
    """What became of a command. A negative ``returncode`` is the signal that ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes
    took_s: float
    thrown_away: int = 0  # bytes of output beyond ``MOST_OUTPUT``

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stderr, or else to stdout, printable and not too long."""
        for stream in (self.stderr, self.stdout):
            lines = stream[-4096:].decode("utf-8", "backslashreplace").strip().splitlines()
            if lines:
                return printable(lines[-1].strip())[:300]
        return ""


class NotStarted(QtopsError):
    """The command could not be run at all: no such program, no right to execute it, no such account."""

    exit_code = Exit.NOT_APPLIED


class OutOfTime(QtopsError):
    """The command had not ended in time and was killed. ``done`` is what it had said until then."""

    exit_code = Exit.NOT_APPLIED

    def __init__(self, message: str, done: Done) -> None:
        super().__init__(message)
        self.done = done


class Account(NamedTuple):
    """Whose rights a process has."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def account_of(text: str) -> Account:
    """The account of that name, number, or ``uid:gid`` (without any further group); empty for root. Raises NotStarted."""
    numbers = _NUMBERS.fullmatch(text)
    try:
        if numbers:
            return _numbered(text, int(numbers[1]), int(numbers[2]))
        entry = pwd.getpwuid(int(text or 0)) if _NUMBER.fullmatch(text) else pwd.getpwnam(text)
    except (KeyError, ValueError, OverflowError):
        raise NotStarted(f"there is no account {quoted(text)} on this host: getent passwd lists them") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)), entry.pw_dir)


def own_account() -> str:
    """That of the caller, as ``run_as`` takes it."""
    return f"{os.geteuid()}:{os.getegid()}"


def run_as(
    argv: Sequence[str], account: str, timeout_s: float, *, stdin: bytes = b"", environ: Mapping[str, str] | None = None
) -> Done:
    """Run a command until it ends: a failure of it is in the result, not an error.

    ``account``: see ``account_of``; whoever is not root may only name their own. ``environ`` adds to the few variables that are
    set. Raises NotStarted, OutOfTime, and NotPermitted for somebody else's account.
    """
    whose = account_of(account)
    begun = time.monotonic()
    with ExitStack() as pipes:
        child = _start(argv, whose, {**_ENVIRONMENT, "HOME": whose.home, **(environ or {})})
        talk = _Talk(child, stdin, pipes)
        try:
            is_over = talk.until_it_ends(begun + timeout_s)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)  # not waited for yet: its number is nobody else's
            with suppress(subprocess.TimeoutExpired):
                child.wait(_DYING_S)
        talk.take_the_rest()
    status = -signal.SIGKILL if child.returncode is None else child.returncode
    done = Done(status, bytes(talk.stdout), bytes(talk.stderr), time.monotonic() - begun, talk.thrown_away)
    if not is_over:
        raise OutOfTime(f"{_shown(argv)} did not end within {timeout_s:g} s and was killed{_quoting(done)}", done)
    return done


class _Talk:
    """What goes to a child and comes from it, as long as it lives."""

    def __init__(self, child: "subprocess.Popen[bytes]", stdin: bytes, pipes: ExitStack) -> None:
        self.stdout, self.stderr, self.thrown_away = bytearray(), bytearray(), 0
        self._stdin = memoryview(stdin)
        self._selector = pipes.enter_context(selectors.DefaultSelector())
        self._end = os.pidfd_open(child.pid)
        pipes.callback(os.close, self._end)
        self._selector.register(self._end, selectors.EVENT_READ)
        for pipe, kept in ((child.stdin, None), (child.stdout, self.stdout), (child.stderr, self.stderr)):
            assert pipe is not None  # noqa: S101  (all three were asked for)
            pipes.callback(_close, pipe)
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ if kept is not None else selectors.EVENT_WRITE, kept)

    def until_it_ends(self, deadline: float) -> bool:
        """Whether it ended before the deadline."""
        while (left_s := deadline - time.monotonic()) > 0:
            ready = [key for key, _ in self._selector.select(left_s)]
            for key in ready:
                if key.fd == self._end:
                    return True
                self._serve(key)
        return False

    def take_the_rest(self) -> None:
        """What is still in the pipes of a child that is gone. Somebody else may hold their other ends: nothing is waited for."""
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                for _ in range(_LEFT_IN_PIPE):
                    if not self._read(key.fd, key.data):
                        break

    def _serve(self, key: selectors.SelectorKey) -> None:
        goes_on = self._read(key.fd, key.data) if key.data is not None else self._write(key.fd)
        if not goes_on:
            self._selector.unregister(key.fileobj)
            if key.data is None:
                _close(key.fileobj)  # type: ignore[arg-type]  # a pipe: the end of its input

    def _write(self, fd: int) -> bool:
        with suppress(BrokenPipeError):  # it did not want all of it
            if self._stdin:
                self._stdin = self._stdin[os.write(fd, self._stdin[:_CHUNK]) :]
            return bool(self._stdin)
        return False

    def _read(self, fd: int, kept: bytearray) -> bool:
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return True
        wanted = chunk[: MOST_OUTPUT - len(kept)]
        kept += wanted
        self.thrown_away += len(chunk) - len(wanted)
        return bool(chunk)


def _numbered(text: str, uid: int, gid: int) -> Account:
    if max(uid, gid) >= _NOBODY_AT_ALL:
        raise ValueError
    with suppress(KeyError):
        entry = pwd.getpwuid(uid)
        return Account(entry.pw_name, uid, gid, (), entry.pw_dir)
    return Account(text, uid, gid, (), "/")


def _start(argv: Sequence[str], whose: Account, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    if os.geteuid() not in {0, whose.uid}:
        raise NotPermitted(f"only root can run {_shown(argv)} as {printable(whose.name)}: try again with sudo")
    is_root = os.geteuid() == 0
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(
            list(argv), bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, cwd="/", env=environ, umask=0o077, start_new_session=True,
            user=whose.uid if is_root else None,
            group=whose.gid if is_root else None,
            extra_groups=whose.groups if is_root else None,
        )  # fmt: skip
    except (OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotStarted(f"{_shown(argv)} cannot be run as {printable(whose.name)}: {reason}") from None
    return child


def _close(pipe: IO[bytes]) -> None:
    with suppress(OSError):
        pipe.close()


def _shown(argv: Sequence[str]) -> str:
    """The program, for people."""
    return printable(argv[0]) if argv else "an empty command"


def _quoting(done: Done) -> str:
    return f"; its last words: {done.last_words}" if done.last_words else ""
