"""What one recovery has left behind: its entries in the ledger, and what lies in its folder.

Nothing of it is taken on trust: a folder of somebody else is not looked into, what is of another host is left out, and what is
missing or damaged is said, so that the rest can still be told.
"""

import os
import stat
import zlib
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import msgspec

from qtops.actions.backups import AFTER, BEFORE, FAILED, PATCH, PLAN, SETTLING, RecoveryFolder, folder_of
from qtops.actions.ledger import Ledger
from qtops.bundle.file import decode
from qtops.bundle.writing import BundleError
from qtops.errors import Unavailable
from qtops.evidence.case import Backup, Entry, Settling
from qtops.facts.host import FailedUnit
from qtops.facts.recovery import RecoveryRecord
from qtops.facts.service import Facts
from qtops.facts.text import all_printable, printable, printable_lines
from qtops.steps import RecoveryPlan, Replace

_LARGEST_SETTLING: Final = 64 << 20  # bytes once decompressed: as of a bundle
_LOOKED_AFTER: Final = frozenset({"verified", "proof failed"})  # entries of a recovery whose effect was looked at
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
T = TypeVar("T")


class Remains(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. ``lacking``: what should have been there, each with why."""

    entries: tuple[Entry, ...] = ()
    plan: RecoveryPlan | None = None
    before: Facts | None = None
    after: Facts | None = None
    settling: Settling | None = None
    failed_before: tuple[FailedUnit, ...] | None = None
    backups: tuple[Backup, ...] = ()
    patch: str = ""
    lacking: tuple[str, ...] = ()


def entries_of(ledger: Ledger, recovery: str) -> tuple[Entry, ...]:
    """What the ledger has of a recovery, the oldest first; before it when its fault was noticed, which is kept apart there."""
    noted = [Entry(one.event, one.at_s, one.step, one.detail) for one in ledger.entries(recovery)]
    if any(entry.event == "noticed" for entry in noted):
        return tuple(noted)
    noticed = (one.at_s for one in ledger.moments(recovery) if one.name == "noticed")
    return (*(Entry("noticed", at_s) for at_s in noticed if at_s is not None), *noted)


def remains(ledger: Ledger, record: RecoveryRecord, host: str) -> Remains:
    """Everything that is left of a recovery on this host. Raises Unavailable where the ledger itself cannot be read."""
    entries = entries_of(ledger, record.id)
    if record.state == "refused":  # nothing was done, and nothing kept
        return Remains(entries=entries)
    folder = folder_of(ledger.state, record.id)
    if why := _distrust(folder.path):
        return Remains(entries=entries, lacking=(why,))
    looked = any(entry.event in _LOOKED_AFTER for entry in entries)
    found = _Folder(folder, record, host)
    plan = found.plan()
    if found.is_of_another_host:
        return Remains(entries=entries, lacking=tuple(found.lacking))
    return Remains(
        entries=entries,
        plan=plan,
        before=found.look(BEFORE, "as the fault was found"),
        after=found.look(AFTER, "as its effect was looked at") if looked else None,
        settling=found.read(SETTLING, "how the service stayed after its start", _settling) if looked else None,
        failed_before=found.read(FAILED, "which units of the host were failed before", _failed),
        backups=tuple(found.backups(plan)) if plan is not None else (),
        patch=(found.read(PATCH, "", _patch) or "") if record.state == "verified" else "",
        lacking=tuple(found.lacking),
    )


class _Folder:
    """Reads what lies there, and keeps what is lacking."""

    def __init__(self, folder: RecoveryFolder, record: RecoveryRecord, host: str) -> None:
        self._folder, self._record, self._host = folder, record, host
        self.is_of_another_host = False
        self.lacking: list[str] = []

    def plan(self) -> RecoveryPlan | None:
        """The plan; None also where it is another host's, and so is all that lies beside it."""
        plan = self.read(PLAN, "what was done, step by step", lambda content: msgspec.json.decode(content, type=RecoveryPlan))
        if plan is None or plan.host == self._host:
            return plan
        self.is_of_another_host = True
        self.lacking.append(f"{printable(self._folder.path)}: is of host {printable(plan.host)}, not of {printable(self._host)}")
        return None

    def backups(self, plan: RecoveryPlan) -> Iterator[Backup]:
        """What was kept of each file that the plan replaces, and whether it can still be put back."""
        for action in (step.action for step in plan.steps):
            if isinstance(action, Replace) and action.before is not None:
                digest = action.before.sha256
                try:
                    self._folder.content(digest)
                except Unavailable as error:
                    why = str(error).removeprefix(f"{printable(self._folder.path)}/{digest}: ")
                    yield Backup(path=action.path, sha256=digest, trouble=why)
                else:
                    yield Backup(path=action.path, sha256=digest)

    def look(self, name: str, what: str) -> Facts | None:
        """A look at the unit of the recovery, and at nothing else."""
        facts = self.read(name, what, decode)
        if facts is None:
            return None
        own = tuple(service for service in facts.services if service.subject == self._record.unit)
        told = f"is of host {printable(facts.host)}, not of {printable(self._host)}" if facts.host != self._host else ""
        told = told or ("" if own else f"holds no look at {self._record.unit}")
        if told:
            self._lacks(name, what, told)
            return None
        return msgspec.structs.replace(facts.facts, services=own)

    def read(self, name: str, what: str, decoded: Callable[[bytes], T]) -> T | None:
        """What a file says; None where there is none that can be read. ``what`` is empty where it need not be there."""
        try:
            return decoded(self._folder.kept(name))
        except Unavailable as error:
            if what:
                self.lacking.append(f"{what}: {error}")
        except BundleError as error:
            self._lacks(name, what, str(error))
        except (msgspec.DecodeError, UnicodeDecodeError, OSError, EOFError, zlib.error, RecursionError) as error:
            self._lacks(name, what, f"is damaged ({printable(str(error))})")
        return None

    def _lacks(self, name: str, what: str, why: str) -> None:
        self.lacking.append(f"{what or 'a file'}: {printable(self._folder.path)}/{name}: {why}")


def _distrust(path: str) -> str:
    """Why a folder is not looked into; empty where it may be."""
    shown = printable(path)
    try:
        found = os.lstat(path)
    except OSError as error:
        return f"all that was kept of the recovery: {shown}: cannot be read: {error.strerror}"
    if not stat.S_ISDIR(found.st_mode):
        return f"all that was kept of the recovery: {shown}: is no folder"
    if found.st_uid not in {0, os.geteuid()} or found.st_mode & _OTHERS_WRITE:
        return f"all that was kept of the recovery: {shown}: others than root and this user may have written it: it is not trusted"
    return ""


def _settling(content: bytes) -> Settling:
    plain = zlib.decompressobj(wbits=31).decompress(content, _LARGEST_SETTLING)
    return msgspec.convert(all_printable(msgspec.json.decode(plain)), Settling)


def _failed(content: bytes) -> tuple[FailedUnit, ...]:
    return msgspec.convert(all_printable(msgspec.json.decode(content)), tuple[FailedUnit, ...])


def _patch(content: bytes) -> str:
    return printable_lines(content.decode("utf-8", "surrogateescape"))
