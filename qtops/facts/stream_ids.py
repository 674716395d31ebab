"""Ids of stream entries, as numbers that can be compared and as times.

Redis makes an id of its own clock, in milliseconds, unless the writer gives one: an id is a claim, not a clock.
"""

import re
from typing import Final

Id = tuple[int, int]
ZERO: Final[Id] = (0, 0)
AHEAD_S: Final = 60.0  # clocks of two masters may differ so much; more is no clock
PLAUSIBLE_S: Final = 10 * 365 * 86_400.0  # streams are younger than that: before, a number is no time
_FORM: Final = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)


def split(text: str) -> Id:
    """Milliseconds and sequence number; ``ZERO`` for what is no id."""
    match = _FORM.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else ZERO


def oddity(text: str, now_s: float) -> str:
    """Why an id says nothing of when its entry was written; empty where it may."""
    return _oddity(split(text)[0] / 1000, now_s)


def time_s(text: str, now_s: float) -> float | None:
    """When the entry was written, seconds since the epoch; None where its id is no time."""
    seconds = split(text)[0] / 1000
    return None if _oddity(seconds, now_s) else seconds


def _oddity(seconds: float, now_s: float) -> str:
    if seconds > now_s + AHEAD_S:
        return "lies in the future"
    return "is no time" if seconds < now_s - PLAUSIBLE_S else ""
