"""One publish cycle against the plainest client of the same keys: redis-py's own pipeline, values already made, nothing decoded.

The baseline reads the same market states and positions in chunks of 1,000 symbols (HMGET of the same fields, and HGETALL: the
faster counts) and writes the same hashes: HSET and PEXPIRE of proposal and track where the content is news, of ``heartbeat_ms``
alone where it is not. It is not atomic, decodes, checks and computes nothing, and never looks at what it read.

A cycle includes its log, at level WARNING; once also at INFO, as it is by default, to a file.
"""

import gc
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publisher import contract
from publisher.codec import MARKET_NAMES, POSITION_NAMES
from publisher.connection import connect
from publisher.cycle import Cycle
from publisher.link import Link
from publisher.narration import LOG, Narrator, configure_log
from publisher.options import Options
from publisher.report import Report
from tests.bench.market import INTERVAL_S, Market, symbols
from tests.bench.measuring import Arm, Effort, Times, fastest, interleave, pinned_server, ratio
from tests.bench.results import Result

LIMIT = 1.5
CHUNK = 1000
TIMEOUT_S = 10.0
TTL_MS = 300_000
HMGET, HGETALL, QUIET, LOGGED = "HMGET baseline", "HGETALL baseline", "cycle", "cycle with its log at INFO to a file,"

Hash = dict[bytes, bytes]


class Unfair(RuntimeError):
    """The arms did not do the same work; their times compare nothing."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How prices move before cycle number ``r``, and which symbols are news by it. ``arms`` are the cycles that are timed."""

    name: str
    factor: Callable[[int, int], float | None]  # of r and the symbol's number
    is_news: Callable[[int, int], bool]
    arms: tuple[str, ...] = (QUIET,)
    limit: float | None = LIMIT


SITUATIONS = (
    Situation("steady: heartbeats only", lambda r, _: 1.0 + 0.0001 * (r % 4), lambda _r, _n: False),
    Situation(
        "mixed: a fifth is news",
        lambda r, n: 1.02 + 0.003 * (r // 5 % 4) if (r + n) % 5 == 0 else None,
        lambda r, n: (r + n) % 5 == 0,
        limit=None,
    ),
    Situation("every proposal is news", lambda r, _: 1.0 + 0.003 * (r % 4), lambda _r, _n: True, (QUIET, LOGGED)),
)


def measure(effort: Effort) -> Iterator[Result]:
    """The three situations, one after the other on the same keys."""
    with pinned_server() as server, tempfile.TemporaryDirectory() as folder:
        contest = Contest(server.url, symbols(effort.symbols), Path(folder, "log"))
        try:
            for situation in SITUATIONS:
                contest.situation = situation
                times = interleave(contest.arms(), effort.rounds)
                contest.check(len(situation.arms) * effort.rounds)
                yield from _results(situation, effort, times)
        finally:
            contest.close()


def _results(situation: Situation, effort: Effort, times: dict[str, Times]) -> Iterator[Result]:
    baseline = fastest(times, HMGET, HGETALL)
    for name in situation.arms:
        yield Result(
            f"{name} of {effort.symbols:,} symbols, {situation.name}",
            ratio(times[name], times[baseline]),
            "× baseline",
            situation.limit if name == QUIET else None,
            spread=max(times[name].spread, times[baseline].spread),
            how=f"cycle {_with_cpu(times[name])}; {baseline} {_with_cpu(times[baseline])}; "
            f"fastest to fastest {times[name].best / times[baseline].best:.2f}",
        )


def _with_cpu(times: Times) -> str:
    return f"{times}, {times.median_cpu * 1e3:.0f} ms of it its own CPU"


class Contest:
    """The publisher and its baseline on the same keys, in one situation after the other."""

    def __init__(self, url: str, names: Sequence[str], log: Path) -> None:
        self._names, self.situation = names, SITUATIONS[0]
        self._client, self._feed, self._link = connect(url, timeout_s=TIMEOUT_S), Link(url), Link(url, timeout_s=TIMEOUT_S)
        self._market = Market(self._feed, names)
        self._round, self._reports = 0, list[Report]()
        options = Options(url, tuple(names), publisher_id="benchmark", interval_s=10 * INTERVAL_S)
        Cycle(self._link, options, names).run(self._market.now_s, 0.0, Report())
        self._contents = self._hashes(contract.proposal_key)  # what the baseline writes
        self._tracks = self._hashes(contract.track_key)
        # What is in memory by now is put out of the garbage collector's sight: the cycles pay for their own objects, as they do in
        # a publisher, and not for those of the benchmark.
        gc.collect()
        gc.freeze()
        self._cycle, self._narrator = Cycle(self._link, options, names), Narrator()
        self._log = log.open("a", encoding="utf-8")
        configure_log("WARNING")
        for handler in LOG.handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(self._log)

    def _hashes(self, key: Callable[[str], str]) -> list[Hash]:
        pipe = self._client.pipeline(transaction=False)
        for name in self._names:
            pipe.hgetall(key(name))
        found: list[Hash] = pipe.execute()
        if not all(found):
            raise Unfair(f"not every {key('*')} was written")
        return found

    def arms(self) -> list[Arm]:
        """The two baselines, and the cycles of the situation."""
        cycles = {QUIET: logging.WARNING, LOGGED: logging.INFO}
        return [
            Arm(HMGET, lambda: self._baseline(_hmget)),
            Arm(HGETALL, lambda: self._baseline(_hgetall)),
            *(Arm(name, self._publish, self._before(cycles[name])) for name in self.situation.arms),
        ]

    def _before(self, level: int) -> Callable[[], None]:
        def prepare() -> None:
            self._round += 1
            self._market.advance(lambda number: self.situation.factor(self._round, number))
            LOG.setLevel(level)

        return prepare

    def _publish(self) -> None:
        report = self._cycle.run(self._market.now_s, 0.0, Report())
        self._narrator.tell(report, 0.0)
        self._reports.append(report)

    def _baseline(self, read: Callable[[Any, str], None]) -> None:
        names, pipe = self._names, self._client.pipeline(transaction=False)
        for start in range(0, len(names), CHUNK):
            numbers = range(start, min(start + CHUNK, len(names)))
            for number in numbers:
                read(pipe, names[number])
            pipe.execute()
            for number in numbers:
                self._write(pipe, number)
            pipe.execute()

    def _write(self, pipe: Any, number: int) -> None:
        key = contract.proposal_key(self._names[number])
        if not self.situation.is_news(self._round, number):
            pipe.hset(key, "heartbeat_ms", b"1771372692000")
            pipe.pexpire(key, TTL_MS)
            return
        pipe.hset(key, mapping=self._contents[number])
        pipe.pexpire(key, TTL_MS)
        key = contract.track_key(self._names[number])
        pipe.hset(key, mapping=self._tracks[number])
        pipe.pexpire(key, contract.TRACK_TTL_MS)

    def check(self, cycles: int) -> None:
        """Raises Unfair unless each of the last ``cycles`` published what the baseline wrote."""
        for back, report in enumerate(reversed(self._reports[-cycles:])):
            news = sum(self.situation.is_news(self._round - back, number) for number in range(len(self._names)))
            published, unchanged = len(report.published), report.unchanged
            if (published, unchanged) != (news, len(self._names) - news):
                raise Unfair(f"{published} published and {unchanged} unchanged, where {news} were news ({report.trouble})")

    def close(self) -> None:
        """Drop the connections, and let the garbage collector see everything again."""
        self._client.close()
        self._feed.close()
        self._link.close()
        LOG.handlers.clear()
        self._log.close()
        gc.unfreeze()


def _hmget(pipe: Any, name: str) -> None:
    pipe.hmget(contract.market_key(name), MARKET_NAMES)
    pipe.hmget(contract.position_key(name), POSITION_NAMES)


def _hgetall(pipe: Any, name: str) -> None:
    pipe.hgetall(contract.market_key(name))
    pipe.hgetall(contract.position_key(name))
