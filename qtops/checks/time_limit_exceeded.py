"""A step took longer than systemd waits.

What it is: the service was not ready within TimeoutStartSec=, not gone within TimeoutStopSec=, or ran longer than
RuntimeMaxSec=; systemd ended it.

Why it matters: a service that waits for another (Redis, a network) at its start fails so, and so does one of Type=notify
that never sends READY=1, or of Type=forking that stays in the foreground.

What to do: it depends on which of the three it was; the finding says.
"""

from collections.abc import Iterator
from typing import Literal

from qtops.checks.readiness import LISTEN, pid_file, unheard
from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import span
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT214", "A time limit was exceeded", Severity.CRITICAL, ("systemd",))
Phase = Literal["start", "stop", "run"]
WORDS: tuple[tuple[str, Phase], ...] = (
    ("start operation timed out", "start"), ("start-pre operation timed out", "start"), ("start-post operation timed out", "start"),
    ("'stop-", "stop"), ("stop operation timed out", "stop"), ("runtime time limit", "run"),
)  # fmt: skip
BEFORE = "start-pre operation timed out"
OF_ITS_OWN = "give that a time limit of its own"
SIGKILL = 9


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit, last = service.unit, last_run(service, facts.taken_at_s)
    if unit is None or last.end.kind != "timeout":
        return
    phase, said = _phase(service, unit)
    summary, remedy = _told(service, unit, phase, said)
    evidence = [f"systemd: {text}" for text in dict.fromkeys((pid_file(service), unheard(service), said)) if text]
    evidence += [f"Type={unit.type}, Result=timeout"]
    evidence += [f"its last status text: {unit.status_text}"] if unit.status_text else []
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy)


def _phase(service: ServiceFacts, unit: UnitState) -> tuple[Phase, str]:
    """Which limit it was: by systemd's words, else by its times."""
    journal = service.journal
    texts = [line.text for line in journal.lines if line.source == "systemd"] if journal else []
    texts += [event.text for event in journal.events] if journal else []
    for text in reversed(texts):
        for words, phase in WORDS:
            if words in text:
                return phase, text
    began_s, up_s = unit.inactive_exit_s, unit.active_enter_s
    if up_s is None or (began_s is not None and up_s < began_s):
        return "start", ""
    return ("stop" if unit.exec_main_status == SIGKILL else "run"), ""


def _told(service: ServiceFacts, unit: UnitState, phase: Phase, said: str) -> tuple[str, str]:
    if phase == "stop":
        limit = f"TimeoutStopSec={_limit(unit.timeout_stop_s)}"
        return (
            f"it did not end within {limit} of being asked to, and was killed",
            "Let it handle SIGTERM: leave its loop, close what it holds; raise TimeoutStopSec= only if it has that much to save",
        )
    if phase == "run":
        return "it ran longer than RuntimeMaxSec= allows, and was ended", "Restart=always brings it back; or remove RuntimeMaxSec="
    limit = f"TimeoutStartSec={_limit(unit.timeout_start_s)}"
    if BEFORE in said:
        return f"ExecStartPre= did not end within {limit}, and was ended", f"Find what it waits for; {OF_ITS_OWN}"
    summary = f"it was not ready within {limit}, and was ended"
    if unit.type == "forking" and pid_file(service):
        return summary, "Correct PIDFile=: its program writes no such file; or leave it out"
    if unit.type == "forking":
        return summary, "It stays in the foreground: Type=exec instead of Type=forking"
    if unit.type == "dbus":
        return summary, "Let it take the name of BusName= on the bus, or correct that name; Type=exec if it takes none"
    if unit.type in {"notify", "notify-reload"}:
        return summary, LISTEN if unheard(service) else "Let it send READY=1 (sd_notify) once it serves; Type=exec if it never does"
    return summary, f"Find what its start waits for (its last lines); {OF_ITS_OWN}"


def _limit(limit_s: float | None) -> str:
    return "infinity" if limit_s is None else span(limit_s)
