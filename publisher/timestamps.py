"""Times as they are met on the wire: epoch in seconds or milliseconds, ISO 8601 with an offset, with Z, or naive."""

from datetime import UTC, datetime

EARLIEST_S = 946_684_800.0  # 2000-01-01: an epoch before this is no time of ours (a counter, a trend strength, a zero)
LATEST_S = 4_102_444_800.0  # 2100-01-01
_UNITS = (1.0, 1e3, 1e6, 1e9)  # seconds, milliseconds, microseconds, nanoseconds: their ranges from 2000 to 2100 do not overlap


class TimestampError(ValueError):
    """The text is not a time."""


def parse_timestamp(text: str) -> float:
    """Seconds since the epoch. A naive ISO time is taken as UTC; the unit of a number follows from its size.

    Raises TimestampError for what is not a time between 2000 and 2100: text, NaN, infinities, 0, a trend strength.
    """
    text = text.strip()
    if len(text) > 64 or not text.isascii() or not text.isprintable():  # CPython reads a time that ends in NUL
        raise TimestampError("not a time")
    if text[4:5] == "-":  # 2026-…, or a number far too small: waiting for float to fail costs more than reading it
        return _iso(text)
    try:
        number = float(text)
    except ValueError:
        return _iso(text)
    if "_" in text:
        raise TimestampError("digit groups are no part of an epoch")
    return _epoch(number)


def _epoch(number: float) -> float:
    for unit in _UNITS:
        if EARLIEST_S <= number / unit < LATEST_S:  # false for NaN
            return number / unit
    raise TimestampError(f"{number!r} is no epoch between 2000 and 2100 in s, ms, µs or ns")


def _iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TimestampError("neither an epoch nor an ISO 8601 time") from error
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not EARLIEST_S <= seconds < LATEST_S:
        raise TimestampError(f"{text} is not between 2000 and 2100")
    return seconds


def utc_iso(seconds: float) -> str:
    """RFC 3339 with offset and always six decimals (``isoformat`` alone drops them when they are zero)."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
