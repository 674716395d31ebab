"""What the publisher itself remembers of an open position, because no writer supplies it: extremes, entry time, last stop.

Without it nothing trails: peak would always be the price now. A position is known by its side and entry price; another one starts
afresh, while one that is added to, or filled in parts, moves its average entry a little and stays the same. Only what was seen
counts: the peak starts at the first price read, not at the entry price.
"""

from collections.abc import Sequence
from typing import NamedTuple

from publisher.codec import FieldError, PositionInput, number
from publisher.contract import TRACK_FIELDS

SAME_ENTRY = 0.005  # an average entry price that moved less, the smallest distance of a stop, is that of the same position
TRACK_NAMES = tuple(field.name for field in TRACK_FIELDS)


class Track(NamedTuple):
    """One open position as followed so far. ``published_sl`` is None until a proposal was acknowledged."""

    side: str
    entry_price: float
    peak_price: float
    trough_price: float
    opened_at_s: float
    published_sl: float | None = None
    seq: int = 0


def follow(track: Track | None, position: PositionInput, now_s: float) -> Track:
    """The track after one more look at the position."""
    current, age = position.current_price, position.age_sec
    peak, trough = position.peak_price or current, position.trough_price or current
    opened, seq = now_s if age is None else now_s - age, 0
    stop = None
    if track is not None:
        seq = track.seq
        if same_position(track.side, track.entry_price, position.side, position.entry_price):
            peak, trough = max(peak, track.peak_price), min(trough, track.trough_price)
            opened, stop = track.opened_at_s if age is None else opened, track.published_sl
    return Track(position.side, position.entry_price, max(peak, current), min(trough, current), opened, stop, seq)


def same_position(side: str, entry_price: float, other_side: str, other_entry_price: float) -> bool:
    """Whether two looks saw one position."""
    return side == other_side and abs(entry_price - other_entry_price) <= SAME_ENTRY * entry_price


def encode_track(track: Track) -> list[str]:
    """Field and value in turn, as HSET takes them."""
    stop = "" if track.published_sl is None else str(track.published_sl)
    values = (track.side, track.entry_price, track.peak_price, track.trough_price, round(track.opened_at_s * 1000), stop, track.seq)
    return interleave(TRACK_NAMES, list(map(str, values)))


def interleave(names: Sequence[str], values: Sequence[str]) -> list[str]:
    """Name and value in turn."""
    flat = [""] * (2 * len(names))
    flat[::2], flat[1::2] = names, values
    return flat


def decode_track(values: Sequence[bytes | None]) -> Track | None:
    """Read ``HMGET <track key> *TRACK_NAMES``. What is not a whole track is none: the position is then followed afresh."""
    side, entry, peak, trough, opened, stop, seq = values
    if side not in (b"LONG", b"SHORT"):
        return None
    try:
        track = Track(
            side.decode(),
            number(entry, "entry_price"),
            number(peak, "peak_price"),
            number(trough, "trough_price"),
            number(opened, "opened_at_ms") / 1000,
            number(stop, "published_sl") if stop else None,
            int(number(seq, "seq")),
        )
    except FieldError:
        return None
    return track if 0.0 < track.trough_price <= track.peak_price and track.seq >= 0 else None
