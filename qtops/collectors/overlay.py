"""The host's tree as it would be after a change: some files with other contents, with other permission bits, or there at all.

Nothing is written. Every answer is the one that the really changed tree would give, but for the time of what is changed, which
nobody knows yet: a .pyc that was made of the file as it is now proves nothing of the file as it would be.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from qtops.collectors.owners import PERMISSIONS, Owned
from qtops.collectors.tree import EXECUTE, FIRST_LINE, LARGEST_FILE, RootedTree
from qtops.imports.tree import Kind

NEW_FILE: Final = 0o644  # permission bits of what is made, which belongs to root
NEW_DIRECTORY: Final = Owned(stat.S_IFDIR | 0o755, 0, 0)


class CannotOverlay(Exception):
    """A change that cannot be pictured: its path is misspelt, or leads to no regular file. The text says which and why."""


class _Changed(NamedTuple):
    """A file as it would be."""

    owned: Owned
    content: bytes | None  # None: as it is on the host


class Overlay(RootedTree):
    """The tree below ``root`` with a change to it. Links in the paths of the change are followed."""

    def __init__(self, contents: Mapping[str, bytes], modes: Mapping[str, int] | None = None, root: str = "/") -> None:
        """``contents``: whole files; ``modes``: permission bits, of what is there or of what is new. Raises CannotOverlay."""
        super().__init__(root)
        self._changes: dict[str, _Changed] = {}
        self._new: dict[str, Kind] = {}
        self._new_names: dict[str, set[str]] = {}
        bits = modes or {}
        for path in dict.fromkeys((*contents, *bits)):
            _check(path, bits.get(path, 0))
            try:
                self._change(path, contents.get(path), bits.get(path))
            except OSError as error:
                raise CannotOverlay(f"{path}: {error.strerror}") from None

    def _change(self, path: str, content: bytes | None, mode: int | None) -> None:
        real = self.resolve(path)
        if any(self.is_linked(str(folder)) for folder in PurePosixPath(real).parents):
            raise CannotOverlay(f"{path}: its links lead in a circle")
        there = self.kind(real)
        if real in self._changes:
            raise CannotOverlay(f"{path}: another change is of the same file, {real}")
        if there is None and content is not None and not self.is_linked(real):
            before = Owned(stat.S_IFREG | NEW_FILE, 0, 0)
            self._make(real, Kind.FILE, path)
        elif there is Kind.FILE:
            before = self.owned(real)
        else:
            raise CannotOverlay(f"{path}: no regular file")
        self._changes[real] = _Changed(before if mode is None else before.with_mode(mode), content)

    def _make(self, real: str, kind: Kind, path: str) -> None:
        folder, name = posixpath.split(real)
        above = self.kind(folder)
        if above is None and not self.is_linked(folder):
            self._make(folder, Kind.DIRECTORY, path)
        elif above is not Kind.DIRECTORY:
            raise CannotOverlay(f"{path}: {folder} is no directory")
        self._new[real] = kind
        self._new_names.setdefault(folder, set()).add(name)

    def kind(self, path: str) -> Kind | None:
        """See Tree."""
        there = super().kind(path)
        return self._newly(path) if there is None and self._new else there

    def names(self, path: str) -> frozenset[str]:
        """See Tree."""
        newly = self._newly(path) if self._new and super().kind(path) is None else None
        if newly is Kind.FILE:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        there = frozenset[str]() if newly is Kind.DIRECTORY else super().names(path)
        return there | self._new_names.get(self.resolve(path), frozenset())

    def read(self, path: str) -> bytes:
        """See RootedTree."""
        changed = self._changed(path)
        if changed is None or changed.content is None:
            return super().read(path)
        if len(changed.content) > LARGEST_FILE:
            raise OSError(errno.EFBIG, f"larger than {LARGEST_FILE >> 20} MiB", path)
        return changed.content

    def head(self, path: str) -> bytes:
        """See RootedTree."""
        changed = self._changed(path)
        return super().head(path) if changed is None or changed.content is None else changed.content[:FIRST_LINE]

    def stamp(self, path: str) -> tuple[int, int] | None:
        """See Tree. When a file will be written is not known."""
        changed = self._changed(path)
        return super().stamp(path) if changed is None or changed.content is None else None

    def is_executable(self, path: str) -> bool:
        """See RootedTree."""
        changed = self._changed(path)
        if changed is not None:
            return bool(changed.owned.mode & EXECUTE)
        return self._is_new_directory(path) or super().is_executable(path)

    def owned(self, path: str) -> Owned:
        """See RootedTree."""
        folder, name = posixpath.split(path)
        real = posixpath.join(self.resolve(folder), name)  # the last part is not followed
        if real in self._changes:
            return self._changes[real].owned
        return NEW_DIRECTORY if real in self._new else super().owned(path)

    def _changed(self, path: str) -> _Changed | None:
        """The changed file that a path leads to."""
        changed = self._changes.get(self.resolve(path))
        return changed if changed is not None and self.kind(path) is Kind.FILE else None

    def _is_new_directory(self, path: str) -> bool:
        return bool(self._new) and super().kind(path) is None and self._newly(path) is Kind.DIRECTORY

    def _newly(self, path: str) -> Kind | None:
        """What is new at a path. On a whole host the kernel has to get there: each part before a slash is a directory."""
        kind = self._new.get(self.resolve(path))
        if kind is None or self._root:
            return kind
        if kind is Kind.FILE and path.endswith(("/", "/.")):
            return None
        return kind if self._is_passable(self.way(path)[0]) else None

    def _host(self, path: str) -> str:
        """Where the host has it. A way through a new directory and out of it again is one that the host does not have."""
        if not self._root and self._new and self.resolve(path) != path:
            searched, end = self.way(path)
            if not self._new.keys().isdisjoint(searched) and self._is_passable(searched):
                return end
        return super()._host(path)

    def _is_passable(self, folders: tuple[str, ...]) -> bool:
        is_circle = any(map(self.is_linked, folders))  # links were followed, so that one that is left leads in a circle
        return not is_circle and all(self.kind(folder) is Kind.DIRECTORY for folder in folders)


def _check(path: str, mode: int) -> None:
    """Refuse what could mean two things."""
    if not path.startswith("/") or path.startswith("//") or path == "/" or "\0" in path or posixpath.normpath(path) != path:
        raise CannotOverlay(f"{path!a}: a file is named by its absolute path, without //, . and ..")
    if mode & ~PERMISSIONS:
        raise CannotOverlay(f"{path}: {mode:o} are no permission bits")
