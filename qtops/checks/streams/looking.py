"""What all checks of streams look at: the last look, what an earlier one says of the same stream, groups that ought to read."""

from collections.abc import Iterator
from typing import NamedTuple

from qtops.checks.streams.expected import expected
from qtops.facts.streams import GroupReading, StreamFacts, StreamReading
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
