"""Carry a plan out, prove its effect, and go back where it cannot be proven; or finish what a killed run began."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from qtops.actions.backups import AFTER, BEFORE, PATCH
from qtops.actions.ledger import Ledger
from qtops.actions.lock import login
from qtops.actions.state import StateFolder
from qtops.actions.transaction import StepFailed, Transaction, UndoFailed
from qtops.errors import QtopsError, Unavailable
from qtops.facts.recovery import RecoveryRecord
from qtops.facts.repository import Repository
from qtops.facts.service import Facts, ServiceFacts
from qtops.proof.moments import Name, disorders, moments
from qtops.recovery.drafting import Change
from qtops.recovery.gate import Refusal, Standing, not_allowed, recurring, unproven, without_fallback
from qtops.recovery.keeping import keep, keep_failed, keep_settling, kept, repositories, with_room, write_patch
from qtops.recovery.looking import Looked, again
from qtops.recovery.observing import verify
from qtops.recovery.planning import DOWN, Planned, plan, to_mend
from qtops.reports.recovery.report import Report
from qtops.steps import RecoveryPlan, Replace

Tell = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Records:
    """Where a recovery is recorded."""

    state: StateFolder
    ledger: Ledger


def planned(
    looked: Looked, wanted: tuple[str, ...], records: tuple[RecoveryRecord, ...], *, overruled: bool, automatic: bool = False
) -> tuple[Report, Planned]:
    """What would be done, or why nothing is: pure reading. The outcome is "planned", "refused" or "nothing to do"."""
    diagnosis = looked.diagnosis
    report = Report(outcome="planned", unit=looked.unit, host=looked.facts.host, at_s=looked.facts.taken_at_s, diagnosis=diagnosis)
    if nothing := _nothing(looked, wanted):
        return replace(report, outcome="nothing to do", why=nothing), Planned()
    refusal = unproven(diagnosis) or (not_allowed(diagnosis, looked.auto_recover) if automatic else None)
    if refusal is not None:
        return _refused(report, refusal), Planned()
    found = plan(looked, wanted)
    report = replace(report, options=found.options, notes=found.notes, plan=found.plan)
    if found.plan is None:
        return _refused(report, Refusal(found.why_none, (f"qtops explain {diagnosis.root.code}",) if diagnosis.root else ())), found
    refusal = without_fallback(found.plan, diagnosis.condition)
    if refusal is None and not overruled:
        refusal = recurring(found.plan, records, _standing(records, found.plan), looked.facts.taken_at_s)
    if refusal is not None:
        return _refused(report, refusal), found
    return replace(report, advice=(f"qtops recover {looked.unit} --apply",)), found


def apply(
    looked: Looked, wanted: tuple[str, ...], records: Records, tell: Tell, *, overruled: bool = False, automatic: bool = False
) -> Report:
    """Plan, carry out, prove. Whoever calls holds the lock of the unit, and knows that no earlier recovery is open."""
    report, found = planned(looked, wanted, records.ledger.records(), overruled=overruled, automatic=automatic)
    if report.outcome != "planned" or found.plan is None or found.draft is None or found.contents is None:
        if report.outcome == "refused" and found.plan is not None:
            records.ledger.refuse(found.plan, login(), report.why)
        return report
    transaction = Transaction(records.state, records.ledger, found.plan)
    changes = tuple(found.draft.changes.values())
    known = repositories(changes, looked.configured)
    with_room(records.state.path, found.contents.values())
    transaction.begin(found.contents)
    folder = transaction.folder.path
    report = replace(report, folder=folder, advice=())
    try:
        keep(looked.facts, folder, BEFORE)
        with suppress(QtopsError):  # for reports alone
            keep_failed(folder)
        records.ledger.note(found.plan.id, "diagnosed", at_s=looked.facts.taken_at_s)
        patch, told = _patch(changes, known, folder)  # now: whoever goes on after a kill no longer knows how the file was
        transaction.carry_out(lambda line: tell(line, 0, 0))
    except QtopsError as failed:
        return _back(report, transaction, records, str(failed), _code(failed), looked, tell)
    report = _concluded(report, transaction, records, looked, tell)
    return replace(report, patch=patch, repository=told) if report.outcome == "verified" else report


def _patch(changes: Sequence[Change], known: dict[str, Repository], folder: str) -> tuple[str, tuple[str, ...]]:
    """The patch for the repository, and what is to be done with it. A recovery does not hang on it."""
    try:
        return write_patch(changes, known, folder) if known else ("", ())
    except QtopsError as error:
        return "", (f"the patch for the repository could not be written: {error}",)


def resume(record: RecoveryRecord, request: Looked, records: Records, tell: Tell) -> Report:
    """Finish what a killed run began: forwards with its proof, or backwards where it was going back."""
    transaction = Transaction(records.state, records.ledger, _plan_of(record, records))
    before = kept(record.folder, BEFORE)
    report = Report(
        outcome="verified", unit=record.unit, host=request.facts.host, at_s=time.time(), plan=transaction.plan, folder=record.folder
    )
    try:
        if transaction.resume(lambda line: tell(line, 0, 0)) == "undone":
            return replace(report, outcome="rolled back", why="the run that was killed was going back", after=_state(request, tell))
    except StepFailed as failed:
        return _back(report, transaction, records, str(failed), _code(failed), request, tell)
    except UndoFailed as failed:
        return replace(report, outcome="undo failed", why=str(failed), after=_state(request, tell))
    looked = request
    if before is not None and before.services:  # which may have been before a boot
        looked = Looked(request.request, replace(before, booted_s=request.facts.booted_s), request.diagnosis)
    report = _concluded(report, transaction, records, looked, tell)
    patch = Path(record.folder, PATCH)
    return replace(report, patch=str(patch)) if report.outcome == "verified" and patch.exists() else report


def _concluded(report: Report, transaction: Transaction, records: Records, looked: Looked, tell: Tell) -> Report:
    """Prove the effect of a plan that was carried out; go back where it cannot be proven. Open where neither can be recorded."""
    try:
        return _proven(report, transaction, records, looked, tell)
    except QtopsError as broken:
        return _broken_off(report, f"it was carried out, and what came of it could not be recorded: {broken}", broken)


def _proven(report: Report, transaction: Transaction, records: Records, looked: Looked, tell: Tell) -> Report:
    ledger, recovery = records.ledger, transaction.plan.id
    started_s = next((one.at_s for one in ledger.moments(recovery) if one.name == "restarted"), None)
    observed, proof = verify(looked.request, looked.service, transaction.plan.codes, started_s, tell)
    report = replace(report, proof=proof)
    with suppress(QtopsError):  # a record for reports: what is proven does not hang on it
        keep(replace(looked.facts, services=(observed.service,), taken_at_s=observed.taken_at_s), transaction.folder.path, AFTER)
        keep_settling(observed, transaction.folder.path)
    if not proof.is_proven:
        why = "; ".join(f"{one.name}: {one.evidence}" for one in proof.criteria if one.holds != "yes")
        ledger.note(recovery, "proof failed", detail={"why": why})
        return _back(report, transaction, records, f"its effect is not proven: {why}", None, looked, tell)
    ledger.note(recovery, "verified", detail={"criteria": len(proof.criteria)})
    unit = observed.service.unit
    after = f"{unit.active_state} ({unit.sub_state}), process {unit.main_pid}" if unit is not None else ""
    return replace(
        report,
        outcome="verified",
        at_s=time.time(),
        after=after,
        **_times(looked, observed.service, ledger, recovery),
        advice=(f"qtops recover {report.unit} --undo {recovery}   puts everything back",),
    )


def _back(
    report: Report, transaction: Transaction, records: Records, why: str, code: int | None, looked: Looked, tell: Tell
) -> Report:
    """Everything back as it was, and what the ledger says of it."""
    tell("going back", 0, 0)
    recovery = transaction.plan.id
    try:
        transaction.undo(lambda line: tell(line, 0, 0))
    except UndoFailed as failed:
        advice = (f"qtops recover {report.unit} --undo {recovery}", f"ls -l {transaction.folder.path}")
        return replace(report, outcome="undo failed", why=f"{why}; and it could not be undone: {failed}", advice=advice)
    except QtopsError as broken:  # the ledger or the backups cannot be used now: nothing is done that is not recorded
        return _broken_off(report, f"{why}; and going back was broken off: {broken}", broken)
    return replace(
        report,
        outcome="rolled back",
        why=f"{why}; everything is back as it was",
        code=code,
        after=_state(looked, tell),
        **_times(looked, None, records.ledger, recovery),
        advice=(f"qtops doctor {report.unit}",),
    )


def _broken_off(report: Report, why: str, error: QtopsError) -> Report:
    advice = (f"qtops recover {report.unit} --undo", f"qtops recover {report.unit} --resume")
    return replace(report, outcome="interrupted", why=why, code=_code(error), advice=advice)


def _code(error: QtopsError) -> int:
    """The exit code of an error; of a step that failed, of what it failed for."""
    return int(error.cause.exit_code if isinstance(error, StepFailed) else error.exit_code)


def _state(looked: Looked, tell: Tell) -> str:
    """How the service is now, in a line."""
    return again(looked.request, tell).diagnosis.state


def _plan_of(record: RecoveryRecord, records: Records) -> RecoveryPlan:
    from qtops.actions.backups import folder_of

    return folder_of(records.state, record.id).plan()


def _times(looked: Looked, now: ServiceFacts | None, ledger: Ledger, recovery: str) -> dict[str, Any]:
    """When each thing was done, and what cannot be right about that."""
    known = moments(looked.service, now, _recorded(ledger, recovery))
    return {"moments": known, "disorders": disorders(known)}


def _recorded(ledger: Ledger, recovery: str) -> list[tuple[Name, float]]:
    return [(one.name, one.at_s) for one in ledger.moments(recovery) if one.at_s is not None]


def _nothing(looked: Looked, wanted: tuple[str, ...]) -> str:
    """Why nothing is to be done; empty where something is."""
    diagnosis = looked.diagnosis
    if wanted or diagnosis.condition in DOWN or to_mend(looked):
        return ""
    if diagnosis.condition == "unknown":
        raise Unavailable(f"{looked.unit}: how it is could not be told: {next(iter(diagnosis.unknown), 'systemd was not asked')}")
    if diagnosis.symptoms and diagnosis.root is None:
        return ""  # something is wrong that nothing explains: a person must look
    besides = len(diagnosis.findings)
    return f"nothing that a recovery is for: qtops doctor {looked.unit} tells {besides} other findings" if besides else "it is well"


def _refused(report: Report, refusal: Refusal) -> Report:
    return replace(report, outcome="refused", why=refusal.why, advice=refusal.advice)


def _standing(records: tuple[RecoveryRecord, ...], now: RecoveryPlan) -> dict[str, Standing]:
    """How the files are now that earlier recoveries of the unit have left."""
    befores = {step.action.path: step.action.before for step in now.steps if isinstance(step.action, Replace)}
    found = {}
    for path in {path for record in records if record.unit == now.unit for path in record.after}:
        before = befores.get(path)
        try:
            status = os.lstat(path)
        except OSError:
            found[path] = Standing("", None)
            continue
        if before is not None:
            found[path] = Standing(before.sha256, max(status.st_mtime, status.st_ctime), status.st_uid)
    return found


def since_s(facts: Facts) -> float:
    """When the fault began that a look shows, as far as systemd tells."""
    unit = facts.services[0].unit
    return (unit.state_changed_s if unit is not None else None) or 0.0
