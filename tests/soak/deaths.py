"""Deaths: whose main process was killed, when, and what PID 1 has to say of it."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.box.box import Box

_EXITED: Final = "98e322203f7a4ed290d09fe03c09fe15"  # systemd's catalogue: a process exited
_STARTED: Final = "39f53479d3a045ac8e11786248231fbf"
_SCHEDULED: Final = "5eb03494b6584870a536b337290809b3"  # a restart by systemd itself


@dataclass(frozen=True)
class Death:
    """One invocation that was killed. Seconds since the epoch, right before the signal was sent."""

    unit: str
    invocation: str
    at_s: float

    @property
    def key(self) -> str:
        """What it is called on record."""
        return f"{self.unit}|{self.invocation}"


@dataclass
class Reaper:
    """Kills main processes in a box from outside, and remembers each death."""

    box: Box
    units: Sequence[str]
    chance: Random
    deaths: list[Death] = field(default_factory=list)

    def kill(self, unit: str) -> Death | None:
        """Kill -9 of the main process; None where the unit has none at the moment."""
        cgroup = self.box.host_path(f"/sys/fs/cgroup/system.slice/{unit}")
        try:
            pid = int((cgroup / "cgroup.procs").read_text())  # numbers are those of whoever reads
            descriptor = os.pidfd_open(pid)
        except (OSError, ValueError):
            return None
        try:
            invocation = _invocation(pid)
            if not invocation or any(death.invocation == invocation for death in self.deaths[-len(self.units) * 2 :]):
                return None
            death = Death(unit, invocation, time.time())
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        except ProcessLookupError:
            return None
        finally:
            os.close(descriptor)
        self.deaths.append(death)
        return death

    def kill_one(self, units: Sequence[str] = (), limit_s: float = 30.0) -> Death:
        """Kill -9 of one at random among those that are up."""
        deadline_s = time.monotonic() + limit_s
        while time.monotonic() < deadline_s:
            if death := self.kill(self.chance.choice(units or self.units)):
                return death
            time.sleep(0.005)
        raise TimeoutError(f"none of {', '.join(units or self.units)} came up within {limit_s:g} s")


def _invocation(pid: int) -> str:
    """Of a process that runs its program already: before that it has the environment of systemd."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return ""
    return dict(word.partition(b"=")[::2] for word in environ.split(b"\0")).get(b"INVOCATION_ID", b"").decode()


def exited(box: Box, pattern: str = "soak-") -> dict[str, str]:
    """The invocations whose process ended in failure, by PID 1's journal, and their units."""
    entries = box.journal(f"MESSAGE_ID={_EXITED}", "_PID=1")
    return {entry["INVOCATION_ID"]: entry["UNIT"] for entry in entries if entry["UNIT"].startswith(pattern)}


def started_by_others(box: Box, units: Sequence[str], since_s: float) -> Mapping[str, list[float]]:
    """When each unit was started by somebody other than systemd's own Restart=, by PID 1's journal. Seconds since the epoch.

    Each restart that systemd scheduled accounts for the start that follows it.
    """
    entries = box.journal(f"MESSAGE_ID={_STARTED}", f"MESSAGE_ID={_SCHEDULED}", "_PID=1", f"--since=@{since_s:.6f}")
    scheduled, found = set[str](), {unit: list[float]() for unit in units}
    for entry in entries:
        if entry.get("UNIT") not in found:
            continue
        unit = entry["UNIT"]
        if entry["MESSAGE_ID"] == _SCHEDULED:
            scheduled.add(unit)
        elif unit in scheduled:
            scheduled.discard(unit)
        else:
            found[unit].append(int(entry["__REALTIME_TIMESTAMP"]) / 1e6)
    return found


def most_within(times_s: Sequence[float], window_s: float) -> int:
    """The largest number of them in any window."""
    return max((sum(start <= each < start + window_s for each in times_s) for start in times_s), default=0)
