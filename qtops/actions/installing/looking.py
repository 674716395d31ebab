"""What is to be put where, and what is there now."""

import os
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from qtops.actions.errors import Refused
from qtops.actions.files import examine
from qtops.errors import NotPermitted
from qtops.facts.text import printable
from qtops.installation.placing import BESIDE, Found, Manifest, Wanted
from qtops.installation.shipped import SHIPPED, Part, filled_in
from qtops.steps import FileState

PLACES: Final = (Path(__file__).parents[2] / "deploy", Path(__file__).parents[3] / "deploy")  # installed; in the repository
MANIFEST: Final = "/var/lib/qtops/installed.json"
MODE: Final = 0o644
POLKITD: Final = tuple(Path(folder, "polkitd") for folder in ("/usr/lib/polkit-1", "/usr/libexec", "/usr/libexec/polkit-1"))


def wanted(parts: Sequence[Part], prefix: str, python: str, units: Sequence[str]) -> tuple[Wanted, ...]:
    """Every file of these parts as it is to be. ``prefix``: the root of a package, or empty for this host."""
    folder = next(place for place in PLACES if place.is_dir())
    files = []
    for shipped in SHIPPED:
        if shipped.part in parts:
            content = filled_in((folder / shipped.name).read_text("utf-8"), python, units).encode()
            path = prefix + shipped.path(packaged=bool(prefix))
            uid, gid = owner(path)
            digest = sha256(content).hexdigest()
            files.append(Wanted(path=path, part=shipped.part, content=content, sha256=digest, mode=MODE, uid=uid, gid=gid))
    return tuple(files)


def has_polkit() -> bool:
    """Whether there is a polkit on this host, without which the supervisor is allowed nothing."""
    return any(place.exists() for place in POLKITD)


def found(paths: Iterable[str]) -> dict[str, Found]:
    """What is at each of the paths, and at the one beside it."""
    return {place: _found(place) for path in paths for place in (path, f"{path}{BESIDE}")}


def missing_folders(paths: Iterable[str]) -> tuple[str, ...]:
    """The folders above these paths that are not there, the uppermost first."""
    missing: dict[str, None] = {}
    for path in paths:
        above = [str(folder) for folder in Path(path).parents if not os.path.lexists(folder)]
        missing |= dict.fromkeys(reversed(above))
    return tuple(missing)


def read_manifest(prefix: str) -> tuple[Manifest, FileState | None]:
    """What was put there by earlier runs, and the file that says so. Raises Refused where it cannot be read."""
    path = f"{prefix}{MANIFEST}"
    there = examine(path)
    if there is None:
        return Manifest(), None
    state, content = there
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
        if astray := next((named for named in (*manifest.files, *manifest.folders) if not _is_below(named, prefix)), ""):
            raise ValueError(f"it names {printable(astray)}, which is not below {printable(prefix) or '/'}")
        return manifest, state
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"{path}: it says what earlier runs put in place, and cannot be read ({error}); move it away, and what is there counts"
            " as somebody else's from then on"
        ) from None


def _is_below(path: str, prefix: str) -> bool:
    """Whoever can write below a prefix can write its manifest: root is led nowhere else by it."""
    return os.path.normpath(path) == path and path.startswith(f"{prefix}/")


def _found(path: str) -> Found:
    try:
        there = examine(path)
    except Refused as error:
        return Found(unsafe=str(error))
    except NotPermitted as error:
        return Found(unknown=str(error))
    return Found(there[0] if there is not None else None)


def owner(path: str) -> tuple[int, int]:
    """Who a file is to belong to: whoever has its folder (that of polkit's rules is polkitd's own), else the caller."""
    try:
        status = Path(path).parent.lstat()
    except OSError:
        return os.geteuid(), os.getegid()
    return status.st_uid, os.getegid()
