"""Where the incidents are: ``incidents.db`` and ``incidents/NUMBER/`` in a folder of the supervisor's own."""

import os
from pathlib import Path
from typing import Final

from qtops.settings import Settings

HOME: Final = "/var/lib/qtops-supervisor"


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
