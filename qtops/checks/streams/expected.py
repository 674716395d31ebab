"""What is expected of a stream: what the configuration says, else what the ids of its entries tell of its rhythm."""

from itertools import pairwise
from statistics import median
from typing import Final, Literal

import msgspec

from qtops.facts.stream_ids import ZERO, oddity, split, time_s
from qtops.facts.streams import StreamReading
from qtops.settings import Settings, Stream

Kind = Literal["continuous", "periodic", "event", "one_shot", "unknown"]

ROUND: Final = 0.1  # of the longest gap: shorter ones lie within one round, such as one entry for each symbol
ROUNDS: Final = 4  # intervals between rounds, at least: fewer are alike by chance
EQUAL_ROUNDS: Final = 3  # are enough where all rounds have the same number of entries, more than one: chance does not make these
TOLERANCE: Final = 0.25  # of the median: a timer with its work drifts by less, what people do varies by more
STRAY: Final = 0.1  # of the intervals that may lie outside of it: a missed beat, a restart
DENSE_S: Final = 60.0  # a longest gap up to so long, over many entries, is a stream on which something always arrives
MANY: Final = 20  # entries that this takes
SPAN_S: Final = 300.0  # what has lasted for less is a burst, not a rhythm
SUSTAINED: Final = 3.0  # the whole stream may be so many times sparser than its newest entries; more, and these are a burst
CONTINUOUS_S: Final = 20.0  # a continuous stream whose interval nobody knows


class Nature(msgspec.Struct, frozen=True):
    """The kind of a stream, and the longest time between two events that is usual: None where it has no rhythm."""

    kind: Kind
    interval_s: float | None
    declared: bool

    @property
    def judged_by_age(self) -> bool:
        """Whether silence means something: on what is driven by events it does not."""
        return self.kind in ("continuous", "periodic")


def expected(settings: Settings) -> dict[str, Stream]:
    """What the configuration says, by name. A family that is a stream is a periodic one, at the interval of its slowest rule."""
    found: dict[str, Stream] = {}
    for family in settings.families:
        if family.kind == "stream":
            interval_s = max(rule.interval_s for rule in family.times)
            stream = Stream(name=family.pattern, kind="periodic", interval_s=interval_s)
            found |= _each(stream, family.symbols or settings.symbols)
    for stream in settings.streams:
        found |= _each(stream, settings.symbols)
    return found


def nature(stream: StreamReading, declared: Stream | None) -> Nature:
    """What the configuration says of its kind, else what its ids tell."""
    if declared is None or declared.kind == "inferred":
        told = infer(stream)
        interval_s = declared.interval_s if declared else None
        return Nature("periodic", interval_s, declared=True) if interval_s else told
    if declared.kind == "continuous" and declared.interval_s is None:
        told = infer(stream)
        return Nature("continuous", max(CONTINUOUS_S, told.interval_s or 0.0), declared=True)
    return Nature(declared.kind, declared.interval_s, declared=True)


def infer(stream: StreamReading) -> Nature:
    """Its kind from the gaps between its newest entries. Whatever is not clearly a rhythm is taken to be driven by events."""
    if split(stream.last_generated_id) == ZERO:
        return Nature("unknown", None, declared=False)
    if stream.entries_added == 1:
        return Nature("one_shot", None, declared=False)
    times = [time_s(one, stream.read_at_s) for one in reversed(stream.recent_ids)]
    known = [one for one in times if one is not None]
    if len(known) < len(times) or not known:
        return Nature("unknown", None, declared=False)
    gaps = [late - early for early, late in pairwise(known)]
    if not gaps or not _lasts(stream, known):
        return Nature("event", None, declared=False)
    return _rhythm(known, gaps)


def odd_id(stream: StreamReading) -> str:
    """Why the ids of a stream say nothing of its age; empty where they may."""
    last = max(split(stream.last_generated_id), split(stream.last_id))
    if last == ZERO:
        return ""
    why = oddity(f"{last[0]}-{last[1]}", stream.read_at_s)
    return f"its last id {last[0]}-{last[1]} {why}: the writer gives ids of its own" if why else ""


def last_s(stream: StreamReading) -> float | None:
    """When something was last written, also where it has been trimmed since; None for never, or where ids are no times."""
    last = max(split(stream.last_generated_id), split(stream.last_id))
    return time_s(f"{last[0]}-{last[1]}", stream.read_at_s) if last != ZERO else None


def _each(stream: Stream, symbols: tuple[str, ...]) -> dict[str, Stream]:
    if "{symbol}" not in stream.name:
        return {stream.name: stream}
    return {stream.name.replace("{symbol}", symbol): stream for symbol in symbols}


def _lasts(stream: StreamReading, times: list[float]) -> bool:
    """Whether the pace of the newest entries is that of the whole stream, and not of a burst at its end."""
    first, recent_s = time_s(stream.first_id, stream.read_at_s), times[-1] - times[0]
    if first is None or times[-1] - first < SPAN_S:
        return False
    whole_s = (times[-1] - first) / max(1, stream.length - 1)
    return whole_s <= SUSTAINED * recent_s / (len(times) - 1)


def _rhythm(times: list[float], gaps: list[float]) -> Nature:
    longest = max(gaps)
    starts = [index for index, gap in enumerate(gaps, 1) if gap > ROUND * longest]
    intervals = [times[late] - times[early] for early, late in pairwise(starts)]
    sizes = {late - early for early, late in pairwise(starts)}
    if len(intervals) >= (EQUAL_ROUNDS if len(sizes) == 1 and sizes != {1} else ROUNDS):
        usual = median(intervals)
        strays = sum(abs(one - usual) > TOLERANCE * usual for one in intervals)
        if strays <= STRAY * len(intervals):
            return Nature("periodic", usual, declared=False)
    if len(times) >= MANY and longest <= DENSE_S:
        return Nature("continuous", longest, declared=False)
    return Nature("event", None, declared=False)
