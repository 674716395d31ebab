"""Whatever goes away around the supervisor: it lives on, says so, and every death before, meanwhile and afterwards is on record."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.results import Result
from tests.soak.faults import FAULTS, MEGABYTES, Fault, lay_bus, lay_clock
from tests.soak.ground import Ground, eventually, laid, say
from tests.soak.redis import SENTINEL_URL, Publisher, lay_sentinel, lay_server

SETTLED_S = 30.0
PUBLISHERS = (Publisher("risk-proposal", 2.0, "redis://127.0.0.1:6379/0"), Publisher("risk-sentinel", 2.0, SENTINEL_URL))


def whatever_goes_away_is_survived(folder: Path) -> Iterator[Result]:
    """One fault after the other, services dying all along."""
    (folder / "state").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder / "state"], check=True)
    more = "".join(publisher.configuration for publisher in PUBLISHERS)
    with laid(folder, more=more) as ground:
        lay_server(ground.box)
        lay_sentinel(ground.box)
        for publisher in PUBLISHERS:
            publisher.lay(ground.box)
        lay_bus(ground)
        has_clock = lay_clock(ground)
        ground.box.reload()
        for publisher in PUBLISHERS:
            publisher.start(ground.box)
        ground.start()
        time.sleep(3.0)
        for fault in FAULTS:
            if "clock" in fault.name and not has_clock:
                yield Result(fault.name, 0, "measured", how="not measured: there is no C compiler", timed=False)
                continue
            yield _survived(ground, fault)
    subprocess.run(["umount", folder / "state"], check=True)


def _survived(ground: Ground, fault: Fault) -> Result:
    """How many promises were broken: another process, a death not on record, nothing said."""
    say(fault.name)
    supervisor, began_s, first = ground.supervisor(), time.time(), len(ground.reaper.deaths)
    _kill(ground, 3)
    with fault.during(ground):
        _kill(ground, 4)
    _kill(ground, 3)
    keys = [death.key for death in ground.reaper.deaths[first:]]
    eventually(lambda: ground.record.has(keys), SETTLED_S, 0.2)
    lost = [number + 1 for number, key in enumerate(keys) if key not in ground.record.faults()]
    alive = eventually(lambda: ground.supervisor() == supervisor, 2.0)
    said = next((line for line in ground.complaints(began_s) if fault.said and re.search(fault.said, line)), "")
    broken = [
        *([] if alive else ["the supervisor is another process"]),
        *([f"deaths not on record (1-3 before, 4-7 during, 8-10 after): {lost}"] if lost else []),
        *(["nothing was said of it"] if fault.said and not said else []),
    ]
    how = "; ".join(broken) or f"{len(keys)} deaths on record, same process" + (f", said: {said[:150]}" if said else "")
    return Result(f"{fault.name}: broken promises", len(broken), "promises", 0.0, how=how, timed=False)


def _kill(ground: Ground, deaths: int) -> None:
    for _ in range(deaths):
        ground.reaper.kill_one()
        time.sleep(ground.chance.uniform(0.05, 0.3))
