"""How often something was really updated: the intervals of one series, and what bounds them.

Two clocks tell an interval: the times that a writer states, which are exact, and the moments at which a looker first saw them,
which are right to one sampling period. The first counts as long as the second agrees, so that a writer's clock that is set forward
or back makes no interval. Ids of a stream are stated by Redis itself. What happens between two looks is not seen: an interval is
never longer than it looks, but it may be shorter.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, isfinite
from statistics import median
from typing import Final

import msgspec

from qtops.facts.cadence import Series

SLOW: Final = 1.5  # times the declared interval: a writer that misses every second beat shows 2
ENOUGH: Final = 3  # intervals: of fewer, each may be the exception
FINE: Final = 1.5  # times the sampling period: what is longer has no second update hidden in it
BURST: Final = 0.1  # of the declared interval: entries of a stream that are closer belong to one cycle of its writer
ROUNDING_S: Final = 1.0  # a time in whole seconds is wrong by so much


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The intervals of one series. Without ``p50_s`` no interval was seen; ``at_least_s`` says what the last one comes to."""

    n: int = 0  # intervals
    p50_s: float | None = None
    p95_s: float | None = None
    max_s: float | None = None
    open_s: float = 0.0  # since the last update: the interval in progress is at least so long
    proven: bool = True  # no update can have been missed
    watched_s: float = 0.0

    @property
    def at_least_s(self) -> float:
        """The longest interval is at least so long."""
        longest = self.max_s if self.max_s is not None and self.proven else 0.0
        return max(longest, self.open_s)

    def slower_than(self, interval_s: float) -> bool:
        """Whether most of what was seen is slower than ``interval_s``; of few intervals, whether one of them is."""
        if self.p50_s is not None and self.n >= ENOUGH:
            return self.proven and self.p50_s > SLOW * interval_s
        return self.at_least_s > SLOW * interval_s

    def keeps(self, interval_s: float) -> bool:
        """Whether it was seen to be updated at least every ``interval_s``: an interval that looks short enough is."""
        return self.p50_s is not None and self.p50_s <= SLOW * interval_s


def measure(series: Series, now_s: float) -> Measured:
    """The intervals of one series, as it was at ``now_s`` by the clock of Redis."""
    if not series.seen_at_s:
        moments = cycles([moment for moment in series.moments_s if isfinite(moment)], series.declared_s)
        open_s = max(now_s - moments[-1], 0.0) if moments else 0.0
        return _of([later - earlier for earlier, later in pairwise(moments)], open_s, 0.0, 0.0)
    open_s = max(series.seen_at_s[0] + series.watched_s - series.seen_at_s[-1], 0.0)
    return _of(_steps(series), open_s, series.sampled_every_s, series.watched_s)


def cycles(moments_s: Sequence[float], declared_s: float | None) -> list[float]:
    """The first of each burst of entries: whoever writes one entry per symbol writes many per cycle. Without order or repeats."""
    within_s = BURST * declared_s if declared_s else 0.0
    firsts = list[float]()
    for moment in sorted(moments_s):
        if not firsts or moment - firsts[-1] > within_s:
            firsts.append(moment)
    return firsts


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: the smallest value that at least ``share`` of all do not exceed. ``ordered`` is not empty."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def _steps(series: Series) -> list[float]:
    """Stated intervals where the sightings agree, else the sightings.

    The first value was there before the first look, so that its sighting only bounds the first interval from below.
    """
    seen = [later - earlier for earlier, later in pairwise(series.seen_at_s)]
    if len(series.moments_s) != len(series.seen_at_s):
        return [step for step in seen[1:] if step > 0]
    slack_s = max(series.sampled_every_s, series.blind_s) + ROUNDING_S
    stated = [later - earlier for earlier, later in pairwise(series.moments_s)]
    first = [said for said, saw in zip(stated[:1], seen, strict=False) if said >= saw - slack_s]
    agreed = (said if said >= 0 and abs(said - saw) <= slack_s else saw for said, saw in zip(stated[1:], seen[1:], strict=True))
    return [step for step in (*first, *agreed) if step > 0]


def _of(steps: list[float], open_s: float, sampled_every_s: float, watched_s: float) -> Measured:
    if not steps:
        return Measured(open_s=open_s, watched_s=watched_s)
    p50_s, ordered = median(steps), sorted(steps)
    return Measured(
        n=len(steps), p50_s=p50_s, p95_s=percentile(ordered, 0.95), max_s=ordered[-1], open_s=open_s,
        proven=p50_s > FINE * sampled_every_s, watched_s=watched_s,
    )  # fmt: skip
