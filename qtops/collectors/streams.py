"""Read streams, their groups and consumers. Nothing is written, nothing is walked: every question has an answer of bounded size.

Three rounds for a batch of streams, each one pipeline: what it is (TYPE, PTTL, XINFO STREAM); its newest entries and its groups
(XREVRANGE COUNT 50, XINFO GROUPS); the consumers and the pending entries of each group (XINFO CONSUMERS, XPENDING in short). What
can have nothing to tell is not asked for. XINFO STREAM FULL and XPENDING with a range are never used: they grow with the stream.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from publisher.connection import SERVER_WIDE, Trouble, trouble
from publisher.link import Command, Reply
from qtops.collectors import stream_replies as told
from qtops.collectors.redis import Source
from qtops.facts.keys import ServerReading
from qtops.facts.stream_ids import split
from qtops.facts.streams import GroupReading, StreamLook, StreamReading

BATCH: Final = 100  # streams whose answers are held at a time
RECENT: Final = 50  # entries whose ids are read: enough to see a rhythm
RECENT_BYTES: Final = 256 * 1024  # of their values, which come with the ids: of large entries fewer are read
AT_ONCE: Final = 400  # questions of one pipeline: each may have an answer of a megabyte
MOST_GROUPS: Final = 100  # of one stream that are asked about
MOST_CONSUMERS: Final = 10_000  # of one group: XINFO CONSUMERS and XPENDING walk them all, in some 6 ms
PATIENCE_S: Final = 3.0  # how long to go on after the first node of a Cluster did not answer
Question = tuple[Command, bytes]  # and its key


def read_streams(source: Source, server: ServerReading, names: Sequence[str]) -> StreamLook:
    """One look at the streams of these names. ``server`` is the source's greeting: where it says that Redis does not answer, no
    stream is asked for. One that cannot be read says so itself; the others are read.
    """
    asking = _Asking(source, server)
    readings = [reading for start in range(0, len(names), BATCH) for reading in _batch(asking, names[start : start + BATCH])]
    return StreamLook(taken_at_s=time.time(), server=asking.server, streams=tuple(readings))


class _Asking:
    """Asks until the server is lost. A reply is what Redis says, or a Trouble."""

    def __init__(self, source: Source, server: ServerReading) -> None:
        self._source, self.server = source, server
        self._give_up_at: float | None = None

    @property
    def now_s(self) -> float:
        return self._source.now_s()

    def ask(self, questions: Sequence[Question]) -> list[Reply | Trouble]:
        parts = (questions[start : start + AT_ONCE] for start in range(0, len(questions), AT_ONCE))
        return [reply for part in parts for reply in self._ask(part)]

    def _ask(self, questions: Sequence[Question]) -> list[Reply | Trouble]:
        lost = self.server.state != "ok" and (self._give_up_at is None or time.monotonic() > self._give_up_at)
        if lost:
            return [Trouble(self.server.state, "", f"not asked any more: {self.server.detail}")] * len(questions)
        replies = self._source.ask([command for command, _ in questions], [key for _, key in questions])
        found = [trouble(reply) if isinstance(reply, BaseException) else reply for reply in replies]
        gone = next((one for one in found if isinstance(one, Trouble) and one.state in SERVER_WIDE), None)
        if gone is not None and self.server.state == "ok":
            self.server = msgspec.structs.replace(self.server, state=gone.state, advice=gone.advice, detail=gone.detail)
            self._give_up_at = time.monotonic() + PATIENCE_S if self._source.clustered else None
        return found


def _batch(asking: _Asking, names: Sequence[str]) -> list[StreamReading]:
    keys = [name.encode("utf-8", "surrogateescape") for name in names]
    parts: tuple[tuple[bytes, ...], ...] = ((b"TYPE",), (b"PTTL",), (b"XINFO", b"STREAM"))
    replies = iter(asking.ask([((*part, key), key) for key in keys for part in parts]))
    readings, recent = list[StreamReading](), dict[int, int]()
    for index, key in enumerate(keys):
        kind, ttl, info = next(replies), next(replies), next(replies)
        readings.append(_reading(asking, key, kind, ttl, info))
        if readings[-1].present and readings[-1].kind == "stream":
            recent[index] = max(1, min(RECENT, RECENT_BYTES // max(1, told.largest_entry(info))))
    entries = _entries(asking, keys, readings, recent)
    wanted = list[tuple[int, bytes, GroupReading]]()
    for index, (ids, groups) in entries.items():
        readings[index], asked = _with_entries(readings[index], ids, groups)
        wanted += [(index, name, group) for name, group in asked]
    found: dict[int, list[GroupReading]] = {}
    for (index, _, _), group in zip(wanted, _with_consumers(asking, keys, wanted), strict=True):
        found.setdefault(index, []).append(group)
    for index, groups in found.items():
        readings[index] = msgspec.structs.replace(readings[index], groups=tuple(groups))
    _read_next(asking, keys, readings)
    return readings


def _read_next(asking: _Asking, keys: Sequence[bytes], readings: list[StreamReading]) -> None:
    """The entry that each group would be given next, where it lies before the newest ones: how old it is cannot be guessed from the
    pace of these. Groups that stand at the same id share one question, and all of them take no more entries than the newest ones.
    """
    questions = dict[tuple[int, str], Question]()
    for index, reading in enumerate(readings):
        if not reading.recent_ids:
            continue
        first_id, oldest = split(reading.first_id), split(reading.recent_ids[-1])
        given = dict.fromkeys(group.last_delivered_id for group in reading.groups)
        for last_id in [one for one in given if first_id <= split(one) < oldest][: len(reading.recent_ids)]:
            first, second = split(last_id)
            after = b"%d-%d" % (first, second + 1)
            questions[index, last_id] = ((b"XRANGE", keys[index], after, b"+", b"COUNT", b"1"), keys[index])
    replies = dict(zip(questions, asking.ask(list(questions.values())), strict=True))
    ids = {place: told.ids(reply) for place, reply in replies.items() if not isinstance(reply, Trouble)}
    for index in {index for index, _ in ids}:
        groups = tuple(_with_next(group, ids.get((index, group.last_delivered_id), ())) for group in readings[index].groups)
        readings[index] = msgspec.structs.replace(readings[index], groups=groups)


def _with_next(group: GroupReading, ids: Sequence[str]) -> GroupReading:
    return msgspec.structs.replace(group, first_unread_id=ids[0]) if ids else group


def _reading(asking: _Asking, key: bytes, kind: Reply, ttl: Reply, info: Reply) -> StreamReading:
    """What the first round says. Where TYPE may not be asked, XINFO tells as well."""
    base: dict[str, Any] = {"name": told.text(key), "read_at_s": asking.now_s}
    known = "" if isinstance(kind, Trouble) else told.text(kind)
    if known == "none" or _is_absent(info):
        return StreamReading(**base, present=False, kind="none")
    if isinstance(info, Trouble):
        if known not in ("", "stream"):
            return StreamReading(**base, kind=known)
        if info.detail.startswith("WRONGTYPE"):
            return StreamReading(**base, kind="another type")
        return StreamReading(**base, present=None, trouble=info.state, detail=info.detail, advice=info.advice)
    left_ms = ttl if isinstance(ttl, int) and ttl >= 0 else None
    return StreamReading(**base, **told.stream(info), ttl_ms=left_ms)


def _entries(
    asking: _Asking, keys: Sequence[bytes], readings: Sequence[StreamReading], recent: dict[int, int]
) -> dict[int, tuple[Reply, Reply]]:
    """The newest entries and the groups of each stream: None where there are none to ask for."""
    questions, places = list[Question](), list[tuple[int, int]]()
    for index, count in recent.items():
        key, reading = keys[index], readings[index]
        if reading.length:
            questions.append(((b"XREVRANGE", key, b"+", b"-", b"COUNT", b"%d" % count), key))
            places.append((index, 0))
        if reading.groups_count:
            questions.append(((b"XINFO", b"GROUPS", key), key))
            places.append((index, 1))
    found: dict[int, list[Reply]] = {index: [None, None] for index in recent}
    for (index, place), reply in zip(places, asking.ask(questions), strict=True):
        found[index][place] = reply
    return {index: (ids, groups) for index, (ids, groups) in found.items()}


def _with_entries(reading: StreamReading, ids: Reply, groups: Reply) -> tuple[StreamReading, list[tuple[bytes, GroupReading]]]:
    """The reading with ids and what could not be had of it; and the groups to ask more about."""
    if _is_absent(groups):  # it went away between two questions
        gone = StreamReading(name=reading.name, read_at_s=reading.read_at_s, present=False, kind="none")
        return gone, []
    bad = next((one for one in (ids, groups) if isinstance(one, Trouble)), None)
    words = {} if bad is None else {"trouble": bad.state, "detail": bad.detail, "advice": bad.advice}
    recent = () if isinstance(ids, Trouble) else told.ids(ids)
    asked = [] if isinstance(groups, Trouble) else list(told.groups(groups))[:MOST_GROUPS]
    return msgspec.structs.replace(reading, recent_ids=recent, **words), asked


def _with_consumers(
    asking: _Asking, keys: Sequence[bytes], wanted: Sequence[tuple[int, bytes, GroupReading]]
) -> Iterator[GroupReading]:
    questions = list[Question]()
    for index, name, group in wanted:
        key = keys[index]
        if 0 < group.consumers_count <= MOST_CONSUMERS:
            questions.append(((b"XINFO", b"CONSUMERS", key, name), key))
            if group.pending:
                questions.append(((b"XPENDING", key, name), key))
    replies = iter(asking.ask(questions))
    for _, _, group in wanted:
        if group.consumers_count > MOST_CONSUMERS:
            why = f"it has {group.consumers_count} consumers: so many are not asked for, as Redis would stand still meanwhile"
            yield msgspec.structs.replace(group, trouble=why)
        elif group.consumers_count:
            yield _group(group, next(replies), next(replies) if group.pending else None)
        else:
            yield group


def _group(group: GroupReading, consumers: Reply, pending: Reply) -> GroupReading:
    bad = next((one for one in (consumers, pending) if isinstance(one, Trouble)), None)
    first, last = ("", "") if isinstance(pending, Trouble) else told.pending(pending)
    return msgspec.structs.replace(
        group,
        consumers=() if isinstance(consumers, Trouble) else told.consumers(consumers),
        first_pending_id=first,
        last_pending_id=last,
        trouble="" if bad is None else f"{bad.state}: {bad.detail}",
    )


def _is_absent(reply: Reply) -> bool:
    return isinstance(reply, Trouble) and "no such key" in reply.detail
