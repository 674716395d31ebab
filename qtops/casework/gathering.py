"""Gather the case of an incident: what the ledger and the folder of its recovery hold, and how its service is now."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from msgspec.structs import replace

from qtops.actions.ledger import Ledger
from qtops.actions.ledger_opening import look_into
from qtops.actions.state import ROOT_HOME, state_path
from qtops.casework.redacting import redacted
from qtops.casework.remains import Remains, remains
from qtops.collectors.doctor import Request, look_at, redactor_of
from qtops.collectors.failed_units import read_failed_units
from qtops.collectors.unit_texts import UnitTexts, read_unit_texts
from qtops.collectors.wiring import Request as WiringRequest
from qtops.collectors.wiring import look_at_wiring
from qtops.errors import QtopsError, UsageError
from qtops.evidence.case import Case, Entry
from qtops.facts.host import FailedUnit
from qtops.facts.recovery import RecoveryRecord
from qtops.facts.service import Facts, Missing
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.settings import Settings

Tell = Callable[[str, float, float], None]
SAME_INCIDENT_S: Final = 86_400.0  # for as long what was undone is not done again by itself
NAMED_AT_MOST: Final = 10  # recoveries, where the one that is asked for is not on record


def gather_incident(
    name: str | None, settings: Settings, tell: Tell, *, recovery: str = "", redis_given: bool = False, wiring: bool = False
) -> Case:
    """Everything about the newest recovery of a service, or the one of this ID, and a fresh look at that service.

    ``name``: None stands for the service of the newest recovery on record; ``wiring``: also look for who reads what it writes, in
    the source of every unit. What cannot be had is in ``lacking``. Raises UsageError where nothing tells which service is meant,
    and for a recovery that is not on record.
    """
    with reading(settings) as (ledger, lack):
        records = ledger.records() if ledger is not None else ()
        if recovery and ledger is None:
            raise UsageError(f"the recovery {printable(recovery)[:100]} cannot be looked up: {lack}")
        if name is None:
            name = chosen(records, recovery, lack).unit
        tell("looking at the service", 0, 0)
        now = look_at(Request(names=(name,), settings=settings, redis_given=redis_given), tell)
        unit = now.services[0].subject
        now = mapped(now, tell, redis_given=redis_given) if wiring else now
        own = [record for record in records if record.unit == unit]
        record = chosen(own, recovery, lack, unit) if own or recovery else None
        found = remains(ledger, record, now.host) if ledger is not None and record is not None else Remains()
        entries = found.entries or _noticed(ledger, now)
    failed, untold = failed_units()
    return with_units(
        Case(
            kind="incident",
            host=now.host,
            subject=unit,
            made_at_s=time.time(),
            now=now,
            before=found.before,
            after=found.after,
            settling=found.settling,
            recovery=record,
            plan=found.plan,
            entries=entries,
            backups=found.backups,
            patch=found.patch,
            failed=failed,
            failed_before=found.failed_before,
            recoveries=tuple(one for one in own if one != record),
            lacking=(*filter(None, [lack]), *found.lacking, *untold),
        ),
        settings,
    )


def mapped(facts: Facts, tell: Tell, *, redis_given: bool) -> Facts:
    """The same look, with who writes and who reads which name on this host."""
    tell("looking for writers and readers", 0, 0)
    found = look_at_wiring(WiringRequest(everything=True, redis_given=redis_given, settings=facts.settings), tell)
    return replace(facts, wiring=found.wiring, missing=tuple(dict.fromkeys((*facts.missing, *found.missing))))


@contextmanager
def reading(settings: Settings) -> Iterator[tuple[Ledger | None, str]]:
    """The ledger to be read; None, with why, where there is none or none that can be read."""
    with ExitStack() as opened:
        ledger, why = None, f"the ledger: {printable(state_path(settings.state))} holds none: {_why_none(settings)}"
        try:
            ledger = opened.enter_context(look_into(settings.state))
        except QtopsError as error:
            why = f"the ledger: {error}"
        yield ledger, "" if ledger is not None else why


def _why_none(settings: Settings) -> str:
    if settings.state or os.geteuid() == 0:
        return "no recovery was ever begun"
    return f"this user has begun no recovery, and those of root are on record in {ROOT_HOME} (run it as root)"


def chosen(records: Sequence[RecoveryRecord], recovery: str, lack: str, unit: str = "") -> RecoveryRecord:
    """The recovery of that ID, else the newest of these; instead of one that was refused for having been done before, the one that
    did it. Raises UsageError where there is none.
    """
    found = next((record for record in records if not recovery or record.id == recovery), None)
    if found is not None:
        return found if recovery else next((record for record in records if _is_repeated(record, found)), found)
    if not records and not recovery:
        why = lack or "no recovery is on record"
        raise UsageError(f"{why}; name the service that the report is to be about: qtops report incident SERVICE")
    there = ", ".join(record.id for record in records[:NAMED_AT_MOST]) or "none"
    more = f", and {len(records) - NAMED_AT_MOST} more" if records[NAMED_AT_MOST:] else ""
    of = f" of {unit}" if unit else ""
    raise UsageError(f"no recovery {printable(recovery)[:100]}{of} is on record; there are: {there}{more}")


def _is_repeated(record: RecoveryRecord, refused: RecoveryRecord) -> bool:
    """Whether a recovery did what was to be done again, and was refused: both are of one incident."""
    is_same = (record.unit, record.fingerprint) == (refused.unit, refused.fingerprint)
    return is_same and "refused" == refused.state != record.state and refused.begun_s - record.begun_s <= SAME_INCIDENT_S


def failed_units() -> tuple[tuple[FailedUnit, ...] | None, tuple[str, ...]]:
    """All failed units of the host; None, and why, where systemd could not be asked."""
    found = read_failed_units()
    return (None, (f"which units of the host are failed: {found.told}",)) if isinstance(found, Missing) else (found, ())


def with_units(case: Case, settings: Settings) -> Case:
    """The case with the files of the units that were looked at now, and with nothing in it that is secret to one of them."""
    services = case.now.services if case.now is not None else ()
    redactor = redactor_of([service.unit or UnitState(name=service.subject) for service in services], settings)
    texts = [read_unit_texts(service.unit, redactor) for service in services if service.unit is not None]
    return redacted(
        replace(
            case,
            made_at_s=time.time(),
            units=tuple(text for found in texts for text in found.texts),
            lacking=(*case.lacking, *_unread(texts)),
        ),
        redactor,
    )


def _unread(texts: Iterable[UnitTexts]) -> Iterator[str]:
    yield from (f"the text of a unit: {told}" for found in texts for told in found.lacking)


def _noticed(ledger: Ledger | None, now: Facts) -> tuple[Entry, ...]:
    """When the fault was noticed that the service has now, of which there is no recovery."""
    unit = now.services[0].unit
    if ledger is None or unit is None or unit.state_changed_s is None:
        return ()
    at_s = ledger.noticed(unit.name, unit.state_changed_s)
    return () if at_s is None else (Entry("noticed", at_s),)
