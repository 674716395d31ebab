"""A command besides the main one failed.

What it is: ExecStartPre=, ExecStartPost= or another command of the unit ended with an error and has no - before it.

Why it matters: after ExecStartPre= the program is not started at all, and there is no ExecMainStatus: the status stands
with that command alone.

What to do: mend the command, which is a program with a log of its own; a - before it lets the start go on without it.
"""

from collections.abc import Iterator

from qtops.checks.ending import Ending
from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT210", "A command before or after the main one failed", Severity.CRITICAL, ("systemd",))
SHOWN = 3  # of its last lines


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit, end = service.unit, last_run(service, facts.taken_at_s).end
    if unit is None or end.kind != "control":
        return
    setting = end.command or ("ExecStart" if unit.type == "forking" else "a command")
    program = _program(unit, end)
    how = f"signal {end.status}" if end.code in {"killed", "dumped"} else f"status {end.step if end.status >= 200 else end.status}"
    evidence = [f"{setting}={program}: {how}" if program else f"Result={unit.result}, and no status of the main process"]
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    evidence += lines[-SHOWN:]
    summary = f"{setting}={program} ended with {how}" if program else f"{setting} of the unit failed"
    remedy = f"Mend {program or setting}; `{setting}=-…` lets the start go on where the service can do without"
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy)


def _program(unit: UnitState, end: Ending) -> str:
    commands = (c.program for c in unit.control_commands if c.setting == end.command and c.status == end.status and not c.ignored)
    return next(commands, "")
