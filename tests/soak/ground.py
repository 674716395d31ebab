"""What every scenario stands on: a box with services that sleep until they are killed, a supervisor, and somebody who is told."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.box.box import Box, booted
from tests.box.fixture import unseen
from tests.recovery.founding import until
from tests.soak.deaths import Reaper
from tests.soak.process import Process
from tests.soak.record import Record

SUPERVISOR: Final = "qtops-supervisor.service"
STATE: Final = "/var/lib/qtops-supervisor"
SHARED: Final = "/srv/soak"
HOOK: Final = """#!/usr/bin/python3 -IS
import json
import os
import sys

told = json.load(sys.stdin)
line = json.dumps([told["id"], told["event"], told["incident"]["number"]])
file = os.open("{shared}/told", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
os.write(file, line.encode() + b"\\n")
"""
_UNIT: Final = """[Unit]
StartLimitIntervalSec=0
[Service]
Type=notify
NotifyAccess=all
ExecStart={python} -m qtops supervise
Environment=PYTHONDONTWRITEBYTECODE=1
WorkingDirectory=/
Restart=always
RestartSec=100ms
WatchdogSec=30s
TimeoutStopSec=20s
"""
_CONFIGURATION: Final = """[supervise]
watch = ["soak-*.service"]
state = "{state}"
metrics = ""
{more}
[[notify]]
name = "hook"
command = ["{shared}/hook"]
most_per_hour = 1000000
"""
SERVICE: Final = '[[services]]\nname = "risk-proposal"\nunit = "{unit}"\n'  # in place of the built-in one, which no box here has
PATIENCE: Final = """settle_s = 1.0
rejoin_s = 3600.0
every_s = 1.0
[supervise.budget]
restarts = 5
window_s = 20.0
first_s = 0.05
most_s = 1.0
rearm_s = 20.0
"""
BUDGET, WINDOW_S = 5, 20.0  # as said above
_SLEEPER: Final = "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep infinity\nRestart={restart}\nRestartSec=50ms\n"
RESTARTS: Final = ("always", "always", "on-failure", "no")  # of one unit after the other


@dataclass
class Ground:
    """A box in which a supervisor runs. ``record`` and ``told`` are read from outside."""

    box: Box
    folder: Path
    units: tuple[str, ...]
    chance: Random
    record: Record = field(init=False)
    reaper: Reaper = field(init=False)

    def __post_init__(self) -> None:
        self.record = Record(self.folder / "state")
        self.reaper = Reaper(self.box, self.units, self.chance)

    def start(self) -> Process:
        """Start the supervisor, and wait until it says that it is ready."""
        self.box.systemctl("start", SUPERVISOR)
        return self.supervisor()

    def supervisor(self) -> Process:
        """The supervisor's process as it is now."""
        return Process.of(self.box, SUPERVISOR)

    def ready(self, limit_s: float = 30.0) -> None:
        """Wait until the supervisor is ready again."""
        until(self.box, SUPERVISOR, limit_s, ActiveState="active", SubState="running")

    def told(self) -> list[tuple[str, str, int]]:
        """What the hook was told, in that order: id, event, number of the incident."""
        file = self.folder / "shared/told"
        return [tuple(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def complaints(self, since_s: float) -> list[str]:
        """What the supervisor has said in the journal since then."""
        return [str(entry["MESSAGE"]) for entry in self.box.journal("-u", SUPERVISOR, f"--since=@{since_s:.6f}", "_UID=0")]


@contextmanager
def laid(folder: Path, *, count: int = 20, supervise: str = PATIENCE, more: str = "", seed: int = 7) -> Iterator[Ground]:
    """Boot a box, write everything, and start the services. The supervisor is left to the scenario."""
    for name in ("state", "shared"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    binds = [*unseen(), f"{folder}/state:{STATE}", f"{folder}/shared:{SHARED}"]
    units = tuple(f"soak-{number:02}.service" for number in range(count))
    more = more or SERVICE.format(unit=units[0])
    with booted(binds=binds) as box:
        box.write("/etc/qtops/qtops.toml", _CONFIGURATION.format(state=STATE, shared=SHARED, more=supervise) + more)
        box.write(f"{SHARED}/hook", HOOK.format(shared=SHARED), 0o755)
        box.unit(SUPERVISOR, _UNIT.format(python=sys.executable))
        for number, unit in enumerate(units):
            box.unit(unit, _SLEEPER.format(restart=RESTARTS[number % len(RESTARTS)]))
        box.reload()
        if units:
            box.systemctl("start", *units)
        yield Ground(box, folder, units, Random(seed))


def eventually(happened: Callable[[], bool], limit_s: float, every_s: float = 0.05) -> bool:
    """Whether it happens within the limit. The waiting ends as soon as it does."""
    deadline_s = time.monotonic() + limit_s
    while not happened():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(every_s)
    return True


def say(text: str) -> None:
    """Progress, which is no data."""
    print(f"{time.strftime('%H:%M:%S', time.gmtime())}  {text}", file=sys.stderr, flush=True)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed (nearest rank)."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)]
