"""The file tree that a service will see, below a root: bounded reads, links that never lead out, and why a path leads nowhere."""

import errno
import os
import posixpath
import stat
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from qtops.collectors.owners import Owned, owned
from qtops.facts.preflight import CommandFact, PathFact, PathState
from qtops.imports.tree import HostTree, Kind

LARGEST_FILE: Final = 16 * 1024 * 1024  # bytes; no source, unit or environment file is larger
FIRST_LINE: Final = 256  # bytes of a program that the kernel looks at
EXECUTE: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
VOLATILE: Final = ("/dev", "/proc", "/run", "/sys", "/tmp", "/var/run", "/var/tmp")  # noqa: S108  (made at boot: a tree need not hold them)
_KINDS: Final[dict[Kind, PathState]] = {Kind.FILE: "file", Kind.DIRECTORY: "directory", Kind.OTHER: "other"}
_LINKS_AT_MOST: Final = 40


class RootedTree(HostTree):
    """The files below ``root``, which is the service's ``/``."""

    def __init__(self, root: str = "/") -> None:
        super().__init__(root)
        self.is_whole_host = root == "/" or str(Path(root).resolve()) == "/"

    def read(self, path: str) -> bytes:
        """See Tree. Raises OSError (EFBIG) for a file that is larger than any that is meant to be read."""
        if self.kind(path) is Kind.FILE and Path(self._host(path)).stat().st_size > LARGEST_FILE:
            raise OSError(errno.EFBIG, f"larger than {LARGEST_FILE >> 20} MiB", path)
        return super().read(path)

    def head(self, path: str) -> bytes:
        """The first bytes of a regular file. Raises OSError."""
        with open(self._host(path), "rb") as file:  # noqa: PTH123  (pathlib would take FILE/. for FILE)
            return file.read(FIRST_LINE)

    def is_executable(self, path: str) -> bool:
        """Whether anyone may execute it. Raises OSError."""
        return bool(os.stat(self._host(path)).st_mode & EXECUTE)  # noqa: PTH116  (the same)

    def owned(self, path: str) -> Owned:
        """Who owns what is at a path that holds no links on its way, and what that grants. Raises OSError."""
        return owned(f"{self._root}{path}")

    def is_linked(self, path: str) -> bool:
        """Whether there is a link itself, wherever it leads."""
        return self._link_at(path) is not None

    def way(self, path: str) -> tuple[tuple[str, ...], str]:
        """The directories that the kernel looks into on the way to a path, links followed, and what it leads to."""
        pending, here, followed = path.split("/")[::-1], "/", 0
        searched: dict[str, None] = {}
        while pending:
            part = pending.pop()
            if part in {"", "."}:
                continue
            searched[here] = None
            if part == "..":
                here = posixpath.dirname(here)
            elif (target := self._link_at(posixpath.join(here, part))) is None or followed >= _LINKS_AT_MOST:
                here = posixpath.join(here, part)
            else:
                here, followed = "/" if target.startswith("/") else here, followed + 1
                pending += target.split("/")[::-1]
        return tuple(searched), here

    def fact(self, setting: str, where: str, path: str) -> PathFact:
        """What is at a path that a setting names."""
        if not path.startswith("/") or "%" in path or "$" in path:
            return PathFact(setting, where, path, "unknown", "it depends on what is only known when the unit starts")
        path = posixpath.normpath(path)
        try:
            kind = self.kind(path)
            if kind is not None:
                return PathFact(setting, where, path, _KINDS[kind], executable=self.is_executable(path), real=self.resolve(path))
        except (OSError, ValueError) as error:
            return PathFact(setting, where, path, "unreadable", getattr(error, "strerror", "") or type(error).__name__)
        if self._outside(path):
            return PathFact(setting, where, path, "outside")
        if link := self._broken_link(path):
            return PathFact(setting, where, path, "broken_link", link)
        return PathFact(setting, where, path, "missing", self._first_missing(path), near=self._near(path))

    def command(self, setting: str, where: str, program: str, *, ignore_failure: bool) -> CommandFact:
        """A program as the kernel will meet it: is it there, may it be executed, and what does its first line ask for."""
        fact = self.fact(setting, where, program)
        if fact.state != "file":
            return CommandFact(setting, where, fact, ignore_failure=ignore_failure)
        try:
            head = self.head(fact.path)
        except OSError as error:
            return CommandFact(setting, where, PathFact(setting, where, fact.path, "unreadable", error.strerror or ""))
        if not head.startswith(b"#!"):
            known = head.startswith(b"\x7fELF") or not head
            return CommandFact(setting, where, fact, not head, None, False, known, ignore_failure)
        line = head.partition(b"\n")[0][2:]
        words = line.strip(b" \t").split(None, 1)
        named = words[0].decode("utf-8", "surrogateescape") if words else ""
        shebang = (
            self.fact("#!", f"{fact.path}:1", named)
            if named.startswith("/")
            else PathFact("#!", f"{fact.path}:1", named, "missing")
        )
        return CommandFact(setting, where, fact, False, shebang, line.endswith(b"\r"), True, ignore_failure)

    def _outside(self, path: str) -> bool:
        """Whether the given tree is a part of a host that has nothing to do with this path."""
        if self.is_whole_host:
            return False
        top = "/" + path.split("/")[1]
        return self._link_at(top) is None and (
            self.kind(top) is None or f"{path}/".startswith(tuple(f"{place}/" for place in VOLATILE))
        )

    def _broken_link(self, path: str) -> str:
        """The link on the way that leads nowhere, with what it says."""
        here = "/"
        for part in path.split("/")[1:]:
            here = posixpath.join(here, part)
            place, followed = here, 0
            while (target := self._link_at(place)) is not None and followed < _LINKS_AT_MOST:
                following = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
                if followed == _LINKS_AT_MOST - 1 or (self._link_at(following) is None and self.kind(following) is None):
                    return f"{place} -> {target}"
                place, followed = following, followed + 1
            if self.kind(here) is None:
                return ""
        return ""

    def _first_missing(self, path: str) -> str:
        """The uppermost directory on the way that is not there; empty where only the last part is missing."""
        missing = path
        while (parent := posixpath.dirname(missing)) != missing and self.kind(parent) is None:
            missing = parent
        return "" if missing == path else f"{missing} does not exist"

    def _near(self, path: str) -> str:
        folder, name = posixpath.split(path)
        try:
            near = get_close_matches(name, self.names(folder), 1)
        except OSError:
            return ""
        return posixpath.join(folder, near[0]) if near else ""


def host_path(path: str) -> str:
    """An absolute path on this host, links left alone."""
    return os.path.abspath(path)  # noqa: PTH100  (pathlib's resolve would follow links)
