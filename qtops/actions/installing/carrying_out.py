"""Carry out what was planned: the manifest first, then each file as a whole, so that a killed run is finished by the next one."""

import posixpath
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Final

import msgspec

from qtops.actions import files
from qtops.actions.directories import unmake
from qtops.actions.errors import Refused
from qtops.actions.installing.looking import MANIFEST, owner
from qtops.installation.placing import BESIDE, Manifest, Placing
from qtops.steps import FileState, Replace

_PRIVATE: Final = 0o600


def tidy(paths: Iterable[str]) -> None:
    """Remove what a killed run left beside these files, half written. Where that is not safe, the look at the file tells why."""
    for path in paths:
        for place in (path, f"{path}{BESIDE}"):
            with suppress(Refused):
                files.discard(place, _temporary(place), owner(place)[0])


def carry_out(placing: Placing, folders: Sequence[str] = ()) -> None:
    """Put, replace or remove one file; ``folders`` are made for it where they are missing. Raises what ``files.replace`` does."""
    temporary = _temporary(placing.path)
    if placing.deed == "remove" and placing.before is not None:
        files.remove(placing.path, placing.before, temporary)
    elif placing.deed in {"put", "replace"} and placing.wanted is not None:
        wanted = placing.wanted
        size = len(wanted.content)
        after = FileState(sha256=wanted.sha256, size=size, mode=wanted.mode, uid=wanted.uid, gid=wanted.gid)
        if placing.before is not None:  # whose it is, and who may read it, is the administrator's choice
            after = msgspec.structs.replace(placing.before, sha256=wanted.sha256, size=size, mtime_ns=0)
        files.replace(
            Replace(path=placing.path, before=placing.before, after=after, makes=tuple(folders)), wanted.content, temporary
        )


def write_manifest(manifest: Manifest, before: FileState | None, prefix: str) -> FileState:
    """Have the manifest say so; the file as it is then."""
    path = f"{prefix}{MANIFEST}"
    uid, gid = owner(path)
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    after = FileState(sha256=sha256(content).hexdigest(), size=len(content), mode=_PRIVATE, uid=uid, gid=gid)
    files.replace(Replace(path=path, before=before, after=after, makes=manifest.folders), content, _temporary(path))
    there = files.examine(path)
    return there[0] if there is not None else after


def remove_manifest(before: FileState, prefix: str, folders: Sequence[str]) -> None:
    """Take the manifest away, the last of all, with the folders that were made and are empty."""
    path = f"{prefix}{MANIFEST}"
    files.remove(path, before, _temporary(path), folders)


def remove_folders(folders: Sequence[str], prefix: str) -> None:
    """Remove those of the folders that were made and are empty, but for those in which the manifest is."""
    unmake([folder for folder in folders if not f"{prefix}{MANIFEST}".startswith(f"{folder}/")])


def _temporary(path: str) -> str:
    return f".{posixpath.basename(path)}.qtops-install"
