"""The ledger: what was begun, done and undone, written before and after each step, and never changed afterwards.

One SQLite file (WAL, synchronous=FULL: an entry that was written survives a loss of power). What a recovery's state is follows from
its entries alone.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, Self

import msgspec

from qtops.actions.backups import Ended, RecoveryFolder, folder_of
from qtops.actions.ledger_file import asked, enter
from qtops.actions.state import StateFolder
from qtops.errors import QtopsError
from qtops.facts.recovery import Moment, RecoveryRecord
from qtops.steps import Call, RecoveryPlan, Replace

Event = Literal[
    "noticed", "diagnosed", "begun", "step begun", "step done", "step failed", "proof failed", "verified",
    "undoing", "step undoing", "step undone", "undone", "undo failed", "refused",
]  # fmt: skip
_STATES: Final[dict[str, Literal["begun", "verified", "undone", "undo failed", "refused"]]] = {
    "begun": "begun",
    "undoing": "begun",
    "verified": "verified",
    "undone": "undone",
    "undo failed": "undo failed",
    "refused": "refused",
}
ENDS: Final = frozenset(_STATES) - {"begun", "undoing"}
_REASONS: Final = ("step failed", "proof failed", "undo failed", "refused")


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger. ``step`` counts from 0 in the plan's steps; None where it is about the recovery as a whole."""

    event: Event
    at_s: float
    step: int | None
    detail: dict[str, Any]


class _Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the first entry of a recovery holds: enough to tell of it where its folder is gone."""

    unit: str
    codes: tuple[str, ...]
    remedies: tuple[str, ...]
    fingerprint: str
    by: str
    made_at_s: float
    after: dict[str, str]
    why: str = ""


class Ledger:
    """The entries of all recoveries. ``said``: what its user has to be told, such as that a damaged one was moved aside."""

    def __init__(
        self,
        state: StateFolder,
        connection: sqlite3.Connection,
        said: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = state
        self.said = said
        self._connection = connection
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def begin(self, plan: RecoveryPlan, by: str) -> None:
        """From here on the recovery is under way, whatever becomes of this process."""
        self._write(plan.id, "begun", None, summary(plan, by), None)

    def refuse(self, plan: RecoveryPlan, by: str, why: str) -> None:
        """Record that it was asked for and ended before anything was changed."""
        self._write(plan.id, "refused", None, summary(plan, by, why), None)

    def note(
        self,
        recovery: str,
        event: Event,
        step: int | None = None,
        detail: Mapping[str, object] = {},
        at_s: float | None = None,
    ) -> None:
        """Write an entry; it is on the disk when this returns. Unavailable or NotPermitted where it could not be written."""
        folder = folder_of(self.state, recovery)
        if event == "undoing":
            with suppress(QtopsError):  # only ever read where the ledger was lost
                folder.reopen()
        at_s = self._clock() if at_s is None else at_s
        self._write(recovery, event, step, dict(detail), at_s)
        if event in ENDS:
            self._end(folder, recovery, event, at_s)

    def notice(self, unit: str, code: str, since_s: float, at_s: float) -> None:
        """Somebody looked at this fault, the one that lasts since then. Only the first time counts."""
        with asked(self.state.ledger):
            self._connection.execute("INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?)", (unit, code, round(since_s, 3), at_s))

    def noticed(self, unit: str, since_s: float) -> float | None:
        """When somebody first looked at the fault of a unit that lasts since then; None where nobody did."""
        with asked(self.state.ledger):
            (at_s,) = self._connection.execute(
                "SELECT min(at_s) FROM notices WHERE unit = ? AND since_s = ?", (unit, round(since_s, 3))
            ).fetchone()
        return None if at_s is None else float(at_s)

    def entries(self, recovery: str) -> tuple[Entry, ...]:
        """Everything about one recovery, the oldest first."""
        with asked(self.state.ledger):
            rows = self._connection.execute(
                "SELECT event, at_s, step, detail FROM entries WHERE recovery = ? ORDER BY number", (recovery,)
            ).fetchall()
        return tuple(Entry(event, at_s, step, msgspec.json.decode(detail)) for event, at_s, step, detail in rows)

    def records(self) -> tuple[RecoveryRecord, ...]:
        """All recoveries, the newest first."""
        with asked(self.state.ledger):
            rows = self._connection.execute("SELECT recovery FROM entries GROUP BY recovery ORDER BY min(number) DESC").fetchall()
        return tuple(self.record(recovery) for (recovery,) in rows)

    def record(self, recovery: str) -> RecoveryRecord:
        """One recovery, which must be in the ledger."""
        return _record(recovery, self.state.recovery(recovery), self.entries(recovery))

    def open_recovery(self, unit: str) -> RecoveryRecord | None:
        """The recovery of this unit that was begun and has not ended."""
        return next((record for record in self.records() if record.unit == unit and record.state == "begun"), None)

    def moments(self, recovery: str) -> tuple[Moment, ...]:
        """When each thing was done; None where it was not."""
        entries = self.entries(recovery)
        first = msgspec.convert(entries[0].detail, _Summary)
        times: dict[Literal["noticed", "diagnosed", "patched", "restarted", "verified", "undone"], float | None] = {
            "noticed": _last(entries, "noticed") or self._noticed(first, entries[0].at_s),
            "diagnosed": _last(entries, "diagnosed") or first.made_at_s,
            "patched": _last(entries, "step done", "path"),
            "restarted": _last(entries, "step done", "starts"),
            "verified": _last(entries, "verified"),
            "undone": _last(entries, "undone"),
        }
        return tuple(Moment(name, at_s, "ledger") for name, at_s in times.items())

    def _noticed(self, first: _Summary, before_s: float) -> float | None:
        """When somebody first looked at the fault, of those with these codes the one that began last before the recovery did."""
        with asked(self.state.ledger):
            rows = self._connection.execute(
                "SELECT code, since_s, at_s FROM notices WHERE unit = ? AND at_s <= ? ORDER BY since_s DESC, at_s",
                (first.unit, before_s),
            ).fetchall()
        return next((at_s for code, _, at_s in rows if code in first.codes), None)

    def _end(self, folder: RecoveryFolder, recovery: str, event: str, at_s: float) -> None:
        by = self.entries(recovery)[0].detail.get("by", "")
        with suppress(QtopsError):  # as above; the ledger has it
            folder.end(Ended(event, at_s, by))

    def _write(self, recovery: str, event: Event, step: int | None, detail: Mapping[str, object], at_s: float | None) -> None:
        at_s = self._clock() if at_s is None else at_s
        with asked(self.state.ledger):
            enter(self._connection, recovery, at_s, step, event, msgspec.json.encode(detail))


def summary(plan: RecoveryPlan, by: str, why: str = "") -> dict[str, object]:
    """The detail of the first entry of a recovery."""
    after = {step.action.path: step.action.after.sha256 for step in plan.steps if isinstance(step.action, Replace)}
    told = _Summary(
        unit=plan.unit,
        codes=plan.codes,
        remedies=plan.remedies,
        fingerprint=plan.fingerprint,
        by=by,
        made_at_s=plan.made_at_s,
        after=after,
        why=why,
    )
    return msgspec.to_builtins(told)  # type: ignore[no-any-return]


def step_detail(action: object) -> dict[str, object]:
    """What an entry says of a step, so that the times of a recovery can be told without its plan."""
    match action:
        case Replace():
            return {"path": action.path}
        case Call():
            return {"verb": action.verb, "unit": action.unit} | ({"starts": True} if action.verb in {"start", "restart"} else {})
    return {}


def _record(recovery: str, folder: str, entries: tuple[Entry, ...]) -> RecoveryRecord:
    """What the entries come to."""
    first = msgspec.convert(entries[0].detail, _Summary)
    last = next(entry for entry in reversed(entries) if entry.event in _STATES)
    state = _STATES[last.event]
    reasons = [str(entry.detail["why"]) for entry in entries if entry.event in _REASONS and entry.detail.get("why")]
    return RecoveryRecord(
        id=recovery,
        unit=first.unit,
        codes=first.codes,
        remedies=first.remedies,
        fingerprint=first.fingerprint,
        state=state,
        begun_s=entries[0].at_s,
        ended_s=last.at_s if state != "begun" else None,
        by=first.by,
        folder=folder,
        paths=tuple(first.after),
        after=first.after,
        why=reasons[-1] if reasons and state != "verified" else "",
    )


def _last(entries: Iterable[Entry], event: Event, about: str = "") -> float | None:
    """When this was last noted."""
    return max((entry.at_s for entry in entries if entry.event == event and (not about or about in entry.detail)), default=None)
