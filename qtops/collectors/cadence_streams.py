"""When entries of streams were made, by their newest ids: no waiting, and a bounded number of bytes however large entries are.

Two rounds, each one pipeline: the newest entry of each stream, which tells how large they are; then as many as that allows.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from publisher.connection import Trouble, trouble
from publisher.link import Command, Reply
from qtops.checks.cadence.forms import moments
from qtops.checks.cadence.recorded import declared_s, limits_of
from qtops.collectors.keys import Selection
from qtops.collectors.redis import Source
from qtops.collectors.shown import shown
from qtops.collectors.stream_replies import entry
from qtops.facts.cadence import Series
from qtops.facts.stream_ids import time_s
from qtops.facts.text import printable
from qtops.settings import Stream

IDS: Final = 50  # entries of a stream that are read, for each symbol that may write into it
MOST_IDS: Final = 500
MOST_BYTES: Final = 256 * 1024  # of the values that come with the ids of one stream
LONGEST: Final = 80  # bytes of a value that are kept: more is no time
AT_ONCE: Final = 50  # streams of one pipeline
Wanted = tuple[bytes, Series]  # the key, and what is known of its series before anything is read


def of_streams(streams: Sequence[Stream]) -> list[Wanted]:
    """The series of streams that the configuration names."""
    return [(_wire(stream.name), Series(family=stream.name, declared_s=declared_s(stream))) for stream in streams]


def of_families(selections: Sequence[Selection]) -> list[Wanted]:
    """The series of families that are streams: one for each time rule, by the ids or by a field of the entries."""
    return [
        (
            _wire(selection.family.pattern.replace("{symbol}", subject)),
            Series(
                family=selection.family.name, subject=printable(subject), field=rule.field, declared_s=rule.interval_s,
                limits=limits_of(rule, selection.family.name),
            ),
        )
        for selection in selections
        for subject in selection.subjects
        for rule in selection.family.times
    ]  # fmt: skip


def read(source: Source, wanted: Sequence[Wanted], count: int) -> list[Series]:
    """Each series with the moments of up to ``count`` entries, oldest first, or with why it could not be read."""
    found = list[Series]()
    for start in range(0, len(wanted), AT_ONCE):
        batch = wanted[start : start + AT_ONCE]
        newest = _newest(source, [key for key, _ in batch], [1] * len(batch))
        counts = [_affordable(reply, count) for reply in newest]
        replies = _newest(source, [key for key, _ in batch], counts)
        found += [_series(series, reply, source.now_s()) for (_, series), reply in zip(batch, replies, strict=True)]
    return found


def _newest(source: Source, keys: Sequence[bytes], counts: Sequence[int]) -> list[Reply]:
    commands: list[Command] = [
        (b"XREVRANGE", key, b"+", b"-", b"COUNT", b"%d" % count) for key, count in zip(keys, counts, strict=True)
    ]
    return source.ask(commands, list(keys))


def _affordable(newest: Reply, count: int) -> int:
    """How many entries as large as the newest one are read."""
    if isinstance(newest, BaseException | Trouble) or not newest:
        return 1
    found = entry(newest[0])
    return max(min(count, MOST_BYTES // max(found[2] if found else 1, 1)), 1)


def _series(series: Series, reply: Any, now_s: float) -> Series:
    if isinstance(reply, BaseException | Trouble):
        found = reply if isinstance(reply, Trouble) else trouble(reply)
        state = "wrong_type" if found.detail.startswith("WRONGTYPE") else found.state
        return replace(series, trouble=printable(f"{state}: {found.detail}"))
    if not series.field:
        times = [time_s(entry_id.decode("ascii", "replace"), now_s) for entry_id, _ in reversed(reply)]
        return replace(series, moments_s=tuple(at_s for at_s in times if at_s is not None))
    held = [_value(flat or (), series.field.encode()) for _, flat in reversed(reply)]
    return replace(series, moments_s=moments(tuple(text for text in held if text is not None)))


def _value(flat: Sequence[bytes], field: bytes) -> str | None:
    value = dict(zip(flat[::2], flat[1::2], strict=False)).get(field)
    return None if value is None else shown(value[:LONGEST].decode("utf-8", "backslashreplace"))


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
