"""From facts to diagnoses. Pure: it never knows whether the facts come from a host or from a bundle."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from qtops.causes.agreement import STOPS_A_START
from qtops.causes.linking import Linked, apart, link_down, link_up
from qtops.checks import guards_over, proposals_wrong, still_starting
from qtops.checks.ending import Ending
from qtops.checks.main_process_failed import where_it_speaks
from qtops.checks.next_start import is_refuted
from qtops.checks.registry import ROLES, judge_service
from qtops.checks.standing import UP, last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.facts.unit import UnitState
from qtops.findings import Condition, Diagnosis, Finding, Severity, Verdict, worst

KEEP_IT_DOWN: Final = frozenset({"UNIT204", "UNIT205", "UNIT206", "UNIT207", "UNIT208", "UNIT218", "UNIT111"})
"""Findings that say that an inactive service should be running."""
PROBED: Final = frozenset({"IMPORT101", "IMPORT103"})
DOWN: Final = frozenset({"failed", "restarts", "does not run", "not loaded"})
IMPORTED_AFTER_S: Final = 10  # whatever a start imports is imported by then, as a rule


def diagnose(facts: Facts) -> tuple[Diagnosis, ...]:
    """One diagnosis per service, in the order asked for."""
    return tuple(_service(service, facts) for service in facts.services)


def _service(service: ServiceFacts, facts: Facts) -> Diagnosis:
    found = [*judge_service(service, facts)]
    own = next((known.off for known in facts.settings.services if known.unit == service.subject), {})
    switched = facts.settings.off | own
    off = tuple(finding for finding in found if finding.code in switched)
    found = [finding for finding in found if finding.code not in switched]
    condition = _condition(service.unit, {f.code for f in found if f.severity is not Severity.INFO})
    outlived = condition == "runs" and _outlived(service, facts.taken_at_s)
    found, refuted = _believed(found, service, outlived=outlived)
    unknown = [*_unknown(service, facts, outlived=outlived), *refuted]
    if condition == "starts" and not any(finding.code == still_starting.CHECK.code for finding in found):
        unknown.append("whether it comes up: it is still starting; look again in a minute")
    if condition == "runs":
        found = [_eased(finding) for finding in found]
    parts = apart(found, ROLES)
    end = last_run(service, facts.taken_at_s).end
    linked = link_down(parts, service, end) if condition in DOWN else link_up(parts, service)
    return Diagnosis(
        subject=service.subject,
        verdict=_verdict(linked, condition, unknown),
        condition=condition,
        state=_state(service.unit, condition, end, facts.taken_at_s),
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
        return "runs" if unit.main_pid and unit.active_state in UP else "not loaded"
    if "UNIT201" in codes or unit.sub_state.startswith("auto-restart"):
        return "restarts"
    if unit.active_state == "failed":
        return "failed"
    if unit.active_state == "inactive":
        return "does not run" if codes & KEEP_IT_DOWN else "rests"
    return "starts" if still_starting.is_starting(unit) else "runs"


def _believed(found: list[Finding], service: ServiceFacts, *, outlived: bool) -> tuple[list[Finding], list[str]]:
    """A prediction is given up where it is refuted: by a process that runs on the same files, or by a probe."""
    probe = service.probe
    if outlived:
        refuted = [finding for finding in found if finding.code in STOPS_A_START and is_refuted(finding, service)]
        why = "and yet it runs on files that have not changed since"
    elif probe is not None and not probe.said:
        refuted = [finding for finding in found if finding.code in PROBED]
        why = f"and yet {probe.module} is imported in the unit's own context ({probe.how}): {probe.found}"
    else:
        return found, []
    reasons = [f"{finding.code} was predicted ({finding.summary}), {why}" for finding in refuted]
    return [finding for finding in found if finding not in refuted], reasons


def _outlived(service: ServiceFacts, now_s: float) -> bool:
    """Whether its process has had time to import all that a start imports, on files that have not changed since it began."""
    began_s = service.unit.exec_main_start_s if service.unit and service.unit.main_pid else None
    if began_s is None or began_s > now_s - IMPORTED_AFTER_S:
        return False
    return service.source_changed_s is None or service.source_changed_s < began_s


def _eased(finding: Finding) -> Finding:
    """What would stop the next start is a warning while the service runs."""
    is_later = finding.code in STOPS_A_START and finding.severity is Severity.CRITICAL
    return replace(finding, severity=Severity.WARNING) if is_later else finding


def _unknown(service: ServiceFacts, facts: Facts, *, outlived: bool) -> Iterator[str]:
    """What could not be told, and what would make it tellable."""
    yield from (missing.told for missing in (*facts.missing, *service.missing))
    yield from proposals_wrong.untold(service, facts)
    yield from guards_over.untold(service, facts)
    probe = service.probe
    if probe is not None and probe.said and probe.said.partition(":")[0] != probe.expected.partition(":")[0]:
        yield f"whether {probe.expected}: imported in the unit's own context ({probe.how}), it is {probe.said}"
    start = service.start
    if start is None:
        return
    yield from start.missing
    if start.imports and start.imports.unknown and not outlived:
        yield f"whether every import of the next start resolves: {start.imports.unknown}"


def _verdict(linked: Linked, condition: Condition, unknown: list[str]) -> Verdict:
    findings = [*linked.path, *linked.symptoms, *linked.notes, *((linked.root,) if linked.root else ())]
    verdicts = [finding.severity.verdict for finding in findings]
    if condition in DOWN:
        verdicts.append(Verdict.WARNING)  # it is down, whether or not any check has a word for it
    if unknown or condition == "unknown":
        verdicts.append(Verdict.UNKNOWN)
    return worst([Verdict.OK, *verdicts])


def _state(unit: UnitState | None, condition: Condition, end: Ending, now_s: float) -> str:
    """How it is in one line, with UTC and age."""
    if unit is None:
        return "its state could not be read"
    since_s = unit.state_changed_s
    when = f" since {moment(since_s, now_s)}" if since_s is not None else ""
    match condition:
        case "runs":
            began_s = unit.active_enter_s
            return f"{unit.active_state} ({unit.sub_state})" + (f" for {span(now_s - began_s)}" if began_s is not None else "")
        case "starts":
            return f"is starting ({unit.sub_state}){when}"
        case "failed":
            return f"failed{when}{_in_words(end)}"
        case "restarts":
            return f"is started again and again: {unit.n_restarts} restarts{_in_words(end)}"
        case "not loaded":
            return f"not loaded: {unit.load_state}"
        case "does not run" | "rests":
            return f"inactive{when}" if when else "inactive, and systemd remembers no run of it"
    return f"{unit.active_state} ({unit.sub_state})"


def _in_words(end: Ending) -> str:
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
    return where_it_speaks(service)
