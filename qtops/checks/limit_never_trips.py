"""A start limit that can never be reached, so that a broken service is started for ever.

What it is: systemd stops starting a service after StartLimitBurst starts within StartLimitIntervalSec. With pauses of
RestartSec between them, burst × pause has to be shorter than the interval. StartLimitIntervalSec= in [Service] is not
read at all: the default of 10 s stays in force.

Why it matters: the unit is "activating" for ever and thus never among the failed ones; loops of thousands of restarts
have gone unnoticed for weeks.

What to do: put StartLimitIntervalSec= and StartLimitBurst= into [Unit], with an interval longer than burst ×
RestartSec. StartLimitIntervalSec=0 says that starting for ever is meant.
"""

from collections.abc import Iterator

from qtops.facts.preflight import RestartFacts, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT110", "The start limit can never be reached", Severity.WARNING, ("unit",), role="note")
MARGIN = 2  # times burst × pause: room for the time that the service itself runs before it fails


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding; for information only where the unit says nothing of limits."""
    limits = start.restart
    if limits.restart == "no" or not limits.interval_s or not limits.burst or limits.restart_s is None:
        return
    reached_s = limits.burst * limits.restart_s
    if reached_s < limits.interval_s and not limits.misplaced:
        return
    evidence = [
        f"{limits.burst} starts × {limits.restart_s:g} s = {reached_s:g} s; the interval in force is {limits.interval_s:g} s"
    ]
    if limits.misplaced:
        evidence.append(f"the limit at {limits.misplaced} has no meaning in its section: systemd ignores it")
    severity = Severity.WARNING if limits.limit_stated else Severity.INFO
    summary = _summary(limits, reached_s)
    remedy = f"In [Unit]: StartLimitIntervalSec={max(limits.interval_s, MARGIN * reached_s):g}, StartLimitBurst={limits.burst}"
    yield CHECK.finding(start.subject, summary, tuple(evidence), remedy, where=limits.where, severity=severity)


def _summary(limits: RestartFacts, reached_s: float) -> str:
    if reached_s < (limits.interval_s or 0):
        return "a start limit is written where systemd does not read it"
    return f"the start limit can never be reached: Restart={limits.restart} goes on for ever"
