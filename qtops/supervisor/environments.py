"""What units are given when they start: it names the Redis that they write to, and is read anew with each start of theirs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from qtops.collectors.live_starts import LiveStarts
from qtops.collectors.systemd.reading import NoManager, open_manager
from qtops.errors import QtopsError
from qtops.facts.unit import UnitState
from qtops.unitfile.variables import Variable

SYSTEMD_S: Final = 3.0


class Environments:
    """The environments of units, in the clear: they stay within this process, and none of it is shown."""

    def __init__(self) -> None:
        self._found: dict[str, Mapping[str, Variable]] = {}
        self._barred: dict[str, tuple[str, ...]] = {}
        self._of: dict[str, str] = {}  # by unit: the invocation that it was read for

    def of(self, unit: str) -> Mapping[str, Variable]:
        """That of one unit; nothing where it could not be read."""
        return self._found.get(unit, {})

    def barred(self, unit: str) -> tuple[str, ...]:
        """Files of which this process may not read what they add."""
        return self._barred.get(unit, ())

    def lacks(self, invocations: Mapping[str, str]) -> bool:
        """Whether any of these units was started since it was read."""
        return any(self._of.get(unit) != invocation for unit, invocation in invocations.items())

    def read(self, invocations: Mapping[str, str]) -> None:
        """Read those that were started since. Where systemd does not answer, what was known has to do."""
        wanted = [unit for unit, invocation in invocations.items() if self._of.get(unit) != invocation]
        if not wanted:
            return
        try:
            with open_manager(SYSTEMD_S) as manager:
                states = manager.read(wanted)
        except (NoManager, QtopsError):
            return
        found = {unit: state for unit, state in states.items() if isinstance(state, UnitState)}
        starts = LiveStarts(list(found.values()))
        for unit, state in found.items():
            self._found[unit] = starts.environment(state)
            files = (name.removeprefix("-") for name in starts.environment_files(state))
            self._barred[unit] = tuple(path for path in files if _is_barred(path))
            self._of[unit] = invocations[unit]


def _is_barred(path: str) -> bool:
    try:
        Path(path).stat()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return not os.access(path, os.R_OK)
