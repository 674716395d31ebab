"""How the import engine sees files: one small interface, one view of the host (below a root), one in memory."""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol

LARGEST_FILE = 16 * 1024 * 1024  # bytes; no source is larger
_LINKS_AT_MOST = 40  # what Linux itself follows before it answers ELOOP


class Kind(StrEnum):
    """What a path leads to, links followed."""

    FILE = "file"
    DIRECTORY = "directory"
    OTHER = "other"


class Tree(Protocol):
    """A file tree with absolute POSIX paths. A tree does not change while it is looked at, so that answers may be remembered."""

    def kind(self, path: str) -> Kind | None:
        """What is there, links followed; None when nothing is. Raises PermissionError when that cannot be seen."""

    def names(self, path: str) -> frozenset[str]:
        """The names in a directory. Raises OSError."""

    def read(self, path: str) -> bytes:
        """The contents of a file. Raises OSError."""

    def stamp(self, path: str) -> tuple[int, int] | None:
        """Modification time (seconds) and size of a file, as a .pyc keeps them of its source; None where they are not known."""

    def resolve(self, path: str) -> str:
        """The path without links, ``.`` and ``..``, as realpath(3) has it; what does not exist stays as written."""


def resolve_links(path: str, link_at: Callable[[str], str | None]) -> str:
    """Resolve every link in an absolute path, given a way to read one link. A loop is left as it stands."""
    pending = path.split("/")[::-1]
    done, followed = "/", 0
    while pending:
        part = pending.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            done = posixpath.dirname(done)
            continue
        here = posixpath.join(done, part)
        target = link_at(here)
        if target is None or followed >= _LINKS_AT_MOST:
            done = here
            continue
        followed += 1
        if target.startswith("/"):
            done = "/"
        pending.extend(target.split("/")[::-1])
    return done


class MemoryTree:
    """A tree made of a mapping, for tests and for records."""

    def __init__(
        self, files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None, directories: Iterable[str] = ()
    ) -> None:
        self._files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self._links = dict(links or {})
        self._directories: dict[str, set[str]] = {"/": set()}
        for path in (*self._files, *self._links):
            self._enter(path)
        for path in directories:
            self._enter(path)
            self._directories.setdefault(path, set())

    def _enter(self, path: str) -> None:
        while path != "/":
            parent, name = posixpath.split(path)
            self._directories.setdefault(parent, set()).add(name)
            path = parent

    def kind(self, path: str) -> Kind | None:
        """See Tree."""
        real = self.resolve(path)
        if real in self._files:
            return Kind.FILE
        return Kind.DIRECTORY if real in self._directories else None

    def names(self, path: str) -> frozenset[str]:
        """See Tree."""
        real = self.resolve(path)
        if real in self._files:
            raise NotADirectoryError(path)
        if real not in self._directories:
            raise FileNotFoundError(path)
        return frozenset(self._directories[real])

    def read(self, path: str) -> bytes:
        """See Tree."""
        real = self.resolve(path)
        if real in self._directories:
            raise IsADirectoryError(path)
        if real not in self._files:
            raise FileNotFoundError(path)
        return self._files[real]

    def stamp(self, path: str) -> tuple[int, int] | None:  # noqa: ARG002
        """See Tree. Nothing here has a time."""
        return None

    def resolve(self, path: str) -> str:
        """See Tree."""
        return resolve_links(path, self._links.get)


class HostTree:
    """The real files; with a root, ``/home/x`` is read as ROOT/home/x and no link leads out of the root."""

    def __init__(self, root: str = "/") -> None:
        self._root = "" if root == "/" else str(Path(root).resolve())
        self._resolve_directory = cache(lambda path: resolve_links(path, self._link_at))

    def _link_at(self, path: str) -> str | None:
        try:
            return os.readlink(self._root + path)  # noqa: PTH115  (text in, text out; pathlib would normalise it)
        except (OSError, ValueError):
            return None

    def _host(self, path: str) -> str:
        return self._root + self.resolve(path) if self._root else path

    def kind(self, path: str) -> Kind | None:
        """See Tree."""
        try:
            mode = os.stat(self._host(path)).st_mode  # noqa: PTH116  (asked thousands of times)
        except PermissionError:
            raise
        except (OSError, ValueError):
            return None
        return Kind.DIRECTORY if stat.S_ISDIR(mode) else Kind.FILE if stat.S_ISREG(mode) else Kind.OTHER

    def names(self, path: str) -> frozenset[str]:
        """See Tree."""
        try:
            return frozenset(os.listdir(self._host(path)))  # noqa: PTH208  (names only)
        except ValueError as error:  # a NUL in the path
            raise FileNotFoundError(errno.ENOENT, str(error), path) from error

    def read(self, path: str) -> bytes:
        """See Tree. Only a regular file is read, and no more than LARGEST_FILE of it: a pipe or a device would have no end.

        Raises OSError: EFBIG for a larger file, ENOENT for what is no file, and what open(2) and read(2) say.
        """
        if self.kind(path) is not Kind.FILE:  # to open a device may do something
            raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
        try:
            handle = os.open(self._host(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except ValueError as error:  # a NUL in the path
            raise FileNotFoundError(errno.ENOENT, str(error), path) from error
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123  (opened above, with care)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
            contents = bytearray()
            while part := file.read(max(1 << 16, min(status.st_size + 1, LARGEST_FILE + 1))):
                contents += part
                if len(contents) > LARGEST_FILE:
                    raise OSError(errno.EFBIG, f"larger than {LARGEST_FILE >> 20} MiB", path)
        return bytes(contents)

    def stamp(self, path: str) -> tuple[int, int] | None:
        """See Tree."""
        try:
            status = os.stat(self._host(path))  # noqa: PTH116  (asked thousands of times)
        except (OSError, ValueError):
            return None
        return int(status.st_mtime), status.st_size

    def resolve(self, path: str) -> str:
        """See Tree."""
        parent, name = posixpath.split(path)
        if name in {"", ".", ".."}:
            return resolve_links(path, self._link_at)
        here = posixpath.join(self._resolve_directory(parent), name)
        return here if self._link_at(here) is None else resolve_links(here, self._link_at)
