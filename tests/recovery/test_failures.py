"""What a recovery does when the host works against it: a clear message, the right exit code, and the state that it promised."""

import pytest

from tests.preflight_trees import MAIN
from tests.recovery.founding import MAIN_BYTES, SERVICE
from tests.recovery.trouble import (
    ATTEMPT,
    FOLDER,
    NOT_APPLIED,
    NOT_PERMITTED,
    OWNED,
    PATCHED,
    QUICK,
    SETTINGS,
    STATE,
    UNAVAILABLE,
    UNDO_FAILED,
    as_account,
    begun,
    ended,
    gives_up,
    is_as_it_was,
    lay_main,
    refused,
    shell,
    silent_redis,
    waited,
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.systemd]


def test_a_read_only_file_system_below_the_target(host):
    shell(host, f"mount --bind {FOLDER} {FOLDER} && mount -o remount,ro,bind {FOLDER}")
    found = host.recover("risk-proposal", "--apply", expect=NOT_PERMITTED)
    assert found["outcome"] == "rolled back"
    assert "Read-only file system" in found["why"]
    assert is_as_it_was(host)
    assert host.state()["ActiveState"] == "failed"


def test_a_read_only_state_folder_ends_it_before_anything_is_touched(host):
    shell(host, f"mkdir -p {STATE} && mount -t tmpfs -o ro tmpfs {STATE}")
    assert STATE in refused(host, NOT_PERMITTED)
    assert is_as_it_was(host)
    assert host.state()["ActiveState"] == "failed"


@pytest.mark.parametrize("size", ["16k", "48k", "160k", "1m"])
def test_a_full_disk_below_the_records(host, size):
    shell(host, f"mkdir -p {STATE} && mount -t tmpfs -o size={size},mode=700 tmpfs {STATE}")
    done = host.qtops("recover", "risk-proposal", "--apply", environ={"COLUMNS": "2000"})
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == UNAVAILABLE, said
    assert STATE in said
    assert "No space left" in said or "is full" in said
    assert "make room on its file system" in said
    assert is_as_it_was(host)
    assert host.state()["ActiveState"] == "failed"


def test_a_full_disk_below_the_target(host):
    shell(
        host,
        f"cp -a {FOLDER} /run/kept && mount -t tmpfs -o size=16k,mode=755,uid=990 tmpfs {FOLDER} && cp -a /run/kept/. {FOLDER}; "
        f"rm -rf /run/kept; head -c 100000 /dev/zero > {FOLDER}/fill",
    )
    found = host.recover("risk-proposal", "--apply", expect=UNAVAILABLE)
    assert found["outcome"] == "rolled back"
    assert "No space left" in found["why"]
    assert is_as_it_was(host)


@pytest.mark.parametrize("account", ["qt", "nobody"])
def test_without_the_right_nothing_is_changed(host, account):
    done = as_account(host, account, "risk-proposal", "--apply")
    assert done.returncode in {NOT_APPLIED, NOT_PERMITTED}, done
    assert b"Traceback" not in done.stderr
    assert b"Permission denied" in done.stdout + done.stderr or b"again as root" in done.stdout + done.stderr
    assert is_as_it_was(host)


def test_a_unit_that_systemd_refuses_to_start(host):
    host.box.write(f"/etc/systemd/system/{SERVICE}.d/no.conf", "[Unit]\nRefuseManualStart=yes\n")
    host.box.reload()
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert found["outcome"] == "rolled back"
    assert "refused" in found["why"].lower()
    assert is_as_it_was(host)


def test_a_service_that_starts_and_dies_after_three_seconds(host):
    host.box.write(SETTINGS, QUICK)  # settles as long as it does unless somebody says otherwise
    dying = MAIN_BYTES.replace(b"    main()\r\n", b"    import time\r\n    time.sleep(3)\r\n    raise SystemExit(7)\r\n")
    lay_main(host, dying)
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert (found["outcome"], found["proven"]) == ("rolled back", False)
    assert "one process" in found["why"]
    assert host.owned(MAIN) == (dying, OWNED)
    assert host.state()["ActiveState"] != "active"


@pytest.mark.heavy
def test_redis_that_goes_down_during_the_verification(host):
    begun(host)
    with silent_redis(host):
        found = ended(host)
    assert found["outcome"] == "rolled back"
    assert "Redis" in found["why"]
    assert is_as_it_was(host)


def test_a_file_that_somebody_changed_after_it_was_patched(host):
    begun(host)
    host.box.write(MAIN, b"# somebody else's\n" + PATCHED, 0o640)
    shell(host, f"systemctl kill -s KILL {SERVICE}")  # so that it has to go back
    found = ended(host)
    assert (found["outcome"], found["exit_code"]) == ("undo failed", UNDO_FAILED)
    assert f"{MAIN}: " in found["why"]
    assert host.box.read(MAIN) == b"# somebody else's\n" + PATCHED


def test_what_was_killed_is_told_resumed_or_undone(host):
    begun(host)
    shell(host, f"systemctl kill -s KILL {ATTEMPT}")
    assert waited(host, f"systemctl is-failed -q {ATTEMPT}")
    told = host.recover("risk-proposal", expect=NOT_APPLIED)
    assert (told["outcome"], told["advice"][0]) == ("interrupted", f"qtops recover {SERVICE} --resume")
    assert host.recover("risk-proposal", "--resume")["outcome"] == "verified"
    assert host.box.read(MAIN) == PATCHED
    assert host.recover("risk-proposal", "--undo")["outcome"] == "undone"
    assert is_as_it_was(host)


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_what_a_person_breaks_off_says_how_it_is_ended(host, signal):
    begun(host)
    shell(host, f"systemctl kill -s {signal} {ATTEMPT}")
    assert waited(host, f"! systemctl is-active -q {ATTEMPT}")
    said = host.box.read("/run/attempt.err").decode()
    assert f"qtops recover {SERVICE} --resume" in said
    assert "Traceback" not in said
    assert host.recover("risk-proposal", "--undo")["outcome"] == "undone"
    assert is_as_it_was(host)


def test_the_second_at_the_same_time_is_told_who_is_at_work(host):
    begun(host)
    said = refused(host, UNAVAILABLE)
    assert "a recovery is under way: pid" in said
    assert "(root)" in said
    assert ended(host)["outcome"] == "verified"


def test_without_a_proven_cause_a_person_is_told_what_to_run(host):
    lay_main(host, b"import sys\nsys.exit(9)\n")
    gives_up(host)
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert found["outcome"] == "refused"
    assert found["why"]
    assert found["advice"]
