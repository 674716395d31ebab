"""How long it takes from kill -9 of a service until that is on record."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.results import Result
from tests.soak.ground import Ground, laid, quantile, say

P50_MS, P99_MS = 50.0, 250.0
CRASHES, LOST_S = 100, 10.0
HOW = "from before kill(2) until another process reads the committed row in SQLite, asked every ms"


def a_death_is_on_record_at_once(folder: Path, crashes: int = CRASHES) -> Iterator[Result]:
    """Kill one service after the other at random moments."""
    with laid(folder) as ground:
        ground.start()
        took_ms = sorted(_crashes(ground, crashes))
    lost = crashes - len(took_ms)
    shown = f"{HOW}; {crashes} crashes of {len(ground.units)} units, min {took_ms[0]:.1f}, max {took_ms[-1]:.1f} ms"
    yield Result("kill -9 to on record, p50", quantile(took_ms, 0.5), "ms", P50_MS, how=shown)
    yield Result("kill -9 to on record, p99", quantile(took_ms, 0.99), "ms", P99_MS)
    yield Result(f"kill -9: not on record after {LOST_S:g} s", lost, "deaths", 0.0, timed=False)


def _crashes(ground: Ground, crashes: int) -> Iterator[float]:
    with closing(ground.record.connect()) as connection:
        for number in range(crashes):
            time.sleep(ground.chance.uniform(0.1, 0.3))
            death = ground.reaper.kill_one()
            while (waited_s := time.time() - death.at_s) < LOST_S:
                if connection.execute("SELECT 1 FROM faults WHERE key = ?", (death.key,)).fetchone():
                    yield waited_s * 1e3
                    break
                time.sleep(0.001)
            if number % 25 == 24:
                say(f"{number + 1} of {crashes} crashes")
