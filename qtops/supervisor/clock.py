"""A clock that goes on steadily while the one on the wall is set: everything within a run is reckoned by it."""

import time
from collections.abc import Callable
from typing import Final

JUMP_S: Final = 2.0  # beyond what slewing moves a clock by within an hour (adjtimex(2): 500 ppm)


class Clock:
    """Seconds since the epoch, as the wall clock had it when this run began, and as the monotonic clock counts since."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._ahead_s = wall() - monotonic()
        self._seen_s = self._ahead_s
        self.jumps = 0

    def now_s(self) -> float:
        """The time that everything here is reckoned by."""
        return self._monotonic() + self._ahead_s

    def jumped_s(self) -> float:
        """By how much the wall clock was set since this was last asked; 0 where it was not."""
        offset_s = self._wall() - self._monotonic()
        jump_s, self._seen_s = offset_s - self._seen_s, offset_s
        if abs(jump_s) < JUMP_S:
            return 0.0
        self.jumps += 1
        return jump_s
