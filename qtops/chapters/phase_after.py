"""What a phase leaves behind: its deliverables, what has changed since the last report, what is still failed, and what is next."""

from collections.abc import Callable, Iterator
from typing import Final

from qtops.chapters.phase_told import NEVER, Told
from qtops.chapters.telling import cited, counted, said, untold
from qtops.checks.standing import runs
from qtops.checks.starts import CHECKS as START_CHECKS
from qtops.evidence.document import Claim, Criteria, Criterion, Listed, Row, Section, Table, Tone, code, words
from qtops.facts.host import FailedUnit
from qtops.facts.recovery import Answer, RecoveryRecord
from qtops.facts.times import moment
from qtops.findings import Severity
from qtops.phases.plan import units_of
from qtops.settings.phases import Deliverable

OF_STARTS: Final = frozenset(known.check.code for known in START_CHECKS)
_Shown = tuple[Answer, str, tuple[str, ...]]


def deliverables(told: Told) -> Section:
    """What the phase is to leave behind, and what shows that it is there."""
    if not told.phase.deliverables:
        return Section("Deliverables", (Listed((said("None is configured.", told.plan_cites),)),))
    return Section("Deliverables", (Criteria(tuple(_deliverable(one, told) for one in told.phase.deliverables)),))


def _deliverable(one: Deliverable, told: Told) -> Criterion:
    holds, seen, evidence = _SHOWN_BY[one.by](told)
    return Criterion(title=words(one.title), holds=holds, seen=words(seen), evidence=evidence or told.plan_cites)


def _records(told: Told) -> tuple[RecoveryRecord, ...]:
    known = (*((told.case.recovery,) if told.case.recovery is not None else ()), *told.case.recoveries)
    return tuple(one for one in known if one.unit in told.units)


def _recovery(told: Told) -> _Shown:
    records, evidence = _records(told), told.citing.named("recovery") or told.citing.named("recoveries")
    verified = next((one for one in records if one.state == "verified"), None)
    if verified is not None:
        when = moment(verified.ended_s or verified.begun_s, told.case.made_at_s)
        return "yes", f"recovery {verified.id}, verified {when}: {', '.join(verified.paths) or 'no file'}", evidence
    if records:
        return "no", f"the newest recovery on record, {records[0].id}, is {records[0].state}", evidence
    return "could not tell", "no evidence: no recovery of its services is on record", ()


def _backup(told: Told) -> _Shown:
    evidence = told.citing.named("recovery") or told.citing.named("recoveries")
    kept = next((one for one in _records(told) if one.paths and one.state == "verified"), None)
    if kept is not None:
        backups = told.case.backups if told.case.recovery is not None and kept.id == told.case.recovery.id else ()
        evidence = cited(evidence, told.citing.named("backups"))
        if gone := [one for one in backups if one.trouble]:
            return "no", "; ".join(f"of {one.path}: {one.trouble}" for one in gone), evidence
        if not backups:
            return (
                "could not tell",
                f"recovery {kept.id} kept some in {kept.folder}; whether they are there was not looked at",
                evidence,
            )
        return "yes", f"of {', '.join(one.path for one in backups)}, in {kept.folder}, there and with its hash", evidence
    return "could not tell", "no evidence: no recovery on record has kept a file", ()


def _unit(told: Told) -> _Shown:
    """The files of its units were read, and no check of a start finds anything critical in them."""
    read = [one for one in told.case.units if one.unit in told.units]
    starts = [look for look in told.looks.values() if look is not None and look.service.start is not None]
    evidence = cited(*(told.citing.unit_file(one.path) for one in read), *(look.cites("start") for look in starts))
    found = [one.finding for one in (*told.verdict.contradictions, *told.verdict.remarks) if one.finding.code in OF_STARTS]
    grave = [f"{one.code}: {one.summary}" for one in found if one.severity is not Severity.INFO]
    if grave:
        return "no", "; ".join(grave), evidence
    if not starts or len(starts) < len(told.units):
        return "could not tell", "no evidence: what the next start of its services would meet was not looked at", evidence
    if unread := [why for look in starts if look.service.start is not None for why in look.service.start.missing]:
        return "could not tell", f"not all of it could be looked at: {'; '.join(unread)}", evidence
    noted = f" (worth knowing: {', '.join(sorted({one.code for one in found}))})" if found else ""
    return "yes", f"{counted(len(read), 'file')} of its units read; the checks of a start find nothing wrong{noted}", evidence


def _baseline(told: Told) -> _Shown:
    seen = [look for look in told.looks.values() if look is not None]
    up = [look for look in seen if look.service.process is not None and look.service.unit is not None and runs(look.service.unit)]
    evidence = cited(*(look.cites("unit", "process") for look in seen))
    if not up or len(up) < len(told.units):
        return "could not tell", "no evidence: the processes of its services were not all read", evidence
    return "yes", f"of {counted(len(up), 'service')}, below", evidence


def _wiring(told: Told) -> _Shown:
    wiring, evidence = told.facts.wiring, told.citing.of("now", "", "wiring")
    if wiring is None:
        return "could not tell", "no evidence: the source was not looked through (qtops map documents writers and readers)", ()
    return "yes", "the map of writers and readers is on record", evidence


def _nothing(told: Told) -> _Shown:
    return "could not tell", "no evidence: nothing is bound to it", told.plan_cites


_SHOWN_BY: Final[dict[str, Callable[[Told], _Shown]]] = {
    "recovery": _recovery,
    "backup": _backup,
    "unit": _unit,
    "baseline": _baseline,
    "wiring": _wiring,
    "": _nothing,
}


def before_and_now(told: Told) -> Section:
    """The plan as it stood when each phase was last reported on, and as this one stands now. The others were not looked at."""
    rows = []
    for phase in told.facts.settings.phases:
        last, is_this = told.last(phase.number), phase.number == told.phase.number
        before = f"{last.state}, {moment(last.reported_s, told.case.made_at_s)}" if last is not None else NEVER
        now = told.verdict.state if is_this else "not looked at"
        change = "not known" if not is_this else f"{last.state} → {now}" if last is not None and last.state != now else "no change"
        change = f"→ {now}" if is_this and last is None else change
        tone: Tone = (
            "good" if now == "COMPLETE" else "bad" if now == "PARTIAL" else "doubtful" if now == "UNVERIFIED" else "neutral"
        )
        evidence = cited(told.last_cites, told.plan_cites, told.doubt_cites if is_this else ())
        rows.append(Row((str(phase.number), words(phase.title), words(before), words(now), words(change)), evidence, tone))
    head = ("Phase", "Title", "Last reported", "Now", "Change")
    return Section("System status upgrade", (Table(head, tuple(rows)),))


def failed_units(told: Told) -> Section:
    """Units that systemd calls failed, and the phase that each is in."""
    title, failed, evidence = "Failed services remaining", told.case.failed, told.citing.named("failed/now")
    if failed is None:
        gap = untold("which units are failed", "systemd was not asked", "systemctl --failed", told.citing.named("case"))
        return Section(title, (Listed((gap,)),))
    over = {unit.name for unit in told.case.failed_before or ()} - {unit.name for unit in failed}
    rows = [Row((code(name), "", "no longer failed", _home(name, told)), evidence, "good") for name in sorted(over)]
    rows += [Row(_failed(unit, told), evidence, "bad") for unit in failed]
    if not rows:
        return Section(title, (Listed((said("None: systemd calls no unit failed.", evidence),)),))
    return Section(title, (Table(("Unit", "What it is", "State", "Phase"), tuple(rows)),))


def _failed(unit: FailedUnit, told: Told) -> tuple[str, ...]:
    since = f" since {moment(unit.since_s, told.case.made_at_s)}" if unit.since_s is not None else ""
    result = f" ({unit.result})" if unit.result else ""
    return code(unit.name), words(unit.description), words(f"failed{result}{since}"), _home(unit.name, told)


def _home(unit: str, told: Told) -> str:
    settings = told.facts.settings
    homes = [str(phase.number) for phase in settings.phases if unit in units_of(phase, settings)]
    return ", ".join(homes) or "in none"


def next_steps(told: Told) -> Section:
    """First what keeps this phase from being complete, then what the plan has after it."""
    return Section("Next steps", (Listed(tuple(_next(told)), numbered=True),))


def _next(told: Told) -> Iterator[Claim]:
    for one in told.verdict.contradictions:
        yield said(f"{code(one.finding.code)}: {words(one.finding.remedy)}.", told.borne(one))
    for criterion in told.verdict.criteria[:-1]:
        if criterion.holds != "yes":
            shown = told.criterion(criterion)
            verb = "See to it" if criterion.holds == "no" else "Have it told"
            yield said(f"{verb}: {shown.title}: {shown.seen}.", shown.evidence)
    for step in told.phase.next:
        marked = step if step.count("`") % 2 == 0 else words(step)
        yield said(f"{marked}.", told.plan_cites)
    if told.verdict.state == "COMPLETE" and not told.phase.next:
        yield said("None is configured.", told.plan_cites)
