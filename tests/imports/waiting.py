"""A test that waits is a test that fails."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Ends the test where something waits."""
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"still at it after {seconds} s"))
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
