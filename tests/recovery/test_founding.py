"""The founding incident on a real systemd, from ``failed`` to a publisher that is proven to work, and back: one command each."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box.box import NoBox
from tests.preflight_trees import EDIT, MAIN
from tests.recovery.founding import INTERVAL_S, MAIN_BYTES, SERVICE, Host, founding

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
GRACE_S = 10.0
OWNED = "640 qt:qt"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """The tests of this file are one story: what one does, the next finds."""
    try:
        with founding() as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture(scope="module")
def verified(host: Host) -> dict:
    """What the recovery said."""
    return host.recover("risk-proposal", "--apply")


def test_a_dry_run_shows_everything_and_changes_nothing(host):
    found = host.recover("risk-proposal", expect=4)
    assert (found["outcome"], found["root"]["code"]) == ("planned", "IMPORT101")
    file, *calls = found["plan"]["steps"]
    assert f"-{EDIT}" in file["diff"]
    assert file["way_back"]
    assert [step["command"] for step in calls] == [["systemctl", "reset-failed", SERVICE], ["systemctl", "start", SERVICE]]
    assert {note.rpartition(": ")[2] for note in found["notes"] if "no longer used" in note} == {
        "`os` is imported and no longer used; it was left alone", "`sys` is imported and no longer used; it was left alone",
    }  # fmt: skip
    assert host.owned(MAIN) == (MAIN_BYTES, OWNED)
    assert host.state()["ActiveState"] == "failed"


def test_it_is_verified_fresh_and_written_by_the_new_process_within_an_interval_and_ten_seconds(host, verified):
    assert (verified["outcome"], verified["proven"]) == ("verified", True)
    assert {criterion["name"] for criterion in verified["criteria"]} == {
        "one process", "no restart", "no new traceback", "check clear", "fresh", "sane", "written by the new process",
    }  # fmt: skip
    at = {moment["name"]: moment["time_s"] for moment in verified["moments"]}
    assert at["failed"] <= at["noticed"] <= at["diagnosed"] <= at["patched"] <= at["restarted"] <= at["verified"]
    assert at["verified"] - at["noticed"] <= INTERVAL_S + GRACE_S
    assert host.state()["ActiveState"] == "active"


def test_one_line_went_and_every_other_byte_stayed(host, verified):
    assert host.owned(MAIN) == (MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b""), OWNED)


def test_the_patch_for_the_repository_applies_there(host, verified, tmp_path: Path):
    file = tmp_path / MAIN.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(MAIN_BYTES)
    subprocess.run(["git", "apply", "-"], input=host.box.read(verified["patch"]), cwd=tmp_path, check=True)
    assert file.read_bytes() == host.box.read(MAIN)
    assert verified["repository"]


def test_records_and_backups_are_roots_alone(host, verified):
    modes = host.box.text("find", "/var/lib/qtops", "-printf", "%m %U %y\n").splitlines()
    assert {line for line in modes if line.endswith("d")} == {"700 0 d"}
    assert {line for line in modes if line.endswith("f")} == {"600 0 f"}


def test_the_second_time_there_is_nothing_to_do(host, verified):
    process = host.state()["MainPID"]
    assert host.recover("risk-proposal", "--apply")["outcome"] == "nothing to do"
    assert host.state()["MainPID"] == process


def test_undo_brings_the_old_file_back_byte_for_byte(host, verified):
    found = host.recover("risk-proposal", "--undo")
    assert found["outcome"] == "undone"
    assert host.owned(MAIN) == (MAIN_BYTES, OWNED)
    assert host.state()["ActiveState"] == "inactive"


def test_what_was_undone_within_a_day_is_left_to_a_person(host, verified):
    found = host.recover("risk-proposal", "--apply", expect=4)
    assert found["outcome"] == "refused"
    assert "was undone" in found["why"]
    assert host.owned(MAIN) == (MAIN_BYTES, OWNED)


def test_a_person_may_insist(host, verified):
    assert host.recover("risk-proposal", "--apply", "--again")["outcome"] == "verified"


def test_a_sync_that_undoes_it_is_recognised(host, verified):
    host.box.write(MAIN, MAIN_BYTES, 0o640)
    host.box.run("chown", "qt:qt", MAIN)
    host.box.systemctl("restart", SERVICE, check=False)
    host.box.run("sh", "-c", f"until [ $(systemctl is-failed {SERVICE}) = failed ]; do sleep 0.1; done")
    found = host.recover("risk-proposal", "--apply", expect=4)
    assert found["outcome"] == "refused"
    assert f"the fault is back; {MAIN} was changed" in found["why"]


def test_all_of_it_is_on_record(host, verified):
    records = host.recover("--list")["records"]
    assert [record["state"] for record in records] == ["refused", "verified", "refused", "undone"]
    assert {record["unit"] for record in records} == {SERVICE}
