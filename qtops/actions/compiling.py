"""Whether a service's own interpreter can compile a source: asked before the source is put in place.

Only the compiler is used, of exactly the interpreter (and version) that the service runs under. The source goes in by a pipe;
nothing is imported but the standard library's own, nothing is written and nothing of the source is executed.

Whose interpreter it is decides who runs it. It runs as the account of the unit, since that is whose program it is. For a unit that
runs as root it is run as root only where nobody else could have put something in its place: where the interpreter, and every
directory and link on the way to it, is root's and not for others to write to. Otherwise it runs as the first stranger on that way,
who can make it do what they like, but only to themselves.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from typing import Final

from qtops.actions.commands import Done, NotStarted, OutOfTime, account_of, run_as
from qtops.errors import Exit, QtopsError
from qtops.facts.text import printable

LINKS_AT_MOST: Final = 40  # as the kernel has it (path_resolution(7))
_FLAGS: Final = ("-I", "-S", "-B", "-c")
_TOKEN: Final = "qtops-compiled"  # noqa: S105  (no secret: an interpreter that does not say it did something else)
_CODE: Final = f"""\
import sys
told = "fine"
try:
    compile(sys.stdin.buffer.read(), "source", "exec", 0, True)
except SyntaxError as error:
    told = "line %s: %s: %s" % (error.lineno or "?", type(error).__name__, error.msg)
except (ValueError, OverflowError, MemoryError, RecursionError) as error:
    told = "%s: %s" % (type(error).__name__, error)
sys.stdout.buffer.write(("{_TOKEN} " + told).encode("utf-8", "backslashreplace"))
"""


class DoesNotCompile(QtopsError):
    """The interpreter of the service does not take the source for Python."""

    exit_code = Exit.NOT_APPLIED


class NoCompiler(QtopsError):
    """The interpreter of the service could not be asked: whether the source compiles is not known."""

    exit_code = Exit.NOT_APPLIED


def compiles(interpreter: Sequence[str], account: str, content: bytes, name: str, timeout_s: float = 10) -> None:
    """Return where ``interpreter`` compiles ``content``. ``account`` is the unit's (empty: root), ``name`` the file's.

    Raises DoesNotCompile with the line, NoCompiler where no answer is to be had, NotPermitted.
    """
    shown = printable(interpreter[0]) if interpreter else "(none)"
    unknown = f"whether {printable(name)} compiles cannot be told"
    try:
        done = run_as((*interpreter, *_FLAGS, _CODE), whose(interpreter, account), timeout_s, stdin=content)
    except NotStarted as error:
        raise NoCompiler(f"{unknown}: {error}") from None
    except OutOfTime:
        raise NoCompiler(f"{unknown}: {shown} had not answered after {timeout_s:g} s") from None
    if (told := _answer(done)) is None:
        said = f": {done.last_words}" if done.last_words else ""
        raise NoCompiler(f"{unknown}: {shown} exited with {done.returncode} and gave no answer{said}")
    if told != "fine":
        raise DoesNotCompile(f"{shown} does not compile {printable(name)}: {told} (nothing was put in its place)")


def _answer(done: Done) -> str | None:
    token, _, told = done.stdout.decode("utf-8", "backslashreplace").partition(" ")
    return printable(told)[:300] if token == _TOKEN and not done.returncode else None


def whose(interpreter: Sequence[str], account: str) -> str:
    """As whom a program is run that the account (empty: root) is to run: see above. Raises NotStarted."""
    if os.geteuid() != 0 or account_of(account).uid != 0 or not interpreter:
        return account
    try:
        for path, found in way_to(interpreter[0]):
            if found.st_uid != 0:
                return f"{found.st_uid}:{found.st_gid}"
            if _is_open_to_others(found):
                raise NotStarted(
                    f"{printable(interpreter[0])} is not run as root: others than root may write to {printable(path)} "
                    f"(ls -ld shows who; chmod go-w mends it)"
                )
    except OSError as error:
        raise NotStarted(f"{printable(interpreter[0])} cannot be run: {error.strerror}") from None
    return account


def _is_open_to_others(found: os.stat_result) -> bool:
    """Whether others than its owner may change it, or swap what lies in it. A link is changed through its directory alone."""
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
        return False
    return bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def way_to(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every directory, link and file that decides what an absolute path leads to, from ``/`` on. Raises OSError."""
    pending, here, links = path.split("/")[::-1], "/", 0
    yield here, os.lstat(here)
    while pending:
        part = pending.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            here = os.path.dirname(here)  # noqa: PTH120  (no link: links are followed where they are met)
            continue
        step = os.path.join(here, part)  # noqa: PTH118
        found = os.lstat(step)
        yield step, found
        if not stat.S_ISLNK(found.st_mode):
            here = step
            continue
        links += 1
        if links > LINKS_AT_MOST:
            raise OSError(40, "Too many levels of symbolic links", step)
        target = os.readlink(step)  # noqa: PTH115
        here = "/" if target.startswith("/") else here
        pending += target.split("/")[::-1]
