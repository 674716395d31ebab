"""Did it stay up? What samples of a unit say of the time after its start.

A daemon has to be up all the time, as one process of one invocation. A job (Type=oneshot, or what a timer, a socket or a path
starts) may end, with success. What systemd has not finished starting has not begun to stay.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from qtops.checks.standing import UP, is_daemon
from qtops.facts.recovery import Answer, Criterion, Observed, UnitSample
from qtops.facts.service import ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState

GAP_S: Final = 2.0  # between two samples: eight times as long as meant, for a host that is busy
_SHOWN: Final = 12  # digits of an InvocationID
Stand = Literal["up", "coming", "done", "down", "untold"]


def stand(unit: UnitState | None, before: UnitState | None) -> Stand:
    """How a unit stands after it was started; ``before``: as it was before that. Of a job that is unloaded nothing is left."""
    if unit is None:
        return "untold"
    if unit.active_state in UP:
        return "up"
    if unit.job in {"start", "restart"} or (unit.active_state == "activating" and not unit.sub_state.startswith("auto-restart")):
        return "coming"
    if unit.active_state != "inactive" or unit.result != "success" or is_daemon(unit):
        return "down"
    earlier_s = before.exec_main_start_s if before is not None else None
    if unit.exec_main_start_s is None:
        return "untold" if unit.condition_result and unit.assert_result else "down"
    return "done" if earlier_s is None or unit.exec_main_start_s > earlier_s else "down"


def breakdown(samples: Sequence[UnitSample], before: UnitState | None, since_s: float) -> str:
    """Why it did not stay, in words; empty as long as nothing says so. ``since_s``: when it was started."""
    first: UnitState | None = None
    for sample in samples:
        unit, state = sample.unit, stand(sample.unit, before)
        if unit is None or state not in {"up", "down"}:
            continue
        if state == "down":
            return _in_words(unit, sample.at_s, since_s)
        if first is None:
            first = unit
        later = f"{span(sample.at_s - since_s)} later"
        if unit.invocation_id != first.invocation_id:
            return f"it was started once more {later}: InvocationID {_id(first)} → {_id(unit)}"
        if unit.main_pid != first.main_pid:
            return f"its main process changed {later}: MainPID {first.main_pid} → {unit.main_pid}"
    return ""


def restarts(samples: Sequence[UnitSample]) -> tuple[int, int] | None:
    """NRestarts in the first sample, and the highest, or else the lowest, that it was; None without samples."""
    counts = [sample.unit.n_restarts for sample in samples if sample.unit is not None]
    if not counts:
        return None
    return counts[0], max(counts) if max(counts) > counts[0] else min(counts)


def has_grown(samples: Sequence[UnitSample]) -> bool:
    """Whether systemd started it again by itself."""
    counts = restarts(samples)
    return counts is not None and counts[1] > counts[0]


def up_since(samples: Sequence[UnitSample]) -> float | None:
    """When it was first seen up."""
    return next((sample.at_s for sample in samples if stand(sample.unit, None) == "up"), None)


def one_process(before: ServiceFacts, observed: Observed) -> Criterion:
    """Whether one process of one invocation was up for the whole settle time, and is now; or, of a job, whether it ended well."""
    return Criterion("one process", *_one_process(before.unit, observed))


def _one_process(before: UnitState | None, observed: Observed) -> tuple[Answer, str]:
    seen, last = _with_last_look(observed), observed.service.unit
    if not any(sample.unit is not None for sample in observed.samples):
        why = next((sample.why for sample in observed.samples if sample.why), "")
        return "could not tell", why or "no sample of its unit was taken"
    if not observed.started:
        return _left_alone(before, observed)
    if why := breakdown(seen, before, observed.restarted_at_s):
        return "no", why
    if last is None:
        return "could not tell", "its unit could not be read in the last look"
    if before is not None and last.invocation_id and last.invocation_id == before.invocation_id:
        return "no", f"it is the invocation that was there before ({_id(last)}): nothing was started"
    match stand(last, before):
        case "done":
            ended_s = last.exec_main_exit_s
            return "yes", "it is a job, and ended with success" + (f" {moment(ended_s, observed.taken_at_s)}" if ended_s else "")
        case "coming":
            return "could not tell", f"it has not come up yet: {last.active_state} ({last.sub_state})"
        case "untold":
            return "could not tell", "it is a job that is over, and systemd has forgotten how it ended"
    return _held(last, observed)


def _left_alone(before: UnitState | None, observed: Observed) -> tuple[Answer, str]:
    """Whether it is as it was, where nothing was to be started: a service that runs, or rests, with a fault that is yet to bite."""
    last = observed.service.unit
    if before is None or last is None:
        return "could not tell", "its unit could not be read " + ("before" if before is None else "in the last look")
    if before.active_state in UP:
        first = UnitSample(observed.restarted_at_s, before)
        why = breakdown((first, *_with_last_look(observed)), before, observed.restarted_at_s)
        return ("no", why) if why else _held(last, observed)
    told = f"{last.active_state} ({last.sub_state})"
    if last.active_state != before.active_state or (last.exec_main_start_s or 0.0) > observed.restarted_at_s:
        return "no", f"it was {before.active_state} ({before.sub_state}), nothing was to be started, and it is {told}"
    return "yes", f"{told} as before: nothing was to be started"


def _held(unit: UnitState, observed: Observed) -> tuple[Answer, str]:
    """Whether the samples cover the settle time, without a gap that something could hide in."""
    if not unit.invocation_id or (not unit.main_pid and unit.sub_state == "running" and unit.type != "forking"):
        return "could not tell", f"systemd names no {'main process' if unit.invocation_id else 'invocation'} of it"
    times = [sample.at_s for sample in observed.samples if stand(sample.unit, None) == "up"]
    covered_s, longest_s = 0.0, 0.0
    for one_s, other_s in pairwise(times):
        gap_s = other_s - one_s
        if not 0 <= gap_s <= GAP_S:
            return "could not tell", f"two samples of the settle time are {span(gap_s)} apart, limit {span(GAP_S)}"
        covered_s, longest_s = other_s - times[0], max(longest_s, gap_s)
        if covered_s >= observed.settle_s:
            break
    if not covered_s >= observed.settle_s:
        return "could not tell", f"it was watched for {span(covered_s)} of {span(observed.settle_s)}"
    who = f"process {unit.main_pid}" if unit.main_pid else "no main process"
    began = f", since {moment(unit.active_enter_s, observed.taken_at_s)}" if unit.active_enter_s is not None else ""
    return "yes", (
        f"{who}, invocation {_id(unit)}, {unit.active_state} ({unit.sub_state}) in {len(times)} samples over "
        f"{span(times[-1] - times[0])}, the longest gap {span(longest_s)}{began}"
    )


def no_restart(observed: Observed) -> Criterion:
    """Whether NRestarts stands still."""
    seen = _with_last_look(observed)
    counts = restarts(seen) if any(sample.unit is not None for sample in observed.samples) else None
    if counts is None:
        return Criterion("no restart", "could not tell", "no sample of its unit was taken")
    told = f"NRestarts {counts[0]} → {counts[1]}"
    if counts[1] > counts[0]:
        return Criterion("no restart", "no", f"systemd started it again by itself: {told}")
    if counts[1] < counts[0]:
        return Criterion("no restart", "could not tell", f"{told}: somebody set it back in the meantime")
    return Criterion("no restart", "yes", f"NRestarts {counts[0]} in {sum(sample.unit is not None for sample in seen)} samples")


def _with_last_look(observed: Observed) -> tuple[UnitSample, ...]:
    return (*observed.samples, UnitSample(observed.taken_at_s, observed.service.unit))


def _in_words(unit: UnitState, at_s: float, since_s: float) -> str:
    ended_s = unit.exec_main_exit_s if unit.exec_main_exit_s is not None and unit.exec_main_exit_s >= since_s else at_s
    how = {"exited": "exit status", "killed": "signal", "dumped": "signal"}.get(unit.exec_main_code, "")
    end = f", {how} {unit.exec_main_status}" if how else ""
    after = span(max(ended_s - since_s, 0.0))
    return f"it did not stay up: {unit.active_state} ({unit.sub_state}) after {after}, {unit.result}{end}"


def _id(unit: UnitState) -> str:
    return unit.invocation_id[:_SHOWN] or "none"
