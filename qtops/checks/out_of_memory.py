"""The kernel ended it, or a process of it, because memory ran out.

What it is: Result=oom-kill, or a line of the kernel or of systemd that a process of this unit was killed for memory: the
limit of MemoryMax= was reached, or the host had none left.

Why it matters: it comes back at the same size; with Restart= the service looks healthy between two kills.

What to do: find what grows (`systemctl show -p MemoryPeak`); raise MemoryMax= only where the host has the memory.
"""

from collections.abc import Iterator

from qtops.checks.standing import last_run, runs
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT212", "Memory ran out", Severity.CRITICAL, ("systemd",))
KERNEL_WORDS = ("Out of memory", "oom-kill", "oom_reaper", "Memory cgroup out of memory")
SIGKILL = 9


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding; a warning where the service itself survived."""
    unit, end = service.unit, last_run(service, facts.taken_at_s).end
    if unit is None:
        return
    told = told_of_oom(service)
    is_killed = end.kind == "oom" or (bool(told) and end.kind == "signal" and end.status == SIGKILL)
    survived = bool(told) and runs(unit) and end.kind == "none"
    if not (is_killed or survived):
        return
    summary = "the kernel killed it: memory ran out" if is_killed else "the kernel killed a process of it: memory ran out"
    evidence = [f"{moment(at_s, facts.taken_at_s)}: {text}" for at_s, text in told[-3:]]
    evidence += [f"Result={unit.result}", *_sizes(service, unit)]
    severity = Severity.CRITICAL if is_killed else Severity.WARNING
    remedy = f"Find what grows: `systemctl show {service.subject} -p MemoryPeak,MemoryMax`; {_limit(unit)}"
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy, severity=severity)


def told_of_oom(service: ServiceFacts) -> tuple[tuple[float, str], ...]:
    """When the journal tells of a process of this unit that was killed for memory, and in what words."""
    if service.journal is None:
        return ()
    events = [(event.at_s, event.text) for event in service.journal.events if event.kind == "oom"]
    kernel = [
        (line.at_s, line.text)
        for line in service.journal.lines
        if line.source == "kernel" and any(words in line.text for words in KERNEL_WORDS)
    ]
    return tuple(sorted({*events, *kernel}))


def _sizes(service: ServiceFacts, unit: UnitState) -> Iterator[str]:
    limit = "no limit of its own" if unit.memory_max_bytes is None else f"MemoryMax={unit.memory_max_bytes >> 20} MiB"
    used = unit.memory_bytes or (service.process.rss_bytes if service.process else 0)
    yield f"{limit}, {used >> 20} MiB in use now" if used else limit


def _limit(unit: UnitState) -> str:
    if unit.memory_max_bytes is None:
        return "MemoryMax= in [Service] keeps it from taking the host along"
    return "raise MemoryMax= only if it needs that much by design"
