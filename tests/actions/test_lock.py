import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtops.actions.errors import Refused
from qtops.actions.lock import Holder, hold, login
from qtops.actions.state import StateFolder, open_state
from qtops.errors import Exit, Unavailable
from tests.actions.lock_run import UNIT

PROGRAM = [sys.executable, "-m", "tests.actions.lock_run"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def state(tmp_path) -> StateFolder:
    return open_state(str(tmp_path / "state"))


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([*PROGRAM, *arguments], stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_the_loser_is_told_at_once_who_holds_it_since_when_and_for_what(state):
    with program(state.path, "hold") as holder:
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused, hold(state, UNIT):
            pass
        assert time.monotonic() - began < 0.5
    expected = (
        rf"risk-proposal\.service: a recovery is under way: pid {holder.pid} \({login()}\), since 20..-..-.. ..:..:.. UTC "
        r"\([0-9.]+ s ago\): qtops recover risk-proposal --apply; wait for it, or see `qtops recover --list`"
    )
    assert re.fullmatch(expected, str(refused.value))
    assert refused.value.exit_code is Exit.UNAVAILABLE


def test_the_lock_of_a_killed_holder_is_free_at_once(state):
    with program(state.path, "hold") as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with hold(state, UNIT) as mine:
            assert mine.pid == os.getpid()


def test_nobody_is_named_who_is_gone(state):
    with program(state.path, "hold") as killed:
        killed.kill()
        killed.wait()
    named_last = Path(state.lock(UNIT)).read_bytes()
    with hold(state, UNIT):
        Path(state.lock(UNIT)).write_bytes(named_last)  # as before the new holder has written its name
        with pytest.raises(Unavailable, match="a recovery is under way: wait for it"), hold(state, UNIT):
            pass
    assert str(killed.pid).encode() in named_last


def test_two_services_do_not_wait_for_each_other(state):
    with hold(state, UNIT), hold(state, "market-state.service") as other:
        assert other.what == "qtops recover market-state.service"


def test_the_lock_is_free_after_an_error_inside(state):
    with pytest.raises(ZeroDivisionError), hold(state, UNIT):
        raise ZeroDivisionError
    with hold(state, UNIT):
        assert Path(state.lock(UNIT)).stat().st_mode & 0o777 == 0o600
    assert Path(state.lock(UNIT)).read_bytes() == b""


def test_a_lock_that_is_a_link_is_not_followed(state, tmp_path):
    (tmp_path / "victim").write_text("kept")
    Path(state.lock(UNIT)).symlink_to(tmp_path / "victim")
    with pytest.raises(Refused, match="symbolic links are never followed"), hold(state, UNIT):
        pass
    assert (tmp_path / "victim").read_text() == "kept"


@pytest.mark.skipif(os.getuid() != 0, reason="sudo ends as root")
def test_behind_sudo_it_is_the_login_that_is_named(state, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "alice\x1b[31m")
    with hold(state, UNIT) as holder:
        assert holder == Holder(os.getpid(), "alice\\x1b[31m", holder.since_s, f"qtops recover {UNIT}")


def test_two_processes_that_recover_the_same_service_100_times_are_never_both_inside(state):
    with program(state.path, "race", "100") as one, program(state.path, "race", "100") as two:
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [line for process in (one, two) for line in process.communicate(timeout=60)[0].splitlines()]
    assert len(told) == 200
    assert "both inside" not in told
    refused = [line for line in told if line != "inside"]
    assert 0 < len(refused) < len(told)
    named = re.compile(rf"75 risk-proposal\.service: a recovery is under way: pid ({one.pid}|{two.pid}) \(")
    assert all(named.match(line) for line in refused)
