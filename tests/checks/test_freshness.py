"""Is a key fresh? Every state, what decides, and what never passes for fresh."""

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.checks.freshness import VERDICTS, State, judge, judge_clock
from qtops.findings import Verdict
from tests.checks.readings import NOW_S, SETTINGS, absent, clock, family, reading, rule

FRESH, LATE, STALE, NEVER = State.FRESH, State.LATE, State.STALE, State.NEVER
EXPIRED, FUTURE, UNKNOWN, IDLE = State.EXPIRED, State.FUTURE, State.UNKNOWN, State.IDLE
SLOW = rule("slow", interval_s=60, warn_s=90, critical_s=150)
OPTIONAL = rule("beat", required=False)

EVERY_STATE = [
    (reading(0), FRESH, ""),
    (reading(20), FRESH, ""),  # at its limit is within it
    (reading(20.5), LATE, "beat is 20.5 s old, limit 20 s"),
    (reading(30), LATE, "beat is 30.0 s old, limit 20 s"),
    (reading(30.5), STALE, "beat is 30.5 s old, limit 30 s"),
    (reading(63000), STALE, "beat is 63000.0 s old, limit 30 s"),
    (reading(-2), FRESH, ""),  # as far ahead as clocks may differ
    (reading(-2.5), FUTURE, "beat is 2.5 s in the future: the writer's clock is wrong, or it is no time of writing"),
    (reading(-3600), FUTURE, "beat is 3600.0 s in the future: the writer's clock is wrong, or it is no time of writing"),
    (absent(), NEVER, "absent, and nothing says that it was ever written"),
    (absent(witness=False), NEVER, "absent, and nothing says that it was ever written"),
    (absent(witness=True), EXPIRED, "absent, but it has been there: its writer stopped, or refuses its inputs"),
    (absent(witness=True, position="open"), EXPIRED, "absent, but it has been there: its writer stopped, or refuses its inputs"),
    (absent(position="open"), NEVER, "absent, and nothing says that it was ever written"),
    (absent(position="closed"), IDLE, "absent, as no position is open"),
    (absent(position="closed", witness=True), IDLE, "absent, as no position is open"),
    (absent(position="unknown"), UNKNOWN, "absent, and its position cannot be read: whether one is open is not known"),
    (reading(None), UNKNOWN, "beat is absent"),
    (
        reading(present=None, values=(), trouble="hung", detail="no reply in 1 s", advice="look for a stopped process"),
        UNKNOWN,
        "hung: no reply in 1 s; look for a stopped process",
    ),
    (
        reading(present=None, values=(), trouble="wrong_type", detail="the key is no hash"),
        UNKNOWN,
        "wrong_type: the key is no hash",
    ),
]


@pytest.mark.parametrize(("given_reading", "state", "reason"), EVERY_STATE)
def test_every_state(given_reading, state, reason):
    row = judge(given_reading, family(), SETTINGS)
    assert (row.state, row.reason) == (state, reason)
    assert row.verdict is VERDICTS[state]


def test_the_table_above_has_every_state():
    assert {state for _, state, _ in EVERY_STATE} == set(State) == set(VERDICTS)


@pytest.mark.parametrize(
    ("state", "code"),
    [(FRESH, 0), (IDLE, 0), (LATE, 1), (STALE, 2), (NEVER, 2), (EXPIRED, 2), (FUTURE, 2), (UNKNOWN, 3)],
)
def test_what_each_state_tells_the_caller(state, code):
    assert VERDICTS[state].exit_code == code


def test_age_time_and_limit_go_with_the_state():
    fresh, late, stale, future, never = (
        judge(one, family(), SETTINGS) for one in (reading(5), reading(25), reading(45), reading(-60), absent())
    )
    assert [(row.age_s, row.limit_s) for row in (fresh, late, stale, future)] == [(5, 20), (25, 20), (45, 30), (-60, 20)]
    assert (fresh.time_s, future.time_s) == (NOW_S - 5, NOW_S + 60)
    assert (never.age_s, never.time_s, never.limit_s, never.rule) == (None, None, None, None)


def test_a_time_ahead_within_the_tolerance_has_no_negative_age():
    assert judge(reading(-1), family(), SETTINGS).age_s == 0.0


# which rule decides


@pytest.mark.parametrize(
    ("beat_s", "slow_s", "state", "field"),
    [
        (5, 30, FRESH, "slow"),  # 30/90 is nearer its limit than 5/20
        (15, 30, FRESH, "beat"),
        (25, 30, LATE, "beat"),
        (25, 160, STALE, "slow"),
        (31, 160, STALE, "slow"),  # both are stale, and 160/90 is farther beyond its limit than 31/20
        (40, 160, STALE, "beat"),
        (-60, 30, FUTURE, "beat"),
        (5, None, UNKNOWN, "slow"),
        (25, None, LATE, "beat"),  # what is known to be late is not hidden by what is not known
    ],
)
def test_the_worst_rule_decides(beat_s, slow_s, state, field):
    row = judge(reading(beat_s, slow_s), family(rule("beat"), SLOW), SETTINGS)
    assert (row.state, row.rule.field) == (state, field)


@pytest.mark.parametrize("rules", [(rule("beat"), SLOW), (SLOW, rule("beat"))])
def test_the_order_of_the_rules_does_not_matter(rules):
    ages = {"beat": 25.0, "slow": 40.0}
    row = judge(reading(*(ages[one.field] for one in rules)), family(*rules), SETTINGS)
    assert (row.state, row.rule.field) == (LATE, "beat")


def test_a_field_that_need_not_be_there_leaves_the_verdict_to_the_others():
    row = judge(reading(None, 40), family(OPTIONAL, SLOW), SETTINGS)
    assert (row.state, row.rule.field) == (FRESH, "slow")


def test_a_field_that_need_not_be_there_counts_when_it_is():
    assert judge(reading(40, 40), family(OPTIONAL, SLOW), SETTINGS).state is STALE


@pytest.mark.parametrize("values", [(), ("1", "2")])
def test_values_of_another_number_than_the_fields_of_the_family_are_not_judged(values):
    """As in a bundle that somebody edited."""
    found = judge(replace(reading(40), values=values), family(rule()), SETTINGS)
    assert (found.state, found.verdict) == (State.UNKNOWN, Verdict.UNKNOWN)
    assert found.reason == f"{len(values)} values were read, and its family has 1 time fields"


def test_nothing_to_judge_by_is_not_fresh():
    row = judge(reading(None), family(OPTIONAL), SETTINGS)
    assert (row.state, row.reason) == (UNKNOWN, "none of its time fields is there: beat")


def test_a_rule_without_a_field_has_a_name_too():
    row = judge(reading(45), family(rule(""), kind="string"), SETTINGS)
    assert row.reason == "its time is 45.0 s old, limit 30 s"


# what is no time

NO_TIMES = [
    "",
    "nan",
    "inf",
    "1e400",
    "0",
    "-0",
    "-1771372692",
    "0.012886",
    "3600",
    "1_771_372_692",
    "１７７１３７２６９２",
    "١٧٧١٣٧٢٦٩٢",
]
NO_TIMES += ["1e11", "9999-12-31T23:59:59Z", "2026-02-17T23:60:00", "yesterday", r"\xff", "\x1b[2J", "None", "1" * 80]


@pytest.mark.parametrize("text", NO_TIMES)
def test_a_field_that_holds_no_time_is_unknown_and_shown(text):
    row = judge(reading(values=(text,)), family(), SETTINGS)
    assert (row.state, row.age_s, row.time_s) == (UNKNOWN, None, None)
    assert row.reason.startswith("beat holds '")
    assert row.reason.endswith(", which is no time")
    assert row.reason.replace("…", "").isascii()
    assert row.reason.isprintable()


def test_a_trend_strength_called_ts_is_told_by_its_value():
    row = judge(reading(values=("0.012886",)), family(rule("ts")), SETTINGS)
    assert row.reason == "ts holds '0.012886', which is no time"


@pytest.mark.parametrize(
    "text",
    ["1771372687", "1771372687.0", "1771372687000", "1771372687000000", "1771372687000000000", "2026-02-17T23:58:07",
     "2026-02-17T23:58:07Z", "2026-02-18T00:58:07+01:00", "2026-W08-2T23:58:07"],
)  # fmt: skip
def test_every_form_of_time_is_judged_alike(text):
    row = judge(reading(values=(text,)), family(), SETTINGS)
    assert (row.state, row.age_s) == (FRESH, 5.0)


@given(
    texts=st.lists(st.none() | st.text(max_size=40) | st.floats().map(str) | st.datetimes().map(str), min_size=2, max_size=2),
    now_s=st.floats(1e9, 3e9) | st.just(NOW_S),
)
def test_fresh_means_that_a_time_is_within_its_limit_and_nothing_else_does(texts, now_s):
    rules = (rule("a", required=False), rule("b"))
    row = judge(reading(values=tuple(texts), read_at_s=now_s), family(*rules), SETTINGS)
    ages = [now_s - time_s for text in texts if text is not None and (time_s := parsed(text)) is not None]
    expected = len(ages) == len([text for text in texts if text is not None]) and texts[1] is not None
    assert (row.state is FRESH) == (expected and all(-2 <= age <= 20 for age in ages))
    assert row.age_s is None or isfinite(row.age_s)
    assert (row.age_s is None) == (row.time_s is None)
    assert row.state in VERDICTS


def parsed(text: str) -> float | None:
    try:
        return parse_timestamp(text)
    except TimestampError:
        return None


def test_a_clock_that_is_no_number_makes_nothing_fresh():
    assert judge(reading(read_at_s=float("nan")), family(), SETTINGS).verdict is Verdict.CRITICAL


# the clock


@pytest.mark.parametrize("ahead_s", [-1.9, 0.0, 1.9])
def test_clocks_that_agree_are_ok(ahead_s):
    assert judge_clock(clock(ahead_s), 2.0).verdict is Verdict.OK


@pytest.mark.parametrize(("ahead_s", "words"), [(3.0, "3.000 s ahead of"), (-3600.0, "3600.000 s behind")])
def test_clocks_that_differ_are_a_warning(ahead_s, words):
    check = judge_clock(clock(ahead_s), 2.0)
    assert check.verdict is Verdict.WARNING
    assert words in check.reason


def test_half_a_round_trip_is_not_held_against_the_clock():
    assert judge_clock(clock(2.4, round_trip_s=1.0), 2.0).verdict is Verdict.OK
    assert judge_clock(clock(2.6, round_trip_s=1.0), 2.0).verdict is Verdict.WARNING


def test_a_skew_that_is_no_number_is_not_ok():
    assert judge_clock(clock(float("nan")), 2.0).verdict is Verdict.WARNING


def test_a_clock_that_was_not_read_is_unknown():
    assert judge_clock(None, 2.0).verdict is Verdict.UNKNOWN
