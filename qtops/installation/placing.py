"""What is to be done to each file: put there, replaced where it is ours, left alone where somebody changed it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

import msgspec

from qtops.installation.shipped import Part
from qtops.steps import FileState

Standing = Literal["new", "same", "older", "yours", "unsafe", "unknown"]
"""Not there; as it is to be; ours, of another version; changed or made by somebody else; nothing that may be written (a link); not
for the caller to look at."""

Deed = Literal["put", "replace", "remove", "leave"]

BESIDE: Final = ".qtops-new"  # appended to the name of what is somebody's own


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is to be."""

    path: str
    part: Part
    content: bytes
    sha256: str
    mode: int
    uid: int
    gid: int


class Found(msgspec.Struct, frozen=True):
    """What is at a path: a file, nothing, something that is not safe to write, or nobody can tell; and why."""

    state: FileState | None = None
    unsafe: str = ""
    unknown: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was put in place: every content that it may have and be ours, the newest last."""

    part: Part
    sha256: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.installed/1"):
    """What `qtops install` put on this host. Written before the first file is, so that a killed run is finished by the next."""

    files: dict[str, Entry] = {}
    folders: tuple[str, ...] = ()  # that were made for them, the uppermost first
    enabled: tuple[str, ...] = ()  # units
    settled: bool = True  # whether all of it was done, the commands afterwards included

    def owns(self, path: str, sha256: str) -> bool:
        """Whether this content at this path was put there."""
        return path in self.files and sha256 in self.files[path].sha256


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """One file, how it stands, and what is to be done to it."""

    path: str
    part: Part
    standing: Standing
    deed: Deed
    why: str = ""
    wanted: Wanted | None = None  # None: it is to go
    before: FileState | None = None


def put(wanted: Sequence[Wanted], found: Mapping[str, Found], manifest: Manifest) -> tuple[Placing, ...]:
    """What `--apply` does. ``found`` knows each path, and each path with ``BESIDE`` appended."""
    return tuple(placing for one in wanted for placing in _put(one, found, manifest))


def taken_away(parts: Sequence[Part], found: Mapping[str, Found], manifest: Manifest) -> tuple[Placing, ...]:
    """What `--remove` does: the last that was put there goes first."""
    entries = [(path, entry) for path, entry in manifest.files.items() if entry.part in parts]
    return tuple(_removed(path, entry.part, found[path], manifest) for path, entry in reversed(entries))


def intended(manifest: Manifest, placings: Sequence[Placing], folders: Sequence[str], starting: Sequence[str] = ()) -> Manifest:
    """The manifest before anything is done: it knows all that may be there whenever the run is killed."""
    files = dict(manifest.files)
    for placing in placings:
        if placing.wanted is not None and placing.deed in {"put", "replace"}:
            known = files[placing.path].sha256 if placing.path in files else ()
            hashes = tuple(dict.fromkeys([*known, placing.wanted.sha256]))
            files[placing.path] = Entry(part=placing.part, sha256=hashes)
    made = tuple(dict.fromkeys([*manifest.folders, *folders]))
    units = tuple(dict.fromkeys([*manifest.enabled, *starting]))
    return msgspec.structs.replace(manifest, files=files, folders=made, enabled=units, settled=False)


def settled(manifest: Manifest, placings: Sequence[Placing], stopped: Collection[str] = ()) -> Manifest:
    """The manifest when all is done: of each file it knows the content that it has now, and none of what went."""
    files = dict(manifest.files)
    for placing in placings:
        if placing.standing in {"unsafe", "unknown"}:  # still ours, once somebody has mended that
            continue
        if placing.wanted is None:
            files.pop(placing.path, None)
        elif placing.path in files and placing.standing != "yours":
            files[placing.path] = Entry(part=placing.part, sha256=(placing.wanted.sha256,))
    units = tuple(unit for unit in manifest.enabled if unit not in stopped)
    return msgspec.structs.replace(manifest, files=files, enabled=units, settled=True)


def _put(one: Wanted, found: Mapping[str, Found], manifest: Manifest) -> tuple[Placing, ...]:
    beside, its = f"{one.path}{BESIDE}", found[f"{one.path}{BESIDE}"]
    main = _placing(one, found[one.path], manifest)
    if main.standing != "yours":
        is_ours = its.state is not None and manifest.owns(beside, its.state.sha256)
        gone = (_removed(beside, one.part, its, manifest),) if is_ours else ()
        return (main, *gone)
    second = _placing(msgspec.structs.replace(one, path=beside), its, manifest)
    return (main, second if second.standing != "yours" else msgspec.structs.replace(second, why="changed by somebody: left alone"))


def _placing(one: Wanted, found: Found, manifest: Manifest) -> Placing:
    standing, deed, why = _standing(one, found, manifest)
    return Placing(path=one.path, part=one.part, standing=standing, deed=deed, why=why, wanted=one, before=found.state)


def _standing(one: Wanted, found: Found, manifest: Manifest) -> tuple[Standing, Deed, str]:
    if found.unsafe or found.unknown:
        return ("unsafe" if found.unsafe else "unknown"), "leave", found.unsafe or found.unknown
    if found.state is None:
        return "new", "put", ""
    if found.state.sha256 == one.sha256:
        return "same", "leave", "" if one.path in manifest.files else "put there by somebody else: it stays when the rest goes"
    if manifest.owns(one.path, found.state.sha256):
        return "older", "replace", "put there by an earlier run"
    why = "changed since it was put there" if one.path in manifest.files else "was there before"
    return "yours", "leave", f"{why}: the new one goes beside it, as {one.path.rpartition('/')[2]}{BESIDE}"


def _removed(path: str, part: Part, found: Found, manifest: Manifest) -> Placing:
    standing: Standing = "same"
    deed: Deed = "remove"
    why = ""
    if found.unsafe or found.unknown:
        standing, deed, why = ("unsafe" if found.unsafe else "unknown"), "leave", found.unsafe or found.unknown
    elif found.state is None:
        standing, deed, why = "new", "leave", "gone already"
    elif not manifest.owns(path, found.state.sha256):
        standing, deed, why = "yours", "leave", "changed since it was put there: it stays"
    return Placing(path=path, part=part, standing=standing, deed=deed, why=why, before=found.state)
