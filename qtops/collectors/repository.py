"""The git checkout that a deployed file lives in, or is a copy out of: what it has of that file, and what else is changed in it."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from qtops.collectors.git import LIMIT_S, MOST_OUTPUT, Git, NoAnswerError, owner_of
from qtops.facts.repository import Likeness, Repository, RepositoryFacts, RepositoryUntold
from qtops.facts.text import printable

LARGEST_FILE: Final = 16 * 1024 * 1024  # bytes
NAMED_AT_MOST: Final = 20  # paths that are changed
_STATUS: Final = (
    "status",
    "--porcelain=v2",
    "--branch",
    "-z",
    "--untracked-files=normal",
    "--no-renames",
    "--ignore-submodules=dirty",
)


class _Status(NamedTuple):
    """What ``git status`` says of the whole tree."""

    head: str
    branch: str
    dirty: tuple[str, ...]
    is_all: bool


def repository_of(path: str, deployed: str = "", repository: str = "") -> Repository:
    """The checkout of a deployed file, by its absolute path. ``deployed`` and ``repository``: see ``qtops.settings.Service``.

    Where they are set, the file's counterpart is looked for at the same place below ``repository``.
    """
    real = os.path.realpath(path)
    file = _counterpart(real, deployed, repository)
    top = _top(Path(file).parent)
    if top is None and file == real:
        return None
    if top is None:
        return RepositoryUntold(repository, "it is in no git checkout", "see repository of the service in the configuration")
    try:
        return _asked(Git(top, owner_of(top), time.monotonic() + LIMIT_S), real, file)
    except NoAnswerError as error:
        return RepositoryUntold(printable(top), str(error), _enable(str(error), top))
    except OSError as error:
        return RepositoryUntold(printable(top), f"{printable(str(error.filename or top))}: {error.strerror}")


def _counterpart(real: str, deployed: str, repository: str) -> str:
    """Where the file lies in the checkout that its folder is a copy of; itself where that is not said."""
    folder = os.path.realpath(deployed)
    if not (deployed and repository) or os.path.commonpath((folder, real)) != folder:
        return real
    return os.path.join(os.path.realpath(repository), os.path.relpath(real, folder))  # noqa: PTH118


def _top(folder: Path) -> str | None:
    """The next folder upwards that holds a ``.git``: a directory, or a file as worktrees and submodules have it."""
    for place in (folder, *folder.parents):
        with suppress(OSError):
            (place / ".git").lstat()
            return str(place)
    return None


def _enable(why: str, top: str) -> str:
    return f"its owner may say: git config --global --add safe.directory {printable(top)}" if "dubious ownership" in why else ""


def _asked(git: Git, real: str, file: str) -> RepositoryFacts:
    """All that is asked. Raises NoAnswerError, OSError."""
    said_top = os.fsdecode(git.ask("rev-parse", "--show-toplevel").removesuffix(b"\n"))
    if os.path.realpath(said_top) != git.top:
        raise NoAnswerError(f"its configuration says that its work tree is {printable(said_top)}")
    relative = os.path.relpath(file, git.top)
    status = _status(git.ask(*_STATUS, may_be_cut=True))
    content = _content(real)
    stored = git.ask("hash-object", "--stdin", f"--path={relative}", stdin=content).strip()
    return RepositoryFacts(
        top=git.top, relative=relative, owner=git.owner.name, head=status.head, branch=status.branch, mirrors=file != real,
        in_head=_like(stored, git.ask("ls-tree", "-z", "HEAD", "--", relative)) if status.head else "absent",
        in_index=_like(stored, git.ask("ls-files", "-s", "-z", "--", relative)),
        in_tree=_in_tree(git, content, file) if file != real else "same",
        dirty=status.dirty[:NAMED_AT_MOST], dirty_total=len(status.dirty), dirty_is_all=status.is_all,
    )  # fmt: skip


def _status(said: bytes) -> _Status:
    """Of porcelain version 2 (git-status(1)): headers, then one record for each path."""
    *records, rest = said.split(b"\0")
    headers = {
        words[1]: words[2] for words in (record.split(b" ", 2) for record in records) if words[0] == b"#" and len(words) == 3
    }
    head, branch = headers.get(b"branch.oid", b""), headers.get(b"branch.head", b"")
    dirty = tuple(printable(os.fsdecode(path)) for path in _paths(records))
    return _Status(
        "" if head == b"(initial)" else head.decode("ascii", "replace"),
        "" if branch == b"(detached)" else os.fsdecode(branch),
        dirty,
        is_all=not rest and len(said) < MOST_OUTPUT,
    )


def _paths(records: list[bytes]) -> Iterator[bytes]:
    """How many fields stand before the path depends on the kind of the record. Renames are not asked for."""
    before = {b"1": 8, b"u": 10, b"?": 1}
    for record in records:
        fields = before.get(record[:1])
        if fields is not None:
            yield record.split(b" ", fields)[-1]


def _like(stored: bytes, entries: bytes) -> Likeness:
    """Compare with an entry as ``ls-tree`` and ``ls-files -s`` print it: the hash is among its fields before the tab."""
    if not entries:
        return "absent"
    fields = entries.partition(b"\t")[0].split()
    return "same" if stored in fields else "differs"


def _content(path: str) -> bytes:
    """Of a regular file that is no larger than any source. Raises OSError, NoAnswerError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE:
            raise NoAnswerError(f"{printable(path)} is no regular file of up to {LARGEST_FILE >> 20} MiB")
        return file.read(LARGEST_FILE)


def _in_tree(git: Git, content: bytes, file: str) -> Likeness:
    """Byte for byte: a patch has to apply there. The checkout's owner reads its file, and nobody who may read more."""
    try:
        there = git.ask("hash-object", "--no-filters", "--", file)
    except NoAnswerError:
        if os.path.lexists(file):
            raise
        return "absent"
    return "same" if there == git.ask("hash-object", "--no-filters", "--stdin", stdin=content) else "differs"
