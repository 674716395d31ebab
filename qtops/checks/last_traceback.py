"""The traceback that a run ended with, also where what shuts the program down has the last word."""

import re
from typing import Final

from qtops.checks.standing import ended_runs
from qtops.facts.journal import Line, Traceback
from qtops.facts.service import ServiceFacts

WITHIN_S: Final = 2.0  # from the traceback to the end: what is older, the program survived
MOST_AFTER: Final = 12  # lines: a worker's end, its master's, and the connections that nobody closed
CLOSING: Final = re.compile(
    r"\b(?:DEBUG|INFO)\b"  # the level, as logging writes it
    r"|\bWorker \(pid:? ?\d+\) (?:exited|was sent|failed)|Worker exiting|Shutting down: Master|Worker failed to boot"  # gunicorn
    r"|Application (?:startup|shutdown) failed\. Exiting"  # uvicorn
    r"|^Unclosed (?:client session|connector|connection)|^(?:client_session|connector|connections): "  # aiohttp
    r"|^sys:\d+: ResourceWarning|Enable tracemalloc"
)
"""Lines that say that a program goes down, and not why."""


def last_traceback(service: ServiceFacts, *, is_loop: bool = False) -> Traceback | None:
    """What the last run ended with. Of a loop, the runs before are as good; otherwise an old failure is not to be blamed."""
    journal = service.journal
    if journal is None:
        return None
    invocations = {"", journal.invocation, service.unit.invocation_id if service.unit else ""}
    own = [traceback for traceback in journal.tracebacks if is_loop or traceback.invocation in invocations]
    final = [traceback for traceback in own if traceback.final]
    return final[-1] if final else _before_the_close(own, service)


def _before_the_close(own: list[Traceback], service: ServiceFacts) -> Traceback | None:
    """The newest traceback, where only words of closing come between it and an end of the program's own. What it is a part of may
    end with status 0 all the same: a pipeline does.
    """
    ended_s = _ended_s(service)
    newest = own[-1] if own else None
    if newest is None or ended_s is None or not 0 <= ended_s - newest.at_s <= WITHIN_S:
        return None
    after = _after(newest, service)
    is_close = after is not None and len(after) <= MOST_AFTER and all(CLOSING.search(line.text) for line in after)
    return newest if is_close else None


def _ended_s(service: ServiceFacts) -> float | None:
    unit, ended = service.unit, ended_runs(service.journal)
    if unit is not None and unit.exec_main_code == "exited":
        return unit.exec_main_exit_s
    return ended[-1].ended_s if ended and ended[-1].status else None


def _after(traceback: Traceback, service: ServiceFacts) -> list[Line] | None:
    """What the service said after a traceback; None where its last line is not among what is kept."""
    lines = [line for line in service.journal.lines if line.source == "service"] if service.journal else []
    first, _, second = traceback.message.partition("\\n")
    places = [number for number, line in enumerate(lines) if line.text.endswith(first) and abs(line.at_s - traceback.at_s) < 1]
    if not places:
        return None
    rest = lines[places[-1] + 1 :]
    return rest[1:] if rest and _repeats(rest[0], second or first) else rest


def _repeats(line: Line, message: str) -> bool:
    """Whether a line gives the exception's own words once more, as gunicorn does with what it caught."""
    return bool(line.text) and message.endswith(line.text)
