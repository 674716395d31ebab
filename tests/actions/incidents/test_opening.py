"""A store is made, mended and refused: what is there afterwards, and what is said."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qtops.actions.incidents.opening import look_into_store, open_store, reach_store
from qtops.actions.incidents.place import database_of
from qtops.errors import ConfigError, NotPermitted, Unavailable
from tests.actions.incidents.builders import NOW, OPS, open_one


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def sound(folder) -> str:
    """The folder of a store with one incident."""
    with open_store(folder) as store:
        open_one(store, "a", NOW, OPS)
        store.folder_of(1)
    return folder


def test_what_was_written_is_on_the_disk_and_for_its_owner_alone(sound):
    with open_store(sound) as store:
        pragmas = [store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        modes = {path.stat().st_mode & 0o777 for path in Path(sound).glob("incidents.db*")}
    assert (pragmas, modes) == (["wal", 2], {0o600})
    assert Path(sound).stat().st_mode & 0o777 == 0o700


def test_looking_makes_nothing(folder):
    with look_into_store(folder) as nothing:
        assert nothing is None
    assert not Path(folder).exists()
    Path(folder).mkdir(mode=0o700)
    with look_into_store(folder) as nothing:
        assert nothing is None
    assert list(Path(folder).iterdir()) == []


def test_looking_writes_nothing(sound):
    with look_into_store(sound) as store:
        assert store.incident(1).title == "a died"
        with pytest.raises(NotPermitted, match="readonly database"):
            open_one(store, "b")
    assert sorted(path.name for path in Path(sound).iterdir()) == ["incidents", "incidents.db"]


def test_looking_goes_on_while_the_supervisor_writes(sound):
    with open_store(sound) as supervisors, look_into_store(sound) as store:
        open_one(supervisors, "b")
        assert len(store.incidents()) == 2


def test_a_person_may_be_the_first(folder):
    with reach_store(folder) as store:
        open_one(store)
    with open_store(folder) as store:
        assert store.said == ()
        assert len(store.incidents()) == 1


@pytest.mark.parametrize("how", [open_store, reach_store, look_into_store])
def test_a_later_schema_is_refused(sound, how):
    with sqlite3.connect(database_of(sound)) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(ConfigError, match="has schema 2, made by a later qtops; this one knows up to 1"), how(sound):
        pass


def test_a_link_is_never_followed(tmp_path, folder):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    Path(folder).symlink_to(tmp_path / "elsewhere")
    for how in (open_store, reach_store):
        with pytest.raises(NotPermitted, match="is a link"), how(folder):
            pass
    Path(folder).unlink()
    Path(folder).mkdir(mode=0o700)
    Path(database_of(folder)).symlink_to(tmp_path / "elsewhere" / "db")
    with open_store(folder) as store:
        assert "incidents.db is no regular file" in store.said[0]
        open_one(store)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("how", [open_store, reach_store, look_into_store])
def test_a_folder_that_others_could_swap_is_not_trusted(sound, how):
    Path(sound).parent.chmod(0o777)
    with pytest.raises(NotPermitted, match="can be written by others, who could put another folder in place"), how(sound):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_it_can_be_read_on_a_read_only_file_system_after_a_kill(folder):
    store = open_store(folder)
    open_one(store)  # it is in the -wal file: the store was never closed
    look = (
        "from qtops.actions.incidents.opening import look_into_store\n"
        f"with look_into_store({folder!r}) as store: print(len(store.incidents()))"
    )
    mounts = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mounts, "sh", folder, sys.executable, "-c", look]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    store.close()
    assert done.stdout == "1\n", done.stderr


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(8192))


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def strange(file: Path) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE incidents SET content = '{}'")
    connection.close()


@pytest.mark.parametrize("harm", [garbage, half, strange])
def test_what_is_damaged_is_moved_aside_by_the_supervisor_alone_and_numbers_are_not_given_again(sound, harm):
    harm(Path(database_of(sound)))
    damaged = Path(database_of(sound)).read_bytes()
    for how in (reach_store, look_into_store):
        with pytest.raises(Unavailable, match=r"is damaged .*; the supervisor moves it aside when it starts"), how(sound):
            pass
    with open_store(sound) as store:
        (said,) = store.said
        assert "was damaged (" in said
        assert open_one(store).number > 100
    (kept,) = Path(sound).glob("incidents.db.damaged-*Z")
    assert kept.read_bytes() == damaged
    with open_store(sound) as store:
        assert store.said == ()


def test_what_is_damaged_while_it_is_in_use_is_told_and_mended_by_opening_it_anew(sound):
    with open_store(sound) as store:
        assert store.damage() == ""
        file = Path(database_of(sound))
        file.write_bytes(b"\xff" * file.stat().st_size)
        with pytest.raises(Unavailable, match="could not be used"):
            open_one(store, "b")
        assert store.damage() == "file is not a database"
    with open_store(sound) as store:
        assert len(store.said) == 1
        open_one(store, "b")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("sound") / "state"
    with open_store(str(place)) as store:
        open_one(store, "a", NOW, OPS)
    return place


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(place=0.003, bit=7, cut=False)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_bit_that_flips_or_a_file_cut_short_never_stops_the_supervisor(pattern, tmp_path, place, bit, cut):
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    shutil.copytree(pattern, tmp_path / "state")
    file = tmp_path / "state" / "incidents.db"
    content = bytearray(file.read_bytes())
    at = int(place * len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    file.write_bytes(content)
    with suppress(ConfigError), open_store(str(tmp_path / "state")) as store:  # ConfigError: a bit of the schema's number
        made = open_one(store, "b")
        assert store.incident(made.number) == made
        for kept in store.incidents():
            store.timeline(kept.number)


SPIN = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more) SELECT"
STRANGE = {
    "a trigger": (f"CREATE TRIGGER t BEFORE UPDATE ON incidents BEGIN SELECT count(*) FROM ({SPIN} n FROM more); END",),
    "a view": ("DROP TABLE marks", f"CREATE VIEW marks AS {SPIN} n AS name, n AS text FROM more WHERE n < 0"),
    "no type": ("DROP TABLE holds", "CREATE TABLE holds (unit, until_s, why, by, made_s)"),
    "no text": ("UPDATE entries SET text = CAST(x'7bff7d' AS TEXT)",),
    "deep": (f"UPDATE incidents SET content = '{{\"x\":{'[' * 100_000}{']' * 100_000}}}'",),
}


@pytest.mark.parametrize("statements", STRANGE.values(), ids=STRANGE)
def test_what_its_user_put_into_it_is_not_carried_out_by_whoever_opens_it(sound, statements):
    connection = sqlite3.connect(database_of(sound), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    for opening in (look_into_store, reach_store):
        with pytest.raises(Unavailable, match="is damaged"), opening(sound):
            pass
    with open_store(sound) as store:
        assert store.incidents(None) == ()
        assert "a new one was begun" in store.said[0]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/etc/passwd")])
@pytest.mark.parametrize("end", ["", "-journal", "-wal", "-shm"])
def test_what_is_no_file_in_its_place_is_neither_waited_for_nor_followed(sound, end, make):
    path = Path(database_of(sound) + end)
    path.unlink(missing_ok=True)
    make(path)
    with pytest.raises(Unavailable, match=f"incidents.db{end} is no regular file"), reach_store(sound):
        pass
    with open_store(sound) as store:
        assert "is no regular file" in store.said[0]


def test_a_folder_with_a_number_that_sqlite_has_not_keeps_no_supervisor_from_its_work(sound):
    (Path(sound) / "incidents" / ("9" * 30)).mkdir()
    Path(database_of(sound)).write_bytes(b"damaged")
    with open_store(sound) as store:
        assert open_one(store).number > 1
