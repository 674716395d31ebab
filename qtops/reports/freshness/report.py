"""What ``qtops verify freshness`` found, in the form that all renderers share."""

from collections import Counter
from typing import Final

import msgspec

from qtops.checks.freshness import ClockCheck, Freshness, State
from qtops.checks.intervals import Interval
from qtops.facts.keys import ServerReading
from qtops.findings import Verdict, worst

FEW: Final = 200  # up to so many keys are all listed for people; of more, only those that are not in order
MOST: Final = 1000  # and of these the worst: more nobody reads, and a program reads JSON
ORDER: Final = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.UNKNOWN: 2, Verdict.OK: 3}


class FamilySummary(msgspec.Struct):
    """One family in short. ``oldest`` is the key nearest to, or farthest beyond, its limit."""

    name: str
    total: int = 0
    verdict: Verdict = Verdict.OK
    oldest: Freshness | None = None


class Report(msgspec.Struct, frozen=True):
    """One look, judged. ``left_out`` keys are counted in ``states`` but not in ``rows``."""

    host: str
    taken_at_s: float  # this host's clock
    server: ServerReading
    clock: ClockCheck
    rows: list[Freshness]
    states: dict[State, int]
    families: list[FamilySummary]
    intervals: list[Interval]
    missing: list[str]  # what could not be looked at, and why
    verdict: Verdict

    @property
    def total(self) -> int:
        """How many keys were looked at."""
        return sum(self.states.values())

    @property
    def left_out(self) -> int:
        """How many of them are not in ``rows``."""
        return self.total - len(self.rows)

    @property
    def in_order(self) -> int:
        """How many keys are FRESH, or rightly absent."""
        return self.states.get(State.FRESH, 0) + self.states.get(State.IDLE, 0)

    @property
    def all_fresh(self) -> bool:
        """Whether every key is in order. False where there is none."""
        return 0 < self.in_order == self.total


class Tally:
    """Counts verdicts as they come, and keeps the rows: all, or, so that memory stays flat, those that people want to see."""

    def __init__(self, *, keep_all: bool) -> None:
        self.rows: list[Freshness] = []
        self.states: Counter[State] = Counter()
        self.families: dict[str, FamilySummary] = {}
        self._keep_all, self._keep_ok = keep_all, True

    def add(self, row: Freshness) -> None:
        """Count one key."""
        self.states[row.state] += 1
        family = self.families.get(row.family)
        if family is None:
            family = self.families[row.family] = FamilySummary(row.family)
        family.total += 1
        if row.verdict is not family.verdict:
            family.verdict = worst([family.verdict, row.verdict])
        if row.age_s is not None and (family.oldest is None or row.strain > family.oldest.strain):
            family.oldest = row
        if self._keep_ok or row.verdict is not Verdict.OK:
            self.rows.append(row)
            if not self._keep_all and len(self.rows) > (FEW if self._keep_ok else 2 * MOST):
                self._prune()

    def report(
        self,
        host: str,
        taken_at_s: float,
        server: ServerReading,
        clock: ClockCheck,
        *,
        intervals: list[Interval],
        missing: list[str],
    ) -> Report:
        """Close the count. The worst of everything is the verdict; what is missing could not be told."""
        if not self._keep_all:
            self.rows = worst_first(self.rows)[: MOST if not self._keep_ok else FEW]
        families = list(self.families.values())
        verdicts = [clock.verdict, *(family.verdict for family in families), *(interval.verdict for interval in intervals)]
        if missing or not families:
            verdicts.append(Verdict.UNKNOWN)
        return Report(host, taken_at_s, server, clock, self.rows, dict(self.states), families, intervals, missing, worst(verdicts))

    def _prune(self) -> None:
        self._keep_ok = False
        self.rows = worst_first([row for row in self.rows if row.verdict is not Verdict.OK])[:MOST]


def worst_first(rows: list[Freshness]) -> list[Freshness]:
    """In the order in which a person wants to read them."""
    return sorted(rows, key=lambda row: (ORDER[row.verdict], -row.strain, row.family, row.subject))


def counted(states: dict[State, int]) -> str:
    """The states and how many keys are in each, worst first: ``1 STALE, 5 FRESH``."""
    order = (State.STALE, State.FUTURE, State.NEVER, State.EXPIRED, State.LATE, State.UNKNOWN, State.FRESH, State.IDLE)
    return ", ".join(f"{states[state]} {state}" for state in order if state in states)
