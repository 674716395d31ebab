"""Folders of incidents that are long over: what is on record of an incident goes after some time, and its files with it."""

import shutil
from typing import Final

from qtops.actions.incidents.place import numbered
from qtops.actions.incidents.store import Store

KEPT_S: Final = 90 * 86_400.0  # as long as the records themselves; longer where they were damaged, and say nothing of it


def sweep(store: Store, now_s: float) -> tuple[int, ...]:
    """Remove the folders of which nothing is on record, and in which nothing was written for so long; their numbers."""
    gone = []
    for number, folder in numbered(store.folder).items():
        if store.incident(number) is not None:
            continue
        if now_s - max(file.lstat().st_mtime for file in (folder, *folder.iterdir())) >= KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(number)
    return tuple(sorted(gone))
