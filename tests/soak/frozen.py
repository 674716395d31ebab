"""A publisher that is frozen: systemd sees nothing wrong with it, and no signal comes."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.bench.results import Result
from tests.soak.ground import Ground, eventually, laid, say
from tests.soak.process import Process
from tests.soak.redis import Publisher, lay_server

SLACK_S = 2.0
PUBLISHERS: Final = (
    (Publisher("risk-proposal", 10.0, "redis://127.0.0.1:6379/0"), 2),
    (Publisher("risk-fast", 2.0, "redis://127.0.0.1:6379/1"), 8),
)


def a_frozen_publisher_is_noticed(folder: Path, publishers: Sequence[tuple[Publisher, int]] = PUBLISHERS) -> Iterator[Result]:
    """SIGSTOP at random moments, SIGCONT once that is on record, and again: so often for each publisher."""
    more = "".join(publisher.configuration for publisher, _ in publishers)
    with laid(folder, count=0, more=more) as ground:
        lay_server(ground.box)
        for publisher, _ in publishers:
            publisher.lay(ground.box)
        ground.box.reload()
        for publisher, _ in publishers:
            publisher.start(ground.box)
        ground.start()
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda one: _rounds(ground, *one), publishers))
        for (publisher, rounds), took_s in zip(publishers, found, strict=True):
            yield Result(
                f"SIGSTOP of a publisher every {publisher.interval_s:g} s to an open incident", max(took_s), "s",
                publisher.interval_s + SLACK_S, timed=False,
                how=f"the slowest of {rounds}: {', '.join(f'{each:.2f}' for each in took_s)}; "
                f"{[(each['kind'], each['title']) for each in ground.record.incidents(publisher.unit)]}",
            )  # fmt: skip


def _rounds(ground: Ground, publisher: Publisher, rounds: int) -> list[float]:
    took_s, limit_s = list[float](), 4 * publisher.interval_s + 10
    for number in range(rounds):
        if not eventually(lambda: _is_well(ground, publisher), 60, 0.2):
            say(f"{publisher.unit} is not well before round {number + 1}: {ground.record.incidents(publisher.unit)}")
        time.sleep(ground.chance.uniform(1, 2) * publisher.interval_s)  # with a heartbeat in between
        took_s.append(_frozen(ground, publisher.unit, limit_s))
        say(f"{publisher.unit}: noticed after {took_s[-1]:.2f} s")
    return took_s


def _frozen(ground: Ground, unit: str, limit_s: float) -> float:
    """Seconds until that is on record."""
    frozen, began_s = Process.of(ground.box, unit), time.time()
    os.kill(frozen.pid, signal.SIGSTOP)
    eventually(lambda: ground.record.open_since(unit, began_s) is not None, limit_s, 0.01)
    took_s = time.time() - began_s
    os.kill(frozen.pid, signal.SIGCONT)
    return took_s


def _is_well(ground: Ground, publisher: Publisher) -> bool:
    return not any(each["state"] in {"open", "acknowledged"} for each in ground.record.incidents(publisher.unit))
