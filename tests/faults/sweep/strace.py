"""A command struck by strace at one of its calls: it is killed on entering the call, or the call fails and nothing is done."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

Fault = Literal["KILL", "EIO", "ENOSPC"]
FAULTS: Final[tuple[Fault, ...]] = ("KILL", "EIO", "ENOSPC")
CALLS: Final = tuple(
    name
    for line in (
        "write pwrite64 writev pwritev fsync fdatasync ftruncate fallocate openat mkdir mkdirat rmdir",
        "rename renameat renameat2 link linkat unlink unlinkat chmod fchmod fchmodat chown fchown fchownat",
        "setxattr fsetxattr removexattr fremovexattr utimensat",
    )
    for name in line.split()
)
_LINE: Final = re.compile(r"\d+ +(\w+)\((.*)")
_PATH: Final = re.compile(r'[<"](/[^>"]*)')
_PROJECT: Final = Path(__file__).parents[3]


@dataclass(frozen=True)
class Call:
    """The ``when``-th call of this name in a process, and the last parts of the paths that it is about."""

    name: str
    when: int
    about: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a struck command ended: minus the signal, or its exit code, and what it said on stderr."""

    code: int
    err: str


def obstacle() -> str:
    """Why nothing can be struck here; empty where it can."""
    if sys.platform != "linux" or not shutil.which("strace"):
        return "strace is not installed (apt install strace)"
    done = subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", os.devnull, "true"], capture_output=True, check=False)
    return f"strace may not trace here: {done.stderr.decode().strip()}" if done.returncode else ""


def python(*words: str) -> list[str]:
    """A command of this Python, started as lightly as can be."""
    return [sys.executable, "-S", "-m", *words]


def calls(command: Sequence[str], place: Path) -> list[Call]:
    """All calls of a run that may change something in a place, in order. The run must end well."""
    ended, trace = _traced(command, place, ["--seccomp-bpf", f"--trace={','.join(CALLS)}"])
    assert ended.code == 0, ended
    return [call for call, is_there in _calls(trace, place) if is_there]


def struck(command: Sequence[str], place: Path, call: Call, fault: Fault) -> Ended:
    """Run it with a fault at a call that was recorded before. Fails where it did not come to that call."""
    what = "signal=KILL" if fault == "KILL" else f"error={fault}"
    how = [] if fault == "KILL" else ["--seccomp-bpf"]  # quicker, and no signal is ever sent with it
    ended, trace = _traced(command, place, [*how, f"--trace={call.name}", f"--inject={call.name}:{what}:when={call.when}"])
    assert call in [made for made, _ in _calls(trace, place)], f"{call} was not reached: run it again without changing the sources"
    assert (ended.code == -signal.SIGKILL) if fault == "KILL" else ("(INJECTED)" in trace), f"{call} was not struck: {ended}"
    return ended


def _traced(command: Sequence[str], place: Path, options: Sequence[str]) -> tuple[Ended, str]:
    output = place.with_name(f"{place.name}.trace")
    environ = {"PYTHONPATH": f"{_PROJECT}:{Path(msgspec.__file__).parents[1]}", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
    strace = ["strace", "-f", "-y", "-s", "0", "-o", str(output), *options, "--", *command]
    done = subprocess.run(strace, capture_output=True, check=False, env=environ, cwd="/", timeout=60)
    return Ended(done.returncode, done.stderr.decode()), output.read_text()


def _calls(trace: str, place: Path) -> Iterator[tuple[Call, bool]]:
    """The calls of a trace that change something, and whether that is in the place."""
    seen: Counter[str] = Counter()
    for name, rest in (found.groups() for found in map(_LINE.match, trace.splitlines()) if found):
        seen[name] += 1
        paths = _PATH.findall(rest.partition(") = ")[0])  # what an openat gives is not there where it fails
        if name != "openat" or "O_CREAT" in rest:
            is_there = any(Path(path).is_relative_to(place) for path in paths)
            yield Call(name, seen[name], tuple(path.rpartition("/")[2] for path in paths if path != "/")), is_there
