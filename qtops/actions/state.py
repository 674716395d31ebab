"""The folder of records and backups: whose it is and who may look into it is settled before anything is written there.

``qtops.db`` is the ledger; ``recoveries/ID`` has a plan and every content that it knows, by SHA-256; ``locks/UNIT.lock`` says who
recovers a service now.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qtops.actions.errors import explaining
from qtops.errors import NotPermitted, UsageError
from qtops.facts.text import printable

ROOT_HOME: Final = "/var/lib/qtops"
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Where things lie in a state folder."""

    path: str

    @property
    def ledger(self) -> str:
        """The SQLite file."""
        return f"{self.path}/qtops.db"

    @property
    def recoveries(self) -> str:
        """One folder per recovery."""
        return f"{self.path}/recoveries"

    def recovery(self, recovery: str) -> str:
        """The folder of one recovery."""
        return f"{self.recoveries}/{_as_name(recovery)}"

    def lock(self, unit: str) -> str:
        """The file that is locked while somebody recovers this unit."""
        return f"{self.path}/locks/{_as_name(unit)}.lock"


def state_path(path: str = "") -> str:
    """The folder as configured (``Settings.state``), else the usual one of this user. Nothing is looked at."""
    if path:
        return str(Path(path).expanduser().absolute())
    if os.geteuid() == 0:
        return ROOT_HOME
    xdg = os.environ.get("XDG_STATE_HOME", "")
    return f"{xdg if xdg.startswith('/') else Path('~/.local/state').expanduser()}/qtops"


def open_state(path: str = "") -> StateFolder:
    """The state folder, made where it is absent, open to its owner alone. NotPermitted where it cannot be trusted or written."""
    state = StateFolder(state_path(path))
    with explaining("make", state.path):
        parent = Path(state.path).parent
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_shared_way(parent)
        for folder in (state.path, state.recoveries, f"{state.path}/locks"):
            make_private(folder)
    return state


def make_private(folder: str) -> None:
    """Make the folder, or see that it is one, ours, and closed to all others: closed anew where it was opened."""
    try:
        Path(folder).mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        sync_folder(str(Path(folder).parent))
    if refuse_foreign(folder) != 0o700:
        Path(folder).chmod(0o700)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotPermitted(f"{printable(folder)}: cannot be written (is its file system read-only?); nothing was changed")


def refuse_foreign(folder: str) -> int:
    """The mode of a folder that is one, and ours. NotPermitted where it is a link, no folder, or another user's."""
    found = os.lstat(folder)
    shown = printable(folder)
    if stat.S_ISLNK(found.st_mode):
        raise NotPermitted(f"{shown}: is a link; records and backups are only kept in a folder of their own: remove the link")
    if not stat.S_ISDIR(found.st_mode):
        raise NotPermitted(f"{shown}: is no folder: move it away")
    if found.st_uid != os.geteuid():
        owner, me = _name(found.st_uid), _name(os.geteuid())
        raise NotPermitted(f"{shown}: belongs to {owner}, not to {me}: run as {owner}, or `chown {me} {shown}` if you trust it")
    return stat.S_IMODE(found.st_mode)


def refuse_shared_way(parent: Path) -> None:
    """NotPermitted where others than root and this user can change a folder on the way: they could swap what is below."""
    way = parent.resolve()
    for folder in (way, *way.parents):
        found = folder.stat()
        is_ours = found.st_uid in {0, os.geteuid()}
        writers = stat.S_IMODE(found.st_mode) & _OTHERS_WRITE
        if found.st_gid in {0, os.getegid()}:
            writers &= ~stat.S_IWGRP
        if not is_ours or (writers and not found.st_mode & stat.S_ISVTX):
            shown = printable(str(folder))
            who = f"belongs to {_name(found.st_uid)}" if not is_ours else "can be written by others"
            raise NotPermitted(
                f"{shown}: {who}, who could put another folder in place of the one for records and backups: "
                f"`chmod go-w {shown}`, or choose another by `state` in the configuration"
            )


def sync_folder(folder: str) -> None:
    """Have the names in a folder on the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _as_name(text: str) -> str:
    """``text`` where it can be a file's name."""
    if not text or text.startswith(".") or "/" in text or not text.isprintable():
        raise UsageError(f"{text[:64]!a}: is no name of a unit or of a recovery: see `qtops recover --list`")
    return text
