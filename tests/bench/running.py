"""A publisher of three symbols as its own process: how much memory it takes, and how well it keeps time.

The time is the server's: MONITOR stamps the write that ends each cycle to the microsecond. The ideal grid is the publisher's
interval, laid through the earliest cycle; what a cycle comes after its place on the grid is its error. A process that only sleeps
on such a grid, in the same minute, shows what this machine can do at best.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from publisher import contract
from publisher.connection import connect
from publisher.link import Link
from tests.bench.market import Market, symbols
from tests.bench.measuring import ROOT, Effort, pinned_server
from tests.bench.results import Result

MEMORY_LIMIT_MB = 45.0
LATENESS_LIMIT_MS = 20.0
PUBLISHER_ID = "benchmark"
SYMBOLS = symbols(3)
STAMP = re.compile(r"^(?P<seconds>\d+\.\d+) \[\d+ (?!lua)")
START_LIMIT_S = 10.0
_SLEEPER = """
import sys, time
interval, cycles = float(sys.argv[1]), int(sys.argv[2])
start = time.monotonic()
for number in range(1, cycles + 1):
    time.sleep(max(0.0, start + number * interval - time.monotonic()))
    print(time.time(), flush=True)
"""


def measure(effort: Effort) -> Iterator[Result]:
    """Memory, modules and cadence of one run."""
    floor = lateness_ms(_sleeper(effort), effort.interval_s)
    with pinned_server() as server:
        link = Link(server.url)
        Market(link, SYMBOLS, time.time())
        link.close()
        with _publisher(server.url, effort.interval_s) as process:
            stamps = _cycles(server.url, effort.cycles)
            resident, peak = _status_mb(process.pid, "VmRSS"), _status_mb(process.pid, "VmHWM")
            numpy = "numpy" in Path(f"/proc/{process.pid}/maps").read_text("utf-8")
    late = lateness_ms(stamps, effort.interval_s)
    name = f"publisher of {len(SYMBOLS)} symbols"
    yield Result(
        f"{name}: resident memory",
        resident,
        "MB",
        MEMORY_LIMIT_MB,
        how=f"VmRSS after {effort.cycles} cycles; peak {peak:.1f}",
        timed=False,
    )
    yield Result(f"{name}: numpy loaded", float(numpy), "modules", 0.0, how="its libraries in /proc/PID/maps", timed=False)
    yield Result(
        f"{name}: cadence error, p99 of {effort.cycles} cycles",
        _quantile(late, 0.99),
        "ms",
        LATENESS_LIMIT_MS,
        how=f"p50 {_quantile(late, 0.5):.2f}, max {max(late):.2f}; a process that only sleeps: p50 {_quantile(floor, 0.5):.2f}, "
        f"p99 {_quantile(floor, 0.99):.2f}, max {max(floor):.2f} ms; interval {effort.interval_s:g} s",
    )


def lateness_ms(stamps: list[float], interval_s: float) -> list[float]:
    """How far each stamp is behind its place on the grid through the earliest, in ms. The n-th stamp belongs to the n-th place."""
    offsets = [stamp - number * interval_s for number, stamp in enumerate(stamps)]
    return [(offset - min(offsets)) * 1e3 for offset in offsets]


def _quantile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed (nearest rank)."""
    return sorted(values)[ceil(len(values) * share) - 1]


@contextmanager
def _publisher(url: str, interval_s: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "publisher", "--redis-url", url, "--symbols", ",".join(SYMBOLS), "--interval", str(interval_s)]
    with subprocess.Popen([*command, "--publisher-id", PUBLISHER_ID], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _cycles(url: str, count: int) -> list[float]:
    """When the server saw the ends of ``count`` cycles, after the first two, which also import and connect."""
    key = contract.publisher_key(PUBLISHER_ID)
    stamps: list[float] = []
    with connect(url, timeout_s=START_LIMIT_S) as client, client.monitor() as monitor:
        while len(stamps) < count + 2:
            line = monitor.connection.read_response()
            text = line.decode("utf-8", "replace")
            found = STAMP.match(text)
            if found and f'"{key}"' in text:
                stamps.append(float(found["seconds"]))
    return stamps[2:]


def _sleeper(effort: Effort) -> list[float]:
    command = [sys.executable, "-c", _SLEEPER, str(effort.interval_s), str(effort.cycles)]
    return [float(line) for line in subprocess.run(command, capture_output=True, check=True).stdout.split()]


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"/proc/{pid}/status has no {name}")
