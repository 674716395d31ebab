"""Was every proposal fresh, all the time? Pure: verdicts in, an outcome out.

Two things are no failure: the first two intervals after the first proposal, and a proposal that is absent for up to two intervals
while a position is open, since that position may have opened only now. A proposal that is there has no such excuse.
"""

from collections.abc import Sequence
from math import inf
from typing import Final

from qtops.checks.freshness import Freshness, State
from qtops.reports.demo import NotFresh, Outcome

GRACE_INTERVALS: Final = 2
_RIGHT: Final = frozenset({State.FRESH, State.IDLE})
_ABSENT: Final = frozenset({State.NEVER, State.EXPIRED})


class Watch:
    """Takes note of each sample's verdicts."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s, self._grace_s = interval_s, GRACE_INTERVALS * interval_s
        self._samples = self._fresh = self._idle = self._awaited = 0
        self._oldest_s: float | None = None
        self._first_fresh_s: float | None = None
        self._absent_since_s: dict[str, float] = {}
        self._last: tuple[float, Sequence[Freshness]] = (0.0, ())
        self._not_fresh: dict[tuple[str, State], NotFresh] = {}

    @property
    def begun(self) -> bool:
        """Whether any proposal was fresh yet."""
        return self._first_fresh_s is not None

    def add(self, at_s: float, verdicts: Sequence[Freshness]) -> frozenset[str]:
        """One look at all symbols, ``at_s`` seconds after the start. Returns those whose absent proposal is still excused."""
        self._samples += 1
        self._last = (at_s, verdicts)
        for found in verdicts:
            if found.state in _ABSENT:
                self._absent_since_s.setdefault(found.subject, at_s)
            elif found.state in _RIGHT:
                self._absent_since_s.pop(found.subject, None)
            else:  # it was late before it went: that is no position that opened
                self._absent_since_s[found.subject] = -inf
            self._count(at_s, found)
        if self._first_fresh_s is not None and at_s > self._first_fresh_s + self._grace_s:
            self._blame(at_s, verdicts)
        excused = frozenset(found.subject for found in verdicts if self._excused(at_s, found))
        self._awaited += len(excused)
        return excused

    def _excused(self, at_s: float, found: Freshness) -> bool:
        return found.state in _ABSENT and at_s - self._absent_since_s[found.subject] <= self._grace_s

    def _count(self, at_s: float, found: Freshness) -> None:
        if found.state is State.FRESH:
            self._fresh += 1
            self._oldest_s = max(self._oldest_s or 0.0, found.age_s or 0.0)
            self._first_fresh_s = at_s if self._first_fresh_s is None else self._first_fresh_s
        self._idle += found.state is State.IDLE

    def _blame(self, at_s: float, verdicts: Sequence[Freshness]) -> None:
        for found in verdicts:
            if found.state in _RIGHT or self._excused(at_s, found):
                continue
            known = self._not_fresh.get((found.subject, found.state))
            first_s, samples = (known.at_s, known.samples + 1) if known else (at_s, 1)
            self._not_fresh[found.subject, found.state] = NotFresh(found.subject, found.state, first_s, samples, found.reason)

    def outcome(self, ended_by: str, *, whole: bool) -> Outcome:
        """The end. The last sample gets no grace of the beginning; ``whole`` says that the chain stood to the end."""
        at_s, verdicts = self._last
        if self._first_fresh_s is None or at_s <= self._first_fresh_s + self._grace_s:
            self._blame(at_s, verdicts)
        return Outcome(
            ok=whole and self.begun and not self._not_fresh,
            simulated=True,
            ended_by=ended_by,
            seconds=round(at_s, 1),
            interval_s=self.interval_s,
            symbols=tuple(found.subject for found in verdicts),
            samples=self._samples,
            fresh=self._fresh,
            idle=self._idle,
            awaited=self._awaited,
            oldest_s=None if self._oldest_s is None else round(self._oldest_s, 3),
            not_fresh=tuple(self._not_fresh.values()),
        )
