"""When the next cycle is due: a fixed grid on the monotonic clock, so that the work of a cycle never adds up to a drift."""

from dataclasses import dataclass
from math import ceil
from random import Random

RETRY_FIRST_S = 1.0  # at most one attempt a second: a server that is full is not stormed


@dataclass(frozen=True, slots=True)
class Tick:
    """The next tick of the grid, and how many ticks passed unused since the last one."""

    due: float
    number: int
    skipped: int


def next_tick(start: float, interval: float, last: int, now: float) -> Tick:
    """The first tick after number ``last`` that is not yet past; a slow cycle skips ticks, it never stacks them."""
    number = max(last + 1, ceil((now - start) / interval))
    return Tick(start + number * interval, number, number - last - 1)


def retry_delay(failures: int, interval: float, random: Random) -> float:
    """Seconds until the next attempt after ``failures`` in a row: exponential with jitter, never above the interval."""
    ceiling = min(interval, RETRY_FIRST_S * 2.0 ** min(failures - 1, 16))
    return ceiling * (0.5 + 0.5 * random.random())
