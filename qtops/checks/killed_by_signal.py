"""A signal ended the main process.

What it is: it was killed from outside (SIGKILL, SIGTERM by hand), or crashed (SIGSEGV, SIGBUS, SIGABRT), perhaps with a
core dump.

Why it matters: the program could write nothing any more; what it was doing is lost. SIGKILL that nobody sent is the
kernel's answer to a lack of memory, which not every host writes down.

What to do: after a crash look at the dump (`coredumpctl info`) and at the native extensions; after SIGKILL at the
memory; after SIGTERM at who sent it.
"""

import re
import signal
from collections.abc import Iterator

from qtops.checks.frames import is_own
from qtops.checks.out_of_memory import told_of_oom
from qtops.checks.standing import LastRun, is_looping, last_run, runs, stop_request
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT211", "A signal ended it", Severity.CRITICAL, ("systemd",))
FATAL = "Fatal Python error: "
FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+) in ')
SHOWN = 6  # lines: the call that crashed, and who called it
CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGSYS, signal.SIGTRAP})


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding; that memory ran out is UNIT212 where it is told."""
    unit, last = service.unit, last_run(service, facts.taken_at_s)
    if unit is None or not _is_signal(service, unit, last, facts) or told_of_oom(service):
        return
    number = last.end.status
    evidence = []
    if last.ended_s is not None:
        after = f" after {span(last.ran_s)}" if last.ran_s is not None else ""
        evidence.append(f"it ended at {moment(last.ended_s, facts.taken_at_s)}{after}")
    if last.end.kind == "clean":
        evidence.append("nobody asked systemd to stop it, and it takes this signal for success: Restart=on-failure does nothing")
    if number == signal.SIGKILL:
        evidence += _memory(unit)
    dumped, stack = last.end.code == "dumped", _stack(service)
    frames = [frame for frame in map(FRAME.search, stack) if frame]
    place = next((f"{frame['file']}:{frame['line']}" for frame in frames if is_own(frame["file"])), "")
    summary = (
        f"{name_of(number)} ended its main process" + (", with a core dump" if dumped else "") + (f" at {place}" if place else "")
    )
    evidence += stack
    yield CHECK.finding(
        service.subject,
        summary,
        tuple(evidence) or (f"Result={unit.result}",),
        _remedy(service.subject, number, dumped, place),
        where=place,
    )


def _stack(service: ServiceFacts) -> tuple[str, ...]:
    """What faulthandler printed of the Python stack, innermost call first."""
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    began = next((number for number, text in enumerate(lines) if text.startswith(FATAL)), len(lines))
    return tuple(text.strip() for text in lines[began:] if text.startswith(FATAL) or FRAME.search(text))[:SHOWN]


def name_of(number: int) -> str:
    """A signal as everybody calls it."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _is_signal(service: ServiceFacts, unit: UnitState, last: LastRun, facts: Facts) -> bool:
    if last.end.kind == "signal":
        return True
    if last.end.kind != "clean" or last.end.code not in {"killed", "dumped"}:
        return False
    is_down = not runs(unit) or is_looping(service, facts.taken_at_s)
    is_told = service.journal is not None and bool(service.journal.events)
    return is_down and is_told and stop_request(service) is None


def _memory(unit: UnitState) -> Iterator[str]:
    if unit.memory_max_bytes is None:
        yield "whether memory ran out could not be told: look at `journalctl -k -g 'Out of memory'`"
    else:
        yield f"out of memory is likely, and could not be proven: MemoryMax={unit.memory_max_bytes >> 20} MiB"


def _remedy(name: str, number: int, dumped: bool, place: str) -> str:
    if number == signal.SIGSYS:
        return (
            "A filter forbids a system call that it makes: SystemCallFilter= of the unit, perhaps by one of its groups; "
            "`journalctl -k -g SECCOMP` names the call, SystemCallErrorNumber=EPERM makes an error of it that Python tells"
        )
    if place:
        return (
            f"See what native code the line at {place} calls, and its version; LimitCORE=infinity in [Service] keeps the next dump"
        )
    if number in CRASHES:
        look = f"`coredumpctl info {name}`" if dumped else "LimitCORE=infinity in [Service] keeps the next dump"
        return f"Look at the crash: {look}; Environment=PYTHONFAULTHANDLER=1 prints the Python stack of the next one"
    if number == signal.SIGKILL:
        return f"See who killed it: `journalctl -k -g 'Killed process'`, `systemctl show {name} -p MemoryPeak,MemoryMax,OOMPolicy`"
    return f"See who sent {name_of(number)}: `journalctl _COMM=sudo + _COMM=kill`; use `systemctl stop {name}` where it is meant"
