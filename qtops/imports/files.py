"""Remembered look-ups in a tree, archives included: each directory is listed once, each source parsed once."""

import ast
import posixpath
import struct
import sys
import warnings
from collections.abc import Hashable
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER

from qtops.imports.archive import Archive, open_archive
from qtops.imports.tree import Kind, Tree

LARGEST_PARSED = 2 << 20  # bytes; the syntax tree of a long list takes 330 times as many
_PYC_HEAD = 16  # magic number, flags, modification time and size of the source (PEP 552)


@dataclass(frozen=True, slots=True)
class Source:
    """A source file: parsed, or broken (the interpreter refuses it), or in doubt."""

    module: ast.Module | None
    error: str | None = None
    """The last line of the traceback: ``SyntaxError: invalid syntax``."""
    line: int | None = None
    doubt: str | None = None
    exact: bool = True
    """Whether the interpreter words its refusal in the same way."""


class Files:
    """A tree with a memory. A path through a file (``app.pyz/package``) leads into the zip archive."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._names: dict[str, frozenset[str]] = {}
        self._stems: dict[str, frozenset[str]] = {}
        self._archives: dict[str, Archive | None] = {}
        self._inside: dict[str, tuple[str, str] | None] = {}
        self._sources: dict[tuple[str, tuple[int, int]], Source] = {}
        self.objections: dict[tuple[Hashable, ...], str | None] = {}
        """What was found when code of others was looked through."""

    def names(self, directory: str) -> frozenset[str]:
        """The names in a directory or archive; none when it does not exist. Raises PermissionError."""
        known = self._names.get(directory)
        if known is None:
            known = self._names[directory] = self._list(directory)
        return known

    def stems(self, directory: str) -> frozenset[str]:
        """The names up to their first dot: what could be imported from here at all."""
        known = self._stems.get(directory)
        if known is None:
            known = self._stems[directory] = frozenset(name.partition(".")[0] for name in self.names(directory))
        return known

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there (or a folder in an archive)."""
        if (inside := self._archived(path)) is not None:
            return bool(self._list(path)) and inside[1] not in self._members(inside[0])
        return self.tree.kind(path) is Kind.DIRECTORY

    def is_listed(self, directory: str) -> bool:
        """Whether a folder in an archive has an entry of its own, and not just files below it."""
        inside = self._archived(directory)
        return inside is not None and f"{inside[1]}/" in self._members(inside[0])

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there (or a member of an archive)."""
        if (inside := self._archived(path)) is not None:
            return inside[1] in self._members(inside[0])
        return self.tree.kind(path) is Kind.FILE

    def in_archive(self, path: str) -> bool:
        """Whether a path is an archive or leads into one."""
        return self._archived(path) is not None

    def read(self, path: str) -> bytes:
        """The contents of a file. Raises OSError."""
        if (inside := self._archived(path)) is not None:
            archive = self._open(inside[0])
            return archive.read(inside[1]) if archive is not None else b""
        return self.tree.read(path)

    def source(self, path: str, version: tuple[int, int]) -> Source:
        """A file as one version of Python parses it. Raises OSError."""
        known = self._sources.get((path, version))
        if known is None:
            known = self._sources[path, version] = parse(self.read(path), path, version, compiled=self._is_compiled(path, version))
        return known

    def _is_compiled(self, path: str, version: tuple[int, int]) -> bool:
        """Whether a .pyc proves that this version has compiled this very source: the interpreter's own rule for trusting one."""
        folder, name = posixpath.split(path)
        cached = posixpath.join(folder, "__pycache__", f"{name.removesuffix('.py')}.cpython-{version[0]}{version[1]}.pyc")
        if version != sys.version_info[:2] or self.in_archive(path) or (stamp := self.tree.stamp(path)) is None:
            return False
        try:
            head = self.tree.read(cached)[:_PYC_HEAD]
        except (OSError, ValueError):
            return False
        changed, size = (number & 0xFFFFFFFF for number in stamp)
        return head == MAGIC_NUMBER + struct.pack("<III", 0, changed, size)

    def _list(self, directory: str) -> frozenset[str]:
        if (inside := self._archived(directory)) is not None:
            prefix = f"{inside[1]}/" if inside[1] else ""
            members = self._members(inside[0])
            return frozenset(name[len(prefix) :].partition("/")[0] for name in members if name.startswith(prefix)) - {""}
        try:
            return self.tree.names(directory)
        except PermissionError:
            raise
        except (OSError, ValueError):
            return frozenset()

    def _archived(self, path: str) -> tuple[str, str] | None:
        """The archive on the way to a path, and the path inside it."""
        if path not in self._inside:
            self._inside[path] = self._find_archive(path)
        return self._inside[path]

    def _find_archive(self, path: str) -> tuple[str, str] | None:
        parent = posixpath.dirname(path)
        if parent != path and (above := self._archived(parent)) is not None:
            return above[0], posixpath.join(above[1], posixpath.basename(path))
        if path.endswith(".py") or self.tree.kind(path) is not Kind.FILE:
            return None
        return (path, "") if self._open(path) is not None else None

    def _members(self, path: str) -> frozenset[str]:
        archive = self._open(path)
        return frozenset() if archive is None else archive.members

    def _open(self, path: str) -> Archive | None:
        if path not in self._archives:
            self._archives[path] = open_archive(self.tree.read(path))
        return self._archives[path]


def parse(contents: bytes, path: str, version: tuple[int, int], *, compiled: bool = False) -> Source:
    """Parse as one version of Python would. A refusal counts only where our own grammar is that version's.

    What the grammar lets pass (a ``return`` outside a function) is found by compiling, unless that is known to have gone well.
    """
    if len(contents) > LARGEST_PARSED:
        return Source(None, doubt=f"{path} is larger than {LARGEST_PARSED >> 20} MiB")
    ours = sys.version_info[:2]
    parsed: ast.Module | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(contents, path, feature_version=version if version < ours else None)
            if not compiled:
                compile(parsed, path, "exec", dont_inherit=True)
            return Source(parsed)
    except SyntaxError as error:
        text = f"{type(error).__name__}: {error.msg}"
        if version <= ours or parsed is not None:
            exact = version == ours and "unicode error" not in text and "null bytes" not in text
            return Source(None, error=text, line=error.lineno, exact=exact)
        return Source(
            None,
            doubt=f"{path}:{error.lineno}: Python {ours[0]}.{ours[1]} says {text}; {version[0]}.{version[1]} may accept it",
        )
    except ValueError as error:  # a NUL byte: ValueError before 3.11.4
        refused = "null" in str(error)
        return Source(
            None, error=f"SyntaxError: {error}" if refused else None, doubt=None if refused else f"{path}: {error}", exact=False
        )
    except (RecursionError, MemoryError):
        return Source(None, doubt=f"{path} is nested too deeply to be parsed")
