"""How long to wait before a restart, and how many count. Restarts are on record, so that a new supervisor goes on counting."""

from collections.abc import Iterable
from typing import Final

from qtops.settings import Budget

_DOUBLINGS: Final = 60  # more would be longer than any most_s, and too large for a float


def spent(restarts: Iterable[float], budget: Budget, now_s: float) -> tuple[float, ...]:
    """The restarts that count now, oldest first: those within the window. One that a clock dates later than now counts."""
    return tuple(sorted(at_s for at_s in restarts if now_s - min(at_s, now_s) <= budget.window_s))


def pause_s(budget: Budget, already: int) -> float:
    """How long to wait before the next restart, after so many within the window: twice as long each time."""
    return float(min(budget.first_s * 2.0 ** min(already, _DOUBLINGS), budget.most_s))
