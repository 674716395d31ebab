"""Moments and spans of time in words: UTC and an age, always both, because people misread epochs."""

from datetime import UTC, datetime
from math import isfinite
from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_SHORT_S: Final = 10  # below, tenths matter


def span(seconds: float) -> str:
    """``17 h 4 min``, ``2.5 s``: the two largest units that say something."""
    if not isfinite(seconds):
        return f"{seconds:g} s"
    if seconds < 0:
        return f"-{span(-seconds)}"
    if seconds < _SHORT_S:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    left, parts = round(seconds), list[str]()
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(filter(None, parts))


def utc(moment_s: float) -> str:
    """``2026-02-17 06:06:03 UTC``; a moment that no calendar has is given as it is."""
    try:
        return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"epoch {moment_s:g}"


def moment(moment_s: float, now_s: float) -> str:
    """``2026-02-17 06:06:03 UTC (17 h 4 min ago)``."""
    away_s = now_s - moment_s
    return f"{utc(moment_s)} ({span(away_s)} ago)" if away_s >= 0 else f"{utc(moment_s)} (in {span(-away_s)})"
