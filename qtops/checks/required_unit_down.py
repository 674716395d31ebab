"""A unit that this one requires is missing, masked or failed.

What it is: Requires=, Requisite= or BindsTo= names a unit that does not exist, is masked or cannot be loaded, that
failed, or (Requisite=, BindsTo=) that is not up.

Why it matters: systemd fails the start job with the result "dependency" and leaves this unit inactive with
Result=success; it is not among the failed units.

What to do: mend the unit that is named, then start this one; Wants= instead of Requires= where it can do without.
"""

from collections.abc import Iterator

from qtops.checks.ending import ending
from qtops.checks.standing import UP
from qtops.facts.journal import Event
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.facts.unit import RelatedUnit
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT208", "A unit that it requires is down", Severity.CRITICAL, ("systemd",))
LOADS = frozenset({"loaded", "merged", "stub", ""})


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """One finding per unit, while this one does not run because of it."""
    unit, failed = service.unit, _dependency_failed(service)
    if unit is None or unit.load_state != "loaded" or unit.active_state not in {"inactive", "failed"}:
        return
    has_failed = unit.active_state == "failed" and unit.result != "start-limit-hit"  # each restart of the other counts as its own
    if failed is None and (has_failed or ending(unit, service.journal).kind not in {"none", "clean"}):
        return
    for other in unit.named("Requires", "Requisite", "BindsTo"):
        trouble = _trouble(other, failed is not None)
        if trouble:
            evidence = [f"{other.setting}={other.unit}: {other.load_state or 'not asked'}, {other.active_state or 'not asked'}"]
            evidence += [f"it failed with Result={other.result}"] if other.result not in {"", "success"} else []
            evidence += [f"{moment(failed.at_s, facts.taken_at_s)}: {failed.text}"] if failed is not None else []
            yield CHECK.finding(
                service.subject, f"{other.unit}, which it requires, {trouble}", tuple(evidence), _remedy(other, service.subject)
            )


def _dependency_failed(service: ServiceFacts) -> Event | None:
    events = service.journal.events if service.journal else ()
    last = next((event for event in reversed(events) if event.kind in {"job_failed", "started", "starting"}), None)
    return last if last is not None and last.kind == "job_failed" and last.result == "dependency" else None


def _trouble(other: RelatedUnit, is_blamed: bool) -> str:
    if other.load_state not in LOADS:
        return {"not-found": "does not exist", "masked": "is masked"}.get(other.load_state, f"cannot be loaded: {other.load_state}")
    if other.active_state == "failed":
        return "failed"
    is_down = other.active_state not in {*UP, "activating", ""}
    return "is not up" if is_down and (is_blamed or other.setting != "Requires") else ""


def _remedy(other: RelatedUnit, name: str) -> str:
    if other.load_state == "not-found":
        return f"Install {other.unit} or correct its name in {other.setting}=, or use Wants= if it can do without"
    if other.load_state == "masked":
        return f"`systemctl unmask {other.unit}`, or remove it from {other.setting}="
    return f"Mend {other.unit} (`qtops doctor {other.unit}`), then `systemctl start {name}`"
