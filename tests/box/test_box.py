"""The box itself: it is a real systemd, it is apart from the host, and nothing of it stays."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.box import box as boxes

pytestmark = pytest.mark.systemd

GREETING = '[Service]\nType=oneshot\nUser=nobody\nEnvironment=WHO="a b"\nExecStart=/bin/echo hello ${WHO}\nRemainAfterExit=yes\n'


def test_a_service_runs_and_its_words_are_in_the_journal(box):
    box.unit("greeting.service", GREETING)
    box.reload()
    box.systemctl("start", "greeting.service")
    assert box.show("greeting.service", properties=["ActiveState", "SubState"]) == {
        "greeting.service": {"ActiveState": "active", "SubState": "exited"}
    }
    said = [entry["MESSAGE"] for entry in box.journal("SYSLOG_IDENTIFIER=echo")]  # of all tests that share the box
    assert [line for line in said if line.startswith("hello")] == ["hello a b"]
    properties = box.properties("greeting.service")
    assert properties["Environment"] == ["WHO=a b"]
    assert properties["User"] == "nobody"
    assert box.properties("greeting.service", "Unit")["LoadState"] == "loaded"


def test_units_are_shown_in_one_call_by_the_name_asked_for(box):
    shown = box.show("dbus.service", "no-such.service", properties=["LoadState"])
    assert shown == {"dbus.service": {"LoadState": "loaded"}, "no-such.service": {"LoadState": "not-found"}}


def test_a_command_that_fails_is_not_overlooked(box):
    with pytest.raises(AssertionError, match="exited 7: so it is"):
        box.run("sh", "-c", "echo so it is >&2; exit 7")
    assert box.run("sh", "-c", "exit 7", check=False).returncode == 7


def test_files_go_in_and_out_and_stay_there(box, tmp_path):
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "run").write_bytes(b"#!/bin/sh\necho \xff")
    (tmp_path / "tree" / "deep" / "run").chmod(0o755)
    (tmp_path / "tree" / "link").symlink_to("/dangling")
    box.copy(tmp_path / "tree", "/srv/copied")
    assert box.run("/srv/copied/deep/run").stdout == b"\xff\n"
    assert box.text("readlink", "/srv/copied/link") == "/dangling\n"
    assert not Path("/srv/copied").exists()
    box.remove(["/srv/copied", "/srv/never"])
    assert not box.host_path("/srv/copied").exists()


def test_the_host_cannot_be_changed_from_inside(box):
    assert box.run("sh", "-c", "echo 1 >/proc/sys/kernel/sysrq", check=False).returncode
    assert box.text("sh", "-c", "ls /sys/class/net").split() == ["lo"]
    assert "test_box.py" not in box.text("ls", "/tmp")


def cgroup(pid: int) -> str:
    """The name of the box's cgroup on the host."""
    return next(part for part in Path(f"/proc/{pid}/cgroup").read_text().split("/") if part.startswith("qtops-box."))


def remains(pid: int, group: str) -> list[str]:
    """What of a box is still on the host: its PID 1, its mounts, its cgroup."""
    state = Path(f"/proc/{pid}/stat")
    alive = [f"process {pid}"] if state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z" else []
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if "/mnt/changes" in line]
    return alive + mounts + [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{group}")]


def test_it_ends_with_its_block_and_nothing_is_left():
    with boxes.booted() as mine:
        group = cgroup(mine.pid)
        assert mine.systemctl("is-system-running").strip() == "running"
        assert len(remains(mine.pid, group)) == 2
    assert remains(mine.pid, group) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)])
def test_it_ends_with_the_script_that_booted_it(number, status):
    with subprocess.Popen(
        [Path(boxes.__file__).with_name("boot")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as script:
        pid = int(script.stdout.readline())
        group = cgroup(pid)
        script.send_signal(number)
        assert script.wait(10) == status
    deadline = time.monotonic() + 5
    while [trace for trace in remains(pid, group) if "/" not in trace] and time.monotonic() < deadline:
        time.sleep(0.02)
    with boxes.booted():  # a killed script leaves its empty cgroup to whoever comes next
        assert remains(pid, group) == []


def test_where_it_cannot_be_booted_the_reason_is_given(tmp_path):
    with pytest.raises(boxes.NoBox, match="--bind /no/such: no such absolute path"), boxes.booted(binds=["/no/such"]):
        pass
    poor = {"PATH": str(tmp_path)}
    for tool in ("bash", "awk"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    with pytest.raises(boxes.NoBox, match="unshare is not installed"), boxes.booted(environ=poor):
        pass


def test_only_root_boots(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert boxes.obstacle() == "a booted systemd needs root"


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_the_script_is_clean():
    checked = subprocess.run(["shellcheck", Path(boxes.__file__).with_name("boot")], capture_output=True, text=True, check=False)
    assert checked.stdout == ""
