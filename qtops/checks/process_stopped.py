"""A signal holds its process.

What it is: the kernel has stopped the main process (state T): SIGSTOP, or job control of a terminal. It runs, and does nothing.

Why it matters: systemd calls it active, its connections stay open, and nothing that it should do is done. What it wrote last
grows old as if it were still true.

What to do: find who stopped it and why, then let it go on (`kill -CONT PID`), or restart it. After a long rest what it
holds in memory is as old as the rest: a restart is the safer of the two.
"""

from collections.abc import Iterator

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROCESS201", "A signal holds its process", Severity.CRITICAL, ("process",))
STOPPED = "stopped"  # a process that a debugger or strace looks at is "tracing-stop", for a moment at a time


def check(service: ServiceFacts, _: Facts) -> Iterator[Finding]:
    """At most one finding, on what the kernel says."""
    process = service.process
    if process is None or process.state != STOPPED:
        return
    unit = service.subject
    evidence = (f"process {process.pid} is in state T (stopped), as /proc/{process.pid}/stat tells",)
    remedy = f"`kill -CONT {process.pid}` lets it go on; `systemctl restart {unit}` starts it anew"
    yield CHECK.finding(unit, f"process {process.pid} is stopped by a signal: it is there, and does nothing", evidence, remedy)
