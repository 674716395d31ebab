"""The store: incidents with their timelines, notices until they were told, and what the supervisor has to know after a restart.

Each method is one transaction, which is on the disk when it returns (WAL, synchronous=FULL), and raises Unavailable (busy, full,
broken) or NotPermitted having written nothing. Two processes may write: a person's command while the supervisor runs. What was read
is then read again within the transaction, and what the person did wins (``merging``).
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self

from msgspec.structs import replace

from qtops.actions.errors import explaining
from qtops.actions.incidents import queue, records, tables
from qtops.actions.incidents.place import database_of, folders_of
from qtops.actions.incidents.tables import WHAT, identity, read, writing
from qtops.actions.ledger_file import asked
from qtops.actions.state import make_private
from qtops.facts.text import printable
from qtops.incidents import Change, Entry, Hold, Incident, Notice, Told
from qtops.settings import Endpoint

PRUNE_EVERY_S: Final = 3600.0
Attempt = Literal["restart", "recover"]


class Store:
    """Incidents on record. ``said``: what its user has to be told, such as that a damaged file was moved aside.

    It belongs to the thread that opened it.
    """

    def __init__(
        self, folder: str, connection: sqlite3.Connection, said: tuple[str, ...] = (), clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self.said = said
        self.path = database_of(folder)
        self._connection = connection
        self._clock = clock
        self._released = False
        self._pruned_s: float | None = None
        self._version = self._data_version()
        self._identity = identity(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with asked(self.path, WHAT):
            self._connection.close()

    def damage(self) -> str:
        """What is wrong with the file; empty where it is sound. Only opening it anew mends that."""
        with asked(self.path, WHAT):
            return tables.damage(self.path)

    def was_removed(self) -> bool:
        """Whether its file is gone, or another one is in its place: what is written goes on to a file that nobody can read."""
        return identity(self.path) != self._identity

    def changed_elsewhere(self) -> bool:
        """Whether another process has written since this was last asked: what was read is then to be read again. Microseconds."""
        before, self._version = self._version, self._data_version()
        return before != self._version

    def live(self, now_s: float, rejoin_s: float) -> tuple[Incident, ...]:
        """All that a new observation can belong to: what is open, what was resolved that lately, and what a person has ended while
        it went on, as long as it does. The oldest first.
        """
        rows = self._rows(
            "SELECT number, content FROM incidents WHERE ended_s IS NULL UNION ALL"
            " SELECT number, content FROM incidents WHERE ended_s >= ? AND state = 'resolved' UNION ALL"
            " SELECT number, content FROM incidents AS one WHERE state = 'closed'"
            " AND json_extract(content, '$.clear_since_s') IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM incidents WHERE fingerprint = one.fingerprint AND number > one.number)",
            now_s - rejoin_s,
        )
        return tuple(read(content) for _, content in sorted(rows))

    def incidents(self, limit: int | None = None) -> tuple[Incident, ...]:
        """All open ones, then the last ``limit`` that ended (None: all of them): the newest first in both."""
        rows = self._rows("SELECT content FROM incidents WHERE ended_s IS NULL ORDER BY number DESC")
        rows += self._rows(
            "SELECT content FROM incidents WHERE ended_s IS NOT NULL ORDER BY ended_s DESC, number DESC LIMIT ?",
            -1 if limit is None else limit,
        )
        return tuple(read(content) for (content,) in rows)

    def incident(self, number: int) -> Incident | None:
        """One incident; None where none has this number."""
        rows = self._rows("SELECT content FROM incidents WHERE number = ?", number)
        return read(rows[0][0]) if rows else None

    def timeline(self, number: int) -> tuple[Entry, ...]:
        """All that happened to one incident, in the order in which it was noted."""
        rows = self._rows("SELECT at_s, event, text FROM entries WHERE incident = ? ORDER BY number", number)
        return tuple(Entry(*row) for row in rows)

    def apply(self, changes: Sequence[Change], endpoints: Sequence[Endpoint] = (), fault: str = "") -> tuple[Incident, ...]:
        """All these changes, or nothing of them: incidents, timelines, notices, and the key of the fault.

        Gives each incident as it is on record now, in the order of the changes. () where the fault is on record already: nothing
        is written then. Several changes that open the same incident (number 0, one fingerprint) are of one.
        """
        with writing(self._connection, self.path):
            at_s = max((change.at_s for change in changes), default=self._clock())
            if fault and not records.note_fault(self._connection, fault, at_s):
                return ()
            opened: dict[str, int] = {}
            applied = tuple(records.apply(self._connection, change, endpoints, opened) for change in changes)
            if self._pruned_s is None or abs(at_s - self._pruned_s) >= PRUNE_EVERY_S:
                records.prune(self._connection, at_s)
                self._pruned_s = at_s
        return applied

    def acknowledge(self, number: int, by: str, why: str, at_s: float) -> Incident:
        """Somebody has seen it and cares for it: nobody is reminded of it. UsageError where it is not there, or has ended."""
        with writing(self._connection, self.path):
            kept = records.open_one(self._connection, number, "acknowledge")
            if kept.state == "acknowledged":
                return kept
            incident = replace(kept, state="acknowledged", acknowledged_s=at_s, acknowledged_by=by)
            text = f"by {by}: {why}" if why else f"by {by}"
            change = Change(incident=incident, event="acknowledged", at_s=at_s, text=text)
            return records.write(self._connection, change)

    def end(self, number: int, by: str, why: str, at_s: float, endpoints: Sequence[Endpoint] = ()) -> Incident:
        """A person ends it, whatever is seen. Those who know of it are told. UsageError where it is not there, or has ended."""
        with writing(self._connection, self.path):
            incident = replace(records.open_one(self._connection, number, "close"), state="closed", closed_s=at_s)
            change = Change(incident=incident, event="closed", at_s=at_s, text=f"by {by}: {why}", tell=True)
            return records.write(self._connection, change, endpoints)

    def due(self, now_s: float, most: int) -> tuple[Notice, ...]:
        """What is to be told now, the oldest of each endpoint first. ``attempted`` follows before anything else is applied.

        The first time, that includes what an earlier supervisor was about to tell: it is told again, under the same id.
        """
        self._take_over()
        with asked(self.path, WHAT):
            return queue.due(self._connection, now_s, most)

    def attempted(self, notice: str, now_s: float) -> None:
        """It is about to be told; should this process die of it, it is told again, under the same id."""
        self._take_over()
        with writing(self._connection, self.path):
            queue.attempted(self._connection, notice, now_s)

    def sent(self, notice: str, now_s: float) -> None:
        """It was told."""
        with writing(self._connection, self.path):
            queue.sent(self._connection, notice, now_s)

    def failed(self, notice: str, why: str, next_s: float) -> bool:
        """It was not told: again at ``next_s``. Whether it was given up instead, after three days: the timeline says so."""
        with writing(self._connection, self.path):
            over = queue.failed(self._connection, notice, printable(why), next_s)
            if over is not None:
                number, at_s, text = over
                records.enter(self._connection, number, Entry(at_s, "noted", text))
        return over is not None

    def waiting(self) -> int:
        """How many notices are still to be told."""
        with asked(self.path, WHAT):
            return queue.waiting(self._connection)

    def told(self, number: int) -> tuple[Told, ...]:
        """How it stands with the notices of one incident."""
        with asked(self.path, WHAT):
            return queue.told(self._connection, number)

    def hold(self, hold: Hold) -> None:
        """Leave a unit alone until then; instead of an earlier hold on it."""
        row = (printable(hold.unit), hold.until_s, printable(hold.why), printable(hold.by), hold.made_s)
        self._do("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?)", *row)

    def lift(self, unit: str) -> bool:
        """End the hold on a unit; whether there was one, lapsed or not."""
        return self._do("DELETE FROM holds WHERE unit = ?", unit) > 0

    def holds(self, now_s: float) -> tuple[Hold, ...]:
        """The holds in force, by unit."""
        rows = self._rows("SELECT unit, until_s, why, by, made_s FROM holds WHERE until_s > ? ORDER BY unit", now_s)
        return tuple(Hold(unit=unit, until_s=until_s, why=why, by=by, made_s=made_s) for unit, until_s, why, by, made_s in rows)

    def note_attempt(self, unit: str, kind: Attempt, at_s: float, incident: int) -> None:
        """The supervisor is about to restart or to recover a unit: noted before, so that a budget holds over its own end."""
        self._do("INSERT INTO attempts VALUES (?, ?, ?, ?)", unit, kind, at_s, incident)

    def attempts(self, unit: str, kind: Attempt, since_s: float) -> tuple[float, ...]:
        """When that was done since then, the oldest first."""
        rows = self._rows("SELECT at_s FROM attempts WHERE unit = ? AND kind = ? AND at_s >= ? ORDER BY at_s", unit, kind, since_s)
        return tuple(at_s for (at_s,) in rows)

    def mark(self, name: str, text: str) -> None:
        """Keep a text under a name, such as how far the journal was read."""
        self._do("INSERT OR REPLACE INTO marks VALUES (?, ?)", name, printable(text))

    def marked(self, name: str) -> str:
        """The text under a name; empty where none is."""
        rows = self._rows("SELECT text FROM marks WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def folder_of(self, number: int) -> str:
        """The folder of an incident, for bundles and reports: made where it is not there, open to its owner alone."""
        folder = f"{folders_of(self.folder)}/{number}"
        with explaining("make", folder):
            make_private(folders_of(self.folder))
            make_private(folder)
        return folder

    def faults(self, since_s: float) -> int:
        """How many faults were noted since then."""
        return int(self._rows("SELECT count(*) FROM faults WHERE at_s >= ?", since_s)[0][0])

    def _take_over(self) -> None:
        """Not when it is opened: whoever opens it need not be the one supervisor that may go on."""
        if not self._released:
            with writing(self._connection, self.path):
                queue.release(self._connection)
            self._released = True

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with asked(self.path, WHAT):
            return self._connection.execute(statement, values).fetchall()

    def _do(self, statement: str, *values: object) -> int:
        """Number of rows that it changed."""
        with writing(self._connection, self.path):
            return self._connection.execute(statement, values).rowcount

    def _data_version(self) -> int:
        return int(self._rows("PRAGMA data_version")[0][0])
