"""What all checks of streams look at: the last look, what an earlier one says of the same stream, groups that ought to read."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from qtops.checks.streams.expected import expected
from qtops.facts.stream_ids import split
from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.settings import Settings, Stream


class Looked(NamedTuple):
    """One stream that could be read, as it is, as it was at an earlier look, and as the configuration has it."""

    stream: StreamReading
    before: StreamReading | None
    declared: Stream | None

    @property
    def apart_s(self) -> float:
        """Seconds between the two looks; 0 where there was one."""
        return self.stream.read_at_s - self.before.read_at_s if self.before else 0.0


class Reader(NamedTuple):
    """One group of a stream, as it is and as it was."""

    looked: Looked
    group: GroupReading
    before: GroupReading | None

    @property
    def stream(self) -> StreamReading:
        """The stream that it reads."""
        return self.looked.stream


def streams(facts: StreamFacts, settings: Settings) -> Iterator[Looked]:
    """Every stream that is there and could be read."""
    if not facts.looks:
        return
    known = expected(settings)
    earlier = {stream.name: stream for stream in facts.looks[0].streams} if len(facts.looks) > 1 else {}
    for stream in facts.looks[-1].streams:
        if stream.present and stream.kind == "stream":
            before = earlier.get(stream.name)
            yield Looked(stream, before if before is not None and before.present else None, known.get(stream.name))


def readers(facts: StreamFacts, settings: Settings) -> Iterator[Reader]:
    """Every group of every stream, without those that are lanes for manual or standby use."""
    for looked in streams(facts, settings):
        lanes = looked.declared.lanes if looked.declared else ()
        earlier = {group.name: group for group in looked.before.groups} if looked.before else {}
        for group in looked.stream.groups:
            if group.name not in lanes:
                yield Reader(looked, group, earlier.get(group.name))


def joined(earlier: StreamFacts, now: StreamFacts) -> StreamFacts:
    """The last look of ``now``, with one look before it to compare with, however often one looks.

    Of a stream that has a group which has not moved since the look before that, the older reading is kept: how long it has been
    standing there is then known, and a look every few seconds tells as much as two that are far apart.
    """
    if not (earlier.looks and now.looks):
        return now
    last, first = earlier.looks[-1], earlier.looks[0]
    older = {stream.name: stream for stream in first.streams}
    kept = tuple(older[one.name] if one.name in older and _stands(older[one.name], one) else one for one in last.streams)
    look: StreamLook = replace(last, streams=kept)
    return replace(now, looks=(look, now.looks[-1]))


def _stands(older: StreamReading, newer: StreamReading) -> bool:
    """Whether a group with entries before it was given nothing between the two."""
    stood = {group.name: group.last_delivered_id for group in older.groups}
    return any(
        stood.get(group.name) == group.last_delivered_id and split(group.last_delivered_id) < split(newer.last_id)
        for group in newer.groups
    )
