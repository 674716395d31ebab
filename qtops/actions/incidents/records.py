"""Incidents and their timelines as rows. The statements are part of the caller's transaction."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from qtops.actions.incidents.merging import joined, merged
from qtops.actions.incidents.queue import enqueue
from qtops.actions.incidents.tables import read, written
from qtops.errors import UsageError
from qtops.facts.text import printable
from qtops.facts.times import utc
from qtops.incidents import Change, Entry, Incident
from qtops.settings import Endpoint

ENDED_KEPT_S: Final = 90 * 86_400.0
FAULTS_KEPT_S: Final = 30 * 86_400.0  # keys of faults, and attempts: no budget's window is longer
HOLDS_KEPT_S: Final = 86_400.0  # after they lapsed
FAULTS_KEPT: Final = 100_000  # at the most: hours of what dies ten times a second, and the journal is read again by minutes
REPEATS_KEPT: Final = 200  # of one incident, the newest: how often it was seen is in ``times``
LONGEST: Final = 4000  # characters of a line of a timeline


def apply(connection: sqlite3.Connection, change: Change, endpoints: Sequence[Endpoint], opened: dict[str, int]) -> Incident:
    """Make one of several changes, to what is on record now; the incident as it is then.

    ``opened``: the numbers that the changes before it were given, by fingerprint.
    """
    fingerprint = change.incident.fingerprint
    if not change.incident.number and fingerprint in opened:
        change = replace(change, incident=replace(change.incident, number=opened[fingerprint]))
    elif change.incident.number and (kept := _kept(connection, "number = ?", change.incident.number)) is not None:
        change = merged(kept, change)
    if change.incident.is_open:
        other = _kept(connection, "fingerprint = ? AND state IN ('open', 'acknowledged')", fingerprint)
        if other is not None and other.number != change.incident.number:
            change = joined(other, change)
    incident = write(connection, change, endpoints)
    opened[fingerprint] = incident.number
    return incident


def write(connection: sqlite3.Connection, change: Change, endpoints: Sequence[Endpoint] = ()) -> Incident:
    """The incident, the line of its timeline, and the notices of a change. The incident has its number then."""
    incident = change.incident
    ended_s = None if incident.is_open else (incident.closed_s or incident.resolved_s or change.at_s)
    if not incident.number:
        made = connection.execute(
            "INSERT INTO incidents (fingerprint, state, ended_s, content) VALUES (?, ?, ?, '')",
            (incident.fingerprint, incident.state, ended_s),
        )
        incident = replace(incident, number=made.lastrowid or 0)
    content = written(incident)
    connection.execute(
        "INSERT INTO incidents VALUES (?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
        " state = excluded.state, ended_s = excluded.ended_s, content = excluded.content",
        (incident.number, incident.fingerprint, incident.state, ended_s, content),
    )
    change = replace(change, incident=read(content), text=printable(change.text)[:LONGEST])
    enter(connection, incident.number, Entry(change.at_s, change.event, change.text))
    if change.tell:
        enqueue(connection, change, endpoints)
    return change.incident


def enter(connection: sqlite3.Connection, number: int, entry: Entry) -> None:
    """A line of a timeline."""
    row = (number, entry.at_s, entry.event, entry.text)
    connection.execute("INSERT INTO entries (incident, at_s, event, text) VALUES (?, ?, ?, ?)", row)


def note_fault(connection: sqlite3.Connection, key: str, at_s: float) -> bool:
    """Whether this fault was not on record yet."""
    return connection.execute("INSERT OR IGNORE INTO faults VALUES (?, ?)", (printable(key), at_s)).rowcount > 0


def open_one(connection: sqlite3.Connection, number: int, what: str) -> Incident:
    """An incident that goes on. UsageError where it is not there, or has ended."""
    kept = _kept(connection, "number = ?", number)
    if kept is None:
        raise UsageError(f"there is no incident {number}: `qtops incidents --all` lists them")
    if not kept.is_open:
        ended = utc(kept.closed_s or kept.resolved_s or 0)
        raise UsageError(f"incident {number} is {kept.state} since {ended}: there is nothing to {what}")
    return kept


def prune(connection: sqlite3.Connection, now_s: float) -> None:
    """Forget what is too old to matter, so that the file does not grow for ever. Folders of incidents stay."""
    old = "(SELECT number FROM incidents WHERE ended_s < ?)"
    for table in ("entries", "notices"):
        connection.execute(f"DELETE FROM {table} WHERE incident IN {old}", (now_s - ENDED_KEPT_S,))  # noqa: S608
    connection.execute("DELETE FROM incidents WHERE ended_s < ?", (now_s - ENDED_KEPT_S,))
    for table in ("faults", "attempts"):
        connection.execute(f"DELETE FROM {table} WHERE at_s < ?", (now_s - FAULTS_KEPT_S,))  # noqa: S608
    connection.execute(
        "DELETE FROM faults WHERE at_s < (SELECT at_s FROM faults ORDER BY at_s DESC LIMIT 1 OFFSET ?)", (FAULTS_KEPT,)
    )
    connection.execute(
        "DELETE FROM entries WHERE number IN (SELECT number FROM (SELECT number, row_number() OVER"
        " (PARTITION BY incident ORDER BY number DESC) AS place FROM entries WHERE event = 'seen again') WHERE place > ?)",
        (REPEATS_KEPT,),
    )
    connection.execute("DELETE FROM holds WHERE until_s < ?", (now_s - HOLDS_KEPT_S,))


def _kept(connection: sqlite3.Connection, where: str, value: object) -> Incident | None:
    row = connection.execute(f"SELECT content FROM incidents WHERE {where}", (value,)).fetchone()  # noqa: S608  # our own words
    return None if row is None else read(row[0])
