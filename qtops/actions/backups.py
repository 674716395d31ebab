"""The folder of one recovery: its plan, and every content that it takes away or puts there, by hash.

A plan that can be read has all of its contents beside it, since it is written last.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from qtops.actions.errors import Refused, explaining
from qtops.actions.state import StateFolder, sync_folder
from qtops.errors import Unavailable
from qtops.facts.text import printable
from qtops.steps import RecoveryPlan

PLAN: Final = "plan.json"
ENDED: Final = "ended.json"
BEFORE: Final = "before.json.gz"  # for reports, as all that follow: the fault as it was found
FAILED: Final = "failed.json"  # all failed units of the host then
AFTER: Final = "after.json.gz"  # the last look at its effect
SETTLING: Final = "settling.json.gz"  # how the service stayed after its start
PATCH: Final = "repository.patch"
LARGEST: Final = 64 << 20  # bytes: as large as a bundle may be
_MAKE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Ended(msgspec.Struct, frozen=True):
    """How a recovery ended, told once more outside of the ledger: a ledger that was lost is made anew from the folders."""

    event: str
    at_s: float
    by: str


@dataclass(frozen=True, slots=True)
class RecoveryFolder:
    """``STATE/recoveries/ID``. Its files are written whole or not at all, 0600, and fsynced with their folder."""

    path: str

    def make(self, plan: RecoveryPlan, contents: Mapping[str, bytes]) -> None:
        """Make the folder with all contents, each read back, and the plan last. Refused where there is one of this id."""
        with explaining("write", self.path):
            try:
                Path(self.path).mkdir(mode=0o700)
            except FileExistsError as error:
                raise Refused(f"{printable(plan.id)}: is recorded already in {printable(self.path)}: make a new plan") from error
            for digest, content in contents.items():
                self._write(digest, content)
                self.content(digest)
            self._write(PLAN, msgspec.json.format(msgspec.json.encode(plan), indent=1))
            sync_folder(str(Path(self.path).parent))

    def discard(self) -> None:
        """Remove what was made where the plan never was begun."""
        for file in Path(self.path).iterdir():
            file.unlink()
        Path(self.path).rmdir()

    def plan(self) -> RecoveryPlan:
        """The plan; Unavailable where it is gone or damaged."""
        try:
            return msgspec.json.decode(self._read(PLAN), type=RecoveryPlan)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable(f"{printable(self.path)}/{PLAN}: is damaged ({error}); its backups lie beside it") from error

    def content(self, digest: str) -> bytes:
        """The content with this hash; Unavailable where it is gone, or is not what was put there."""
        content = self._read(digest)
        if sha256(content).hexdigest() != digest:
            raise Unavailable(f"{printable(self.path)}/{digest}: is damaged: its content has another hash than its name")
        return content

    def end(self, ended: Ended) -> None:
        """Note how it ended: in place, since half of it says as little as nothing."""
        with explaining("write", self.path):
            _fill(Path(self.path, ENDED), msgspec.json.encode(ended))
            sync_folder(self.path)

    def reopen(self) -> None:
        """Forget how it ended: it is under way again."""
        with explaining("write", self.path):
            Path(self.path, ENDED).unlink(missing_ok=True)
            sync_folder(self.path)

    def ended(self) -> Ended | None:
        """How it ended; None where it has not, or where that cannot be told."""
        try:
            return msgspec.json.decode(self._read(ENDED), type=Ended)
        except (Unavailable, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def kept(self, name: str) -> bytes:
        """Something that was kept for reports; Unavailable where it is gone, or is larger than anything that is kept."""
        content = self._read(name, LARGEST + 1)
        if len(content) > LARGEST:
            raise Unavailable(f"{printable(self.path)}/{name}: larger than {LARGEST >> 20} MiB, which nothing is that is kept")
        return content

    def _write(self, name: str, content: bytes) -> None:
        temporary = Path(self.path, f".{name}.tmp")
        _fill(temporary, content)
        temporary.rename(Path(self.path, name))
        sync_folder(self.path)

    def _read(self, name: str, most: int = -1) -> bytes:
        try:
            with os.fdopen(os.open(Path(self.path, name), _READ), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Unavailable(f"{printable(self.path)}/{name}: is no regular file")
                return file.read(most)
        except OSError as error:
            raise Unavailable(f"{printable(self.path)}/{name}: cannot be read: {error.strerror}") from error


def _fill(path: Path, content: bytes) -> None:
    """A new file with this content, on the disk when this returns."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, _MAKE, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def folder_of(state: StateFolder, recovery: str) -> RecoveryFolder:
    """The folder of a recovery, whether it is there or not."""
    return RecoveryFolder(state.recovery(recovery))
