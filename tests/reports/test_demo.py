"""What a demo says at the end: that the market was invented, what was verified, or what was not fresh."""

import msgspec

from qtops.checks.freshness import State
from qtops.reports.demo import NotFresh, Outcome, closing_lines


def outcome(**sick: object) -> Outcome:
    """A minute with three symbols, all well."""
    healthy = Outcome(
        ok=True,
        simulated=True,
        ended_by="time",
        seconds=60.0,
        interval_s=2.0,
        symbols=("A", "B", "C"),
        samples=61,
        fresh=150,
        idle=30,
        awaited=3,
        oldest_s=1.93,
        not_fresh=(),
    )
    return msgspec.structs.replace(healthy, **sick)


def test_that_the_market_was_simulated_is_the_first_thing_said() -> None:
    assert "SIMULATED" in closing_lines(outcome())[0]
    assert "SIMULATED" in closing_lines(outcome(ok=False))[0]


def test_a_success_is_given_in_figures_with_the_limit() -> None:
    said = " ".join(closing_lines(outcome()))
    assert "150 times" in said
    assert "oldest 1.9 s old (limit 4 s)" in said
    assert "NOT FRESH" not in said


def test_a_failure_names_symbol_state_time_and_reason() -> None:
    late = NotFresh(symbol="B", state=State.LATE, at_s=12.04, samples=3, reason="heartbeat_ms is 5.0 s old, limit 4 s")
    said = closing_lines(outcome(ok=False, not_fresh=(late,)))
    assert "NOT FRESH: B LATE from 12.0 s on, in 3 looks: heartbeat_ms is 5.0 s old, limit 4 s" in said
    assert "Verified FRESH" not in " ".join(said)


def test_an_early_end_and_an_empty_one_are_told() -> None:
    said = " ".join(closing_lines(outcome(ok=False, fresh=0, oldest_s=None, ended_by="the publisher ended by itself with 1")))
    assert "No proposal was seen" in said
    assert "It ended early: the publisher ended by itself with 1." in said


def test_what_to_try_next_comes_last() -> None:
    assert closing_lines(outcome())[-1].startswith("Next: ")
