"""What a service takes: each figure with the metric that it is, and what was not counted said to be so.

Memory of a control group and RSS of a process are different quantities. CPU since the start takes in the start of the interpreter.
How much it publishes is not multiplied from settings: what nobody counted is not stated.
"""

from collections.abc import Iterator

from qtops.chapters.looks import Look
from qtops.chapters.telling import listed, said, size, untold
from qtops.chapters.unit_status import why_unread
from qtops.checks.standing import runs
from qtops.evidence.document import Block, Cites, Claim, Paragraph, Row, Table, code
from qtops.facts.times import span


def baseline(look: Look) -> tuple[Block, ...]:
    """All figures of one look."""
    rows = tuple(Row((name, value, metric), evidence) for name, value, metric, evidence in _figures(look))
    gaps = _gaps(look)
    read = said(f"Read in {look.taken}.", look.cites("host", "unit", "process"))
    return (Paragraph((read,)), *((Table(("What", "Value", "Metric"), rows),) if rows else ()), *listed(gaps))


def _figures(look: Look) -> Iterator[tuple[str, str, str, Cites]]:
    unit, process = look.service.unit, look.service.process
    of_unit, of_process = look.cites("unit"), look.cites("process")
    if unit is not None and runs(unit) and unit.active_enter_s is not None:
        up_s = look.facts.taken_at_s - unit.active_enter_s
        shown = span(up_s) if up_s >= 0 else "could not tell: a clock was set"
        yield "Uptime", shown, f"from `ActiveEnterTimestamp` {look.when(unit.active_enter_s)} to the look", of_unit
    if unit is not None and unit.memory_bytes is not None:
        yield "Memory", size(unit.memory_bytes), "`MemoryCurrent` of its control group, page cache included", of_unit
    if unit is not None and unit.memory_peak_bytes is not None:
        yield "Memory, highest", size(unit.memory_peak_bytes), "`MemoryPeak` of its control group", of_unit
    if unit is not None and unit.memory_max_bytes is not None:
        yield "Memory, limit", size(unit.memory_max_bytes), "`MemoryMax`", of_unit
    if process is not None:
        yield "Resident memory", size(process.rss_bytes), f"RSS of process {process.pid} alone", of_process
    if unit is not None and unit.cpu_s is not None:
        spent = f"{unit.cpu_s * 1000:.0f} ms" if unit.cpu_s < 1 else span(unit.cpu_s)
        yield "CPU", spent, "`CPUUsageNSec` since its start, the start of the interpreter included", of_unit
    if unit is not None and unit.tasks is not None:
        limit = f", limit {unit.tasks_max}" if unit.tasks_max is not None else ""
        yield "Tasks", str(unit.tasks), f"`TasksCurrent`: threads in its control group{limit}", of_unit
    if process is not None:
        yield "Processes", str(process.processes), "in its control group", of_process


def _gaps(look: Look) -> Iterator[Claim]:
    unit, subject = look.service.unit, look.service.subject
    if unit is None:
        yield untold(
            "its uptime, memory, CPU and tasks", why_unread(look, "systemd"), f"systemctl status {subject}", look.cites("unit")
        )
    else:
        if not runs(unit):
            yield said(f"It has no uptime: it was {code(unit.active_state)} in {look.taken}.", look.cites("unit"))
        counted = (
            ("its memory", unit.memory_bytes, "MemoryCurrent"),
            ("its CPU time", unit.cpu_s, "CPUUsageNSec"),
            ("its tasks", unit.tasks, "TasksCurrent"),
        )
        for what, value, name in counted:
            if value is None:
                why = f"systemd told no {code(name)} of it in {look.taken}"
                yield untold(what, why, f"systemctl show -p {name} {subject}", look.cites("unit"))
    if look.service.process is None and (unit is None or unit.main_pid):
        yield untold("the RSS of its process", why_unread(look, "process"), f"ps -o rss= -p $(systemctl show -P MainPID {subject})")
    if look.facts.cadence is None:
        yield untold("how much it publishes in a minute", "nothing counted it", "qtops verify cadence")
