"""Beats on a clock that the test owns."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.sampling import beats


class Clock:
    """Goes on only while someone sleeps, or works."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds

    def beats(self, every_s: float, for_s: float | None = None) -> Iterator[bool]:
        return beats(every_s, for_s, monotonic=lambda: self.now_s, sleep=self.sleep)


def beaten(every_s: float, for_s: float | None = None, *work_s: float) -> list[tuple[float, bool]]:
    """When each beat came, and whether it said that it is the last, with so much work after each."""
    clock, seen = Clock(), []
    for number, last in enumerate(islice(clock.beats(every_s, for_s), 20)):
        seen.append((round(clock.now_s - 1000, 9), last))
        clock.now_s += work_s[number] if number < len(work_s) else 0
    return seen


def test_the_first_beat_comes_at_once_and_the_last_at_the_end():
    assert beaten(2, 5) == [(0, False), (2, False), (4, False), (5, True)]
    assert beaten(2, 4) == [(0, False), (2, False), (4, True)]
    assert beaten(5, 3) == [(0, False), (3, True)]


def test_without_an_end_it_goes_on():
    assert [at_s for at_s, _ in beaten(2, None)] == [2.0 * number for number in range(20)]
    assert not any(last for _, last in beaten(2, None))


def test_work_does_not_shift_the_beats():
    assert beaten(2, 6, 0.5, 1.9, 0.1) == [(0, False), (2, False), (4, False), (6, True)]


@pytest.mark.parametrize(("work_s", "second_s"), [(2.5, 4), (7.0, 8), (20.0, 20)])
def test_beats_that_pass_during_work_are_left_out(work_s, second_s):
    seen = [at_s for at_s, _ in beaten(2, None, work_s)]
    assert seen[1:3] == [second_s, second_s + 2]


@given(st.floats(0.1, 10), st.floats(0.1, 100), st.lists(st.floats(0, 30), max_size=10))
def test_there_is_one_last_beat_never_before_the_end(every_s, for_s, work_s):
    clock, ends = Clock(), []
    work = iter(work_s)
    for last in clock.beats(every_s, for_s):
        ends.append((clock.now_s - 1000, last))
        clock.now_s += next(work, 0)
    *earlier, (end_s, last) = ends
    assert last
    assert end_s >= for_s - 1e-6
    assert not any(said for _, said in earlier)
