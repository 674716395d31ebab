"""What a person wants stays as it is: a service that was stopped, one under a hold, and one that no restart can help."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.bench.results import Result
from tests.soak.deaths import started_by_others
from tests.soak.ground import SERVICE, Ground, laid

STOPPED, HELD, BROKEN, LOOPING = (f"soak-{name}.service" for name in ("stopped", "held", "broken", "looping"))
WATCHED_S: Final = 20.0
_SLEEPER: Final = "[Service]\nExecStart=/bin/sleep infinity\n"
_BROKEN: Final = "import os\nimport sys\nfrom acme.pricing import quote\n\nquote()\n"
_IMPORTS: Final = "[Unit]\nStartLimitIntervalSec={limit}\n[Service]\nExecStart=/usr/bin/python3 /srv/acme/main.py\n{restart}"


def what_people_want_is_left_alone(folder: Path, watched_s: float = WATCHED_S) -> Iterator[Result]:
    """Stop one, hold another and kill it, and let two fail at their imports: one that systemd restarts five times, one never."""
    with laid(folder, count=0, more=SERVICE.format(unit=LOOPING)) as ground:
        _lay(ground)
        ground.start()
        began_s = time.time()
        ground.box.systemctl("stop", STOPPED)
        until = datetime.now(UTC) + timedelta(hours=1)
        hold = ("hold", HELD, "--until", f"{until:%Y-%m-%dT%H:%M:%SZ}", "--why", "2026-11-23: it is being moved")
        ground.box.run(sys.executable, "-m", "qtops", *hold, cwd="/")
        ground.reaper.kill_one([HELD])
        ground.box.systemctl("start", BROKEN, LOOPING, check=False)
        mine = time.time()
        time.sleep(watched_s)
        starts = started_by_others(ground.box, (STOPPED, HELD, BROKEN, LOOPING), began_s)
        yield _untouched("stopped by an operator: starts by anybody", starts[STOPPED])
        yield Result("stopped by an operator: incidents", len(ground.record.incidents(STOPPED)), "incidents", 0.0, timed=False)
        yield _untouched("under a hold: starts by anybody", starts[HELD])
        held = ground.record.incidents(HELD)
        yield Result("under a hold: incidents all the same", len(held), "incidents", 1.0, "at least", timed=False)
        for unit, name in ((BROKEN, "it cannot be imported"), (LOOPING, "it cannot be imported, five starts by systemd")):
            yield _untouched(f"{name}: restarts by the supervisor", [at_s for at_s in starts[unit] if at_s > mine + 0.5])
            yield from _one_incident(ground, unit, name)


def _lay(ground: Ground) -> None:
    ground.box.write("/srv/acme/main.py", _BROKEN)
    for unit in (STOPPED, HELD):
        ground.box.unit(unit, _SLEEPER)
    ground.box.unit(BROKEN, _IMPORTS.format(limit=10, restart=""))
    ground.box.unit(LOOPING, _IMPORTS.format(limit=60, restart="Restart=always\nRestartSec=100ms\n"))
    ground.box.reload()
    ground.box.systemctl("start", STOPPED, HELD)


def _untouched(name: str, starts: list[float]) -> Result:
    return Result(
        name, len(starts), "starts", 0.0, how=f"in PID 1's journal, not scheduled by systemd: {starts or 'none'}", timed=False
    )


def _one_incident(ground: Ground, unit: str, name: str) -> Iterator[Result]:
    found = [each for each in ground.record.incidents(unit) if each["kind"] == "process"]
    shown = "; ".join(f"{each['code'] or 'no code'}, {each['nature']}, {each['state']}" for each in found)
    yield Result(f"{name}: incidents beyond one", len(found) - 1, "incidents", 0.0, how=shown, timed=False)
    events = ground.record.events(unit)
    yield Result(f"{name}: diagnoses beyond one", events["diagnosed"] - 1, "diagnoses", 0.0, how=f"{dict(events)}", timed=False)
    wrong = [each for each in found if each["nature"] != "deterministic"]
    yield Result(f"{name}: not told to be deterministic", len(wrong), "incidents", 0.0, timed=False)
