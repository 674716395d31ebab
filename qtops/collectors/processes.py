"""The main process of a service, as /proc tells it (psutil)."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import psutil

from qtops.collectors.redact import Redactor
from qtops.facts.service import Missing, ProcessFacts
from qtops.facts.text import printable

TIMEOUT_S: Final = 1.0  # /proc answers at once, except for a process that hangs in the kernel
_DELETED: Final = " (deleted)"
_CGROUPS: Final = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"))
T = TypeVar("T")


def read_process(pid: int, redactor: Redactor, timeout_s: float = TIMEOUT_S) -> ProcessFacts | Missing:
    """What a process is now. Of somebody else's, a plain user is told only when it began, its command line and its size."""
    read: list[ProcessFacts | Missing] = []
    reader = threading.Thread(target=lambda: read.append(_read(pid, redactor)), daemon=True)  # a read of /proc cannot be given up
    reader.start()
    reader.join(timeout_s)
    return read[0] if read else Missing("process", f"/proc/{pid} gave no answer within {timeout_s:g} s", f"cat /proc/{pid}/stack")


def _read(pid: int, redactor: Redactor) -> ProcessFacts | Missing:
    no_words: list[str] = []
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            started_s = _started_s(process)
            exe = _may(lambda: str(Path(f"/proc/{pid}/exe").readlink()), "") or _may(process.exe, "")
            found = ProcessFacts(
                pid=pid,
                started_s=started_s,
                exe=printable(exe.removesuffix(_DELETED)),
                exe_deleted=exe.endswith(_DELETED),
                cwd=printable(_may(process.cwd, "")),
                command=redactor.argv([printable(word) for word in _may(process.cmdline, no_words)]),
                rss_bytes=_may(lambda: process.memory_info().rss, 0),
                processes=len(_group(process)),
                state=_may(process.status, ""),
            )
        return redactor.facts(found) if process.is_running() else _gone(pid)
    except psutil.NoSuchProcess:
        return _gone(pid)
    except psutil.AccessDenied:
        return Missing("process", f"process {pid} belongs to somebody else", "run as root")


def _gone(pid: int) -> Missing:
    return Missing("process", f"process {pid} has ended in the meantime", "run it again")


def _may(read: Callable[[], T], otherwise: T) -> T:
    """What a question gives, or something else where it is not permitted. Raises NoSuchProcess where the process has ended."""
    try:
        return read()
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        return otherwise


def _started_s(process: psutil.Process) -> float:
    """When it began, in seconds since the epoch and exact to a tick: files are compared with it.

    What psutil gives counts from a boot time in whole seconds.
    """
    try:
        ticks = int(Path(f"/proc/{process.pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return process.create_time()


def group_of(pid: int) -> tuple[int, ...]:
    """Processes in the control group of one and those below, itself among them; itself and its descendants where that cannot be
    seen. Empty where it has ended.
    """
    try:
        return tuple(sorted(_group(psutil.Process(pid))))
    except psutil.Error:
        return ()


def _group(process: psutil.Process) -> set[int]:
    path = _may(lambda: _cgroup(process.pid), "")
    for mount in _CGROUPS:
        top = mount / path.lstrip("/")
        if path.strip("/") and ".." not in top.parts and top.is_dir():
            groups = [top, *(group for group in top.rglob("*") if group.is_dir())]
            pids = {int(pid) for group in groups for pid in _may((group / "cgroup.procs").read_text, "").split()}
            if process.pid in pids:
                return pids
    none: list[psutil.Process] = []
    return {process.pid, *(child.pid for child in _may(lambda: process.children(recursive=True), none))}


def _cgroup(pid: int) -> str:
    """Its control group: that of the unified hierarchy, or of systemd's own (cgroups(7))."""
    lines = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "replace").splitlines()
    groups = {controllers: path for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2)}
    unified = groups.get("", "/")
    return unified if unified.strip("/") else groups.get("name=systemd", "/")
