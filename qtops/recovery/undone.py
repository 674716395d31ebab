"""Undo a recovery, whether it was verified or not, at any time."""

import time

from qtops.actions.backups import folder_of
from qtops.actions.transaction import Transaction, UndoFailed
from qtops.errors import UsageError
from qtops.facts.recovery import RecoveryRecord
from qtops.recovery.applying import Records, Tell
from qtops.recovery.looking import Looked, again
from qtops.reports.recovery.report import Report


def chosen(records: Records, unit: str, recovery: str | None) -> RecoveryRecord:
    """The recovery of that id, or the last one of the unit that changed something. Raises UsageError where there is none."""
    known = [record for record in records.ledger.records() if record.unit == unit]
    if recovery is not None:
        found = next((record for record in known if record.id == recovery), None)
        if found is None:
            raise UsageError(f"no recovery {recovery[:100]!a} of {unit} is on record: `qtops recover --list` names those that are")
        return found
    found = next((record for record in known if record.state != "refused"), None)
    if found is None:
        raise UsageError(f"no recovery of {unit} is on record: there is nothing to undo")
    return found


def undo(record: RecoveryRecord, looked: Looked, records: Records, tell: Tell) -> Report:
    """Bring back what was. Whoever calls holds the lock of the unit."""
    transaction = Transaction(records.state, records.ledger, folder_of(records.state, record.id).plan())
    report = Report(
        outcome="undone", unit=record.unit, host=looked.facts.host, at_s=time.time(), plan=transaction.plan, folder=record.folder
    )
    try:
        if not transaction.undo(lambda line: tell(line, 0, 0)):
            when = "undone already" if record.state == "undone" else "not carried out"
            return _with(report, outcome="nothing to do", why=f"{record.id} was {when}")
    except UndoFailed as failed:
        return _with(report, outcome="undo failed", why=str(failed), advice=(f"ls -l {record.folder}",))
    back = "and it was started again on that" if transaction.plan.was_up else "and it is down, as it was"
    after = again(looked.request, tell).diagnosis.state
    return _with(report, why=f"everything is back as it was before {record.id}, {back}", after=after)


def _with(report: Report, **changes: object) -> Report:
    from msgspec.structs import replace

    return replace(report, **changes)
