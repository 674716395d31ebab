"""Whether a plan may be carried out at all. Pure.

Three refusals hand over to a person (the shape is greenboot's): nothing is proven; the same was done within a day and did not last;
there is nothing to fall back to. Only the second can be overruled, by asking for it again. A fourth holds where nobody asked: only
what the configuration names is done then.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

from qtops.facts.recovery import RecoveryRecord
from qtops.facts.times import moment
from qtops.findings import Condition, Diagnosis
from qtops.steps import Call, RecoveryPlan, Replace

RECURRENCE_S: Final = 86_400.0  # within a day somebody, or something, undoes what is done here


class Refusal(NamedTuple):
    """Why a person has to decide, and what that person may look at."""

    why: str
    advice: tuple[str, ...] = ()


class Standing(NamedTuple):
    """How a file that a recovery left is now."""

    sha256: str  # empty: it is gone
    changed_s: float | None
    owner: int | None = None


def unproven(diagnosis: Diagnosis) -> Refusal | None:
    """No proven cause: whatever was done would be a guess."""
    if diagnosis.root is not None:
        return None
    seen = "; ".join(f"{finding.code} {finding.summary}" for finding in diagnosis.symptoms[:3]) or diagnosis.state
    doubts = tuple(f"could not tell: {reason}" for reason in diagnosis.unknown[:3])
    following = (diagnosis.next_command,) if diagnosis.next_command else (f"qtops doctor {diagnosis.subject} -v",)
    return Refusal(f"no cause is proven: {seen}", (*doubts, *following))


def not_allowed(diagnosis: Diagnosis, allowed: Container[str]) -> Refusal | None:
    """Nobody is there to agree, and the configuration names the codes that may be recovered from all the same."""
    root = diagnosis.root
    if root is None or root.code in allowed:
        return None
    told = f"{root.code} is not among the codes that {diagnosis.subject} may be recovered from without a person (auto_recover)"
    return Refusal(told, (f"qtops recover {diagnosis.subject}",))


def not_to_be_finished(record: RecoveryRecord, allowed: Container[str]) -> Refusal | None:
    """A person broke off what the configuration allows nobody to do by itself: whether it goes on, a person decides."""
    if record.codes and record.codes[0] in allowed:
        return None
    told = f"{record.id} was begun by {record.by} and has not ended; its cause is not among those of auto_recover"
    return Refusal(told, (f"qtops recover {record.unit} --resume", f"qtops recover {record.unit} --undo"))


def recurring(
    plan: RecoveryPlan, records: Sequence[RecoveryRecord], standing: Mapping[str, Standing], now_s: float
) -> Refusal | None:
    """The same remedy failed, or was undone, within the last day: by whom and when is said as far as anything tells."""
    for record in records:
        if record.unit != plan.unit or record.fingerprint != plan.fingerprint or now_s - record.begun_s > RECURRENCE_S:
            continue
        if record.state in {"undone", "undo failed"}:
            why = f": {record.why}" if record.why else ""
            told = f"the same recovery ({record.id}) was undone {moment(record.ended_s or record.begun_s, now_s)}{why}"
        elif record.state == "verified":
            when = moment(record.ended_s or record.begun_s, now_s)
            told = f"the same recovery ({record.id}) was verified {when}, and the fault is back"
            told += "".join(_reverted(record, standing, now_s))
        else:
            continue
        return Refusal(told, (f"qtops recover {plan.unit} --list", f"qtops recover {plan.unit} --apply --again overrules this"))
    return None


def _reverted(record: RecoveryRecord, standing: Mapping[str, Standing], now_s: float) -> list[str]:
    """Which of its files somebody changed since."""
    told = []
    for path, left in record.after.items():
        now = standing.get(path)
        if now is None or now.sha256 == left:
            continue
        if not now.sha256:
            told.append(f"; {path} is gone")
        else:
            when = f" {moment(now.changed_s, now_s)}" if now.changed_s is not None else ""
            told.append(f"; {path} was changed{when}, and belongs to user {now.owner}")
    return told


def without_fallback(plan: RecoveryPlan, condition: Condition) -> Refusal | None:
    """A step without a way back that nobody asked for by name, or a restart of what runs with nothing to return to."""
    for number, step in enumerate(plan.steps, 1):
        if step.action is not None and not step.way_back and not step.risk:
            return Refusal(f"step {number} has no way back: {' '.join(step.command)}", ("do it by hand, if it is to be done",))
    replaces = any(isinstance(step.action, Replace) for step in plan.steps)
    calls = [step.action for step in plan.steps if isinstance(step.action, Call)]
    if condition == "runs" and not replaces and any(call.verb == "restart" for call in calls):
        return Refusal(
            f"{plan.unit} runs, and nothing to fall back to is kept: what runs now cannot be brought back after a restart",
            (f"systemctl restart {plan.unit}",),
        )
    return None
