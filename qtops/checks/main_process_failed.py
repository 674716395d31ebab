"""The main process exited with an error status.

What it is: the program itself called exit with something else than 0, or Python did after an exception.

Why it matters: the status says that the program gave up, and hardly ever why: the reason is in what it said before.

What to do: read its last lines; LOG201 and LOG203 quote them. Status 126 and 127 come from a shell, 120 from Python
that could not write its last output, more than 128 from a shell whose program a signal ended.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT203", "The main process exited with an error status", Severity.CRITICAL, ("systemd",), role="symptom")
MEANINGS: Final = {
    1: "in Python an exception that nobody caught, or sys.exit with a text",
    2: "in Python a script that cannot be opened, or a wrong option (argparse, click)",
    64: "usage (sysexits.h)",
    69: "a service that it needs is unavailable (sysexits.h)",
    70: "an internal error (sysexits.h)",
    73: "an output file cannot be created (sysexits.h)",
    74: "an error of input or output (sysexits.h)",
    75: "a failure that may pass (sysexits.h)",
    77: "a right that it lacks (sysexits.h)",
    78: "its configuration (sysexits.h)",
    120: "Python could not write its last output: a full disk, or a closed pipe",
    126: "a shell found the program, and may not execute it",
    127: "a shell did not find the program",
    130: "a shell whose program ended by SIGINT, or Python by KeyboardInterrupt",
    134: "a shell whose program aborted (SIGABRT)",
    137: "a shell whose program was killed (SIGKILL): out of memory is the usual reason",
    139: "a shell whose program crashed (SIGSEGV)",
    143: "a shell whose program was asked to end (SIGTERM)",
    255: "exit(-1), or ssh that lost its connection",
}
LONGEST_SIGNAL = 64


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    last = last_run(service, facts.taken_at_s)
    if service.unit is None or last.end.kind != "status":
        return
    status = last.end.status
    evidence = [f"usually: {meaning}"] if (meaning := meaning_of(status)) else []
    if last.ended_s is not None:
        after = f" after {span(last.ran_s)}" if last.ran_s is not None else ""
        evidence.insert(0, f"it ended at {moment(last.ended_s, facts.taken_at_s)}{after}")
    lines = [line.text for line in service.journal.lines if line.source == "service"] if service.journal else []
    evidence += [f"its last line: {lines[-1]}"] if lines else []
    summary = f"its main process exited with status {status}"
    yield CHECK.finding(service.subject, summary, tuple(evidence) or (f"status={status}",), _remedy(service, status))


def meaning_of(status: int) -> str:
    """What a status usually means; empty where there is no custom."""
    if status in MEANINGS:
        return MEANINGS[status]
    return f"a shell whose program ended by signal {status - 128}" if 128 < status <= 128 + LONGEST_SIGNAL else ""


def where_it_speaks(service: ServiceFacts) -> str:
    """The command that shows the last words of a service: in the journal, or in the file that StandardError= names instead."""
    start, invocation = service.start, service.unit.invocation_id if service.unit else ""
    if start is not None and start.log_file:
        return f"tail -n 50 {start.log_file}"
    if invocation:
        return f"journalctl -n 100 _SYSTEMD_INVOCATION_ID={invocation} + INVOCATION_ID={invocation}"
    return f"systemctl status {service.subject}"


def _remedy(service: ServiceFacts, status: int) -> str:
    if status == 127:
        return "Write the full path of every program in the script: a service's PATH is not a login shell's"
    if status == 126:
        return "chmod +x the program that the script starts"
    if service.start is not None and service.start.log_silent:
        return f"Let it be heard: {service.start.log_silent} throws away what it says; then start it again"
    return f"Read what it said: `{where_it_speaks(service)}`"
