"""A process of the box as the kernel accounts for it, seen from outside."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.box.box import Box

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What it holds now, and what it has used since it began."""

    rss_mb: float
    descriptors: int
    threads: int
    cpu_s: float  # with the children that it has waited for
    switches: int  # of all its threads, voluntary and not: each is a wake-up at most


@dataclass(frozen=True)
class Process:
    """``pid`` is the host's number for it, ``inside`` the box's own."""

    pid: int
    inside: int

    @classmethod
    def of(cls, box: Box, unit: str) -> "Process":
        """The main process of a unit. Raises LookupError where it has none."""
        inside = int(box.show(unit, properties=["MainPID"])[unit]["MainPID"])
        group = box.host_path(f"/sys/fs/cgroup/system.slice/{unit}/cgroup.procs")
        for pid in map(int, group.read_text().split() if inside else ()):
            if int(_status(pid)["NSpid"].split()[-1]) == inside:
                return cls(pid, inside)
        raise LookupError(f"{unit} has no main process")

    def kill(self) -> None:
        """Kill -9. One that is gone already is as good as killed."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def has_work(self) -> bool:
        """Whether children of it do something, besides one that follows the journal."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return any("journalctl" not in _status(int(child))["Name"] for child in children if Path(f"/proc/{child}").exists())

    def usage(self) -> Usage:
        """Read from /proc. Raises ProcessLookupError or FileNotFoundError where it is gone."""
        status, place = _status(self.pid), Path(f"/proc/{self.pid}")
        times = (place / "stat").read_text().rpartition(")")[2].split()[11:15]
        switches = 0
        for task in (place / "task").iterdir():
            one = _status(int(task.name))
            switches += int(one["voluntary_ctxt_switches"]) + int(one["nonvoluntary_ctxt_switches"])
        return Usage(
            rss_mb=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(list((place / "fd").iterdir())),
            threads=int(status["Threads"]),
            cpu_s=sum(map(int, times)) * _TICK_S,
            switches=switches,
        )


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
