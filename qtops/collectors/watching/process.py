"""Whether the kernel holds a process: one that is stopped neither works nor ends, and systemd calls it running (proc(5))."""

from contextlib import suppress
from pathlib import Path


def frozen(pid: int) -> bool | None:
    """Whether a process is stopped, by a signal or by a tracer; None where it cannot be told: there is none, or /proc is hidden."""
    state = _state(pid)
    return state in {"T", "t"} if state else None


def stopped_by_tracer(pid: int) -> bool | None:
    """Whether it is a debugger that holds it."""
    state = _state(pid)
    return state == "t" if state else None


def state_in(stat: bytes) -> str:
    """The state in the text of /proc/PID/stat; empty where there is none. The name before it may hold anything, ``)`` too."""
    _, closed, rest = stat.rpartition(b")")
    words = rest.split()
    state = words[0] if closed and words else b""
    return state.decode("ascii") if len(state) == 1 and state.isalpha() else ""


def _state(pid: int) -> str:
    with suppress(OSError):
        return state_in(Path(f"/proc/{pid}/stat").read_bytes()) if pid > 0 else ""
    return ""
