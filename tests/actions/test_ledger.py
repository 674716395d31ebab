import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtops.actions.backups import folder_of
from qtops.actions.ledger import Ledger
from qtops.actions.ledger_opening import look_into, open_ledger
from qtops.actions.state import StateFolder, open_state
from qtops.errors import ConfigError, NotPermitted, Unavailable
from qtops.steps import Call, RecoveryPlan, Step
from tests.actions.patching_run import DROP_IN, NEW_SOURCE, UNIT, make

RESTART = Step(("systemctl", "restart", UNIT), "start it anew", action=Call("restart", UNIT))


def plan_of(tree: Path, recovery: str = "20261123T093000Z-demo-1f3a", unit: str = UNIT) -> RecoveryPlan:
    found = make(tree).plan
    return RecoveryPlan(**{**{name: getattr(found, name) for name in found.__struct_fields__}, "id": recovery, "unit": unit})


@pytest.fixture
def state(tmp_path) -> StateFolder:
    return open_state(str(tmp_path / "state"))


@pytest.fixture
def plan(tmp_path) -> RecoveryPlan:
    return plan_of(tmp_path / "tree")


def test_a_recovery_is_begun_until_it_has_ended(state, plan):
    with open_ledger(state) as ledger:
        ledger.begin(plan, "alice")
        (record,) = ledger.records()
        assert (record.state, record.by, record.unit, record.ended_s) == ("begun", "alice", UNIT, None)
        assert ledger.open_recovery(UNIT) == record
        assert ledger.open_recovery("other.service") is None
        assert record.after[record.paths[0]] == plan.steps[0].action.after.sha256
        ledger.note(plan.id, "verified", at_s=record.begun_s + 5)
        (record,) = ledger.records()
        assert (record.state, record.ended_s, record.why) == ("verified", record.begun_s + 5, "")
        assert ledger.open_recovery(UNIT) is None


@pytest.mark.parametrize("end", ["undone", "undo failed", "refused"])
def test_why_it_ended_is_told_where_that_was_no_success(state, plan, end):
    with open_ledger(state) as ledger:
        if end == "refused":
            ledger.refuse(plan, "alice", "undone by bob 3 h ago")
        else:
            ledger.begin(plan, "alice")
            ledger.note(plan.id, "step failed", 0, {"why": "no space left"})
            ledger.note(plan.id, "undoing")
            assert ledger.record(plan.id).state == "begun"
            ledger.note(plan.id, end)
        record = ledger.record(plan.id)
    assert (record.state, record.why) == (end, "undone by bob 3 h ago" if end == "refused" else "no space left")


def test_a_verified_recovery_that_is_being_undone_is_open_again(state, plan):
    with open_ledger(state) as ledger:
        ledger.begin(plan, "alice")
        ledger.note(plan.id, "verified")
        ledger.note(plan.id, "undoing")
        assert ledger.open_recovery(UNIT) is not None


def test_records_come_newest_first(state, tmp_path):
    with open_ledger(state) as ledger:
        for number in (2, 1, 3):
            ledger.begin(plan_of(tmp_path / "tree", f"id-{number}", f"unit{number}.service"), "alice")
        ledger.note("id-2", "undone")
        assert [record.id for record in ledger.records()] == ["id-3", "id-1", "id-2"]


def test_entries_can_be_added_and_nothing_else(state, plan):
    with open_ledger(state) as ledger:
        ledger.begin(plan, "alice")
        ledger.notice(UNIT, "IMPORT101", 1.0, 2.0)
    connection = sqlite3.connect(state.ledger)
    statements = (
        "UPDATE entries SET event = 'undone'",
        "DELETE FROM entries",
        "UPDATE notices SET at_s = 0",
        "DELETE FROM notices",
    )
    for statement in statements:
        with pytest.raises(sqlite3.IntegrityError, match="the ledger is append-only"):
            connection.execute(statement)
    connection.close()


def test_an_entry_is_on_the_disk_when_it_is_noted(state):
    with open_ledger(state) as ledger:
        pragmas = [ledger._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]
    assert Path(state.ledger).stat().st_mode & 0o777 == 0o600


def test_the_moments_are_what_was_noted_and_the_fault_is_noticed_once(state, plan):
    with open_ledger(state) as ledger:
        begun_s = 10_000_000_000.0
        ledger.notice(UNIT, "IMPORT101", 50.0, 60.0)  # an earlier fault of this kind
        ledger.notice(UNIT, "IMPORT101", 100.0, 110.0)
        ledger.notice(UNIT, "IMPORT101", 100.0, 130.0)
        ledger.notice(UNIT, "UNIT203", 120.0, 121.0)
        ledger.begin(plan, "alice")
        for number, detail in (
            (0, {"path": "/srv/main.py"}),
            (1, {"path": "/etc/x.conf"}),
            (2, {"verb": "restart", "starts": True}),
        ):
            ledger.note(plan.id, "step done", number, detail, at_s=begun_s + number)
        told = {moment.name: moment.at_s for moment in ledger.moments(plan.id)}
    assert told == {
        "noticed": 110.0,
        "diagnosed": plan.made_at_s,
        "patched": begun_s + 1,
        "restarted": begun_s + 2,
        "verified": None,
        "undone": None,
    }


def test_a_later_schema_is_refused_with_what_to_do(state):
    open_ledger(state).__exit__(None, None, None)
    connection = sqlite3.connect(state.ledger)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(ConfigError, match="has schema 2, made by a later qtops; this one knows up to 1: use that version"):
        open_ledger(state)


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(8192))


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flipped(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"unit":"demo', b'"unit":"demq'))


@pytest.mark.parametrize("harm", [garbage, half, flipped])
def test_a_damaged_ledger_is_moved_aside_said_aloud_and_nothing_open_is_forgotten(state, tmp_path, harm):
    begun, verified = plan_of(tmp_path / "tree", "id-begun"), plan_of(tmp_path / "tree", "id-verified", "other.service")
    contents = {step.action.after.sha256: content for step, content in zip(begun.steps, (NEW_SOURCE, DROP_IN), strict=False)}
    with open_ledger(state) as ledger:
        for plan in (begun, verified):
            folder_of(state, plan.id).make(plan, contents)
            ledger.begin(plan, "alice")
        ledger.note(verified.id, "verified", at_s=5_000_000_000.0)
    harm(Path(state.ledger))
    damaged = Path(state.ledger).read_bytes()
    with pytest.raises(Unavailable, match="is damaged .*; the next recovery moves it aside"), look_into(state.path):
        pass
    with open_ledger(state) as ledger:
        told = {record.id: (record.state, record.ended_s) for record in ledger.records()}
        assert told == {"id-begun": ("begun", None), "id-verified": ("verified", 5_000_000_000.0)}
        aside, opened = ledger.said
    assert "was damaged (" in aside
    assert opened == "id-begun: was entered in the new ledger as begun: `qtops recover --resume` or `--undo` it"
    (kept,) = Path(state.path).glob("qtops.db.damaged-*Z")
    assert kept.read_bytes() == damaged
    with open_ledger(state) as ledger:
        assert ledger.said == ()


@pytest.mark.parametrize("lost", ["removed", "emptied"])
def test_a_ledger_that_is_lost_is_made_anew_from_the_folders(state, plan, lost):
    with open_ledger(state) as ledger:
        folder_of(state, plan.id).make(plan, {})
        ledger.begin(plan, "alice")
    if lost == "removed":
        Path(state.ledger).unlink()
    else:
        os.truncate(state.ledger, 0)
    with open_ledger(state) as ledger:
        assert ledger.open_recovery(UNIT) is not None
        assert len(ledger.said) == 1


def test_a_plan_that_is_damaged_too_is_said_and_does_not_stop_the_rest(state, plan):
    folder_of(state, plan.id).make(plan, {})
    (Path(state.recoveries) / "broken").mkdir()
    (Path(state.recoveries) / "broken" / "plan.json").write_text('{"schema"')
    with open_ledger(state) as ledger:
        assert [record.id for record in ledger.records()] == [plan.id]
        assert any("broken/plan.json: is damaged" in said for said in ledger.said)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> StateFolder:
    """A state folder with one open recovery, to be copied and harmed."""
    place = tmp_path_factory.mktemp("sound")
    state, plan = open_state(str(place / "state")), plan_of(place / "tree")
    with open_ledger(state) as ledger:
        folder_of(state, plan.id).make(plan, {})
        ledger.begin(plan, "alice")
        for number in range(3):
            ledger.note(plan.id, "step begun", number, {"path": f"/srv/{number}"})
    return state


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_bit_that_flips_or_a_file_cut_short_never_hides_an_open_recovery(sound, tmp_path, place, bit, cut):
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    shutil.copytree(sound.path, tmp_path / "state")
    state = StateFolder(str(tmp_path / "state"))
    content = bytearray(Path(state.ledger).read_bytes())
    at = int(place * len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    Path(state.ledger).write_bytes(content)
    try:
        with open_ledger(state) as ledger:
            record = ledger.open_recovery(UNIT)
            assert record is not None
            assert len(ledger.entries(record.id)) == 4
    except ConfigError as error:  # the flipped bit was in the number of the schema
        assert "made by a later qtops" in str(error)


def test_looking_makes_nothing(tmp_path, state, plan):
    with look_into(str(tmp_path / "none")) as nothing:
        assert nothing is None
    assert not (tmp_path / "none").exists()
    with look_into(state.path) as nothing:
        assert nothing is None
    assert not Path(state.ledger).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_the_records_can_be_read_on_a_read_only_file_system_after_a_kill(state, plan, tmp_path):
    ledger = open_ledger(state)
    ledger.begin(plan, "alice")  # it is in the -wal file: the ledger was never closed
    look = (
        "from qtops.actions.ledger_opening import look_into\n"
        f"with look_into({state.path!r}) as ledger: print([record.state for record in ledger.records()])"
    )
    mounts = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mounts, "sh", state.path, sys.executable, "-c", look]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ledger.__exit__(None, None, None)
    assert done.stdout == "['begun']\n", done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_another_user_is_told_whose_the_records_are(state):
    open_ledger(state).__exit__(None, None, None)
    Path(state.path).parent.chmod(0o755)
    with pytest.raises(NotPermitted, match="could not read it: Permission denied; run it as root"):
        pid = os.geteuid()
        try:
            os.seteuid(65534)
            with look_into(state.path):
                pass
        finally:
            os.seteuid(pid)


def test_a_full_disk_is_said_with_what_to_try(state, plan):
    with open_ledger(state) as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 1")  # as SQLite's own tests of a full disk have it
        with pytest.raises(Unavailable, match="database or disk is full; make room on its file system"):
            for _ in range(100):
                ledger.note(plan.id, "step failed", 0, {"why": "x" * 4000})


def test_the_plan_is_a_file_that_a_person_can_read(state, plan):
    folder = folder_of(state, plan.id)
    folder.make(plan, {})
    content = Path(folder.path, "plan.json").read_bytes()
    assert json.loads(content)["schema"] == "qtops.plan/1"
    assert content.count(b"\n") > 20
    assert folder.plan() == plan
