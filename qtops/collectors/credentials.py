"""What systemd hands to a service as credentials (systemd.exec(5), "CREDENTIALS"), in the clear: it stays within the collectors.

It is read for one purpose: to be recognised and hidden wherever a service repeats it.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Final

from qtops.collectors.tree import RootedTree
from qtops.imports.tree import Kind
from qtops.unitfile.variables import is_secret_like

LARGEST: Final = 1 << 20  # bytes, as systemd has it
MOST_LINES: Final = 32  # of one credential; those of a key block are hidden as such
STORES: Final = tuple(f"{place}/credstore" for place in ("/etc", "/run", "/usr/lib"))
_LINE_END: Final = re.compile(rb"\\\r?\n")
_SET: Final = re.compile(rb"^[ \t]*SetCredential[ \t]*=[ \t]*\"?(?P<id>[^:\s]+):(?P<value>[^\n]*?)\"?[ \t\r]*$", re.MULTILINE)
_ESCAPE: Final = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
_PLAIN_WORD: Final = re.compile(r"[a-z]+(?:[._-][a-z]+)*|[\d.:]+")  # as a user's or a host's name, which stands in many places


def credentials(unit: str, loaded: Iterable[str], texts: Iterable[bytes], tree: RootedTree) -> Iterator[tuple[str, str]]:
    """Names and values of the credentials of a unit, as far as they can be read: those of its processes, those that its
    LoadCredential= settings name, and those that stand in its files.
    """
    places = [(id_, path) for id_, _, path in (item.partition(":") for item in loaded)]
    held = f"/run/credentials/{unit}"
    for name in _names(held, tree):
        yield from _known(name, _content(f"{held}/{name}", tree))
    for name, path in places:
        for file in _files(name, path, tree):
            yield from _known(name, _content(file, tree))
    for text in texts:
        for found in _SET.finditer(_LINE_END.sub(b" ", text)):
            yield from _known(found["id"].decode("utf-8", "replace"), _ESCAPE.sub(_unescaped, found["value"]))


def _files(name: str, path: str, tree: RootedTree) -> Iterator[str]:
    """The files that may hold a credential: the one that is named, those of a folder, or one in the stores of the host."""
    if not path.startswith("/"):
        yield from (f"{store}/{path or name}" for store in STORES)
    elif inner := _names(path, tree):
        yield from (posixpath.join(path, file) for file in inner)
    else:
        yield path


def _names(folder: str, tree: RootedTree) -> list[str]:
    try:
        return sorted(tree.names(folder))
    except (OSError, ValueError):
        return []


def _content(path: str, tree: RootedTree) -> bytes:
    try:
        content = tree.read(path) if tree.kind(path) is Kind.FILE else b""
    except (OSError, ValueError):
        return b""
    return content if len(content) <= LARGEST else b""


def _known(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The lines of a credential, each under a name that says that it is one; but not what may be no secret at all."""
    told = re.sub(r"\W", "_", name)
    lines = [line.strip() for line in content.decode("utf-8", "surrogateescape").split("\n")]
    for line in [line for line in lines if line and not line.startswith("-----")][:MOST_LINES]:
        if is_secret_like(told):
            yield told, line
        elif not _PLAIN_WORD.fullmatch(line):
            yield "CREDENTIAL", line


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"s": b" "}.get(found[2], found[2])
