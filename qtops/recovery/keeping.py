"""What is kept beside a recovery's plan and backups, for reports: looks before and after, and the patch for the repository."""

import gzip
import os
import posixpath
from collections.abc import Iterable
from pathlib import Path
from shlex import quote
from typing import Final

import msgspec

from qtops import bundle
from qtops.actions.backups import FAILED, PATCH, SETTLING
from qtops.bundle.writing import write
from qtops.collectors.failed_units import read_failed_units
from qtops.collectors.repository import repository_of
from qtops.errors import QtopsError, Unavailable
from qtops.evidence.case import Settling
from qtops.facts.recovery import Observed
from qtops.facts.repository import Repository, RepositoryFacts, stays
from qtops.facts.service import Facts, Missing
from qtops.patching import CannotPatch
from qtops.patching.diff import patch
from qtops.recovery.drafting import Change
from qtops.settings import Service

ROOM: Final = 2 << 20  # bytes: entries of the ledger with its log, two looks, the plan
OWN_TO_THE_HOST: Final = ("/etc/", "/run/", "/usr/lib/systemd/", "/lib/systemd/")  # no repository has them as they are deployed


def with_room(folder: str, contents: Iterable[bytes]) -> None:
    """Unavailable where the disk would be full before a recovery has ended: then it could neither go on nor go back."""
    wanted = ROOM + sum(map(len, contents))
    try:
        found = os.statvfs(folder)
    except OSError as error:
        raise Unavailable(f"{folder}: how much room it has could not be asked: {error.strerror}") from error
    left = found.f_bavail * found.f_frsize
    if left < wanted:
        raise Unavailable(
            f"{folder}: its file system is full: {left >> 10} KiB are left, and the records of a recovery may need {wanted >> 10}; "
            "nothing was changed; make room on its file system (df), then try again"
        )


def keep(facts: Facts, folder: str, name: str) -> None:
    """Keep a look, without secrets. Raises as ``qtops.bundle`` does."""
    bundle.save(facts, Path(folder, name))


def kept(folder: str, name: str) -> Facts | None:
    """A look that was kept; None where there is none, or none that can be read."""
    try:
        return bundle.load(Path(folder, name))
    except QtopsError:
        return None


def keep_failed(folder: str) -> None:
    """Keep which units of the host are failed now. Where systemd cannot be asked, nothing is kept."""
    found = read_failed_units()
    if not isinstance(found, Missing):
        write(Path(folder, FAILED), msgspec.json.format(msgspec.json.encode(found), indent=1))


def keep_settling(observed: Observed, folder: str) -> None:
    """Keep the watch over the service after its start; the facts that it ended with are kept as the look after."""
    names = Settling.__struct_fields__
    settling = Settling(**{name: getattr(observed, name) for name in names})
    write(Path(folder, SETTLING), gzip.compress(msgspec.json.encode(settling), mtime=0))


def repositories(changes: Iterable[Change], configured: Service | None) -> dict[str, Repository]:
    """The checkout of each changed file, asked before it is changed. Files of the host alone have none."""
    deployed, repository = (configured.deployed, configured.repository) if configured else ("", "")
    named = [change.path for change in changes if not change.path.startswith(OWN_TO_THE_HOST)]
    return {path: repository_of(path, deployed, repository) for path in named}


def write_patch(changes: Iterable[Change], known: dict[str, Repository], folder: str) -> tuple[str, tuple[str, ...]]:
    """Write the patch that makes the same change in the repository; its path, and what has to be done so that the fix stays."""
    parts, told = [], dict[str, None]()
    file = posixpath.join(folder, PATCH)
    for change in changes:
        if change.path not in known:
            continue
        checkout = known[change.path]
        relative = checkout.relative if isinstance(checkout, RepositoryFacts) else change.path.lstrip("/")
        try:
            parts.append(patch(change.old, change.new, relative, change.after.mode, change.before.mode if change.before else None))
        except CannotPatch as why:
            told |= {f"{change.path}: no patch can be made of it: {why}": None}
            continue
        told |= dict.fromkeys(stays(checkout, quote(file)))
    content = b"".join(parts)
    if not content:
        return "", tuple(told)
    write(Path(file), content)
    return file, tuple(told)
