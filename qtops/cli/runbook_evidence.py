"""Where the evidence of a run is kept: one file, that its owner alone can read."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from qtops.actions.state import open_state
from qtops.bundle.writing import write
from qtops.guides.outcome import Record
from qtops.reports.guides import document

FOLDER: Final = "runs"


def keeper(asked: Path | None, state: str, name: str, started_s: float) -> tuple[str, Callable[[Record], None]]:
    """The path, and what writes a record there: as a whole or not at all, over the record of the same run before it.

    ``asked`` is a file or a folder, ``state`` the configured state folder. Raises NotPermitted, UsageError, Unavailable.
    """
    path = _path(asked, state, f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(started_s))}-{name}-{secrets.token_hex(2)}.json")

    def keep(record: Record) -> None:
        write(path, document.render(record).encode() + b"\n")

    return str(path), keep


def _path(asked: Path | None, state: str, name: str) -> Path:
    if asked is not None:
        return (asked / name if asked.is_dir() else asked).absolute()
    folder = Path(open_state(state).path) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / name
