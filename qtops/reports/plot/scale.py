"""Scales: from values to places in a picture, with marks at round numbers, and these numbers in words."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil, floor, log10
from typing import Final, NamedTuple

PADDING: Final = 0.08  # of the range of values, above and below: a line at the edge cannot be seen
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_TIME_STEPS: Final = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 30, 90, 365)),
)


class Scale(NamedTuple):
    """Linear: ``low`` is drawn at ``start``, ``high`` at ``end``; values beyond are drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def padded(values: Iterable[float], *, floor_at: float | None = None) -> tuple[float, float]:
    """A range with all these values in it and room around them; never empty, even for a single value or for none.

    It begins at ``floor_at`` where no value lies below that.
    """
    known = list(values)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = (high - low) * PADDING
    if room <= max(abs(low), abs(high)) * 1e-12:  # a constant, but for rounding
        room = max(abs(low), abs(high)) * PADDING or 1.0
    begin = low - room if floor_at is None or low < floor_at else floor_at
    return begin, high + room


def marks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Round numbers within a range, at most so many."""
    raw = (high - low) / most
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in _STEPS if power * factor >= raw * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return tuple(number * step for number in range(first, last + 1))


def time_marks(low_s: float, high_s: float, most: int = 5) -> tuple[float, ...]:
    """Round times of day within a range, at most so many."""
    step = next((step for step in _TIME_STEPS if (high_s - low_s) / step <= most), None)
    if step is None:
        return marks(low_s, high_s, most)
    return tuple(number * step for number in range(ceil(low_s / step), floor(high_s / step) + 1))


def time_words(at_s: float, span_s: float) -> str:
    """``23:58:12``; without seconds over some hours; with the date over some days. UTC."""
    try:
        moment = datetime.fromtimestamp(at_s, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{at_s:g}"
    return f"{moment:%H:%M:%S}" if span_s < 6 * _HOUR else f"{moment:%H:%M}" if span_s < 2 * _DAY else f"{moment:%m-%d %H:%M}"


def words(value: float) -> str:
    """A number with six digits: ``71,208.9``, ``1.05000e-9``."""
    return mark_words((value,), abs(value) * 1e-5)[0]


def mark_words(at: Sequence[float], step: float = 0.0) -> list[str]:
    """Numbers that are ``step`` apart (their own distance, where that is 0), all in one form and with as many digits as needed."""
    step = step or (at[1] - at[0] if len(at) > 1 else 0.0)
    largest = max(map(abs, at), default=0.0)
    if largest == 0.0:
        return ["0" for _ in at]
    size, finest = floor(log10(largest)), floor(log10(step) + 1e-9) if step > 0 else floor(log10(largest)) - 5
    clean = [value if abs(value) > step * 1e-6 else 0.0 for value in at]
    if -5 <= size < 9:
        return [f"{value:,.{min(max(-finest, 0), 20)}f}" for value in clean]
    digits = min(max(size - finest, 0), 15)
    return [f"{value * 10.0**-size:.{digits}f}e{size}" if abs(size) < 300 else f"{value:.{digits}e}" for value in clean]
