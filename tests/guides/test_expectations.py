"""What is expected of a command, and when it does not hold. What cannot be told does not hold."""

import pytest

from qtops.guides.expectations import CUT, unmet
from qtops.guides.outcome import Ran
from qtops.guides.values import Expectation


def ran(output: bytes = b"3 of 3 fresh\n", exit_code: int | None = 0, **changes: object) -> Ran:
    return Ran(started_s=0.0, took_s=1.0, exit_code=exit_code, output=output, **changes)  # type: ignore[arg-type]


def objections(expect: Expectation, of: Ran) -> list[str]:
    return list(unmet(expect, of, {"count": "3"}))


@pytest.mark.parametrize(
    "expect",
    [
        Expectation(),
        Expectation(exit=(2, 0)),
        Expectation(contains=("{count} fresh",)),
        Expectation(lacks=("stale",)),
        Expectation(matches=("^[0-9]",)),
    ],
)
def test_it_holds(expect):
    assert objections(expect, ran()) == []


@pytest.mark.parametrize(
    ("expect", "of", "said"),
    [
        (Expectation(), ran(exit_code=2), "exit code 2, expected 0"),
        (Expectation(exit=(0, 3)), ran(exit_code=2), "exit code 2, expected 0 or 3"),
        (Expectation(exit=(1,)), ran(), "exit code 0, expected 1"),
        (Expectation(), ran(exit_code=None, why="ended by SIGKILL"), "ended by SIGKILL"),
        (Expectation(contains=("{count} stale",)), ran(), "the output does not contain '3 stale'"),
        (Expectation(lacks=("{count} fresh",)), ran(), "the output contains '3 fresh'"),
        (Expectation(matches=("^fresh",)), ran(), "no line of the output matches '^fresh'"),
        (Expectation(lacks=("stale",)), ran(output_cut=True), f"the output should lack 'stale': {CUT}"),
        (Expectation(contains=("stale",)), ran(output_cut=True), f"the output does not contain 'stale' ({CUT})"),
    ],
)
def test_it_does_not_hold(expect, of, said):
    assert objections(expect, of) == [said]


def test_everything_that_does_not_hold_is_told():
    assert len(objections(Expectation(contains=("a", "b"), lacks=("fresh",)), ran(exit_code=1))) == 4


def test_output_is_text_without_control_characters():
    assert ran(b"a\tb\r\n\x1b[31mred\xff\xe2\x80\xae\n").text == "a       b\n\\x1b[31mred\\xff\\u202e\n"
