"""The SQLite file of the ledger: opened, made, checked for damage, and its errors in words."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from zlib import crc32

from qtops.errors import ConfigError, NotPermitted, Unavailable
from qtops.facts.text import printable

SCHEMA: Final = 1
WAIT_S: Final = 5.0  # for another qtops to end its entry, which takes milliseconds
_WANTED: Final = 1 << 16  # bytes: the index of the WAL takes half of it, a first page and its log the rest
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FORBIDDEN: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "make room on its file system (df, df -i), then try again",
    sqlite3.SQLITE_IOERR: "look for a full or broken disk (df, journalctl -k), then try again",
    sqlite3.SQLITE_BUSY: "another qtops keeps it busy: try again",
    sqlite3.SQLITE_CORRUPT: "run the command again: a damaged {what} is moved aside",
    sqlite3.SQLITE_NOTADB: "run the command again: a damaged {what} is moved aside",
}
TABLES: Final = """
CREATE TABLE entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  recovery TEXT NOT NULL,
  at_s REAL NOT NULL,
  step INTEGER,
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  seal INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_of ON entries (recovery, number);
CREATE TABLE notices (
  unit TEXT NOT NULL,
  code TEXT NOT NULL,
  since_s REAL NOT NULL,
  at_s REAL NOT NULL,
  PRIMARY KEY (unit, code, since_s)
) STRICT;
"""
APPEND_ONLY: Final = tuple(
    f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for table in ("entries", "notices")
    for verb in ("UPDATE", "DELETE")
)


@contextmanager
def asked(path: str, what: str = "ledger") -> Iterator[None]:
    """SQLite's errors as ours: what failed, on which ledger (or what else is kept in such a file), and what to try."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = _code(error)
        if is_no_text(error):
            raise Unavailable(f"{printable(path)}: the {what} could not be used: it holds what is no text; try again") from error
        if code is None:  # a mistake in how it was used
            raise
        shown = f"{printable(path)}: the {what} could not be used: {error}"
        if code in _FORBIDDEN:
            raise NotPermitted(f"{shown}; run as its owner, and see that its file system is not read-only") from error
        if code == sqlite3.SQLITE_IOERR and _is_full(path):  # what SQLite says of the files beside it that it could not make
            code, shown = sqlite3.SQLITE_FULL, f"{shown}: its file system is full"
        raise Unavailable(f"{shown}; {_ADVICE.get(code, 'try again').format(what=what)}") from error
    except UnicodeDecodeError as error:  # it was damaged after it was opened: SQLite quotes what it could not read
        raise Unavailable(f"{printable(path)}: the {what} could not be used: it holds what is no text; try again") from error


def connect(path: str) -> sqlite3.Connection:
    """A connection that commits each statement and has it on the disk by then."""
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def version(connection: sqlite3.Connection, path: str) -> int:
    """The schema that it has, 0 for a new file. ConfigError where a later qtops made it."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA:
        raise ConfigError(
            f"{printable(path)}: has schema {found}, made by a later qtops; this one knows up to {SCHEMA}: "
            "use that version to end or undo what it began, or move the file away to begin a new ledger"
        )
    return found


def enter(connection: sqlite3.Connection, recovery: str, at_s: float, step: int | None, event: str, detail: bytes) -> None:
    """Add an entry, sealed."""
    row = (recovery, at_s, step, event, detail.decode())
    connection.execute(
        "INSERT INTO entries (recovery, at_s, step, event, detail, seal) VALUES (?, ?, ?, ?, ?, ?)", (*row, _seal(row))
    )


def damage(path: str) -> str:
    """What is wrong with the file; empty where it is sound, or new, or of a later schema."""
    try:
        connection = connect(path)
        try:
            return _complaint(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if _code(error) in _DAMAGED | {sqlite3.SQLITE_ERROR}:  # the latter: its tables are not those that were made
            return str(error)
        raise
    except UnicodeDecodeError:  # of SQLite's own words, which quote what is damaged
        return "its tables are described by what is no text"


def _complaint(connection: sqlite3.Connection) -> str:
    if (told := str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])) != "ok":
        return told
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema == 0:
        return "it has tables, but no schema number" if connection.execute("SELECT 1 FROM sqlite_master").fetchone() else ""
    if schema > SCHEMA:
        return ""
    connection.execute("SELECT unit, code, since_s, at_s FROM notices LIMIT 1").fetchone()
    connection.text_factory = bytes  # damaged text need not be text
    for number, *row, seal in connection.execute("SELECT number, recovery, at_s, step, event, detail, seal FROM entries"):
        if _seal(row) != seal:
            return f"entry {number} is not as it was written"
    return ""


def _seal(row: Iterable[object]) -> int:
    """A checksum over an entry: SQLite has none of its own, and would hand out flipped bits as they are."""
    return crc32(b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row))


def _is_full(path: str) -> bool:
    try:
        left = os.statvfs(path)
    except OSError:
        return False
    return left.f_bavail * left.f_frsize < _WANTED


def is_no_text(error: sqlite3.Error) -> bool:
    """Whether it is Python's own word for a text that is no UTF-8, which quotes that text."""
    return isinstance(error, sqlite3.OperationalError) and getattr(error, "sqlite_errorcode", None) is None


def _code(error: sqlite3.DatabaseError) -> int | None:
    """The primary result code; None where the error is Python's own."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
