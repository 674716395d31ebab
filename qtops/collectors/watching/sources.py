"""A source of observations that goes away, and that comes back: told once each."""

from typing import Literal

import msgspec

Name = Literal["systemd", "journal"]


class Lost(msgspec.Struct, frozen=True, tag="lost"):
    """A source does not answer any more, or never did. It is tried again by itself."""

    source: Name
    at_s: float
    why: str
    advice: str = ""


class Back(msgspec.Struct, frozen=True, tag="back"):
    """It answers again. What was missed meanwhile follows."""

    source: Name
    at_s: float


class Pause:
    """How long to wait before the next attempt: twice as long each time, until one holds."""

    def __init__(self, first_s: float = 0.1, most_s: float = 30.0) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Seconds from now on."""
        wait_s, self._next_s = self._next_s, min(2 * self._next_s, self._most_s)
        return wait_s

    def reset(self) -> None:
        """It held."""
        self._next_s = self._first_s
