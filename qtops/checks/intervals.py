"""How often is a time field really moved, compared with what its rule declares?

Two measures of the same thing: the times that the field itself states, and when its changes were seen. The first is exact and is
used where the values are times; the second is right to one sampling period. A publisher that suppresses unchanged content moves its
time less often than it claims, and nothing but watching it shows that.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.facts.keys import KeyReading
from qtops.findings import Verdict
from qtops.settings import Family, TimeRule

WARN_RATIO: Final = 1.5  # a writer that misses every second beat shows 2
CRITICAL_RATIO: Final = 3.0  # the default limits of a family call a key STALE after three beats
ENOUGH_VALUES: Final = 3  # two intervals: a single one may be the exception


class Interval(msgspec.Struct, frozen=True, gc=False):
    """The measured update interval of one time field of one key. None where it could not be stated."""

    family: str
    subject: str
    field: str
    declared_s: float
    verdict: Verdict
    reason: str
    values: int  # distinct values seen
    watched_s: float
    p50_s: float | None = None
    max_s: float | None = None
    at_least_s: float | None = None  # longest time without an update, where there were too few to measure


class Track:
    """The distinct values of one field, in the order in which they came, and when each was first seen."""

    __slots__ = ("first_s", "last_s", "seen_s", "values")

    def __init__(self, text: str, at_s: float) -> None:
        self.values, self.seen_s = [text], [at_s]
        self.first_s = self.last_s = at_s

    def add(self, text: str, at_s: float) -> None:
        """The field held ``text`` at ``at_s``."""
        self.last_s = at_s
        if text != self.values[-1]:
            self.values.append(text)
            self.seen_s.append(at_s)


class Watched:
    """What repeated readings of the same keys showed. Give it every reading, then ask for the intervals."""

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, str, int], Track] = {}

    def add(self, reading: KeyReading) -> None:
        """Take note of the values of one key."""
        for index, text in enumerate(reading.values):
            if text is not None:
                track = self._tracks.get((reading.family, reading.subject, index))
                if track is None:
                    self._tracks[reading.family, reading.subject, index] = Track(text, reading.read_at_s)
                else:
                    track.add(text, reading.read_at_s)

    def intervals(self, families: dict[str, Family]) -> Iterator[Interval]:
        """One verdict per key and time field that was there at least once."""
        for (family, subject, index), track in self._tracks.items():
            yield measure(family, subject, families[family].times[index], track)


def measure(family: str, subject: str, rule: TimeRule, track: Track) -> Interval:
    """Judge what was seen of one time field."""
    values = len(track.values)
    steps = _declared_steps(track.values) or [later - earlier for earlier, later in pairwise(track.seen_s[1:])]
    watched_s = track.last_s - track.first_s
    if values >= ENOUGH_VALUES:
        p50_s, max_s = median(steps), max(steps)
        verdict, reason = _judged(rule, p50_s)
        return Interval(family, subject, rule.field, rule.interval_s, verdict, reason, values, watched_s, p50_s, max_s)
    quiet = [later - earlier for earlier, later in pairwise([*track.seen_s, track.last_s])]
    at_least_s = max([*quiet, *steps])
    verdict, reason = _too_few(rule, at_least_s, watched_s, updates=values - 1)
    return Interval(family, subject, rule.field, rule.interval_s, verdict, reason, values, watched_s, at_least_s=at_least_s)


def sampling_period_s(families: Iterable[Family]) -> float:
    """How often to look so that no declared update is missed: four times per shortest interval, within 0.2 s and 5 s."""
    shortest = min((rule.interval_s for family in families for rule in family.times), default=20.0)
    return min(max(shortest / 4, 0.2), 5.0)


def _declared_steps(values: list[str]) -> list[float]:
    """Differences of the times that the values state; none where one is no time, or time went back."""
    try:
        times = [parse_timestamp(text) for text in values]
    except TimestampError:
        return []
    steps = [later - earlier for earlier, later in pairwise(times)]
    return steps if all(step > 0 for step in steps) else []


def _judged(rule: TimeRule, p50_s: float) -> tuple[Verdict, str]:
    ratio = p50_s / rule.interval_s
    if ratio <= WARN_RATIO:
        return Verdict.OK, ""
    verdict = Verdict.WARNING if ratio <= CRITICAL_RATIO else Verdict.CRITICAL
    return verdict, f"claims {rule.interval_s:g} s, measured {p50_s:.1f} s"


def _too_few(rule: TimeRule, at_least_s: float, watched_s: float, updates: int) -> tuple[Verdict, str]:
    seen = ("no update", "one update")[updates]
    reason = f"{seen} seen in {watched_s:.1f} s: the interval is at least {at_least_s:.1f} s"
    if at_least_s / rule.interval_s <= WARN_RATIO:
        return Verdict.UNKNOWN, f"{reason}, watch longer than {3 * rule.interval_s:g} s"
    return Verdict.WARNING, f"claims {rule.interval_s:g} s; {reason}"
