"""A state folder with one recovery in it, as qtops leaves them: healthy by default, what a test says is wrong with it."""

import gzip
import platform
from collections.abc import Container
from pathlib import Path

import msgspec
from msgspec.structs import replace

from qtops import bundle
from qtops.actions.backups import AFTER, BEFORE, FAILED, PATCH, PLAN, SETTLING, folder_of
from qtops.actions.ledger import Ledger
from qtops.actions.ledger_opening import open_ledger
from qtops.actions.state import StateFolder, open_state
from qtops.evidence.case import Case
from qtops.facts.host import FailedUnit
from tests.evidence.cases import founding_case

FAILED_UNITS = (FailedUnit("quantum-risk-proposal.service", "Quantum Risk Proposal Publisher (P1.5)", "exit-code", 1.0),)
KEPT = (PLAN, BEFORE, AFTER, SETTLING, FAILED, PATCH)


def here() -> Case:
    """The founding incident as if this host had been the one."""
    case, host = founding_case(), platform.node()
    before, after = (replace(look, host=host) for look in (case.before, case.after))
    return replace(case, host=host, before=before, after=after, plan=replace(case.plan, host=host))


def lay(place: Path, case: Case, without: Container[str] = (), *, events: Container[str] | None = None) -> StateFolder:
    """Write down all that a recovery leaves. ``events``: how far it came; None: as the case tells."""
    state = open_state(str(place))
    with open_ledger(state) as ledger:
        _enter(ledger, case, events)
    folder = folder_of(state, case.plan.id)
    folder.make(case.plan, {})
    path = Path(folder.path)
    bundle.save(case.before, path / BEFORE)
    bundle.save(case.after, path / AFTER)
    (path / SETTLING).write_bytes(gzip.compress(msgspec.json.encode(case.settling)))
    (path / FAILED).write_bytes(msgspec.json.encode(FAILED_UNITS))
    (path / PATCH).write_text(case.patch, newline="")
    for name in KEPT:
        if name in without:
            (path / name).unlink()
    return state


def _enter(ledger: Ledger, case: Case, events: Container[str] | None) -> None:
    noticed = next(entry for entry in case.entries if entry.event == "noticed")
    ledger.notice(case.subject, case.plan.codes[0], case.before.services[0].unit.state_changed_s, noticed.at_s)
    ledger.begin(case.plan, "root")
    for entry in case.entries:
        if entry.event not in {"noticed", "begun"} and (events is None or entry.event in events):
            ledger.note(case.plan.id, entry.event, entry.step, entry.detail, entry.at_s)
