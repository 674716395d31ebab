"""A service that ends and is started again, over and over.

What it is: systemd waits for the next start (auto-restart), or three runs ended within ten minutes.

Why it matters: the unit is "activating" and thus never among the failed ones; loops of thousands of restarts have gone
unnoticed for weeks, each of them losing what was in flight.

What to do: mend what ends it; the line that all runs have last is the best hint. `systemctl stop` ends the loop
meanwhile. The counter begins at 0 with each start by hand.
"""

import re
from collections import Counter
from collections.abc import Iterator

from qtops.checks.standing import LOOP_ENDS, LOOP_WINDOW_S, ended_runs, is_looping
from qtops.facts.journal import Run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT201", "It is started again and again", Severity.CRITICAL, ("systemd",), role="symptom")
MARGIN = 2  # times burst × cycle: what the interval has to be for a limit that trips


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit = service.unit
    if unit is None or not is_looping(service, facts.taken_at_s):
        return
    ended = ended_runs(service.journal)
    run_s = _run_s(unit, ended)
    recent = sum(facts.taken_at_s - (run.ended_s or 0.0) <= LOOP_WINDOW_S for run in ended)
    evidence = [f"{unit.n_restarts} restarts; a start by hand sets this counter to 0"]
    evidence += [f"{recent} runs ended within the last {span(LOOP_WINDOW_S)}"] if recent else []
    evidence += _onset(unit, ended, run_s, facts.taken_at_s)
    evidence += _common_line(ended)
    limit, remedy = _limit(unit, run_s)
    summary = f"it is started again and again: {unit.n_restarts} restarts"
    if not unit.n_restarts:
        summary = "it ended, and waits to be started again"
    remedy = f"Mend what ends it; `systemctl stop {service.subject}` ends the loop meanwhile{remedy}"
    yield CHECK.finding(service.subject, summary, (*evidence, limit), remedy)


def _run_s(unit: UnitState, ended: tuple[Run, ...]) -> float:
    """How long a run lasts: the one in the middle."""
    lasted = [run.ended_s - run.began_s for run in ended if run.ended_s is not None and run.began_s is not None]
    if not lasted and unit.exec_main_start_s is not None and unit.exec_main_exit_s is not None:
        lasted = [unit.exec_main_exit_s - unit.exec_main_start_s]
    return max(sorted(lasted)[len(lasted) // 2], 0.0) if lasted else 0.0


def _onset(unit: UnitState, ended: tuple[Run, ...], run_s: float, now_s: float) -> list[str]:
    if len(ended) > unit.n_restarts and (began_s := ended[-unit.n_restarts - 1].began_s) is not None:
        return [f"it began at {moment(began_s, now_s)}"]
    if unit.restart_s is None or not unit.n_restarts:
        return []
    began_s = now_s - unit.n_restarts * (unit.restart_s + run_s)
    return [f"it began about {moment(began_s, now_s)}: restarts × (pause {span(unit.restart_s)} + run {span(run_s)})"]


def _common_line(ended: tuple[Run, ...]) -> list[str]:
    lines = Counter(re.sub(r"[0-9]+", "#", run.last_line) for run in ended if run.last_line)
    pattern, count = max(lines.items(), key=lambda item: item[1], default=("", 0))
    if count < LOOP_ENDS:
        return []
    newest = next(run.last_line for run in reversed(ended) if re.sub(r"[0-9]+", "#", run.last_line) == pattern)
    return [f"last line of {count} of {len(ended)} runs: {newest}"]


def _limit(unit: UnitState, run_s: float) -> tuple[str, str]:
    """Whether the start limit can end it, and the lines that would."""
    if unit.restart_s is None:
        return "when the next start is due is not known", ""
    cycle_s = unit.restart_s + run_s
    told = f"{unit.burst} starts × (pause {span(unit.restart_s)} + run {span(run_s)}) = {span(unit.burst * cycle_s)}"
    wanted = f"; in [Unit]: StartLimitIntervalSec={max(round(MARGIN * unit.burst * cycle_s), 10)}, StartLimitBurst={unit.burst}"
    if not unit.interval_s or not unit.burst:
        return "no start limit is in force: it goes on for ever", ""
    if unit.burst * cycle_s >= unit.interval_s:
        return f"{told}, the interval is {span(unit.interval_s)}: the start limit can never be reached", wanted
    return f"{told}, within the interval of {span(unit.interval_s)}: the start limit will end it", ""
