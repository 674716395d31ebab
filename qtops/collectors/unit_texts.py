"""The files of a unit as they are on the disk, made fit to be shown: what may be a secret is taken out of them.

Values of variables are kept where their names say that they are no secrets; credentials never are. A line with a secret is written
anew, and joined to those that continue it.
"""

import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Final, NamedTuple

from qtops.collectors.redact import HIDDEN, Redactor
from qtops.collectors.unit_files import LARGEST_UNIT
from qtops.facts.host import UnitText
from qtops.facts.text import printable, printable_lines
from qtops.facts.unit import UnitState
from qtops.unitfile.variables import is_secret_like
from qtops.unitfile.words import SETTING, BadQuoting, split

_WALK: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_LINKS: Final = 40  # as the kernel has it
_LINE_END: Final = re.compile(r"\r\n?|\n\r?|\0")  # as systemd has it
_ASSIGNMENT: Final = re.compile(r"([ \t]*[#;]*[ \t]*)([A-Za-z][\w-]*)([ \t]*=[ \t]*)(.*)", re.DOTALL)  # also one commented out
_VARIABLES: Final = frozenset({"Environment", "DefaultEnvironment", "ManagerEnvironment"})
_CREDENTIALS: Final = frozenset({"SetCredential", "SetCredentialEncrypted", "LoadCredential", "LoadCredentialEncrypted"})


class UnitTexts(NamedTuple):
    """The files that could be read, the fragment before its drop-ins, and why others could not."""

    texts: tuple[UnitText, ...] = ()
    lacking: tuple[str, ...] = ()


def read_unit_texts(unit: UnitState, redactor: Redactor) -> UnitTexts:
    """The files that systemd has a unit from. ``redactor`` knows the values of its environment."""
    texts, lacking = [], []
    for path in filter(None, (unit.fragment_path, *unit.drop_ins)):
        try:
            data = _content(path)
        except OSError as error:
            lacking.append(f"{printable(path)}: cannot be read: {printable(error.strerror or 'it is no regular file')}")
            continue
        told = without_secrets(data.decode("utf-8", "surrogateescape"), redactor)
        texts.append(UnitText(unit.name, printable(path), told, time.time(), hashlib.sha256(data).hexdigest()))
    return UnitTexts(tuple(texts), tuple(lacking))


def without_secrets(text: str, redactor: Redactor) -> str:
    """The text of a unit file, printable, its secrets hidden."""
    lines = _LINE_END.sub("\n", text).split("\n")
    told = "\n".join(chain for lines_of_one in _joined(lines) for chain in _told(lines_of_one, redactor))
    return printable_lines(redactor.text(told))


def _joined(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines with those that continue them; a comment stands alone, also where systemd reads on after it."""
    pending: list[str] = []
    for line in lines:
        if line.lstrip()[:1] in {"#", ";"}:
            yield [line]
        else:
            pending.append(line)
            if not (len(line) - len(line.rstrip("\\"))) % 2:
                yield pending
                pending = []
    if pending:
        yield pending


def _told(lines: list[str], redactor: Redactor) -> Iterator[str]:
    """The lines of one setting as they are, or one line without its secrets."""
    whole = " ".join([*(line.removesuffix("\\") for line in lines[:-1]), lines[-1]])
    hidden = _hidden(whole, redactor)
    yield from lines if hidden == whole else (hidden,)


def _hidden(line: str, redactor: Redactor) -> str:
    """One setting without secrets; the same text where it has none."""
    found = _ASSIGNMENT.fullmatch(line)
    if found is None:
        return redactor.text(line)
    mark, key, equals, value = found.groups()
    if key in _VARIABLES:
        value = _variables(value, redactor)
    elif key in _CREDENTIALS:
        value = HIDDEN if value else value
    elif key.startswith("Exec"):
        words = value.split()
        kept = redactor.argv(words)
        value = value if kept == tuple(words) else " ".join(kept)
    return redactor.text(f"{mark}{key}{equals}{value}")


def _variables(value: str, redactor: Redactor) -> str:
    """The words of ``Environment=``: names stay, and values of those that are no secrets."""
    try:
        words = list(split(value, SETTING))
    except BadQuoting:  # systemd ignores the rest, which is no reason to show it
        return HIDDEN
    told = [_variable(word, redactor) for word in words]
    return value if told == words else " ".join(map(_quoted, told))


def _variable(word: str, redactor: Redactor) -> str:
    name, equals, value = word.partition("=")
    return f"{name}={HIDDEN}" if equals and value and is_secret_like(name) else redactor.text(word)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _content(path: str) -> bytes:
    """The bytes of a regular file of no more than a unit file may have. Raises OSError."""
    with os.fdopen(_opened(path), "rb") as file:
        data = file.read(LARGEST_UNIT + 1)
    if len(data) > LARGEST_UNIT:
        raise OSError(errno.EFBIG, "larger than any unit file", path)
    return data


def _opened(path: str) -> int:
    """A file opened so that no user can have root read another one than was meant. Raises OSError.

    A link is followed where it lies in a directory of root's, and what lies in a directory of a user has to be that user's.
    """
    pending, followed = path.split("/")[::-1], 0
    with ExitStack() as opened:
        way = [os.open("/", _WALK)]
        opened.callback(os.close, way[0])
        while pending:
            name = pending.pop()
            if name in {"", ".", ".."}:
                way = way[:-1] if name == ".." and len(way) > 1 else way
                continue
            here = os.open(name, _WALK, dir_fd=way[-1])
            opened.callback(os.close, here)
            found = os.fstat(here)
            is_link = stat.S_ISLNK(found.st_mode)
            _refuse(found.st_uid, os.fstat(way[-1]), path, is_link=is_link)
            if not is_link:
                way.append(here)
                continue
            followed += 1
            if followed > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink("", dir_fd=here)
            way = way[:1] if target.startswith("/") else way
            pending += target.split("/")[::-1]
        if not stat.S_ISREG(os.fstat(way[-1]).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        return os.open(f"/proc/self/fd/{way[-1]}", _READ)


def _refuse(owner: int, folder: os.stat_result, path: str, *, is_link: bool) -> None:
    """OSError where a user may have put this in root's way."""
    if os.geteuid() != 0:
        return  # it is read with the rights of whoever looks at it
    shared = folder.st_mode & stat.S_IWOTH and (owner != 0 or not folder.st_mode & stat.S_ISVTX)
    if shared or (folder.st_uid != 0 and (is_link or owner != folder.st_uid)):
        raise OSError(errno.EPERM, "a user could have put it there: it is not followed", path)
