"""Notices on record: who is to be told of what, until they were. The statements are part of the caller's transaction."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from qtops.actions.incidents.merging import ENDS
from qtops.actions.incidents.tables import read, written
from qtops.findings import Severity
from qtops.incidents import Change, Notice, Told
from qtops.settings import Endpoint

HOUR_S: Final = 3600.0
GATHER_S: Final = 60.0  # what is too much is gathered for so long before the first digest; the next ones come hourly
LEASE_S: Final = 330.0  # an attempt takes 300 s at the most: later than that, nobody is at it any more
KEPT_S: Final = 3 * 86_400.0  # what could not be told for so long is given up
FARTHEST_S: Final = 2 * HOUR_S  # nothing is put off for longer: a later time is one from before the clock was set back
_GRAVITY: Final = tuple(Severity)
_NOTICE: Final = "id, endpoint, content, event, at_s, text, attempts, next_s, why, digest"
_ENDS: Final = "('resolved', 'closed')"
_WAITS: Final = "state IN ('waiting', 'sending')"


def enqueue(connection: sqlite3.Connection, change: Change, endpoints: Sequence[Endpoint]) -> None:
    """What each endpoint is to be told of this change, where that is anything. The end of an incident: those who know of it."""
    for endpoint in endpoints:
        if change.event in ENDS:
            if _knows(connection, change.incident.number, endpoint.name):
                _insert(connection, change, endpoint.name)
            _mention(connection, change, endpoint.name)
        elif _fits(endpoint, change.incident.severity):
            if _sent_lately(connection, endpoint.name, change.at_s) < endpoint.most_per_hour:
                _insert(connection, change, endpoint.name)
            else:
                _fold(connection, change, endpoint.name)


def due(connection: sqlite3.Connection, now_s: float, most: int) -> tuple[Notice, ...]:
    """What is to be attempted now: of each endpoint the oldest first, the endpoints by turns, each incident in its order."""
    rows = connection.execute(
        f"""SELECT {_NOTICE} FROM (
          SELECT *, row_number() OVER (PARTITION BY endpoint ORDER BY number) AS turn FROM notices AS one
          WHERE {_WAITS} AND (next_s <= :now OR next_s > :now + :farthest) AND NOT EXISTS (
            SELECT 1 FROM notices AS earlier WHERE earlier.endpoint = one.endpoint AND earlier.incident = one.incident
            AND earlier.number < one.number AND earlier.state IN ('waiting', 'sending') AND earlier.digest IS NULL)
        ) ORDER BY turn, number LIMIT :most""",  # noqa: S608
        {"now": now_s, "farthest": FARTHEST_S, "most": most},
    )
    return tuple(map(_notice, rows))


def attempted(connection: sqlite3.Connection, notice: str, now_s: float) -> None:
    """Somebody is about to tell it: nobody else is given it until that can no longer be so."""
    connection.execute(
        f"UPDATE notices SET state = 'sending', attempts = attempts + 1, tried_s = ?, next_s = ? WHERE id = ? AND {_WAITS}",  # noqa: S608
        (now_s, now_s + LEASE_S, notice),
    )


def sent(connection: sqlite3.Connection, notice: str, now_s: float) -> None:
    """It was told."""
    connection.execute("UPDATE notices SET state = 'sent', tried_s = ?, why = '' WHERE id = ?", (now_s, notice))


def failed(connection: sqlite3.Connection, notice: str, why: str, next_s: float) -> tuple[int, float, str] | None:
    """It was not told, and is not before then. Incident, time and words where it is given up."""
    row = connection.execute(
        f"SELECT incident, endpoint, event, at_s, coalesce(tried_s, at_s) FROM notices WHERE id = ? AND {_WAITS}",  # noqa: S608
        (notice,),
    ).fetchone()
    if row is None:
        return None
    incident, endpoint, event, at_s, tried_s = row
    is_over = tried_s - at_s >= KEPT_S
    connection.execute(
        "UPDATE notices SET state = ?, next_s = ?, why = ? WHERE id = ?", ("dropped" if is_over else "waiting", next_s, why, notice)
    )
    return (incident, tried_s, f"{endpoint} was never told “{event}”, given up after 3 days: {why}") if is_over else None


def release(connection: sqlite3.Connection) -> None:
    """Whoever was about to tell something is no more: it is told again, under the same id."""
    connection.execute("UPDATE notices SET state = 'waiting', next_s = 0 WHERE state = 'sending'")


def waiting(connection: sqlite3.Connection) -> int:
    """How many are still to be told."""
    return int(connection.execute(f"SELECT count(*) FROM notices WHERE {_WAITS}").fetchone()[0])  # noqa: S608


def told(connection: sqlite3.Connection, number: int) -> tuple[Told, ...]:
    """How it stands with the notices of one incident, the oldest first."""
    rows = connection.execute(
        """SELECT one.id, one.endpoint, one.event, one.at_s, one.state, one.attempts, one.tried_s,
          CASE WHEN one.state = 'folded' THEN coalesce(digest.id, '') ELSE one.why END
        FROM notices AS one LEFT JOIN notices AS digest ON digest.number = one.folded_into
        WHERE one.incident = ? AND one.digest IS NULL ORDER BY one.number""",
        (number,),
    )
    names = Told.__struct_fields__
    return tuple(msgspec.convert(dict(zip(names, row, strict=True)), Told) for row in rows)


def _fits(endpoint: Endpoint, severity: Severity) -> bool:
    return _GRAVITY.index(severity) >= _GRAVITY.index(Severity(endpoint.severity))


def _knows(connection: sqlite3.Connection, incident: int, endpoint: str) -> bool:
    """Whether it was told that this began, or is about to be. A digest that still gathers tells of the end as well."""
    return bool(
        connection.execute(
            f"""SELECT 1 FROM notices AS one LEFT JOIN notices AS digest ON digest.number = one.folded_into
            WHERE one.incident = ? AND one.endpoint = ? AND one.event NOT IN {_ENDS} AND one.digest IS NULL
            AND one.state <> 'dropped' AND NOT (digest.number IS NOT NULL AND digest.attempts = 0 AND digest.state = 'waiting')
            """,  # noqa: S608
            (incident, endpoint),
        ).fetchone()
    )


def _sent_lately(connection: sqlite3.Connection, endpoint: str, at_s: float) -> int:
    """How many notices of the kind that is limited were made within the hour before."""
    return int(
        connection.execute(
            f"SELECT count(*) FROM notices WHERE endpoint = ? AND at_s > ? AND event NOT IN {_ENDS}"  # noqa: S608
            " AND state <> 'folded' AND digest IS NULL",
            (endpoint, at_s - HOUR_S),
        ).fetchone()[0]
    )


def _insert(connection: sqlite3.Connection, change: Change, endpoint: str, digest: int | None = None) -> None:
    """A notice; one that is ``digest``'s is not told by itself."""
    number, event = change.incident.number, change.event
    (before,) = connection.execute(
        "SELECT count(*) FROM notices WHERE incident = ? AND event = ? AND endpoint = ? AND digest IS NULL",
        (number, event, endpoint),
    ).fetchone()
    name = f"{number}-{event.replace(' ', '-')}-{before + 1}@{endpoint}"
    content, state = written(change.incident), "waiting" if digest is None else "folded"
    connection.execute(
        "INSERT INTO notices (id, endpoint, incident, event, at_s, text, content, state, next_s, folded_into)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (name, endpoint, number, event, change.at_s, change.text, content, state, change.at_s, digest),
    )


def _fold(connection: sqlite3.Connection, change: Change, endpoint: str) -> None:
    """Put it into the digest that gathers, or begin one: at most one is told per hour."""
    row = connection.execute(
        f"SELECT number FROM notices INDEXED BY digests WHERE endpoint = ? AND digest IS NOT NULL AND attempts = 0 AND {_WAITS}",  # noqa: S608
        (endpoint,),
    ).fetchone()
    digest = row[0] if row is not None else _begin_digest(connection, change, endpoint)
    _insert(connection, change, endpoint, digest)
    _tell_all(connection, digest)


def _begin_digest(connection: sqlite3.Connection, change: Change, endpoint: str) -> int:
    number, at_s = change.incident.number, change.at_s
    before, last_s = connection.execute(
        "SELECT count(*) FILTER (WHERE incident = ?), max(at_s) FROM notices INDEXED BY digests"
        " WHERE endpoint = ? AND digest IS NOT NULL",
        (number, endpoint),
    ).fetchone()
    next_s = at_s + GATHER_S if last_s is None else min(max(at_s, last_s + HOUR_S) + GATHER_S, at_s + HOUR_S)
    made = connection.execute(
        "INSERT INTO notices (id, endpoint, incident, event, at_s, text, content, state, next_s, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, '[]')",
        (f"{number}-digest-{before + 1}@{endpoint}", endpoint, number, change.event, at_s, "", written(change.incident), next_s),
    )
    return int(made.lastrowid or 0)


def _mention(connection: sqlite3.Connection, change: Change, endpoint: str) -> None:
    """Have a digest that nobody has seen yet say that this one is over."""
    row = connection.execute(
        "SELECT digest.number FROM notices AS digest JOIN notices AS one ON one.folded_into = digest.number"
        " WHERE digest.endpoint = ? AND digest.attempts = 0 AND digest.state = 'waiting' AND one.incident = ?",
        (endpoint, change.incident.number),
    ).fetchone()
    if row is not None:
        _tell_all(connection, row[0])


def _tell_all(connection: sqlite3.Connection, digest: int) -> None:
    """Write what a digest says: every incident by its number, the worst one as its own."""
    rows = connection.execute(
        "SELECT one.incident, one.event, one.content, incidents.state FROM notices AS one"
        " LEFT JOIN incidents ON incidents.number = one.incident WHERE one.folded_into = ? ORDER BY one.number",
        (digest,),
    ).fetchall()
    lines = {number: f"#{number} {state if state in ENDS else event}" for number, event, _, state in rows}
    _, event, content, _ = max(rows, key=lambda row: _GRAVITY.index(read(row[2]).severity))
    connection.execute(
        "UPDATE notices SET event = ?, content = ?, text = ?, digest = ? WHERE number = ?",
        (event, content, f"{len(lines)} more: {', '.join(lines.values())}", msgspec.json.encode([*lines]).decode(), digest),
    )


def _notice(row: Sequence[object]) -> Notice:
    values = dict(zip(Notice.__struct_fields__, row, strict=True))
    digest = msgspec.json.decode(str(values["digest"])) if values["digest"] else ()
    return msgspec.convert(values | {"incident": read(str(values["incident"])), "digest": digest}, Notice)
