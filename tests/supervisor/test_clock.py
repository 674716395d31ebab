"""The clock of a run: steady, while the one on the wall may be set."""

import pytest

from qtops.supervisor.clock import JUMP_S, Clock


class Times:
    """A wall clock and a monotonic one, to be set by hand."""

    def __init__(self) -> None:
        self.wall_s, self.monotonic_s = 1_771_372_692.0, 100.0

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.monotonic_s += seconds


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def clock(times):
    return Clock(lambda: times.wall_s, lambda: times.monotonic_s)


def test_it_begins_with_the_wall_clock_and_goes_on_with_the_monotonic_one(times, clock):
    began_s = times.wall_s
    times.pass_s(12.5)
    assert clock.now_s() == began_s + 12.5
    assert clock.jumped_s() == 0.0


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_wall_clock_that_is_set_moves_nothing_and_is_told_once(times, clock, jump_s):
    began_s = clock.now_s()
    times.pass_s(10)
    times.wall_s += jump_s
    assert clock.now_s() == began_s + 10
    assert clock.jumped_s() == pytest.approx(jump_s)
    assert clock.jumped_s() == 0.0
    assert clock.jumps == 1


def test_slewing_is_no_jump(times, clock):
    for _ in range(100):
        times.pass_s(10)
        times.wall_s += JUMP_S / 10
        assert clock.jumped_s() == 0.0
    assert clock.jumps == 0
