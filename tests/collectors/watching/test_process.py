"""Whether a process is stopped, by what the kernel says of it."""

import os
import signal
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.watching.process import frozen, state_in, stopped_by_tracer


@given(name=st.binary(max_size=15), state=st.sampled_from("RSDZTtWXxKPI"), rest=st.lists(st.integers(), min_size=1))
def test_a_name_that_holds_anything_hides_no_state(name, state, rest):
    fields = " ".join(map(str, rest)).encode()
    assert state_in(b"12 (" + name + b") " + state.encode() + b" " + fields + b"\n") == state


@given(st.binary(max_size=200))
def test_what_is_no_such_text_is_no_state(stat):
    found = state_in(stat)
    assert found == "" or (len(found) == 1 and found.isalpha())


@pytest.mark.parametrize("stat", [b"", b"12", b"12 (a", b"12 (a)", b"12 (a) ", b"12 (a) TT 1", b"12 (a) 7 1"])
def test_what_is_cut_is_no_state(stat):
    assert state_in(stat) == ""


@pytest.fixture
def sleeper():
    with subprocess.Popen(["/bin/sleep", "1000"]) as child:
        yield child
        child.kill()


def becomes(expected, pid):
    deadline = time.monotonic() + 5
    while frozen(pid) is not expected and time.monotonic() < deadline:
        time.sleep(0.002)
    return frozen(pid)


def test_a_process_that_is_stopped_is_frozen_until_it_goes_on(sleeper):
    assert frozen(sleeper.pid) is False
    sleeper.send_signal(signal.SIGSTOP)
    assert becomes(True, sleeper.pid) is True
    assert stopped_by_tracer(sleeper.pid) is False
    sleeper.send_signal(signal.SIGCONT)
    assert becomes(False, sleeper.pid) is False


def test_of_no_process_nothing_is_told(sleeper):
    sleeper.kill()
    sleeper.wait()
    assert frozen(sleeper.pid) is None
    assert frozen(0) is frozen(-1) is stopped_by_tracer(0) is None
    assert frozen(os.getpid()) is False
