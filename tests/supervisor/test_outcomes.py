"""What a look at the output comes to, from facts alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.registry import BY_CODE
from qtops.facts.keys import KeyReading
from qtops.facts.service import Facts, Missing, ProcessFacts, ServiceFacts
from qtops.findings import Severity
from qtops.settings import Family, Service, Settings, TimeRule
from qtops.supervisor.outcomes import AT_ONCE, GRACE_S, OF_TIME, due, key_ages, longest_s, told

NOW_S = 1_790_000_000.0
FAMILY = Family(
    name="app",
    pattern="app:{symbol}",
    times=(
        TimeRule(field="beat", interval_s=10, warn_s=20, critical_s=30, required=False),
        TimeRule(field="made", interval_s=60, warn_s=90, critical_s=150),
    ),
)
SERVICE = Service(name="app", unit="app.service", families=("app",))
SETTINGS = Settings(families=(FAMILY,), services=(SERVICE,))


def key(symbol="BTC", *, beat_s=1.0, made_s=5.0, **changes):
    values = (utc_iso(NOW_S - beat_s) if beat_s is not None else None, utc_iso(NOW_S - made_s))
    return replace(KeyReading("app", symbol, f"app:{symbol}", NOW_S, True, values), **changes)


def absent(symbol="BTC", **changes):
    return key(symbol, present=False, values=(None, None), **changes)


def service(*keys, **changes):
    return ServiceFacts(subject="app.service", families=("app",), **{"keys": keys or (key(),), **changes})


def facts(settings=SETTINGS):
    return Facts(host="", taken_at_s=NOW_S, settings=settings)


def codes(said):
    return [finding.code for finding in said.findings]


def test_what_is_healthy():
    assert told(service(), facts()) == ((), (), AT_ONCE)


def test_a_key_that_is_old():
    said = told(service(key(beat_s=25)), facts())
    assert codes(said) == ["KEYS201"]
    assert said.findings[0].severity is Severity.WARNING
    assert "KEYS201" in said.at_once


def test_a_key_of_a_position_that_was_just_opened_may_take_a_cycle():
    assert "KEYS201" not in told(service(absent(position="open")), facts()).at_once
    assert "KEYS201" in told(service(absent(position="open")), facts(), before={"app:BTC"}).at_once
    assert "KEYS201" in told(service(absent()), facts()).at_once
    assert "KEYS201" in told(service(absent(position="open"), key("ETH", beat_s=25)), facts()).at_once


def test_checks_that_are_switched_off_say_nothing():
    off = {"KEYS201": "2026-11-23: until the move"}
    for settings in (replace(SETTINGS, off=off), replace(SETTINGS, services=(replace(SERVICE, off=off),))):
        assert codes(told(service(key(beat_s=25)), facts(settings))) == []


def test_what_could_not_be_read_is_a_doubt():
    said = told(service(keys=(), missing=(Missing("keys", "they were not read within 3 s"),)), facts())
    assert said.doubts == ("keys: they were not read within 3 s",)


def test_a_stopped_process_comes_first():
    held = ProcessFacts(pid=7, started_s=0.0, state="stopped")
    assert codes(told(service(key(beat_s=25), process=held), facts())) == ["PROCESS201", "KEYS201"]


def test_when_the_next_heartbeat_is_due():
    assert due(service(key(beat_s=4)), SETTINGS)[::2] == (pytest.approx(6 + GRACE_S), 10)
    assert due(service(key("A", beat_s=9), key("B", beat_s=4)), SETTINGS).next_s == pytest.approx(
        6 + GRACE_S
    )  # one moves: it lives
    assert due(service(key(beat_s=None, made_s=50)), SETTINGS).next_s == pytest.approx(10 + GRACE_S)
    assert due(service(absent()), SETTINGS).next_s == float("inf")


def test_what_is_overdue():
    late = due(service(key(beat_s=12)), SETTINGS)
    assert late.late == "its newest beat is 12 s old, and it declares one every 10 s"
    assert late.next_s == pytest.approx(55 + GRACE_S)  # the other time of the key
    assert due(service(key(beat_s=10.9)), SETTINGS).late == ""


@given(st.one_of(st.none(), st.text(max_size=80)), st.one_of(st.none(), st.text(max_size=80)))
def test_whatever_a_key_holds_there_is_an_answer(beat, made):
    seen = service(key(values=(beat, made)))
    assert set(codes(told(seen, facts()))) <= {"KEYS201"}
    assert due(seen, SETTINGS).next_s >= 0
    assert len(list(key_ages(seen, SETTINGS))) == 1


def test_ages_are_those_of_the_newest_time():
    (age,) = key_ages(service(key(beat_s=25, made_s=40)), SETTINGS)
    assert (age.family, age.symbol, age.state) == ("app", "BTC", "LATE")
    assert age.age_s == pytest.approx(25)
    assert age.limit_s == 20
    (none,) = key_ages(service(absent()), SETTINGS)
    assert (none.age_s, none.limit_s, none.state) == (None, None, "NEVER")


def test_a_jump_counts_for_as_long_as_the_longest_limit():
    assert longest_s(service(), SETTINGS) == 150
    assert longest_s(replace(service(), families=()), SETTINGS) == 0


def test_every_code_that_is_named_is_one_of_a_check():
    assert set(BY_CODE) >= AT_ONCE | OF_TIME
    assert not AT_ONCE & OF_TIME
