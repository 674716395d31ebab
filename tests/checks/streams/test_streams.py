"""Streams themselves: silent, never written, uncapped, absent, of another type."""

import pytest
from msgspec.structs import replace

from qtops.facts.keys import ServerReading
from qtops.settings import Family, Settings, Stream, TimeRule

from .looks import HOUR, NAME, NOW_S, at, declared, doubted, facts, found, group, judged, look, stream

PERIODIC = {"kind": "periodic", "interval_s": 60}


def empty(**sick):
    return stream(0, entries_added=0, **sick)


# 108: silent


@pytest.mark.parametrize(
    ("silent_s", "severity"),
    [(119, None), (121, "warning"), (179, "warning"), (181, "critical"), (9 * HOUR, "critical")],
)
def test_late_is_twice_the_declared_interval_and_silent_thrice(silent_s, severity):
    expected = [("STREAM108", severity)] if severity else []
    assert found(facts(stream(newest_s=silent_s)), declared(**PERIODIC)) == expected


def test_a_second_of_rest_is_no_silence_of_what_beats_twice_a_second():
    fast = declared(kind="continuous", interval_s=0.5)
    assert found(facts(stream(every_s=0.5, newest_s=8)), fast) == []
    assert found(facts(stream(every_s=0.5, newest_s=31)), fast) == [("STREAM108", "critical")]


@pytest.mark.parametrize("kind", ["event", "one_shot"])
def test_what_is_driven_by_events_is_never_judged_by_its_age(kind):
    assert found(facts(stream(newest_s=400 * 86_400.0)), declared(kind=kind)) == []


def test_a_rhythm_that_nobody_declared_makes_a_warning_at_most():
    assert found(facts(stream(newest_s=150))) == []
    assert found(facts(stream(newest_s=9 * HOUR))) == [("STREAM108", "warning")]


def test_length_does_not_make_it_active_nor_emptiness_silent():
    trimmed_to_nothing = stream(0, entries_added=500, last_generated_id=at(20))
    assert found(facts(stream(90_000, newest_s=HOUR)), declared(**PERIODIC)) == [("STREAM108", "critical")]
    assert found(facts(trimmed_to_nothing), declared(**PERIODIC)) == []


def test_never_written_and_periodic_is_silent_as_well():
    assert found(facts(empty()), declared(**PERIODIC)) == [("STREAM108", "critical")]


def test_a_family_that_is_a_stream_is_periodic():
    rule = TimeRule(field="", interval_s=60, warn_s=90, critical_s=180)
    settings = Settings(families=(Family(name="app", pattern=NAME, kind="stream", times=(rule,)),), streams=())
    assert found(facts(stream(newest_s=HOUR)), settings) == [("STREAM108", "critical")]


@pytest.mark.parametrize("last", [at(-3_600), "9999999999999999-1", "0-1", "17-3", "1790000000-0"])
def test_ids_that_are_no_times_are_a_doubt_and_no_age(last):
    odd = stream(2, last_id=last, last_generated_id=last, recent_ids=(last, "0-0"))
    assert found(facts(odd), declared(**PERIODIC)) == []
    assert doubted(facts(odd), declared(**PERIODIC)) == ["STREAM108"]
    assert doubted(facts(odd)) == ["STREAM108"]
    assert doubted(facts(odd), declared(kind="event")) == []


def test_a_clock_that_is_a_moment_ahead_is_no_oddity():
    assert doubted(facts(stream(newest_s=-2)), declared(**PERIODIC)) == []


def test_entries_that_are_copied_with_their_old_ids_are_a_replay_and_no_silence():
    before, now = stream(newest_s=9 * HOUR + 60, read_at_s=NOW_S - 60), stream(101, newest_s=9 * HOUR)
    seen = facts(now, before=(before,))
    assert found(seen, declared(**PERIODIC)) == []
    assert doubted(seen, declared(**PERIODIC)) == ["STREAM108"]


# 107: only a reader


def test_a_stream_that_only_a_reader_made_is_worth_knowing():
    ghost = empty(groups=(group(last_delivered_id="0-0", entries_read=0),))
    assert found(facts(ghost), declared(kind="event")) == [("STREAM107", "info")]
    assert found(facts(ghost)) == [("STREAM107", "info")]
    assert found(facts(ghost), declared(**PERIODIC)) == [("STREAM107", "warning")]
    assert judged(facts(ghost)).verdict == "ok"


def test_before_redis_7_the_last_id_tells_that_it_was_never_written():
    ghost = stream(0, entries_added=None, groups=(group(last_delivered_id="0-0", entries_read=None, lag=None),))
    assert found(facts(ghost)) == [("STREAM107", "info")]


def test_a_stream_that_was_written_and_emptied_is_no_ghost():
    assert found(facts(stream(0, entries_added=7, last_generated_id=at(HOUR), groups=(group(last_delivered_id=at(HOUR)),)))) == []


# 109: growth


def test_far_beyond_its_declared_cap():
    assert found(facts(stream(15_500)), declared(kind="event", maxlen=10_000)) == [("STREAM109", "warning")]
    assert found(facts(stream(10_090)), declared(kind="event", maxlen=10_000)) == []
    assert found(facts(stream(900)), declared(kind="event", maxlen=100)) == []  # whole nodes


def test_a_hundred_thousand_entries_of_which_none_was_ever_trimmed():
    long = stream(100_001, every_s=1)
    assert found(facts(long)) == [("STREAM109", "warning")]
    assert "grows by 86400 entries a day" in judged(facts(long)).findings[0].evidence[0]
    assert found(facts(replace(long, entries_added=900_000))) == []


def test_before_redis_7_two_looks_tell_whether_it_is_trimmed():
    long = stream(100_001, every_s=1, entries_added=None)
    assert doubted(facts(long)) == ["STREAM109"]
    shorter = replace(long, length=99_000, read_at_s=NOW_S - 60)
    assert found(facts(long, before=(shorter,))) == [("STREAM109", "warning")]
    assert found(facts(long, before=(replace(shorter, first_id=at(1e6)),))) == []


def test_ten_times_what_its_capped_siblings_keep():
    siblings = [stream(1_000, every_s=1, name=f"app:{name}", entries_added=50_000) for name in ("one", "two")]
    assert found(facts(stream(20_000, every_s=1), *siblings)) == [("STREAM109", "warning")]
    assert found(facts(stream(9_000, every_s=1), *siblings)) == []
    assert found(facts(stream(20_000, every_s=1), siblings[0])) == []


# 110, 111: absent, unreadable, of another type


@pytest.mark.parametrize(
    ("kind", "severity"), [("periodic", "critical"), ("continuous", "critical"), ("inferred", "warning"), ("event", "info")]
)
def test_a_declared_stream_that_is_absent(kind, severity):
    absent = stream(0, present=False, kind="none")
    settings = declared(kind=kind, interval_s=60)
    assert found(facts(absent, declared=(NAME,)), settings) == [("STREAM110", severity)]
    optional = Settings(families=(), streams=(Stream(name=NAME, kind=kind, interval_s=60, optional=True),))
    assert found(facts(absent, declared=(NAME,)), optional) == []


def test_a_name_that_was_asked_for_is_absent():
    assert found(facts(stream(0, present=False, kind="none"), declared=(NAME,))) == [("STREAM110", "warning")]
    assert found(facts(stream(0, present=False, kind="none"))) == []  # it was there when streams were searched for


def test_a_declared_group_that_is_not_there():
    with_group = stream(groups=(group(),))
    assert found(facts(with_group), declared(kind="event", groups=("readers",))) == []
    assert found(facts(with_group), declared(kind="event", groups=("executors",))) == [("STREAM110", "warning")]


def test_a_stream_that_cannot_be_read_is_a_doubt_and_hides_no_other():
    unread = stream(0, name="app:secret", present=None, trouble="no_permission", detail="NOPERM", advice="see ACL LOG")
    seen = facts(unread, stream(newest_s=HOUR), declared=("app:secret", NAME))
    assert doubted(seen) == ["STREAM110"]
    assert found(seen) == [("STREAM108", "warning")]


def test_a_server_that_is_away_is_told_once_and_not_by_each_stream():
    server = ServerReading("redis://127.0.0.1:6379/0", "down")
    seen = facts(looks=(look(stream(0, present=None, trouble="down"), server=server),), declared=(NAME,))
    assert (found(seen), doubted(seen)) == ([], [])


def test_groups_that_cannot_be_read_do_not_make_a_declared_one_absent():
    half = stream(trouble="no_permission", detail="NOPERM", groups_count=1)
    seen, settings = facts(half), declared(kind="event", groups=("readers",))
    assert (found(seen, settings), doubted(seen, settings)) == ([], ["STREAM110"])


def test_something_else_lies_under_its_name():
    assert found(facts(stream(0, kind="string"), declared=(NAME,)), declared(**PERIODIC)) == [("STREAM111", "critical")]


def test_nothing_was_looked_at():
    assert (found(facts(looks=())), doubted(facts(looks=()))) == ([], [])
