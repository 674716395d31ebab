"""What the program said before it gave up.

What it is: no traceback, but a line right before an exit with an error status: sys.exit with a text, a wrong option, a
refused configuration, a syntax error. A line that speaks of an error is preferred to one that does not.

Why it matters: the program knows why it will not run, and says so once.

What to do: do what the line says. Options stand in ExecStart=, variables in Environment= and EnvironmentFile=.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from qtops.checks.last_traceback import last_traceback
from qtops.checks.standing import LastRun, ended_runs, is_looping, last_run
from qtops.facts.journal import Line
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("LOG203", "The message before the exit", Severity.CRITICAL, ("systemd", "journal"))
USAGE: Final = re.compile(
    r"^(?:usage|Usage): |^Try .*--help|: error: |^Error: (?:No such option|Missing|Invalid value|Got unexpected)"
)
IN_USE: Final = re.compile(r"address already in use|port is already (?:in use|allocated)|connection in use", re.IGNORECASE)
SPEAKS_OF_ERROR: Final = re.compile(
    r"error|fatal|critical|fail|cannot|can't|could ?n[o']t|unable|must |missing|not (?:set|found|allowed|permitted|defined)"
    r"|no such|invalid|unknown|unrecognized|required|refus|denied|exception|abort|expected|unsupported|already (?:in use|running)",
    re.IGNORECASE,
)
HARMLESS: Final = re.compile(r"\b(?:DEBUG|INFO)\b")  # the level, as logging writes it
WITHIN_S: Final = 2.0  # from the line to the exit: what was said earlier, the program survived
SHOWN: Final = 3
ERROR_PRIORITY: Final = 3


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, where no traceback says more."""
    last, is_loop = last_run(service, facts.taken_at_s), is_looping(service, facts.taken_at_s)
    if service.unit is None or last.end.kind not in {"status", "control"} or last_traceback(service, is_loop=is_loop):
        return
    said = _last_words(service, last)
    telling = _telling(said)
    if telling is None:
        return
    evidence = tuple(
        f"{moment(line.at_s, facts.taken_at_s)}: {line.text}" for line in said if line is telling or line in said[-SHOWN:]
    )
    is_usage = any(USAGE.search(line.text) for line in said)
    remedy = "Do what it says, then start it again: a setting is read from Environment=, EnvironmentFile= or a file of its own"
    if any(IN_USE.search(line.text) for line in said):
        remedy = "Find who holds the port: `ss -ltnp`; end that process, or give this service another port"
    if is_usage:
        remedy = "Correct the options in ExecStart=: the deployed program does not know these"
    summary = f"it gave up with status {last.end.status}: {telling.text}"
    yield CHECK.finding(service.subject, summary, evidence, remedy)


def _last_words(service: ServiceFacts, last: LastRun) -> list[Line]:
    """What the service said right before its end; of a loop that is in its next run, the one line that is kept."""
    ended = ended_runs(service.journal)
    if ended and ended[-1].ended_s == last.ended_s and ended[-1].last_line:
        kept = [Line(ended[-1].ended_s or 0.0, ended[-1].last_line)]
    else:
        kept = []
    lines = [line for line in service.journal.lines if line.source == "service"] if service.journal else []
    ended_s = last.ended_s
    if kept and service.journal is not None and service.journal.invocation not in {"", ended[-1].invocation}:
        return kept  # the lines are those of the run after it
    if ended_s is None:
        return lines[-SHOWN:]
    return [line for line in lines if -WITHIN_S <= line.at_s - ended_s <= WITHIN_S][-2 * SHOWN :] or kept


def _telling(said: list[Line]) -> Line | None:
    """The newest line that speaks of an error, else the newest: what stdout held back comes after the message.

    What is said more than once is noise: a program gives up once.
    """
    counts = Counter(_pattern(line) for line in said)
    plain = [line for line in said if not HARMLESS.search(line.text)]
    once = [line for line in plain if counts[_pattern(line)] == 1] or plain[-1:]
    return next((line for line in reversed(once) if _tells(line)), once[-1] if once else None)


def _pattern(line: Line) -> str:
    return re.sub(r"[0-9]+", "#", line.text)


def _tells(line: Line) -> bool:
    return line.priority <= ERROR_PRIORITY or bool(SPEAKS_OF_ERROR.search(line.text))
