"""In which form a field states a time: what one writer mixes, its readers have to guess."""

from enum import StrEnum
from functools import lru_cache

from publisher.timestamps import TimestampError, parse_timestamp


class Form(StrEnum):
    """A form of a time."""

    SECONDS = "epoch in s"
    MILLISECONDS = "epoch in ms"
    FINER = "epoch in µs or ns"
    AWARE = "ISO 8601 with offset"
    NAIVE = "ISO 8601 without offset"
    NONE = "no time"


@lru_cache(maxsize=4096)  # a writer stamps all keys of one cycle alike
def form(text: str) -> Form:
    """The form of one text."""
    try:
        moment_s = parse_timestamp(text)
    except TimestampError:
        return Form.NONE
    text = text.strip()
    try:
        number = float(text) if text[4:5] != "-" else None
    except ValueError:
        number = None
    if number is None:
        return Form.AWARE if _has_offset(text) else Form.NAIVE
    scale = number / moment_s
    return Form.SECONDS if scale < 10 else Form.MILLISECONDS if scale < 10_000 else Form.FINER


def moments(texts: "tuple[str, ...]") -> tuple[float, ...]:
    """The times that texts state, without those that are none."""
    found = list[float]()
    for text in texts:
        try:
            found.append(parse_timestamp(text))
        except TimestampError:
            continue
    return tuple(found)


def _has_offset(text: str) -> bool:
    time = text[10:]  # a minus before is part of the date
    return text[-1:] in "Zz" or "+" in time or "-" in time
