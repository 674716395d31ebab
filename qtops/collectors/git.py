"""Ask git about a checkout that belongs to somebody else, without running anything of theirs with more rights than theirs.

What a repository says can make git run programs: file-system monitors, hooks, filters. So git is only ever run as the owner of the
checkout, with the first two switched off; and as root only in a checkout that is root's alone, every directory above it included.
Nothing is written (no index is refreshed), and nothing is fetched.
"""

import os
import pwd
import selectors
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from qtops.facts.text import printable

LIMIT_S: Final = 5.0  # for all that git is asked about one file
MOST_OUTPUT: Final = 1 << 20  # bytes of one answer
_CHUNK: Final = 1 << 16
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_QUIET: Final = ("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_ENVIRONMENT: Final = {
    "PATH": _PATH,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks
}


class NoAnswerError(Exception):
    """Git did not tell; the text says why."""


class Owner(NamedTuple):
    """Whose checkout it is, and as whom git is run there."""

    name: str
    uid: int
    gid: int
    home: str


def owner_of(top: str) -> Owner:
    """As whom git may be run in the checkout with this top. Raises NoAnswerError, OSError."""
    found = os.lstat(f"{top}/.git")
    me = os.geteuid()
    if stat.S_ISLNK(found.st_mode):
        raise NoAnswerError("its .git is a link")
    if me not in {0, found.st_uid}:
        raise NoAnswerError(f"it belongs to {_named(found).name}")
    if found.st_uid == 0:
        _insist_on_roots_alone(top, found)
    return _named(found)


def _insist_on_roots_alone(top: str, found: os.stat_result) -> None:
    """Raises NoAnswerError where somebody else could make git run something as root."""
    if not stat.S_ISDIR(found.st_mode):
        raise NoAnswerError("it is a linked work tree of root's, in which git is not run as root")
    for path in (f"{top}/.git/config", f"{top}/.git", top, *map(str, Path(top).parents)):
        at = os.lstat(path)
        keeps = stat.S_ISDIR(at.st_mode) and at.st_mode & stat.S_ISVTX
        if at.st_uid != 0 or stat.S_ISLNK(at.st_mode) or (at.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not keeps):
            raise NoAnswerError(f"its .git is root's, but {printable(path)} is not root's alone, so that git is not run there")


def _named(found: os.stat_result) -> Owner:
    with suppress(KeyError):
        entry = pwd.getpwuid(found.st_uid)
        return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)
    return Owner(str(found.st_uid), found.st_uid, found.st_gid, "/")


class Git:
    """git in one checkout, as one user, until one moment."""

    def __init__(self, top: str, owner: Owner, deadline: float) -> None:
        self.top, self.owner, self._deadline = top, owner, deadline
        self._program = shutil.which("git", path=_PATH)
        self._environment = {
            **_ENVIRONMENT,
            "HOME": owner.home,
            "GIT_CEILING_DIRECTORIES": str(Path(top).parent),
            **({"GIT_CONFIG_GLOBAL": "/dev/null"} if owner.uid == 0 else {}),
        }

    def ask(self, *arguments: str, stdin: bytes = b"", may_be_cut: bool = False) -> bytes:
        """What git prints; with ``may_be_cut`` no more than about ``MOST_OUTPUT`` of it. Raises NoAnswerError."""
        if self._program is None:
            raise NoAnswerError("git is not installed")
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            drop = (self.owner.uid, self.owner.gid, ()) if os.geteuid() == 0 else (None, None, None)
            try:
                child = subprocess.Popen(
                    (self._program, *_QUIET, "-C", self.top, *arguments),
                    stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                    cwd="/", env=self._environment, umask=0o077, start_new_session=True,
                    user=drop[0], group=drop[1], extra_groups=drop[2],
                )  # fmt: skip
            except (OSError, ValueError) as error:
                raise NoAnswerError(f"git cannot be run: {getattr(error, 'strerror', None) or error}") from None
        with child:
            said, complaint, is_whole = _said(child, self._deadline)
        if not is_whole and not (may_be_cut and len(said) >= MOST_OUTPUT):
            raise NoAnswerError(f"git {arguments[0]} had not answered after {LIMIT_S:g} s, or talked without end")
        if is_whole and child.returncode:
            raise NoAnswerError(_reason(complaint) or f"git {arguments[0]} exited with {child.returncode}")
        return said


def _said(child: "subprocess.Popen[bytes]", deadline: float) -> tuple[bytes, bytes, bool]:
    """Both outputs of a child, and whether it ended in time and that is all of them. Else its whole group is killed."""
    kept = {pipe.fileno(): bytearray() for pipe in (child.stdout, child.stderr) if pipe}
    is_whole = False
    try:
        is_whole = _read(kept, deadline)
        if is_whole:
            child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        is_whole = False
    finally:
        if not is_whole:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)  # not waited for yet: its number is nobody else's
    said, complaint = kept.values()
    return bytes(said), bytes(complaint), is_whole


def _read(kept: dict[int, bytearray], deadline: float) -> bool:
    """Read until all ends were closed: then True."""
    with selectors.DefaultSelector() as selector:
        for number in kept:
            selector.register(number, selectors.EVENT_READ)
        while (left_s := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left_s):
                chunk = os.read(key.fd, _CHUNK)
                kept[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
            if not selector.get_map():
                return True
            if max(map(len, kept.values())) >= MOST_OUTPUT:
                return False
    return False


def _reason(complaint: bytes) -> str:
    """Git's own word, the first that is fatal."""
    lines = complaint.decode("utf-8", "backslashreplace").strip().splitlines()
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return printable((fatal or lines[-1:] or [""])[0])[:300]
