"""Opening the store: by the supervisor, which makes and mends it; by a person beside it; and to read it only."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from qtops.actions.errors import explaining
from qtops.actions.incidents.owner import as_owner
from qtops.actions.incidents.place import database_of, numbered
from qtops.actions.incidents.store import Store
from qtops.actions.incidents.tables import ENDS, SCHEMA, TABLES, WHAT, damage, version, writing
from qtops.actions.ledger_file import asked, connect
from qtops.actions.state import make_private, refuse_foreign, refuse_shared_way
from qtops.errors import Unavailable
from qtops.facts.text import printable

_MAKE: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_GAP: Final = 100  # numbers that are left out where those given before are not known: some had no folder yet


def open_store(folder: str) -> Store:
    """The store, for the supervisor: made where there is none, moved aside where it is damaged, which ``said`` then tells.

    NotPermitted where the folder cannot be trusted or written,
    ConfigError where a later qtops made the store, Unavailable where it is busy, full or broken.
    """
    path = database_of(folder)
    with explaining("open", path), asked(path, WHAT):
        said = _moved_aside(folder) if _made_folder(folder) else ()
        connection = _opened(folder)
        return Store(folder, connection, said)


@contextmanager
def reach_store(folder: str) -> Iterator[Store]:
    """The store, for a person's command while the supervisor may run: made where there is none, and never moved aside.

    Root acts as the folder's owner meanwhile. Unavailable where it is damaged, else as ``open_store``.
    """
    path = database_of(folder)
    with as_owner(folder):
        with explaining("open", path), asked(path, WHAT):
            _made_folder(folder)
            _refuse_damaged(path)
            connection = _opened(folder)
        with closing(Store(folder, connection)) as store:
            yield store


@contextmanager
def look_into_store(folder: str) -> Iterator[Store | None]:
    """The store, for reading: nothing is made or mended. None where there is none. Root acts as the folder's owner meanwhile."""
    path = database_of(folder)
    with as_owner(folder):
        with explaining("read", path):
            try:
                is_there = os.stat(path).st_size > 0  # noqa: PTH116  # Path.exists would call forbidden absent
            except FileNotFoundError:
                is_there = False
            if is_there:
                refuse_shared_way(Path(folder).parent)
                refuse_foreign(folder)
        if not is_there:
            yield None
        elif os.statvfs(folder).f_flag & os.ST_RDONLY:  # SQLite has to write beside what it reads; nobody else does so here
            with _copied(path) as copy, _read_only(folder, copy) as store:
                yield store
        else:
            with _read_only(folder, path) as store:
                yield store


def _made_folder(folder: str) -> bool:
    """Make the folder and an empty file in it; whether the file was there."""
    parent = Path(folder).parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_shared_way(parent)
    make_private(folder)
    path = database_of(folder)
    was_there = os.path.lexists(path)  # a link, or what else is no file, counts as damaged
    if not was_there:
        os.close(os.open(path, _MAKE, 0o600))
    return was_there


def _opened(folder: str) -> sqlite3.Connection:
    """A connection to a store that has its tables."""
    path = database_of(folder)
    connection = connect(path)
    try:
        if version(connection, path) == 0:
            with writing(connection, path):
                if version(connection, path) == 0:  # else another made them meanwhile
                    _make_tables(connection, folder)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection, folder: str) -> None:
    """Make the tables. Where folders tell of incidents before, their numbers are not given again: people were told of them."""
    for statement in TABLES:
        connection.execute(statement)
    if given := numbered(folder):
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('incidents', ?)", (max(given) + _GAP,))
    connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _moved_aside(folder: str) -> tuple[str, ...]:
    """Move a damaged store out of the way, with what SQLite keeps beside it; say so."""
    path = database_of(folder)
    with _alone(folder):
        told = damage(path)
        if not told:
            return ()
        aside = f"{path}.damaged-{datetime.fromtimestamp(time.time(), UTC):%Y%m%dT%H%M%S.%fZ}"
        for end in ENDS:  # the file itself first: without it the others say nothing
            with suppress(FileNotFoundError):
                Path(path + end).rename(aside + end)
        os.close(os.open(path, _MAKE, 0o600))
    return (f"{printable(path)}: was damaged ({told}); it lies in {printable(aside)} now, and a new one was begun",)


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _refuse_damaged(path: str) -> None:
    if told := damage(path):
        raise Unavailable(f"{printable(path)}: is damaged ({told}); the supervisor moves it aside when it starts, and begins anew")


@contextmanager
def _read_only(folder: str, path: str) -> Iterator[Store | None]:
    with asked(path, WHAT):
        _refuse_damaged(path)
        connection = connect(path)
        connection.execute("PRAGMA query_only = 1")
        is_made = bool(version(connection, path))
    with closing(connection):
        yield Store(folder, connection) if is_made else None


@contextmanager
def _copied(path: str) -> Iterator[str]:
    with TemporaryDirectory(prefix="qtops-") as place:
        copy = f"{place}/incidents.db"
        with explaining("read", path):
            for end in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(path + end, copy + end)
        yield copy
