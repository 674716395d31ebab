"""The end may be asked for by a signal or a key, and everything is put back as it was."""

import os
import pty
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator

import pytest

from qtops.demo.ending import Ending

BOTH = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; what is written to the descriptor is typed."""
    keyboard, screen = pty.openpty()
    with os.fdopen(screen) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield keyboard
    os.close(keyboard)


@pytest.mark.parametrize("number", BOTH)
def test_a_signal_ends_the_wait_at_once_and_leaves_a_note(number: int) -> None:
    with Ending(keyboard=False) as ending:
        threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
        began = time.monotonic()
        ending.wait(5)
        assert time.monotonic() - began < 1
        assert (ending.asked, ending.signal) == (True, number)


def test_without_any_it_waits_to_the_end() -> None:
    with Ending(keyboard=False) as ending:
        began = time.monotonic()
        ending.wait(0.05)
        assert 0.05 <= time.monotonic() - began < 0.5
        assert not ending.asked


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in BOTH]
    with Ending(keyboard=False):
        assert [signal.getsignal(number) for number in BOTH] != before
    assert [signal.getsignal(number) for number in BOTH] == before


def test_a_hangup_that_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Ending(keyboard=False) as ending:
            os.kill(os.getpid(), signal.SIGHUP)
            ending.wait(0.02)
            assert not ending.asked
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("typed", "ends"), [(b"q", True), (b"Q", True), (b"x\r", False), (b"\x1b[A", False)])
def test_the_key_q_ends_it(terminal: int, typed: bytes, ends: bool) -> None:
    with Ending(keyboard=True) as ending:
        os.write(terminal, typed)
        ending.wait(0.1)
        assert (ending.asked, ending.signal) == (ends, 0)


def test_the_terminal_is_put_back(terminal: int) -> None:
    before = termios.tcgetattr(sys.stdin.fileno())
    with Ending(keyboard=True):
        assert termios.tcgetattr(sys.stdin.fileno()) != before
    assert termios.tcgetattr(sys.stdin.fileno()) == before
