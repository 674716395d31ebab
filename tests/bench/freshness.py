"""``verify freshness`` of many proposals against the plainest way to read the same fields of the same keys.

Measured is what the command does between its start-up and its output: read, judge, tally. The bare HMGET is redis-py's pipeline in
chunks of 1,000, which looks at nothing; the HGET loop is what people write first.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from publisher.connection import connect
from publisher.contract import PROPOSAL_FIELDS, proposal_key
from publisher.link import Command, Link
from publisher.timestamps import utc_iso
from qtops.checks.freshness import State
from qtops.cli.looks import Looks
from qtops.collectors.keys import Selection
from qtops.collectors.redis import Source
from qtops.settings import PROPOSALS, RedisSettings, Settings
from tests.bench.market import BATCH, symbols
from tests.bench.measuring import Arm, Effort, interleave, peak_mb, pinned_server, plain, ratio
from tests.bench.results import Result

HMGET_LIMIT, LOOP_LIMIT, GROWTH_LIMIT_MB = 2.0, 10.0, 4.0
CHUNK = 1000
TIMEOUT_S = 10.0
COMPACT = (",", ":")
VERIFY, HMGET, LOOP = "verify freshness", "bare pipelined HMGET", "HGET loop"
# The same fields, but limits that outlast the benchmark: every key is fresh in every round.
LASTING = tuple(msgspec.structs.replace(rule, warn_s=36_000.0, critical_s=36_000.0) for rule in PROPOSALS.times)
FAMILY = msgspec.structs.replace(PROPOSALS, times=LASTING)
FIELDS = [rule.field for rule in LASTING]


class NotFresh(RuntimeError):
    """Not all keys were found fresh: what was timed is not what was meant."""


def measure(effort: Effort) -> Iterator[Result]:
    """Time, memory, and the whole command."""
    with pinned_server() as server, tempfile.TemporaryDirectory() as folder:
        names = symbols(effort.keys)
        _fill(server.url, names)
        yield _against_hmget(server.url, names, effort.rounds)
        yield _against_loop(server.url, names[: effort.loop_keys], effort.rounds)
        yield _memory(server.url, effort)
        yield _command(server.url, names, Path(folder), effort.rounds)


def _fill(url: str, names: Sequence[str]) -> None:
    """Proposals of the full width."""
    now_s = time.time()
    values = {field.name: "0.012345678" for field in PROPOSAL_FIELDS}
    values |= {
        "heartbeat_ms": str(int(now_s * 1000)),
        "computed_at_utc": utc_iso(now_s),
        "reason_codes": "trail_active,regime_trend",
    }
    flat = [text for pair in values.items() for text in pair]
    with closing(Link(url, timeout_s=TIMEOUT_S)) as link:
        for start in range(0, len(names), BATCH):
            keys = [proposal_key(name) for name in names[start : start + BATCH]]
            commands: list[Command] = [("HSET", key, *flat) for key in keys]
            for reply in link.run(commands, keys):
                if isinstance(reply, Exception):
                    raise reply


def verify(url: str, names: Sequence[str]) -> None:
    """One look at all ``names``. Raises NotFresh."""
    redis = RedisSettings(url=url, timeout_s=TIMEOUT_S)
    with closing(Source(redis)) as source:
        looks = Looks(source, Settings(redis=redis), [Selection(FAMILY, names)], scan=False, keep_all=False, tell=_quiet)
        report = looks.report()
    fresh = report.states.get(State.FRESH, 0)
    if fresh != len(names):
        raise NotFresh(f"{fresh} of {len(names)} keys are fresh, Redis is {report.server.state}")


def _quiet(_what: str, _done: float, _total: float) -> None:
    """Progress that nobody watches."""


def _against_hmget(url: str, names: Sequence[str], rounds: int) -> Result:
    with connect(url, timeout_s=TIMEOUT_S) as client:

        def bare() -> None:
            for start in range(0, len(names), CHUNK):
                pipe = client.pipeline(transaction=False)
                for name in names[start : start + CHUNK]:
                    pipe.hmget(proposal_key(name), FIELDS)
                pipe.execute()

        times = interleave([Arm(HMGET, bare), Arm(VERIFY, lambda: verify(url, names))], rounds)
    return Result(
        f"{VERIFY} of {len(names):,} hashes",
        ratio(times[VERIFY], times[HMGET]),
        f"× {HMGET}",
        HMGET_LIMIT,
        spread=max(times[VERIFY].spread, times[HMGET].spread),
        how=f"{times[VERIFY]}, {times[VERIFY].median_cpu * 1e3:.0f} ms of it its own CPU; {HMGET} {times[HMGET]}; "
        f"fastest to fastest {times[VERIFY].best / times[HMGET].best:.2f}",
    )


def _against_loop(url: str, names: Sequence[str], rounds: int) -> Result:
    with connect(url, timeout_s=TIMEOUT_S) as client:

        def loop() -> None:
            for name in names:
                client.hget(proposal_key(name), FIELDS[0])

        times = interleave([Arm(LOOP, loop), Arm(VERIFY, lambda: verify(url, names))], rounds)
    return Result(
        f"{VERIFY} of {len(names):,} hashes",
        ratio(times[LOOP], times[VERIFY]),
        f"× as fast as an {LOOP}",
        LOOP_LIMIT,
        "at least",
        max(times[VERIFY].spread, times[LOOP].spread),
        f"{times[VERIFY]}; {LOOP} {times[LOOP]}",
    )


def _memory(url: str, effort: Effort) -> Result:
    """Two processes that hold the same names; one looks at a few of them, the other at all."""
    command = [sys.executable, "-m", "tests.bench.freshness", url]
    few, all_ = (peak_mb([*command, str(count), str(effort.keys)]) for count in (effort.fewer_keys, effort.keys))
    return Result(
        f"{VERIFY}: more memory for {effort.keys:,} keys than for {effort.fewer_keys:,}",
        all_ - few,
        "MB",
        GROWTH_LIMIT_MB,
        how=f"peak {all_:.1f} and {few:.1f} MB, both with {effort.keys:,} names in memory",
        timed=False,
    )


def _command(url: str, names: Sequence[str], folder: Path, rounds: int) -> Result:
    """The installed command, from its start to its end, with a configuration file that names all symbols."""
    rules = ", ".join(f'{{field = "{rule.field}", interval_s = 10, warn_s = 36000, critical_s = 36000}}' for rule in FAMILY.times)
    (folder / "qtops.toml").write_text(
        f"symbols = {json.dumps(names, separators=COMPACT)}\n"
        f"redis = {{url = {json.dumps(url)}, timeout_s = {TIMEOUT_S}}}\n"
        f'families = [{{name = "{FAMILY.name}", pattern = "{FAMILY.pattern}", times = [{rules}]}}]\n',
        "utf-8",
    )
    command = [sys.executable, "-m", "qtops", "verify", "freshness", "--family", FAMILY.name]

    def whole() -> None:
        subprocess.run(command, cwd=folder, env=plain(), stdout=subprocess.DEVNULL, check=True)

    times = interleave([Arm(VERIFY, whole)], max(1, rounds // 3), 1)
    return Result(
        f"qtops {VERIFY} of {len(names):,} hashes, the whole command",
        times[VERIFY].median,
        "s",
        spread=times[VERIFY].spread,
        how=f"{times[VERIFY]}; peak memory {peak_mb(command, folder):.0f} MB",
    )


if __name__ == "__main__":
    verify(sys.argv[1], symbols(int(sys.argv[3]))[: int(sys.argv[2])])
