"""What is installed, at work on the host of the founding incident: every sandbox lets through what its program needs."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.box.box import NoBox
from tests.deploy.host import AS_QTOPS, INTERPRETER, Host, host
from tests.recovery import founding
from tests.recovery.founding import MAIN, MAIN_BYTES, MAIN_MODE, SERVICE

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

SUPERVISOR, FRESHNESS, RECOVERY = "qtops-supervisor.service", "qtops-freshness.service", "qtops-recover@risk-proposal.service"
STATE: Final = "/var/lib/qtops-supervisor"
CONFIGURED: Final = """
[[services]]
name = "risk-proposal"
unit = "quantum-risk-proposal.service"
families = ["risk-proposal"]
auto_recover = ["IMPORT101"]
settle_s = 1.0

[supervise]
every_s = 1.0
settle_s = 2.0
"""

TRIAL: Final = """
import ctypes, os, pathlib, socket, sqlite3, ssl, subprocess
import apprise, hiredis, libcst, msgspec, numpy, prometheus_client, psutil, redis
from qtops.cli import supervise_run

numpy.ones(3) @ numpy.ones(3)
assert ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda number: number + 1)(1) == 2
assert apprise.Apprise().add("mailtos://user:secret@example.org")
ssl.create_default_context()
assert subprocess.run(["systemctl", "is-active", "dbus.service"], capture_output=True).stdout == b"active\\n"
assert subprocess.run(["journalctl", "-q", "-n", "1", "_PID=1"], capture_output=True).stdout
assert pathlib.Path("/proc/1/stat").read_text().split()[2] in "SR"
assert os.listdir("/home/qt")
socket.socket(socket.AF_INET6).close()
sqlite3.connect(os.environ["STATE_DIRECTORY"] + "/trial.db").execute("create table if not exists t (a)")
try:
    pathlib.Path("/etc/qtops/mine").touch()
except OSError:
    pass
else:
    raise AssertionError("it may write where it should not")
"""


@pytest.fixture(scope="module")
def installed() -> Iterator[Host]:
    """The host of the incident, with qtops installed and allowed to read the source; nothing of it is started."""
    try:
        with host() as there:
            founding.lay(there.box)
            there.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED)
            there.box.write(f"/etc/systemd/system/{SUPERVISOR}.d/groups.conf", "[Service]\nSupplementaryGroups=qt\n")
            there.install("--apply")
            yield there
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture
def sick(installed: Host) -> Iterator[Host]:
    """The same, once systemd has given up starting the publisher, and with nothing on record."""
    box = installed.box
    box.run("sh", "-c", f"systemctl stop {SERVICE} {SUPERVISOR}; rm -rf /var/lib/qtops/q* /var/lib/qtops/recoveries {STATE}/*")
    box.write(MAIN, MAIN_BYTES, MAIN_MODE)
    box.run("chown", "qt:qt", MAIN)
    box.run("sh", "-c", f"systemctl reset-failed {SERVICE}; systemctl start {SERVICE}; true")
    founding.until(box, SERVICE, ActiveState="failed", NRestarts="5")
    yield installed
    box.systemctl("stop", SUPERVISOR)


def until(condition: Callable[[], bool], within_s: float = 30.0) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within_s
    while not (is_so := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_so


def test_what_was_there_stays_and_the_new_one_lies_beside_it(installed):
    planned = {file["path"]: file["standing"] for file in installed.install()["files"]}
    assert planned[f"/etc/systemd/system/{SERVICE}"] == "yours"
    assert planned[f"/etc/systemd/system/{SERVICE}.qtops-new"] == "same"
    assert b"DynamicUser=yes" in installed.box.read(f"/etc/systemd/system/{SERVICE}.qtops-new")
    assert b"User=qt" in installed.box.read(f"/etc/systemd/system/{SERVICE}")


def test_a_look_at_freshness_fails_where_it_is_stale_and_where_it_cannot_tell(sick):
    sick.box.systemctl("start", "qtops-freshness.timer")
    assert until(lambda: sick.box.show(FRESHNESS, properties=["ActiveState"])[FRESHNESS]["ActiveState"] == "failed", 10)
    said = [entry["MESSAGE"] for entry in sick.box.journal("-u", FRESHNESS, "_COMM=python")]
    assert [line for line in said if line.startswith("STALE") and "BTCUSDT" in line]
    assert sick.box.show(FRESHNESS, properties=["ExecMainStatus"])[FRESHNESS] == {"ExecMainStatus": "2"}
    sick.box.systemctl("stop", "qtops-freshness.timer", "redis.service")
    sick.box.systemctl("start", FRESHNESS, check=False)
    status = sick.box.show(FRESHNESS, properties=["ExecMainStatus", "ActiveState"])[FRESHNESS]
    sick.box.systemctl("start", "redis.service")
    assert status == {"ExecMainStatus": "3", "ActiveState": "failed"}


def test_a_recovery_in_its_sandbox_mends_and_proves(sick):
    done = sick.as_qtops("systemctl", "--no-ask-password", "restart", "--", RECOVERY)
    assert (done.returncode, done.stderr) == (0, b"")
    assert sick.box.systemctl("is-active", SERVICE).strip() == "active"
    assert sick.box.text("stat", "-c", "%a %U:%G", MAIN).strip() == f"{MAIN_MODE:o} qt:qt"
    assert sick.box.text("stat", "-c", "%a %U", "/var/lib/qtops").strip() == "700 root"
    sick.box.systemctl("start", FRESHNESS)  # exits 0: all is fresh


def test_a_recovery_that_the_configuration_does_not_allow_is_a_failure_that_is_seen(sick):
    sick.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED.replace("IMPORT101", "LOG201"))
    try:
        done = sick.as_qtops("systemctl", "--no-ask-password", "restart", "--", RECOVERY)
    finally:
        sick.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED)
    assert done.returncode
    assert sick.box.show(RECOVERY, properties=["ExecMainStatus"])[RECOVERY] == {"ExecMainStatus": "4"}
    assert sick.box.read(MAIN) == MAIN_BYTES


def test_the_supervisor_without_any_right_has_the_service_recovered(sick):
    """The whole way: noticed, diagnosed, recovered by root's unit, which polkit lets it ask for; on record, resolved."""
    sick.box.systemctl("start", SUPERVISOR)  # Type=notify: it is ready when this returns
    assert until(lambda: sick.box.systemctl("is-active", SERVICE, check=False).strip() == "active"), log(sick)
    assert until(lambda: {*states(sick)} == {"resolved"}, 60), (states(sick), log(sick))
    assert sick.box.text("stat", "-c", "%a %U:%G", STATE).strip() == "700 qtops:qtops"
    assert sick.box.show(SUPERVISOR, properties=["NRestarts"])[SUPERVISOR] == {"NRestarts": "0"}


def test_the_supervisor_has_no_capability_and_only_the_groups_that_it_needs(sick):
    sick.box.systemctl("start", SUPERVISOR)
    pid = sick.box.show(SUPERVISOR, properties=["MainPID"])[SUPERVISOR]["MainPID"]
    status = dict(line.split(":\t", 1) for line in sick.box.read(f"/proc/{pid}/status").decode().splitlines() if ":\t" in line)
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0000000000000000"}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    names = sick.box.text("getent", "group", *status["Groups"].split()).splitlines()
    assert {line.partition(":")[0] for line in names} == {"qtops", "systemd-journal", "qt"}
    assert status["Uid"].split()[0] == sick.box.text("id", "-u", "qtops").strip()


def test_the_supervisor_comes_back_when_it_is_killed(sick):
    sick.box.systemctl("start", SUPERVISOR)
    first = sick.box.show(SUPERVISOR, properties=["InvocationID"])[SUPERVISOR]["InvocationID"]
    sick.box.systemctl("kill", "--kill-who=main", "--signal=KILL", SUPERVISOR)
    wanted = {"ActiveState": "active", "SubState": "running"}
    assert until(lambda: sick.box.show(SUPERVISOR, properties=["InvocationID"])[SUPERVISOR]["InvocationID"] not in {first, ""})
    assert until(lambda: sick.box.show(SUPERVISOR, properties=[*wanted])[SUPERVISOR] == wanted), log(sick)


@pytest.mark.heavy
def test_the_supervisor_that_hangs_is_ended_and_started_anew(sick):
    """Also where its process is only stopped: no signal reaches it, and its socket stays open."""
    quick = f"/run/systemd/system/{SUPERVISOR}.d/quick.conf"
    sick.box.write(quick, "[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n")
    sick.box.reload()
    try:
        sick.box.systemctl("start", SUPERVISOR)
        first = sick.box.show(SUPERVISOR, properties=["MainPID"])[SUPERVISOR]["MainPID"]
        time.sleep(4)
        assert sick.box.show(SUPERVISOR, properties=["MainPID"])[SUPERVISOR]["MainPID"] == first, log(sick)
        sick.box.run("kill", "-STOP", first)
        assert until(lambda: sick.box.show(SUPERVISOR, properties=["NRestarts"])[SUPERVISOR]["NRestarts"] == "1", 15), log(sick)
        assert until(lambda: sick.box.systemctl("is-active", SUPERVISOR, check=False).strip() == "active"), log(sick)
    finally:
        sick.box.remove([quick])
        sick.box.reload()


def test_what_the_supervisor_loads_and_starts_works_in_its_sandbox(sick):
    """Native extensions, callbacks of ctypes, children, D-Bus, the processes of others, a way out: with its unit's own settings."""
    trial = f"/run/systemd/system/{SUPERVISOR}.d/trial.conf"
    sick.box.write("/srv/trial.py", TRIAL)
    once = "Type=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\n"
    sick.box.write(trial, f"[Service]\n{once}ExecStart={INTERPRETER} -P /srv/trial.py\n")
    sick.box.reload()
    try:
        sick.box.systemctl("start", SUPERVISOR, check=False)
        shown = sick.box.show(SUPERVISOR, properties=["Result", "ExecMainStatus"])[SUPERVISOR]
        assert shown == {"Result": "success", "ExecMainStatus": "0"}, log(sick)
    finally:
        sick.box.remove([trial])
        sick.box.reload()


@pytest.mark.heavy
def test_that_it_is_asked_to_stop_is_no_failure_whenever_that_is(sick):
    for pause in ("0.2", "1", "1.6", "2.4", "3"):  # while it starts, while it looks for the first time, while it watches
        sick.box.systemctl("start", "--no-block", SUPERVISOR)
        sick.box.run("sleep", pause)
        sick.box.systemctl("stop", SUPERVISOR)
        shown = sick.box.show(SUPERVISOR, properties=["ActiveState", "Result"])[SUPERVISOR]
        assert shown == {"ActiveState": "inactive", "Result": "success"}, log(sick)


def test_the_catalog_explains_entries_of_the_supervisor(installed):
    ids = [line.split()[1] for line in installed.box.read("/usr/local/lib/systemd/catalog/qtops.catalog").decode().splitlines()
           if line.startswith("-- ") and len(line.split()) == 2]  # fmt: skip
    assert ids
    known = installed.box.text("journalctl", "--list-catalog")
    assert [number for number in ids if number not in known] == []


def states(there: Host) -> list[str]:
    """How the incidents on record are, as the supervisor's user sees them."""
    done = there.qtops("incidents", "list", "-o", "json", before=AS_QTOPS)
    return [row["incident"]["state"] for row in json.loads(done.stdout)["incidents"]]


def log(there: Host) -> str:
    """What the supervisor said last."""
    return there.box.text("journalctl", "-u", SUPERVISOR, "-u", RECOVERY, "-n", "40", "--no-pager")
