"""Opening the ledger: where it is absent or damaged, one is made from the folders of the recoveries."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from qtops.actions.backups import folder_of
from qtops.actions.errors import explaining
from qtops.actions.ledger import Ledger, step_detail, summary
from qtops.actions.ledger_file import APPEND_ONLY, SCHEMA, TABLES, asked, connect, damage, enter, version
from qtops.actions.state import StateFolder, state_path
from qtops.errors import Unavailable
from qtops.facts.text import printable

_MAKE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def open_ledger(state: StateFolder) -> Ledger:
    """The ledger of a state folder, to write to. What it has to tell of itself is in ``said``.

    ConfigError: a later qtops made it. Unavailable, NotPermitted: it cannot be read or written.
    """
    with explaining("open", state.ledger), asked(state.ledger):
        os.close(os.open(state.ledger, _MAKE, 0o600))
        said = _moved_aside(state)
        connection = connect(state.ledger)
        try:
            if version(connection, state.ledger) == 0:
                said += _made(connection, state)
        except BaseException:
            connection.close()
            raise
    return Ledger(state, connection, said)


@contextmanager
def look_into(path: str = "") -> Iterator[Ledger | None]:
    """The ledger as it is, for reading: nothing is made or mended. None where there is none."""
    state = StateFolder(state_path(path))
    with explaining("read", state.ledger):
        is_there = Path(state.ledger).exists()
    if not is_there:
        yield None
        return
    # SQLite has to write beside a ledger that it only reads, so that it is given a copy
    with TemporaryDirectory(prefix="qtops-") as place, asked(state.ledger):
        copy = f"{place}/qtops.db"
        with explaining("read", state.ledger):
            for end in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(state.ledger + end, copy + end)
        if told := damage(copy):
            raise Unavailable(
                f"{printable(state.ledger)}: is damaged ({told}); the next recovery moves it aside and begins a new one"
            )
        connection = connect(copy)
        try:
            yield Ledger(state, connection) if version(connection, state.ledger) else None
        finally:
            connection.close()


def _moved_aside(state: StateFolder) -> tuple[str, ...]:
    """Move a damaged ledger out of the way, with what SQLite keeps beside it; say so."""
    if not damage(state.ledger):
        return ()
    with _alone(state):
        told = damage(state.ledger)  # another may have done it meanwhile
        if not told:
            return ()
        aside = f"{state.ledger}.damaged-{datetime.fromtimestamp(time.time(), UTC):%Y%m%dT%H%M%S.%fZ}"
        for end in ("", "-wal", "-shm"):  # the file itself first: without it the other two say nothing
            with suppress(FileNotFoundError):
                Path(state.ledger + end).rename(aside + end)
        os.close(os.open(state.ledger, _MAKE, 0o600))
    return (f"{printable(state.ledger)}: was damaged ({told}); it lies in {printable(aside)} now, and a new one was begun",)


@contextmanager
def _alone(state: StateFolder) -> Iterator[None]:
    folder = os.open(state.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _made(connection: sqlite3.Connection, state: StateFolder) -> tuple[str, ...]:
    """Make the tables, and enter what the folders tell of earlier recoveries: all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version(connection, state.ledger):  # another made them meanwhile
            connection.execute("ROLLBACK")
            return ()
        for statement in (*filter(str.strip, TABLES.split(";")), *APPEND_ONLY):
            connection.execute(statement)
        said = [told for folder in sorted(Path(state.recoveries).iterdir()) if (told := _entered(connection, state, folder.name))]
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return tuple(said)


def _entered(connection: sqlite3.Connection, state: StateFolder, recovery: str) -> str:
    """Enter a recovery of which only the folder tells: how far it came is then asked of the files themselves."""
    folder = folder_of(state, recovery)
    try:
        plan = folder.plan()
    except Unavailable as error:
        return f"{error}: not entered in the new ledger"
    ended = folder.ended()
    begun = summary(plan, ended.by if ended else "unknown")
    enter(connection, plan.id, plan.made_at_s, None, "begun", msgspec.json.encode(begun))
    for number, step in enumerate(plan.steps):
        if step.action is not None:
            enter(connection, plan.id, plan.made_at_s, number, "step begun", msgspec.json.encode(step_detail(step.action)))
    if ended:
        enter(connection, plan.id, ended.at_s, None, ended.event, b"{}")
    return (
        ""
        if ended
        else f"{printable(plan.id)}: was entered in the new ledger as begun: `qtops recover {plan.unit} --resume` or `--undo`"
    )
