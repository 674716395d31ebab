"""From facts to diagnoses. Pure: it never knows whether the facts come from a host or from a bundle."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from qtops.causes.agreement import STOPS_A_START, last_end
from qtops.causes.linking import Linked, apart, link_down, link_up
from qtops.checks.registry import ROLES, judge_service
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Condition, Diagnosis, Finding, Severity, Verdict, worst

KEEP_IT_DOWN: Final = frozenset({"UNIT204", "UNIT205", "UNIT206", "UNIT207", "UNIT208", "UNIT218", "UNIT111"})
"""Findings that say that an inactive service should be running."""
PROBED: Final = frozenset({"IMPORT101", "IMPORT103"})
PREDICTED: Final = frozenset({*PROBED, "CODE101"})  # by walking the source, not by looking at the host
DOWN: Final = frozenset({"failed", "restarts", "does not run", "not loaded"})


def diagnose(facts: Facts) -> tuple[Diagnosis, ...]:
    """One diagnosis per service, in the order asked for."""
    return tuple(_service(service, facts) for service in facts.services)


def _service(service: ServiceFacts, facts: Facts) -> Diagnosis:
    unknown = list(_unknown(service, facts))
    found = [*judge_service(service, facts)]
    switched = next((known.off for known in facts.settings.services if known.unit == service.subject), {})
    off = tuple(finding for finding in found if finding.code in switched)
    found = [finding for finding in found if finding.code not in switched]
    condition = _condition(service.unit, {f.code for f in found if f.severity is not Severity.INFO})
    found, refuted = _believed(found, service)
    unknown += refuted
    if condition == "runs":
        found = [_eased(finding) for finding in found]
    parts = apart(found, ROLES)
    linked = link_down(parts, service) if condition in DOWN else link_up(parts, service)
    return Diagnosis(
        subject=service.subject,
        verdict=_verdict(linked, condition, unknown),
        condition=condition,
        state=_state(service, condition, facts.taken_at_s),
        since_s=service.unit.state_changed_s if service.unit else None,
        root=linked.root,
        proof=linked.proof,
        path=linked.path,
        symptoms=linked.symptoms,
        notes=linked.notes,
        off=off,
        unknown=tuple(dict.fromkeys(unknown)),
        next_command=_next(service, linked, condition, unknown),
    )


def _condition(unit: UnitState | None, codes: set[str]) -> Condition:
    if unit is None:
        return "unknown"
    if unit.load_state not in {"loaded", "merged"}:
        return "not loaded"
    if "UNIT201" in codes or unit.sub_state.startswith("auto-restart"):
        return "restarts"
    if unit.active_state == "failed":
        return "failed"
    if unit.active_state == "inactive":
        return "does not run" if codes & KEEP_IT_DOWN else "rests"
    return "runs"


def _believed(found: list[Finding], service: ServiceFacts) -> tuple[list[Finding], list[str]]:
    """A prediction is given up where it is refuted: by a process that runs on the same files, or by a probe."""
    probe = service.probe
    if _outlived(service):
        why, doubted = "and yet it runs on files that have not changed since", PREDICTED
    elif probe is not None and not probe.said:
        why, doubted = f"and yet {probe.module} is imported in the unit's own context ({probe.how}): {probe.found}", PROBED
    else:
        return found, []
    refuted = [finding for finding in found if finding.code in doubted]
    reasons = [f"{finding.code} was predicted ({finding.summary}), {why}" for finding in refuted]
    return [finding for finding in found if finding.code not in doubted], reasons


def _outlived(service: ServiceFacts) -> bool:
    """Whether the process began after everything that a prediction rests on last changed."""
    began_s = service.unit.exec_main_start_s if service.unit and service.unit.main_pid else None
    return began_s is not None and service.source_changed_s is not None and service.source_changed_s < began_s


def _eased(finding: Finding) -> Finding:
    """What would stop the next start is a warning while the service runs."""
    is_later = finding.code in STOPS_A_START and finding.severity is Severity.CRITICAL
    return replace(finding, severity=Severity.WARNING) if is_later else finding


def _unknown(service: ServiceFacts, facts: Facts) -> Iterator[str]:
    """What could not be told, and what would make it tellable."""
    yield from (missing.told for missing in (*facts.missing, *service.missing))
    start = service.start
    if start is None:
        return
    yield from start.missing
    if start.imports and start.imports.unknown and not _outlived(service):
        yield f"whether every import of the next start resolves: {start.imports.unknown}"


def _verdict(linked: Linked, condition: Condition, unknown: list[str]) -> Verdict:
    findings = [*linked.path, *linked.symptoms, *linked.notes, *((linked.root,) if linked.root else ())]
    verdicts = [finding.severity.verdict for finding in findings]
    if condition in DOWN:
        verdicts.append(Verdict.WARNING)  # it is down, whether or not any check has a word for it
    if unknown or condition == "unknown":
        verdicts.append(Verdict.UNKNOWN)
    return worst([Verdict.OK, *verdicts])


def _state(service: ServiceFacts, condition: Condition, now_s: float) -> str:
    """How it is in one line, with UTC and age."""
    unit = service.unit
    if unit is None:
        return "its state could not be read"
    since_s = unit.state_changed_s
    when = f" since {moment(since_s, now_s)}" if since_s is not None else ""
    match condition:
        case "runs":
            began_s = unit.active_enter_s
            return f"{unit.active_state} ({unit.sub_state})" + (f" for {span(now_s - began_s)}" if began_s is not None else "")
        case "failed":
            return f"failed{when}{_end(service)}"
        case "restarts":
            return f"is started again and again: {unit.n_restarts} restarts{_end(service)}"
        case "not loaded":
            return f"not loaded: {unit.load_state}"
        case "does not run" | "rests":
            return f"inactive{when}" if when else "inactive, never started since this host booted"
    return f"{unit.active_state} ({unit.sub_state})"


def _end(service: ServiceFacts) -> str:
    end = last_end(service)
    match end.kind:
        case "status":
            return f" (exit status {end.status})"
        case "step":
            return f" (status={end.step})"
        case "signal":
            return f" (signal {end.status})"
        case "none" | "clean":
            return ""
    return f" ({end.kind})"


def _next(service: ServiceFacts, linked: Linked, condition: Condition, unknown: list[str]) -> str:
    """The command that would tell more; none where there is a root, or nothing is wrong."""
    name = service.subject
    if linked.root is not None or (condition not in DOWN and not linked.symptoms):
        return f"qtops doctor {name} --probe" if linked.root is None and any("import" in reason for reason in unknown) else ""
    enabling = next((missing.enable for missing in service.missing if missing.enable), "")
    if enabling:
        return enabling
    invocation = service.unit.invocation_id if service.unit else ""
    return (
        f"journalctl -n 100 _SYSTEMD_INVOCATION_ID={invocation} + INVOCATION_ID={invocation}"
        if invocation
        else f"systemctl status {name}"
    )
