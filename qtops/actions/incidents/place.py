"""Where the incidents are: ``incidents.db`` and ``incidents/NUMBER/`` in a folder of the supervisor's own."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from qtops.settings import Settings

HOME: Final = "/var/lib/qtops-supervisor"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def store_path(settings: Settings) -> str:
    """The folder as configured, else as systemd gave it, else the supervisor's where it is there or root asks, else the user's.

    systemd gives several in $STATE_DIRECTORY, joined by colons, where a unit wants several: the first is meant.
    """
    if settings.supervise.state:
        return str(Path(settings.supervise.state).expanduser().absolute())
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given.startswith("/"):
        return given
    if os.geteuid() == 0 or Path(HOME).is_dir():
        return HOME
    xdg = os.environ.get("XDG_STATE_HOME", "")
    return f"{xdg if xdg.startswith('/') else Path('~/.local/state').expanduser()}/qtops/supervisor"


def database_of(folder: str) -> str:
    """The SQLite file of a store."""
    return f"{folder}/incidents.db"


def folders_of(folder: str) -> str:
    """Where each incident has a folder, under its number."""
    return f"{folder}/incidents"


def numbered(folder: str) -> dict[int, Path]:
    """The folders that are there, by their numbers; no links, and no number that SQLite has not."""
    with suppress(FileNotFoundError):
        entries = [entry for entry in os.scandir(folders_of(folder)) if entry.is_dir(follow_symlinks=False)]
        return {int(entry.name): Path(entry.path) for entry in entries if _NUMBER.fullmatch(entry.name)}
    return {}
