"""Commands are run as they are: no shell, nothing to read from, a limit, and of the output what can be kept."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qtops.actions.guide_runs import KEPT, run
from tests.cli.running import environment

PLAIN = environment()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, or does so within a moment; who reaps it is somebody else's business."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_a_command_that_does_its_work():
    began = time.time()
    ran = run(["echo", "a  b", "$HOME", ";", "*"], 10, PLAIN)
    assert (ran.exit_code, ran.why, ran.output) == (0, "", b"a  b $HOME ; *\n")
    assert (ran.output_size, ran.output_cut) == (15, False)
    assert ran.output_sha256 == hashlib.sha256(ran.output).hexdigest()
    assert began - 1 < ran.started_s < time.time() + 1
    assert 0 < ran.took_s < 5


def test_both_streams_in_their_order():
    ran = run(python("import os; os.write(1, b'one '); os.write(2, b'two '); os.write(1, b'three')"), 10, PLAIN)
    assert ran.output == b"one two three"


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_the_exit_code_is_told(code):
    assert run(python(f"raise SystemExit({code})"), 10, PLAIN).exit_code == code


def test_a_signal_that_ended_it_is_told():
    ran = run(python("import os; os.kill(os.getpid(), 9)"), 10, PLAIN)
    assert (ran.exit_code, ran.why) == (None, "ended by SIGKILL")
    assert run(python("import os; os.kill(os.getpid(), 40)"), 10, PLAIN).why == "ended by signal 40"


def test_a_program_that_is_not_there_is_told():
    ran = run(["/no/such/program"], 10, PLAIN)
    assert (ran.exit_code, ran.why) == (None, "/no/such/program cannot be run: No such file or directory")
    assert run([sys.executable, "a\0b"], 10, PLAIN).why.endswith("cannot be run: embedded null byte")


def test_of_large_output_both_ends_are_kept():
    lines = b"".join(b"%d\n" % number for number in range(200_000))
    ran = run(["seq", "0", "199999"], 30, PLAIN)
    assert (ran.exit_code, ran.output_size, ran.output_cut) == (0, len(lines), True)
    assert ran.output_sha256 == hashlib.sha256(lines).hexdigest()
    gap = b"\n[... %d bytes ...]\n" % (len(lines) - KEPT)
    assert ran.output == lines[: KEPT // 2] + gap + lines[-KEPT // 2 :]


@pytest.mark.parametrize("size", [KEPT - 1, KEPT, KEPT + 1])
def test_output_at_the_edge_is_cut_only_beyond_it(size):
    ran = run(["head", "-c", str(size), "/dev/zero"], 10, PLAIN)
    assert (ran.output_size, ran.output_cut) == (size, size > KEPT)


def test_at_the_limit_it_is_ended_with_what_it_started():
    began = time.monotonic()
    ran = run(python("import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"), 0.5, PLAIN)
    assert (ran.exit_code, ran.why) == (None, "not done within 0.5 s, and ended")
    assert time.monotonic() - began < 4
    assert is_gone(int(ran.output))


def test_endless_output_is_no_way_past_the_limit():
    ran = run(["yes"], 0.3, PLAIN)
    assert ran.why == "not done within 0.3 s, and ended"
    assert ran.output_size > KEPT
    assert len(ran.output) < 2 * KEPT


@pytest.mark.slow
def test_who_ignores_the_request_to_end_is_killed():
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    began = time.monotonic()
    ran = run(python(code), 0.5, PLAIN)
    assert ran.output == b"deaf\n"
    assert 5 < time.monotonic() - began < 9


def test_a_child_left_behind_is_not_waited_for():
    began = time.monotonic()
    ran = run(python("import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"), 20, PLAIN)
    assert (ran.exit_code, ran.why) == (0, "")
    assert time.monotonic() - began < 5
    os.kill(int(ran.output), signal.SIGKILL)


def test_a_flood_of_a_child_left_behind_does_not_hold_it():
    code = "import subprocess; p = subprocess.Popen(['yes']); import sys; sys.stderr.write(f'{p.pid}\\n')"
    began = time.monotonic()
    ran = run(python(code), 20, PLAIN)
    assert ran.exit_code == 0
    assert time.monotonic() - began < 8  # and yes has ended: nobody reads what it writes


def test_nothing_is_asked_and_there_is_no_terminal():
    ran = run(python("import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"), 10, PLAIN)
    assert ran.output == b"'' True\n"


def test_an_interrupt_ends_it_as_well(tmp_path):
    told = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {told}; exec sleep 60"]
    process = subprocess.Popen(
        python(f"from qtops.actions.guide_runs import run; run({command!r}, 60, {{'PATH': '/usr/bin:/bin'}})"),
        stderr=subprocess.PIPE,
    )
    while not (told.exists() and told.read_text().strip()):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in said
    assert is_gone(int(told.read_text()))
