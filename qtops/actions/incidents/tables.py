"""The tables of the incidents, transactions on them, and how damage to them is told."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from qtops.actions.ledger_file import asked, connect, is_no_text
from qtops.errors import ConfigError
from qtops.facts.text import all_printable, printable
from qtops.incidents import Incident

SCHEMA: Final = 1
WHAT: Final = "store of incidents"
ENDS: Final = ("", "-wal", "-shm", "-journal")  # of the file, and of those that SQLite keeps beside it
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}  # the last: its tables are not ours
TABLES: Final = (
    """CREATE TABLE incidents (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      fingerprint TEXT NOT NULL,
      state TEXT NOT NULL,
      ended_s REAL,
      content TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX one_open ON incidents (fingerprint) WHERE state IN ('open', 'acknowledged')",
    "CREATE INDEX ended ON incidents (ended_s)",
    """CREATE TABLE entries (
      number INTEGER PRIMARY KEY,
      incident INTEGER NOT NULL,
      at_s REAL NOT NULL,
      event TEXT NOT NULL,
      text TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX entries_of ON entries (incident, number)",
    """CREATE TABLE notices (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      endpoint TEXT NOT NULL,
      incident INTEGER NOT NULL,
      event TEXT NOT NULL,
      at_s REAL NOT NULL,
      text TEXT NOT NULL,
      content TEXT NOT NULL,
      state TEXT NOT NULL,
      next_s REAL NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      tried_s REAL,
      why TEXT NOT NULL DEFAULT '',
      digest TEXT,
      folded_into INTEGER
    ) STRICT""",
    "CREATE INDEX notices_of ON notices (incident, endpoint)",
    "CREATE INDEX notices_waiting ON notices (endpoint, number) WHERE state IN ('waiting', 'sending')",
    "CREATE INDEX digests ON notices (endpoint) WHERE digest IS NOT NULL",
    "CREATE INDEX notices_made ON notices (endpoint, at_s)",
    "CREATE INDEX notices_folded ON notices (folded_into) WHERE folded_into IS NOT NULL",
    "CREATE TABLE faults (key TEXT PRIMARY KEY, at_s REAL NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX faults_at ON faults (at_s)",
    """CREATE TABLE holds (
      unit TEXT PRIMARY KEY, until_s REAL NOT NULL, why TEXT NOT NULL, by TEXT NOT NULL, made_s REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE attempts (unit TEXT NOT NULL, kind TEXT NOT NULL, at_s REAL NOT NULL, incident INTEGER NOT NULL) STRICT",
    "CREATE INDEX attempts_of ON attempts (unit, kind, at_s)",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
_NUMBERS: Final = "CREATE TABLE sqlite_sequence(name,seq)"  # SQLite's own, for AUTOINCREMENT


@contextmanager
def writing(connection: sqlite3.Connection, path: str) -> Iterator[None]:
    """One transaction: all of its body is on the disk afterwards, or nothing. Unavailable, NotPermitted where it could not be."""
    with asked(path, WHAT):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def version(connection: sqlite3.Connection, path: str) -> int:
    """The schema that it has, 0 for a new file. ConfigError where a later qtops made it."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA:
        raise ConfigError(
            f"{printable(path)}: has schema {found}, made by a later qtops; this one knows up to {SCHEMA}: "
            "use that version, or move the file away to begin anew"
        )
    return found


def identity(path: str) -> tuple[int, int] | None:
    """What tells one file from another by the same name; None where there is none, or nobody can tell."""
    try:
        status = os.stat(path)  # noqa: PTH116  (text in, text out)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def damage(path: str) -> str:
    """What is wrong with the file; empty where it is sound, or new, or of a later schema."""
    if odd := next(filter(_is_odd, (path + end for end in ENDS)), ""):
        return f"{os.path.basename(odd)} is no regular file"  # noqa: PTH119  (text in, text out)
    try:
        connection = connect(path)
        try:
            return _complaint(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if is_no_text(error):
            return "it holds what is no text"
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            return str(error)
        raise
    except UnicodeDecodeError:  # of SQLite's own words, which quote what is damaged
        return "its tables are described by what is no text"


def _is_odd(path: str) -> bool:
    """Whether it is there, and no file: SQLite would wait for a FIFO, whatever signal comes."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def _complaint(connection: sqlite3.Connection) -> str:
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema == SCHEMA and not _is_as_made(connection):
        return "its tables are not as qtops makes them"
    if (told := str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])) != "ok":
        return told
    if schema == 0:
        return "it has tables, but no schema number" if connection.execute("SELECT 1 FROM sqlite_master").fetchone() else ""
    if schema > SCHEMA:
        return ""
    for table in ("entries", "faults", "holds", "attempts", "marks"):
        connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()  # noqa: S608  # our own names
    for table in ("incidents", "notices"):
        for number, content in connection.execute(f"SELECT number, content FROM {table}"):  # noqa: S608
            try:
                read(content)
            except (msgspec.MsgspecError, RecursionError) as error:
                return f"number {number} of the {table} is not as it was written: {error}"
    return ""


def _is_as_made(connection: sqlite3.Connection) -> bool:
    """A view or a trigger of somebody else's would be carried out by whoever opens it: without end, as like as not."""
    made = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    return made - {_NUMBERS} == {*TABLES}


def read(content: str) -> Incident:
    """An incident as it was written."""
    return msgspec.json.decode(content, type=Incident)


def written(incident: Incident) -> str:
    """An incident as it is kept: every text in it printable. msgspec.ValidationError for one that could not be read again."""
    content = msgspec.json.encode(all_printable(msgspec.to_builtins(incident))).decode()
    read(content)  # a time that is no number would be kept as none
    return content
