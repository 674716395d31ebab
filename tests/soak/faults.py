"""What can go away around a supervisor: each fault is a block, in which it holds, and at whose end it is over."""

import shutil
import sqlite3
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.soak.ground import SHARED, SUPERVISOR, Ground

CLOCK_C: Final = Path(__file__).with_name("clock.c")
MEGABYTES: Final = 128  # of the file system that the store is on
_CLOCK: Final = f"[Service]\nEnvironment=LD_PRELOAD={SHARED}/clock.so SOAK_CLOCK={SHARED}/clock\n"
HELD_S: Final = 3.0
FAILOVER_S: Final = 8.0  # the Sentinel waits for three of them: what two looks do not see is no trouble
CLOCK_HELD_S: Final = 12.0  # it is looked at every 10 s
BUS: Final = ("dbus.socket", "dbus.service")
JOURNALD: Final = "systemd-journald.service"


@dataclass(frozen=True)
class Fault:
    """``said``: what the supervisor's journal is to hold of it, as a pattern; empty: it may keep silent."""

    name: str
    during: Callable[[Ground], AbstractContextManager[None]]
    said: str = ""


def lay_bus(ground: Ground) -> None:
    """Have the supervisor speak with systemd by the bus, as it does where it is not root: root has a socket of systemd's own."""
    ground.box.unit(f"{SUPERVISOR}.d/bus.conf", "[Service]\nInaccessiblePaths=/run/systemd/private\n")


def lay_clock(ground: Ground) -> bool:
    """Let the supervisor, and nobody else, have a wall clock that can be set; whether there is a compiler to make one."""
    compiler = shutil.which("cc")
    if compiler is None:
        return False
    shared = ground.folder / "shared"
    subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", shared / "clock.so", CLOCK_C], check=True)
    _set_clock(ground, 0)
    ground.box.unit(f"{SUPERVISOR}.d/clock.conf", _CLOCK)
    return True


def _set_clock(ground: Ground, ahead_s: int) -> None:
    place = ground.folder / "shared/clock"
    with place.open("r+b" if place.exists() else "wb") as file:  # in place: it is mapped
        file.write(struct.pack("=q", ahead_s))


def _clock(ahead_s: int) -> Callable[[Ground], AbstractContextManager[None]]:
    @contextmanager
    def jumped(ground: Ground) -> Iterator[None]:
        _set_clock(ground, ahead_s)
        yield
        time.sleep(CLOCK_HELD_S)
        _set_clock(ground, 0)

    return jumped


@contextmanager
def _no_bus(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("stop", *BUS)
    yield
    time.sleep(HELD_S)
    ground.box.systemctl("start", *BUS)


@contextmanager
def _reexecuted(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("daemon-reexec")
    yield


@contextmanager
def _journald_restarted(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("restart", JOURNALD)
    yield


@contextmanager
def _journald_killed(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("kill", "-s", "KILL", JOURNALD)
    yield


@contextmanager
def _journald_frozen(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("kill", "-s", "STOP", JOURNALD)
    yield
    time.sleep(HELD_S)
    ground.box.systemctl("kill", "-s", "CONT", JOURNALD)


@contextmanager
def _no_redis(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("stop", "redis.service")
    yield
    time.sleep(HELD_S)
    ground.box.systemctl("start", "redis.service")


@contextmanager
def _failover(ground: Ground) -> Iterator[None]:
    ground.box.systemctl("kill", "-s", "KILL", "redis-master.service")
    yield
    time.sleep(FAILOVER_S)


@contextmanager
def _full_disk(ground: Ground) -> Iterator[None]:
    ballast = ground.folder / "state/ballast"
    with closing(sqlite3.connect(ground.folder / "state/incidents.db", timeout=10)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else the log has room of its own that was given to it before
    for block in (1 << 20, 4096):
        with ballast.open("ab", buffering=0) as file, suppress(OSError):  # until it is full
            while True:
                file.write(b"\0" * block)
    yield
    time.sleep(HELD_S)
    ballast.unlink()


FAULTS: Final = (
    Fault("the wall clock is an hour ahead", _clock(3600), "^the clock was set"),
    Fault("the wall clock is an hour behind", _clock(-3600), "^the clock was set"),
    Fault("the bus is gone", _no_bus, "^systemd: "),
    Fault("systemd executes itself anew", _reexecuted),
    Fault("journald is restarted", _journald_restarted),
    Fault("journald is killed", _journald_killed),
    Fault("journald hangs", _journald_frozen),
    Fault("Redis is gone", _no_redis, r"^redis://.*(opened|not clear)"),
    Fault("a Sentinel fails over", _failover, r"^redis\+sentinel://.*(opened|not clear)"),
    Fault("the disk under the store is full", _full_disk, "^store: "),
)
