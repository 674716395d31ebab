"""What is read of a process, and what is said where that is not possible."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from qtops.collectors.processes import group_of, read_process
from qtops.collectors.redact import Redactor
from qtops.facts.service import Missing, ProcessFacts

REDACTOR = Redactor([("DB_PASSWORD", "hunter2hunter2")])
SLEEP = shutil.which("sleep")


@pytest.fixture
def started(tmp_path):
    """Start a process; it is ended with the test."""
    children = []

    def start(*argv, **options):
        children.append(child := subprocess.Popen(argv, cwd=tmp_path, **options))
        while Path(f"/proc/{child.pid}/cmdline").read_bytes().split(b"\0")[0] != argv[0].encode():
            time.sleep(0.002)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()


def test_a_process_as_it_is(started, tmp_path):
    before = time.time()
    child = started(SLEEP, "60")
    found = read_process(child.pid, REDACTOR)
    assert isinstance(found, ProcessFacts)
    assert (found.pid, found.cwd, found.command, found.exe_deleted) == (child.pid, str(tmp_path), (SLEEP, "60"), False)
    assert os.path.realpath(SLEEP) == found.exe
    assert before - 0.02 <= found.started_s <= time.time()  # a tick is 10 ms
    assert found.rss_bytes > 100_000
    assert found.processes >= 1


def test_a_process_that_a_signal_holds(started):
    child = started(SLEEP, "60")
    assert read_process(child.pid, REDACTOR).state in {"sleeping", "running"}
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED)
    assert read_process(child.pid, REDACTOR).state == "stopped"


def test_a_program_that_was_replaced_under_it(started, tmp_path):
    shutil.copy(SLEEP, program := tmp_path / "sleep")
    child = started(str(program), "60")
    program.unlink()
    found = read_process(child.pid, REDACTOR)
    assert (found.exe, found.exe_deleted) == (str(program), True)


def test_its_command_line_has_no_secrets_and_nothing_hostile(started):
    code = "import time; time.sleep(60)"
    words = ["--password", "hunter2", "--url=redis://:pw1@h:1", "hunter2hunter2", "\x1b[31mred"]
    child = started(sys.executable, "-c", code, *words)
    command = read_process(child.pid, REDACTOR).command
    assert command[3:] == ("--password", "***", "--url=redis://:***@h:1", "***", r"\x1b[31mred")


def test_a_process_that_has_ended(started):
    child = started(SLEEP, "60")
    child.kill()
    child.wait()
    assert read_process(child.pid, REDACTOR) == Missing("process", f"process {child.pid} has ended in the meantime", "run it again")
    assert group_of(child.pid) == ()


def test_a_zombie_is_told_as_far_as_it_goes(started):
    child = started(SLEEP, "60")
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    found = read_process(child.pid, REDACTOR)
    assert (found.pid, found.exe, found.command) == (child.pid, "", ())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_plain_user_is_told_what_everybody_may_know(started):
    child = started(SLEEP, "60")
    theirs = as_nobody(child.pid)
    assert theirs.started_s == pytest.approx(read_process(child.pid, REDACTOR).started_s, abs=0.03)
    assert (theirs.command, theirs.cwd) == ((SLEEP, "60"), "")
    assert theirs.rss_bytes > 0


def as_nobody(pid):
    """What user nobody reads of a process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(writer, msgspec.json.encode(read_process(pid, REDACTOR)))
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as told:
        return msgspec.json.decode(told.read(), type=ProcessFacts)


@pytest.mark.systemd
def test_all_processes_of_its_control_group_count(box):
    box.unit("several.service", "[Service]\nExecStart=/bin/sh -c 'sleep 600 & setsid sleep 600 & exec sleep 600'\n")
    box.reload()
    box.systemctl("start", "several.service")
    group = (
        f"/sys/fs/cgroup{box.show('several.service', properties=['ControlGroup'])['several.service']['ControlGroup']}/cgroup.procs"
    )
    deadline = time.monotonic() + 5
    while len(inside := box.text("cat", group).split()) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    outside = {pid for pid in (int(found.name) for found in Path("/proc").glob("[1-9]*")) if _box_pid(pid, box.pid) in inside}
    assert {read_process(pid, REDACTOR).processes for pid in outside} == {3}
    assert {len(group_of(pid)) for pid in outside} == {3}
    box.systemctl("stop", "several.service")


def _box_pid(pid, box_pid):
    """The number of a process in the box; empty for one outside."""
    try:
        if Path(f"/proc/{pid}/ns/pid").readlink() != Path(f"/proc/{box_pid}/ns/pid").readlink():
            return ""
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""
    return next(line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:"))
