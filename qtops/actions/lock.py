"""One recovery at a time for each service: a lock of the kernel's, free at once when its holder dies, that says who holds it."""

import fcntl
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from qtops.actions.errors import explaining
from qtops.actions.state import StateFolder
from qtops.errors import Unavailable
from qtops.facts.text import printable
from qtops.facts.times import moment

_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST: Final = 4096  # bytes of the file that are read
_TRIES: Final = 20  # a holder that has the lock has not yet said who it is
_PAUSE_S: Final = 0.01


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock, since when, and for what."""

    pid: int
    who: str
    since_s: float
    what: str


def login() -> str:
    """Who is at work: the login name behind sudo, else the name of the user."""
    try:
        own = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        own = f"uid {os.getuid()}"
    return printable(os.environ.get("SUDO_USER", "") or own) if os.getuid() == 0 else own


@contextmanager
def hold(state: StateFolder, unit: str, what: str = "") -> Iterator[Holder]:
    """Hold the lock of a unit. Unavailable at once, naming the holder, where somebody else has it.

    ``what`` is the command as it may be shown to others: no secrets.
    """
    told, advice = f"{printable(unit)}: a recovery is under way", "wait for it, or see `qtops recover --list`"
    with hold_file(state.lock(unit), told, advice, what or f"qtops recover {unit}") as holder:
        yield holder


@contextmanager
def hold_file(path: str, told: str, advice: str, what: str) -> Iterator[Holder]:
    """Hold the lock of a file. Unavailable at once where somebody else has it: what is under way, who holds it, and what to try."""
    with explaining("lock", path):
        fd = os.open(path, _OPEN, 0o600)
    try:
        with explaining("lock", path):
            _take(fd, told, advice)
            holder = Holder(os.getpid(), login(), time.time(), what)
            os.ftruncate(fd, 0)
            os.pwrite(fd, msgspec.json.encode(holder), 0)
        try:
            yield holder
        finally:
            os.ftruncate(fd, 0)  # so that nobody is named who does not hold it any more
    finally:
        os.close(fd)


def _take(fd: int, told: str, advice: str) -> None:
    """Lock the file. Unavailable where another has it; for a moment the file does not name that one yet, who may let go by then."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if holder := _holder(fd):
                since = moment(holder.since_s, max(time.time(), holder.since_s))
                who = f"pid {holder.pid} ({printable(holder.who)}), since {since}: {printable(holder.what)}"
                raise Unavailable(f"{told}: {who}; {advice}") from error
            time.sleep(_PAUSE_S)
        else:
            return
    raise Unavailable(f"{told}: {advice}")


def _holder(fd: int) -> Holder | None:
    """Who the file names; None where it names nobody, or somebody who is gone."""
    try:
        holder = msgspec.json.decode(os.pread(fd, _LONGEST, 0), type=Holder)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return holder if _lives(holder.pid) else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
