"""Measure fairly on a machine that is not ours alone.

Only ratios within one run are compared. The arms of a comparison take turns (A B C A B C), so that a slow second hits all of them;
server and client have a CPU each; and how much of the machine others used meanwhile is measured, so that a spoilt run can be told
from a slow program.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from publisher.embedded import PrivateServer, private_server

WARM_UPS: Final = 3
MOST_SPREAD: Final = 3.0  # slowest to fastest round of one arm: above it a run proves nothing
MOST_FOREIGN_CPUS: Final = 0.3  # CPUs that others may use during a run of ours, which needs two
ROOT: Final = Path(__file__).parents[2]
_BUSY: Final = ("user", "nice", "system", "irq", "softirq", "steal")
# A process of its own between us and what is measured: a new process begins with the peak of the one that started it.
_PEAK: Final = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure. The limits are promised for ``FULL``; less is for trying out, and for the tests."""

    symbols: int = 10_000
    keys: int = 100_000
    fewer_keys: int = 10_000
    loop_keys: int = 2_000
    rounds: int = 7
    cycles: int = 100
    interval_s: float = 0.1


FULL: Final = Effort()
TINY: Final = Effort(symbols=300, keys=2_000, fewer_keys=500, loop_keys=100, rounds=2, cycles=5)


def nothing() -> None:
    """What an arm does before each round where it needs no preparation."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the things that are compared. ``before`` prepares each round and is not timed."""

    name: str
    run: Callable[[], object]
    before: Callable[[], object] = nothing


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that one arm took, round by round: by the wall clock, and of this process' CPU time."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the rounds, seconds by the wall clock."""
        return median(self.wall)

    @property
    def best(self) -> float:
        """The fastest round: what the work costs where nothing interferes."""
        return min(self.wall)

    @property
    def spread(self) -> float:
        """Slowest to fastest round."""
        return max(self.wall) / min(self.wall)

    @property
    def median_cpu(self) -> float:
        """Median of this process' own CPU seconds."""
        return median(self.cpu)

    def __str__(self) -> str:
        return f"{_milliseconds(self.median)} ms ({_milliseconds(min(self.wall))} … {_milliseconds(max(self.wall))})"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.0f}" if seconds >= 0.1 else f"{seconds * 1e3:.2g}"


def interleave(arms: Sequence[Arm], rounds: int, warm_ups: int = WARM_UPS) -> dict[str, Times]:
    """Let the arms take turns for ``warm_ups`` rounds that do not count and ``rounds`` that do."""
    walls: dict[str, list[float]] = {arm.name: [] for arm in arms}
    cpus: dict[str, list[float]] = {arm.name: [] for arm in arms}
    for _ in range(warm_ups + rounds):
        for arm in arms:
            arm.before()
            wall, cpu = time.perf_counter(), time.process_time()
            arm.run()
            cpus[arm.name].append(time.process_time() - cpu)
            walls[arm.name].append(time.perf_counter() - wall)
    return {arm.name: Times(tuple(walls[arm.name][warm_ups:]), tuple(cpus[arm.name][warm_ups:])) for arm in arms}


def ratio(over: Times, under: Times) -> float:
    """Median of the ratios round by round: the two arms of a round had the same weather."""
    return median(a / b for a, b in zip(over.wall, under.wall, strict=True))


def best_ratio(over: Times, under: Times) -> float:
    """Ratio of the fastest rounds, for work that only computes."""
    return over.best / under.best


def fastest(times: Mapping[str, Times], *names: str) -> str:
    """Which of these arms is the one to be measured against: the one with the lowest median."""
    return min(names, key=lambda name: times[name].median)


def peak_mb(command: Sequence[str], folder: Path = ROOT) -> float:
    """The most memory that was resident at once while ``command`` ran in ``folder``. Raises CalledProcessError where it fails."""
    launched = subprocess.run([sys.executable, "-c", _PEAK, *command], cwd=folder, env=plain(), capture_output=True, check=True)
    return float(launched.stdout)


def plain() -> dict[str, str]:
    """The environment without anybody's settings; this tree's modules are found wherever a command is run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QTOPS_", "XDG_"))}
    return kept | {"PYTHONPATH": str(ROOT)}


@contextmanager
def pinned_server(*args: str) -> Iterator[PrivateServer]:
    """A private server on the first CPU that we may use, and this process on the second where there is one."""
    ours = os.sched_getaffinity(0)
    first, *others = sorted(ours)
    with private_server(args=args) as server:
        for thread in Path(f"/proc/{server.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {first})
        os.sched_setaffinity(0, {others[0] if others else first})
        try:
            yield server
        finally:
            os.sched_setaffinity(0, ours)


class Neighbours:
    """How many CPUs were used within the block by processes that are not ours, or were stolen by the host of this machine."""

    def __enter__(self) -> "Neighbours":
        self._began, self._busy, self._ours = time.monotonic(), _busy_s(), _ours_s()
        self.cpus = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        elapsed = time.monotonic() - self._began
        self.cpus = max(0.0, (_busy_s() - self._busy - _ours_s() + self._ours) / elapsed)


def _busy_s() -> float:
    found = psutil.cpu_times()
    return float(sum(getattr(found, name) for name in _BUSY))


def _ours_s() -> float:
    """CPU seconds of this process, of the children it has waited for, and of those that still run."""
    me = psutil.Process()
    total = sum(me.cpu_times()[:4])
    for child in me.children(recursive=True):
        try:
            total += sum(child.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue  # it ended a moment ago
    return float(total)
