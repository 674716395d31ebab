"""A supervisor at work in a box: the command as an operator runs it, with a configuration of its own, and what it has on record."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.box.box import Box

STATE: Final = "/var/lib/qtops-supervisor"
CONFIG: Final = "/etc/qtops/qtops.toml"
TOLD: Final = "/var/lib/told"
ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/root",
    "LANG": "C.UTF-8",
}  # fmt: skip
HOOK: Final = """#!/usr/bin/python3
import json, sys
told = json.load(sys.stdin)
with open("/var/lib/told", "a") as file:
    file.write(f"{told['event']} {told['incident']['number']} {told['incident']['unit']} {told['id']}\\n")
"""
SUPERVISE: Final = """
[supervise]
watch = {watch}
settle_s = {settle_s}
rejoin_s = 5
metrics = ""

[supervise.budget]
restarts = 2
first_s = 0.2
most_s = 1
window_s = 60
rearm_s = 3600

[[notify]]
name = "ops"
command = ["/usr/local/bin/told"]
"""


@dataclass(frozen=True)
class Supervised:
    """The box and the process of its supervisor."""

    box: Box
    process: "subprocess.Popen[bytes]"

    def qtops(self, *words: str, check: bool = True) -> str:
        """Another command beside it."""
        done = self.box.run(sys.executable, "-m", "qtops", *words, check=False, env=ENVIRONMENT, cwd="/")
        assert not check or done.returncode < 64, (done.returncode, done.stderr.decode())
        return done.stdout.decode()

    def incidents(self) -> list[dict[str, Any]]:
        """All on record, the newest first."""
        return [row["incident"] for row in json.loads(self.qtops("incidents", "list", "--all", "-o", "json"))["incidents"]]

    def of(self, unit: str) -> dict[str, Any]:
        """The one incident of a unit."""
        (found,) = [one for one in self.incidents() if one["unit"] == unit]
        return found

    def timeline(self, unit: str) -> list[tuple[str, str]]:
        """Events and texts of its incident."""
        shown = json.loads(self.qtops("incidents", "show", str(self.of(unit)["number"]), "-o", "json"))
        return [(entry["event"], entry["text"]) for entry in shown["timeline"]]

    def until(self, holds: Callable[[], bool], what: str, limit_s: float = 30.0) -> None:
        """Wait for something to come true."""
        deadline = time.monotonic() + limit_s
        while not holds():
            assert self.process.poll() is None, "the supervisor has ended"
            assert time.monotonic() < deadline, what
            time.sleep(0.1)

    def until_event(self, unit: str, event: str, limit_s: float = 30.0) -> None:
        """Wait until it is in the timeline of the unit's incident."""

        def is_there() -> bool:
            return any(one["unit"] == unit for one in self.incidents()) and event in [name for name, _ in self.timeline(unit)]

        self.until(is_there, f"{event} of {unit}", limit_s)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal: it is a child of nsenter's."""
        held = json.loads(self.box.read(f"{STATE}/supervise.lock") or b"{}")
        if "pid" in held:
            self.box.run("kill", f"-{int(number)}", str(held["pid"]), check=False)
        else:
            self.process.kill()

    def told(self) -> list[str]:
        """Lines of what was told: event, number, unit, id."""
        file = self.box.host_path(TOLD)
        return file.read_text().splitlines() if file.exists() else []


def prepare(box: Box, config: str = "", *, watch: str = '["app-*.service"]', settle_s: float = 2.0) -> None:
    """Write the configuration and the program that is told."""
    box.write(CONFIG, SUPERVISE.format(watch=watch, settle_s=settle_s) + config, 0o644)
    box.write("/usr/local/bin/told", HOOK, 0o755)


@contextmanager
def supervising(box: Box) -> Iterator[Supervised]:
    """The supervisor runs as long as the block; what it said is shown where the block fails."""
    enter = ["nsenter", "-t", str(box.pid), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
    argv = [*enter, sys.executable, "-m", "qtops", "supervise"]
    with subprocess.Popen(argv, env=ENVIRONMENT, cwd="/", stderr=subprocess.PIPE) as process:
        supervised = Supervised(box, process)
        try:
            supervised.until(lambda: box.host_path(f"{STATE}/incidents.db").exists(), "the store")
            time.sleep(0.5)
            yield supervised
        finally:
            supervised.end()
            _, said = process.communicate(timeout=10)
            sys.stderr.write(said.decode())
