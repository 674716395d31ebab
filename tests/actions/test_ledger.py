import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qtops.actions.backups import folder_of
from qtops.actions.ledger_opening import look_into, open_ledger
from qtops.actions.state import StateFolder, open_state
from qtops.errors import ConfigError, NotPermitted, Unavailable
from qtops.steps import Call, RecoveryPlan, Step
from tests.actions.patching_run import UNIT, make

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
    os.seteuid(65534)
    try:
        with pytest.raises(NotPermitted, match="could not read it: Permission denied; run it as root"), look_into(state.path):
            pass
    finally:
        os.seteuid(0)


def test_a_full_disk_is_said_with_what_to_try(state, plan):
    with open_ledger(state) as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 1")  # as SQLite's own tests of a full disk have it
        with pytest.raises(Unavailable, match="database or disk is full; make room on its file system"):
            ledger.note(plan.id, "step failed", 0, {"why": "x" * 1_000_000})


def test_the_plan_is_a_file_that_a_person_can_read(state, plan):
    folder = folder_of(state, plan.id)
    folder.make(plan, {})
    content = Path(folder.path, "plan.json").read_bytes()
    assert json.loads(content)["schema"] == "qtops.plan/1"
    assert content.count(b"\n") > 20
    assert folder.plan() == plan


def test_a_fault_was_noticed_when_it_was_first_seen_and_another_ones_notice_says_nothing_of_it(state):
    with open_ledger(state) as ledger:
        for at_s in (100.0, 200.0):
            ledger.notice(UNIT, f"UNIT{at_s:.0f}", 50.0004, at_s)
        assert ledger.noticed(UNIT, 50.0001) == 100.0
        assert ledger.noticed(UNIT, 51.0) is None
        assert ledger.noticed("other.service", 50.0) is None
