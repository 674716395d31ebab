"""An exception ended the program.

What it is: the last thing that the run wrote is a Python traceback, and with it the process ended.

Why it matters: this is the program's own account of why it is down. A traceback that the program survived is not taken
for one.

What to do: the finding names the innermost line of the project's own code, and what helps against this exception.
"""

from collections.abc import Iterator

from qtops.checks.exception_remedies import remedy
from qtops.checks.frames import own_frames, where
from qtops.checks.last_traceback import last_traceback
from qtops.checks.standing import ended_runs, is_looping, last_run
from qtops.facts.journal import Frame, JournalFacts, Traceback
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("LOG201", "An exception ended the program", Severity.CRITICAL, ("systemd", "journal"))
ENDED_SO = frozenset({"status", "control", "clean", "protocol"})  # otherwise somebody else ended it, and it may have said so


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, for a service that is down or in a loop."""
    unit = service.unit
    if unit is None or last_run(service, facts.taken_at_s).end.kind not in ENDED_SO:
        return
    traceback = last_traceback(service, is_loop=is_looping(service, facts.taken_at_s))
    if traceback is None or service.journal is None:
        return
    evidence = [f"{moment(traceback.at_s, facts.taken_at_s)}: {traceback.message}"]
    evidence += [f"raised from: {cause}" for cause in traceback.causes[-1:]]
    evidence += [_told(frame) for frame in dict.fromkeys((*own_frames(traceback)[-1:], *traceback.frames[-1:]))]
    count = _count(service.journal, traceback)
    evidence += [f"{count} runs ended so"] if count > 1 else []
    place = where(traceback)
    summary = f"{traceback.message}" + (f" at {place}" if place else "")
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy(traceback, service), where=place)


def _told(frame: Frame) -> str:
    return f"in {frame.function or 'the module'}, {frame.file}:{frame.line}"


def _count(journal: JournalFacts, traceback: Traceback) -> int:
    same = sum(other.final and other.message == traceback.message for other in journal.tracebacks)
    return max(same, sum(run.last_line == traceback.message for run in ended_runs(journal)))
