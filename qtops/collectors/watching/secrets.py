"""What the words of a unit are to be hidden by: the values that its files give it, as far as this user may read them, and looks."""

import time
from collections.abc import Callable
from typing import Final

from qtops.collectors.known_secrets import learned
from qtops.collectors.live_starts import LiveStarts
from qtops.collectors.redact import Redactor
from qtops.facts.unit import UnitState

AGAIN_S: Final = 60.0  # files may say something else after that


class UnitSecrets:
    """Redactors by unit. They hold secrets, so they are neither kept nor shown."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Redactor]] = {}

    def of(self, unit: str) -> Callable[[str], str]:
        """What takes secrets out of a text of this unit."""
        read_s, redactor = self._known.get(unit, (-AGAIN_S, Redactor()))
        if time.monotonic() - read_s >= AGAIN_S:
            self._known = {name: known for name, known in self._known.items() if time.monotonic() - known[0] < AGAIN_S}
            redactor = Redactor([*learned(), *LiveStarts(()).known(UnitState(name=unit))])
            self._known[unit] = (time.monotonic(), redactor)
        return redactor.text
