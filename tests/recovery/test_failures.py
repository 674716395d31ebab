"""What a recovery does when the host works against it: a clear message, the right exit code, and the state that it promised.

One host for all; each test makes one thing sick and ends with the founding fault in place, down, and nothing on record.
"""

import json
import shlex
import time
from collections.abc import Iterator

import pytest

from tests.box.box import NoBox
from tests.preflight_trees import EDIT, MAIN
from tests.recovery.founding import MAIN_BYTES, SERVICE, Host, founding

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
STATE = "/var/lib/qtops"
FOLDER = MAIN.rpartition("/")[0]
OWNED = "640 qt:qt"
NOT_APPLIED, UNDO_FAILED, UNAVAILABLE, NOT_PERMITTED = 4, 5, 75, 77
PATCHED = MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b"")


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    try:
        with founding() as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture
def host(shared: Host) -> Iterator[Host]:
    """The founding fault in place, the service given up on, no records."""
    put_back(shared)
    yield shared
    shell(shared, f"umount {STATE} {FOLDER} 2>/dev/null; true")


def shell(host: Host, text: str) -> str:
    return host.box.text("sh", "-c", text)


def put_back(host: Host) -> None:
    shell(host, f"systemctl stop {SERVICE}; rm -rf {STATE} /etc/systemd/system/{SERVICE}.d; systemctl daemon-reload; true")
    host.box.write(MAIN, MAIN_BYTES, 0o640)
    shell(
        host, f"chown qt:qt {MAIN}; systemctl reset-failed {SERVICE}; systemctl start redis.service market.service {SERVICE}; true"
    )
    shell(host, f"for i in $(seq 200); do systemctl is-failed -q {SERVICE} && exit 0; sleep 0.05; done; exit 1")


def is_as_it_was(host: Host) -> bool:
    left = [name for name in shell(host, f"ls -A {FOLDER}").split() if name.startswith(".qtops")]
    return host.owned(MAIN) == (MAIN_BYTES, OWNED) and not left


def refused(host: Host, code: int, *words: str) -> str:
    """What is said where no report is made: one line on stderr."""
    done = host.qtops("recover", "risk-proposal", "--apply", *words)
    assert (done.returncode, done.stdout) == (code, b""), (done.returncode, done.stdout[-2000:], done.stderr)
    assert done.stderr.count(b"\n") == 1
    return done.stderr.decode()


def begun(host: Host) -> None:
    """Start a recovery beside this, and wait until its process runs what was mended."""
    command = (
        "systemd-run -q --collect --unit=attempt -p StandardOutput=file:/run/attempt.json -p StandardError=file:/run/attempt.err"
    )
    import sys

    words = [sys.executable, "-m", "qtops", "recover", "risk-proposal", "--apply", "-o", "json"]
    shell(host, f"{command} -p SuccessExitStatus='4 130 143' {shlex.join(words)}")
    shell(
        host, f"for i in $(seq 400); do systemctl is-active -q {SERVICE} && exit 0; sleep 0.05; done; cat /run/attempt.err; exit 1"
    )


def ended(host: Host) -> dict:
    """The report of that recovery."""
    shell(host, "for i in $(seq 2000); do systemctl is-active -q attempt || exit 0; sleep 0.05; done; exit 1")
    return json.loads(host.box.read("/run/attempt.json"))


def test_a_read_only_file_system_below_the_target(host):
    shell(host, f"mount --bind {FOLDER} {FOLDER} && mount -o remount,ro,bind {FOLDER}")
    found = host.recover("risk-proposal", "--apply", expect=NOT_PERMITTED)
    assert found["outcome"] == "rolled back"
    assert "Read-only file system" in found["why"]
    assert is_as_it_was(host)


def test_a_read_only_state_folder_ends_it_before_anything_is_touched(host):
    shell(host, f"mkdir -p {STATE} && mount -t tmpfs -o ro tmpfs {STATE}")
    assert STATE in refused(host, NOT_PERMITTED)
    assert is_as_it_was(host)
    assert host.state()["ActiveState"] == "failed"


def test_a_full_disk_below_the_records(host):
    shell(host, f"mkdir -p {STATE} && mount -t tmpfs -o size=16k,mode=700 tmpfs {STATE}")
    assert "No space left" in refused(host, UNAVAILABLE)
    assert is_as_it_was(host)
    assert host.state()["ActiveState"] == "failed"


def test_a_full_disk_below_the_target(host):
    shell(
        host,
        f"cp -a {FOLDER} /run/kept && mount -t tmpfs -o size=16k,mode=755,uid=990 tmpfs {FOLDER} && cp -a /run/kept/. {FOLDER} && "
        f"rm -rf /run/kept; head -c 100000 /dev/zero > {FOLDER}/fill; true",
    )
    found = host.recover("risk-proposal", "--apply", expect=UNAVAILABLE)
    assert found["outcome"] == "rolled back"
    assert "No space left" in found["why"]
    assert is_as_it_was(host)


@pytest.mark.parametrize("account", ["qt", "nobody"])
def test_without_the_right_nothing_is_changed(host, account):
    import sys

    words = shlex.join([sys.executable, "-m", "qtops", "recover", "risk-proposal", "--apply"])
    env = "env -i HOME=/tmp XDG_STATE_HOME=/tmp/state PATH=/usr/bin:/bin LANG=C.UTF-8"
    done = host.box.run("sh", "-c", f"rm -rf /tmp/state; setpriv --reuid={account} --clear-groups {env} {words}", check=False)
    assert done.returncode in {NOT_APPLIED, NOT_PERMITTED}, done
    assert b"Traceback" not in done.stderr
    assert is_as_it_was(host)


def test_a_unit_that_systemd_refuses_to_start(host):
    host.box.write(f"/etc/systemd/system/{SERVICE}.d/no.conf", "[Unit]\nRefuseManualStart=yes\n")
    host.box.reload()
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert found["outcome"] == "rolled back"
    assert "refused" in found["why"].lower()
    assert is_as_it_was(host)


def test_a_service_that_starts_and_dies_after_three_seconds(host):
    dying = MAIN_BYTES.replace(b"    main()\r\n", b"    import time\r\n    time.sleep(3)\r\n    raise SystemExit(7)\r\n")
    host.box.write(MAIN, dying, 0o640)
    shell(host, f"chown qt:qt {MAIN}")
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert (found["outcome"], found["proven"]) == ("rolled back", False)
    assert "one process" in found["why"]
    assert host.owned(MAIN) == (dying, OWNED)
    assert host.state()["ActiveState"] != "active"


def test_redis_that_goes_down_during_the_verification(host):
    begun(host)
    shell(host, "kill -STOP $(systemctl show -p MainPID --value redis.service)")
    try:
        found = ended(host)
    finally:
        shell(host, "kill -CONT $(systemctl show -p MainPID --value redis.service)")
    assert found["outcome"] == "rolled back"
    assert "Redis" in found["why"]
    assert is_as_it_was(host)


def test_a_file_that_somebody_changed_in_between(host):
    begun(host)
    host.box.write(MAIN, b"# somebody else's\n" + PATCHED, 0o640)
    shell(host, "kill -STOP $(systemctl show -p MainPID --value redis.service)")  # so that it has to go back
    try:
        found = ended(host)
    finally:
        shell(host, "kill -CONT $(systemctl show -p MainPID --value redis.service)")
    assert (found["outcome"], found["exit_code"]) == ("undo failed", UNDO_FAILED)
    assert f"{MAIN}: " in found["why"]
    assert host.box.read(MAIN) == b"# somebody else's\n" + PATCHED


def test_what_was_killed_is_told_resumed_or_undone(host):
    begun(host)
    shell(host, "systemctl kill -s KILL attempt; sleep 0.2")
    told = host.recover("risk-proposal", expect=NOT_APPLIED)
    assert (told["outcome"], told["advice"][0]) == ("interrupted", f"qtops recover {SERVICE} --resume")
    assert host.recover("risk-proposal", "--resume")["outcome"] == "verified"
    assert host.box.read(MAIN) == PATCHED
    assert host.recover("risk-proposal", "--undo")["outcome"] == "undone"
    assert is_as_it_was(host)


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_what_a_person_breaks_off_says_how_it_is_ended(host, signal):
    begun(host)
    shell(
        host,
        f"systemctl kill -s {signal} attempt; for i in $(seq 100); do systemctl is-active -q attempt || exit 0; sleep 0.05; done",
    )
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
    host.box.write(MAIN, b"import sys\nsys.exit(9)\n", 0o640)
    shell(host, f"chown qt:qt {MAIN}; systemctl reset-failed {SERVICE}; systemctl start {SERVICE}; sleep 1.5")
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert found["outcome"] == "refused"
    assert found["why"]
    assert found["advice"]


def test_what_publishes_nonsense_is_not_called_recovered(host):
    host.box.write("/etc/quantum/risk-proposal.env", "LOG_LEVEL=INFO\nPOSITION_SOURCE=synthetic\n")
    try:
        began = time.monotonic()
        found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
        assert found["outcome"] == "rolled back"
        assert "sane" in found["why"]
        assert time.monotonic() - began < 100
        assert is_as_it_was(host)
    finally:
        host.box.write("/etc/quantum/risk-proposal.env", "LOG_LEVEL=INFO\n")
