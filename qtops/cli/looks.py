"""Look at keys, judge them and report: once, until all is fresh, for a while, or for as long as someone watches."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from publisher.connection import REDIS_ERRORS, trouble
from qtops.checks.freshness import judge, judge_clock
from qtops.checks.intervals import Watched, sampling_period_s
from qtops.cli.progress import Tell
from qtops.collectors.keys import Look, Selection
from qtops.collectors.redis import Source
from qtops.collectors.sampling import beats
from qtops.reports.freshness.report import Report, Tally
from qtops.settings import Settings

SCAN_LIMIT_S: Final = 10.0
TELL_EVERY: Final = 1000  # keys
NAP_S: Final = 0.25


class Looks:
    """Looks at the selected keys of one Redis, as often as it is asked to."""

    def __init__(
        self, source: Source, settings: Settings, selections: Sequence[Selection], *, scan: bool, keep_all: bool, tell: Tell
    ) -> None:
        """``scan``: look for more subjects, once. ``keep_all``: reports list every key, however many."""
        self._source, self._settings, self._selections = source, settings, list(selections)
        self._scan, self._keep_all, self._tell = scan, keep_all, tell
        self._families = {selection.family.name: selection.family for selection in selections}
        self._missing: list[str] = []

    def report(self, watched: Watched | None = None) -> Report:
        """Read and judge every key once. ``watched`` is given the readings as well, and asked for its intervals."""
        look, tally = self._look(), Tally(keep_all=self._keep_all)
        clock = judge_clock(look.server.clock, self._settings.clock_skew_warn_s)
        total = sum(len(selection.subjects) for selection in self._selections)
        for done, reading in enumerate(look, 1):
            tally.add(judge(reading, self._families[reading.family], self._settings))
            if watched is not None:
                watched.add(reading)
            if not done % TELL_EVERY:
                self._tell("keys read", done, total)
        intervals = [] if watched is None else list(watched.intervals(self._families))
        host = os.uname().nodename
        return tally.report(host, time.time(), look.server, clock, intervals=intervals, missing=self._missing)

    def until_fresh(self, timeout_s: float, every_s: float = 1.0) -> Report:
        """Look until every key is fresh, or the time is up."""
        beat = beats(every_s, timeout_s, sleep=self._telling_sleep("seconds waited for fresh keys", timeout_s))
        while True:
            last, report = next(beat), self.report()
            if last or report.all_fresh:
                return report

    def observe(self, for_s: float) -> Report:
        """Look often enough to see every declared update, and compare what was seen with what is declared."""
        watched, sleep = Watched(), self._telling_sleep("seconds observed", for_s)
        for last in beats(sampling_period_s(self._families.values()), for_s, sleep=sleep):
            if last:
                break
            for reading in self._look():
                watched.add(reading)
        return self.report(watched)

    def watch(self, every_s: float) -> Iterator[Report]:
        """Look again and again."""
        for _ in beats(every_s):
            yield self.report()

    def _telling_sleep(self, what: str, total_s: float) -> Callable[[float], None]:
        """Sleep, and tell meanwhile how much of the time has passed."""
        started = time.monotonic()

        def sleep(seconds: float) -> None:
            until = time.monotonic() + seconds
            while (left_s := until - time.monotonic()) > 0:
                self._tell(what, time.monotonic() - started, total_s)
                time.sleep(min(left_s, NAP_S))

        return sleep

    def _look(self) -> Look:
        server = self._source.greet()
        if self._scan and server.state == "ok":
            self._scan = False
            self._selections = [self._with_found(selection) for selection in self._selections]
        return Look(self._source, server, self._selections)

    def _with_found(self, selection: Selection) -> Selection:
        """The selection with the subjects of all keys that match its pattern."""
        pattern = selection.family.pattern
        before, symbol, after = pattern.partition("{symbol}")
        if not symbol:
            return selection
        subjects = dict.fromkeys(selection.subjects)
        try:
            for key in self._source.scan(pattern, SCAN_LIMIT_S):
                subjects[key[len(before) : len(key) - len(after)]] = None
                if not len(subjects) % TELL_EVERY:
                    self._tell("keys found", len(subjects), 0)
        except REDIS_ERRORS as error:
            self._missing.append(f"keys of {pattern} besides those listed: {trouble(error).detail}")
        return Selection(selection.family, tuple(subjects))
