"""``verify proposals`` of many symbols against the plainest way to read the same fields of the same keys; what Redis feels of it.

Measured is what the command does between its start-up and its output: read, decode, compute again, compare, report. The bare read
is redis-py's pipeline in chunks of 1,000 symbols, which looks at nothing. The proposals are those of the publisher itself, made
from a simulated market that moves before every round.
"""

import gc
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

from publisher.codec import MARKET_NAMES, POSITION_NAMES
from publisher.connection import connect
from publisher.contract import POSITIONS_HASH, PROPOSAL_FIELDS, market_key, position_key, proposal_key
from publisher.cycle import Cycle
from publisher.embedded import PrivateServer
from publisher.link import Command, Link
from publisher.options import Options
from publisher.report import Report as CycleReport
from publisher.simulated_market import SymbolState, generator, opening, step
from publisher.simulator import writes
from qtops.collectors.proposals import Wanted, look
from qtops.collectors.redis import Source
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Facts
from qtops.reports.proposals.report import Report, report
from qtops.settings import PRICES, PROPOSALS, RedisSettings, Settings
from tests.bench.market import BATCH, symbols
from tests.bench.measuring import ROOT, Arm, Effort, interleave, pinned_server, ratio
from tests.bench.results import Result

READ_LIMIT, BLOCKED_LIMIT_MS = 3.0, 20.0
CHUNK, TIMEOUT_S, STEPS, STEP_S = 1000, 10.0, 10, 10.0
KEYS_PER_SYMBOL: Final = 4  # proposal, market state, position, price
SLOW_US: Final = 1000
PING_EVERY_S, IDLE_S = 0.001, 0.5
VERIFY, READ = "verify proposals", "bare pipelined read"
FIELDS: Final = [field.name for field in PROPOSAL_FIELDS]


class NotRead(RuntimeError):
    """Not all proposals were there to be judged: what was timed is not what was meant."""


def measure(effort: Effort) -> Iterator[Result]:
    """Time, and what other clients of the server feel."""
    with pinned_server() as server:
        market = Market(server.url, effort.symbols)
        yield _against_read(server.url, market, effort)
    with pinned_server() as server:
        yield from _load(server, effort)


class Market:
    """A market in which every symbol has an open position, and the publisher's proposals for it."""

    def __init__(self, url: str, count: int) -> None:
        self.names, self._url = symbols(count), url
        self._chance = {name: generator(name, 1) for name in self.names}
        states = {name: opening(name, number * 3, self._chance[name]) for number, name in enumerate(self.names)}
        for _ in range(STEPS):
            states = {name: self._held(state, step(state, STEP_S, self._chance[name])) for name, state in states.items()}
        self._states = states
        self.publish()

    @staticmethod
    def _held(before: SymbolState, after: SymbolState) -> SymbolState:
        return after if after.holding is not None else before

    def publish(self) -> None:
        """The same market now: its writers and the publisher do their work once."""
        now_s = time.time()
        commands: list[Command] = []
        for name, state in self._states.items():
            commands += writes(state, now_s)
            commands.append(("HSET", f"quantum:market:{name}", "price", f"{state.price:.6f}", "timestamp", f"{now_s:.3f}"))
        with closing(Link(self._url, timeout_s=TIMEOUT_S)) as link:
            for start in range(0, len(commands), BATCH):
                batch = commands[start : start + BATCH]
                link.run(batch, [command[1] for command in batch])
            options = Options(self._url, self.names, publisher_id="benchmark")
            found = Cycle(link, options, self.names).run(now_s, 0.0, CycleReport())
        if len(found.published) + found.unchanged != len(self.names):
            raise NotRead(f"{len(found.published)} published of {len(self.names)}: {found.trouble} {found.refused}")


def verify(url: str, names: Sequence[str]) -> Report:
    """One look at all ``names``, judged. Raises NotRead."""
    settings = Settings(symbols=tuple(names), redis=RedisSettings(url=url, timeout_s=TIMEOUT_S))
    gc.disable()  # as the command does
    try:
        with closing(Source(settings.redis)) as source:
            seen = look(source, source.greet(), Wanted(PROPOSALS, names, PRICES))
        facts = ProposalFacts(family=PROPOSALS.name, symbols=tuple(names), looks=(seen,))
        found = report(Facts(host="bench", taken_at_s=seen.taken_at_s, proposals=facts, settings=settings))
    finally:
        gc.enable()
    there = sum(row.price is not None for row in found.rows)
    if there != len(names):
        raise NotRead(f"{there} of {len(names)} proposals are there, Redis is {seen.server.state}")
    return found


def _against_read(url: str, market: Market, effort: Effort) -> Result:
    names = market.names
    with connect(url, timeout_s=TIMEOUT_S) as client:

        def bare() -> None:
            for start in range(0, len(names), CHUNK):
                pipe = client.pipeline(transaction=False)
                chunk = names[start : start + CHUNK]
                for name in chunk:
                    key = proposal_key(name)
                    pipe.hlen(key)
                    pipe.hmget(key, FIELDS)
                    pipe.pttl(key)
                    pipe.hmget(market_key(name), MARKET_NAMES)
                    pipe.hmget(position_key(name), POSITION_NAMES)
                    pipe.hmget(f"quantum:market:{name}", ["price", "timestamp"])
                pipe.hmget(POSITIONS_HASH, chunk)
                pipe.execute()

        times = interleave([Arm(READ, bare), Arm(VERIFY, lambda: verify(url, names), market.publish)], effort.rounds)
    found = verify(url, names)
    return Result(
        f"{VERIFY} of {len(names):,} symbols",
        ratio(times[VERIFY], times[READ]),
        f"× {READ}",
        READ_LIMIT,
        spread=max(times[VERIFY].spread, times[READ].spread),
        how=f"{times[VERIFY]}, {times[VERIFY].median_cpu * 1e3:.0f} ms of it its own CPU; {READ} {times[READ]}; "
        f"fastest to fastest {times[VERIFY].best / times[READ].best:.2f}; {found.total}, {len(found.judged.findings)} findings",
    )


def _load(server: PrivateServer, effort: Effort) -> Iterator[Result]:
    """What a verification of many keys costs the server, by its own slow log and by a second client's round trips."""
    market, rounds = Market(server.url, effort.keys // KEYS_PER_SYMBOL), max(1, effort.rounds // 3)
    busy, slow = list[float](), list[float]()
    with connect(server.url, timeout_s=TIMEOUT_S) as client:
        with _pinging(server) as idle:
            time.sleep(IDLE_S)
        client.config_set("slowlog-log-slower-than", SLOW_US)
        for _ in range(rounds):
            market.publish()  # within seconds of being looked at: they expire
            client.slowlog_reset()
            with _pinging(server) as times:
                verify(server.url, market.names)
            busy += times
            slow += [entry["duration"] / 1e3 for entry in client.slowlog_get(client.slowlog_len() or 1)]
    name = f"{VERIFY} of {effort.keys:,} keys"
    longest = f"the longest took {max(slow):.1f} ms" if slow else "none took as long as 1 ms"
    yield Result(
        f"{name}: commands that block Redis for more than {BLOCKED_LIMIT_MS:g} ms",
        sum(took_ms > BLOCKED_LIMIT_MS for took_ms in slow),
        "commands",
        0.0,
        how=f"SLOWLOG of {rounds} runs: {longest}",
        timed=False,
    )
    yield Result(
        f"{name}: round trip of a second client meanwhile, p99",
        _p99(busy),
        "ms",
        how=f"{len(busy):,} PINGs, max {max(busy):.1f} ms; with nothing else going on p99 {_p99(idle):.2f} ms",
    )


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


@contextmanager
def _pinging(server: PrivateServer) -> Iterator[list[float]]:
    """Round trips in ms of a client that is a process of its own, on the server's CPU; they are there when the block is over."""
    times: list[float] = []
    command = [sys.executable, "-m", "tests.bench.proposals", server.url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, os.sched_getaffinity(server.pid))
        assert process.stdout is not None
        process.stdout.readline()
        yield times
        told, _ = process.communicate("over\n")
        times += map(float, told.split())


def ping(url: str) -> None:
    """Measure round trips until a line comes in; print them in ms."""
    times = []
    with connect(url, timeout_s=TIMEOUT_S) as client:
        client.ping()
        print(flush=True)
        while not select.select([sys.stdin], [], [], PING_EVERY_S)[0]:
            began = time.perf_counter()
            client.ping()
            times.append((time.perf_counter() - began) * 1e3)
    print(*times)


if __name__ == "__main__":
    ping(sys.argv[1])
