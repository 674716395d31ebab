"""Each check of events: where it fires, and what is next to it and healthy."""

import pytest
from msgspec.structs import replace

from qtops.checks.events.registry import CHECKS
from qtops.facts.events import GuardReading
from qtops.findings import Severity, Verdict
from qtops.settings import Settings, Stream

from .events import (
    FLATTEN,
    FOUNDING_S,
    GONE,
    HOLDS,
    KEY,
    NOW_S,
    STREAM,
    activated,
    codes,
    entry,
    facts,
    group,
    judged,
    pair,
    printed,
    requested,
    stated,
    without_events,
)  # fmt: skip

NO_DURATIONS = (
    "", "nan", "inf", "-1", "0", "1e400", "1e3", "9" * 5000, "14_400", "١٤٤٠٠", "4h", "999999999", "\\xff",
)  # fmt: skip
DAY_S = 86_400.0
HOUR_S = 3600.0
OLD = NOW_S - 3 * DAY_S
UNREAD = (GuardReading(FLATTEN, KEY, None, detail="no_permission: NOPERM"),)
FIFTEEN = tuple(event for back in range(15) for event in pair(NOW_S - DAY_S / 2 - (14 - back) * 16 * HOUR_S))
SICK = [
    ("EVENT101", facts(*pair(NOW_S - HOUR_S))),
    ("EVENT101", facts(guards=HOLDS)),
    ("EVENT101", without_events()),
    ("EVENT102", facts(groups=())),
    ("EVENT102", facts(groups=(group(OLD - 60),))),
    ("EVENT102", facts(groups=(group(pending=1, first_pending_id=requested().entry_id, last_pending_id=requested().entry_id),))),
    ("EVENT103", facts(*pair(NOW_S - HOUR_S), statements=stated("0.0"))),
    ("EVENT103", facts(statements=stated("0.0"))),
    ("EVENT103", facts(statements=stated("nan"))),
    ("EVENT104", facts(activated(timestamp=None))),
    ("EVENT104", facts(activated(duration_sec="four hours"))),
    ("EVENT104", facts(activated(event=None))),
    ("EVENT104", facts(activated(event="RISK_GUARD_RELAXED"))),
    ("EVENT104", without_events(present=True, kind="list")),
    ("EVENT105", facts(*FIFTEEN)),
    ("EVENT105", facts(*(activated(NOW_S - hours * HOUR_S) for hours in (20, 14, 8)))),
]
SICK[2] = ("EVENT101", replace(SICK[2][1], guards=HOLDS))
QUIET = [
    ("EVENT101", facts()),
    ("EVENT101", facts(*pair(NOW_S - 5 * HOUR_S))),
    ("EVENT102", facts()),
    ("EVENT102", facts(activated(), groups=())),  # nothing was asked for
    ("EVENT102", facts(groups=(group(OLD - 60), group(name="other")))),
    ("EVENT103", facts(*pair(NOW_S - HOUR_S), statements=stated("21.5"))),
    ("EVENT103", facts(*pair(NOW_S - HOUR_S), statements=stated("0.217"))),
    ("EVENT103", facts(*pair(NOW_S - 2 * DAY_S), statements=stated("0.01", "4940", "4985"))),  # it has recovered since
    ("EVENT104", facts()),
    ("EVENT105", facts(*pair(NOW_S - 30 * HOUR_S), *pair(NOW_S - 8 * HOUR_S))),
]


@pytest.mark.parametrize(("code", "sick"), SICK)
def test_it_fires(code, sick):
    assert code in codes(sick)


@pytest.mark.parametrize(("code", "healthy"), QUIET)
def test_it_stays_quiet(code, healthy):
    assert code not in codes(healthy)


def test_each_check_has_both():
    known = {registered.check.code for registered in CHECKS}
    assert {code for code, _ in SICK} == {code for code, _ in QUIET} == known


def test_an_emergency_that_is_over_and_was_answered_is_ok():
    found = judged(facts(statements=stated()))
    assert (found.verdict, found.findings, found.doubts) == (Verdict.OK, (), ())


def test_the_founding_emergency_lasted_through_the_whole_recovery():
    found = judged(facts(*pair(FOUNDING_S), groups=(), guards=()))
    guard = found.findings[0]
    assert (guard.code, guard.severity, guard.subject) == ("EVENT101", Severity.CRITICAL, FLATTEN)
    assert guard.summary == "active until 2026-02-18 00:46:58 UTC (48 min 29 s left)"
    assert found.verdict is Verdict.CRITICAL


def test_what_the_founding_report_printed_as_a_note_was_an_emergency_in_force():
    found = judged(printed())
    guard = found.findings[0]
    assert (guard.code, guard.summary) == ("EVENT101", "active until 2026-02-18 00:46:58 UTC (48 min 29 s left)")
    assert [doubt.code for doubt in found.doubts] == ["EVENT102"]  # it printed no groups: whether anybody listened is not known
    assert found.verdict is Verdict.CRITICAL


@pytest.mark.parametrize(("at_s", "in_force"), [(FOUNDING_S + 14_399, True), (FOUNDING_S + 14_401, False)])
def test_a_guard_ends_when_its_time_is_over(at_s, in_force):
    found = facts(*pair(FOUNDING_S), guards=(), read_at_s=at_s, taken_at_s=at_s)
    assert ("EVENT101" in codes(found)) is in_force


@pytest.mark.parametrize(
    ("guards", "began_s", "words"),
    [
        (GONE, NOW_S - HOUR_S, "its key is gone: nothing is held back any more"),
        (HOLDS, NOW_S - 9 * HOUR_S, "its key holds for 48 min 29 s more, though by its event it ended"),
        ((replace(HOLDS[0], ttl_ms=-1),), NOW_S - 9 * HOUR_S, "its key holds without end"),
    ],
)
def test_events_and_key_may_contradict_each_other_and_that_is_said(guards, began_s, words):
    (finding,) = (finding for finding in judged(facts(*pair(began_s), guards=guards)).findings if finding.code == "EVENT101")
    assert words in finding.summary


def test_two_ends_that_differ_are_said():
    (finding,) = (found for found in judged(facts(*pair(NOW_S - HOUR_S), guards=HOLDS)).findings if found.code == "EVENT101")
    assert "the two contradict each other: by its key it ends 2026-02-18 00:46:58 UTC" in finding.evidence


def test_a_key_that_cannot_be_read_is_a_doubt_only_where_events_do_not_tell():
    assert judged(facts(guards=UNREAD)).doubts[0].why.startswith(f"{KEY} could not be read: no_permission")
    found = judged(facts(*pair(NOW_S - HOUR_S), guards=UNREAD))
    assert (found.doubts, found.findings[0].code) == ((), "EVENT101")


def test_old_requests_are_told_apart_from_the_newest():
    found = [finding for finding in judged(facts(*FIFTEEN, groups=())).findings if finding.code == "EVENT102"]
    assert [(finding.severity, finding.summary) for finding in found] == [
        (Severity.CRITICAL, "EMERGENCY_FLATTEN_REQUESTED: nobody took it"),
        (Severity.WARNING, "nobody took 14 requests, before the newest"),
    ]
    assert "59" not in found[0].summary
    assert "no consumer group" in found[0].evidence[-1]


def test_all_requests_of_a_guard_in_force_are_urgent():
    events = (*pair(NOW_S - HOUR_S), requested(NOW_S - HOUR_S / 2))
    (finding,) = (found for found in judged(facts(*events, groups=())).findings if found.code == "EVENT102")
    assert (finding.severity, finding.summary) == (Severity.CRITICAL, "nobody took 2 requests")


def test_between_pending_entries_nobody_can_tell():
    first, last = activated(OLD - 60).entry_id, activated(OLD + 60).entry_id
    found = judged(facts(groups=(group(pending=3, first_pending_id=first, last_pending_id=last),)))
    assert [finding.code for finding in found.findings] == []
    assert "was acknowledged is not known" in found.doubts[0].why


def test_a_group_that_was_made_at_the_end_has_taken_nothing():
    def found(**group_is):
        given = facts(groups=(group(**group_is),))
        return judged(replace(given, stream=replace(given.stream, entries_added=30)))

    assert [finding.code for finding in found().findings] == ["EVENT102"]  # XGROUP CREATE … $
    assert "the group was set" in found(consumers_count=1).doubts[0].why
    assert found(entries_read=30) == found(entries_read=30, consumers_count=1) == judged(facts())


def test_an_activation_that_does_not_say_for_how_long_ends_no_guard():
    found = judged(facts(activated(NOW_S - HOUR_S), activated(NOW_S - 60, duration_sec=None)))
    assert [finding.code for finding in found.findings] == ["EVENT101", "EVENT104"]


def test_names_in_small_letters_are_the_same_names():
    small = activated(NOW_S - 60, event="risk_guard_activated"), requested(NOW_S - 60, event="emergency_flatten_requested")
    assert codes(facts(*small, groups=())) == codes(facts(*pair(NOW_S - 60), groups=()))


def test_where_no_event_can_be_written_none_is_missed_by_chance():
    (finding,) = judged(without_events(present=True, kind="string")).findings
    assert (finding.code, finding.severity) == ("EVENT104", Severity.CRITICAL)


def test_a_lane_for_people_takes_nothing():
    lane = Settings(streams=(Stream(name=STREAM, kind="event", lanes=("flattener",)),))
    assert "EVENT102" in {finding.code for finding in judged(facts(), lane).findings}


def test_groups_that_cannot_be_read_are_a_doubt():
    sick = facts(groups=())
    found = judged(replace(sick, stream=replace(sick.stream, trouble="no_permission", detail="NOPERM")))
    assert [doubt.code for doubt in found.doubts] == ["EVENT102"]
    assert found.findings == ()


def test_a_drawdown_of_zero_beside_one_of_22_percent():
    (finding,) = (found for found in judged(facts(*pair(NOW_S - HOUR_S), statements=stated("0.0"))).findings
                  if found.code == "EVENT103")  # fmt: skip
    assert "21.7 %" in finding.summary
    assert "quantum:stream:portfolio.state says 0" in finding.summary


def test_statements_of_different_hours_may_all_have_been_right():
    assert "EVENT103" not in codes(facts(*pair(NOW_S - DAY_S), statements=stated("0.0", at_s=NOW_S)[:1]))


def test_an_unknown_name_is_worth_knowing_and_no_more():
    found = judged(facts(entry(OLD, 0, {"event": "GUARD_CHECKED", "timestamp": str(OLD)})))
    assert [(finding.code, finding.severity) for finding in found.findings] == [("EVENT104", Severity.INFO)]
    assert found.verdict is Verdict.OK


def test_an_event_of_the_future_is_malformed():
    assert "its time lies in the future" in judged(facts(*pair(NOW_S + 7200))).findings[-1].evidence[0]


@pytest.mark.parametrize("duration", NO_DURATIONS)
def test_a_duration_that_is_none_is_malformed_and_nothing_is_guessed(duration):
    found = judged(facts(*(activated(NOW_S - 60, duration_sec=duration), requested(NOW_S - 60))))
    (finding,) = (found for found in found.findings if found.code == "EVENT104")
    assert "is no number of seconds" in finding.evidence[0]
    assert all(line.isprintable() for line in finding.evidence)


@pytest.mark.parametrize("stamp", ["", "nan", "inf", "-1", "0", "1e400", "9" * 5000, "yesterday", "9999-01-01T00:00:00", "\x00"])
def test_a_timestamp_that_is_none_leaves_the_time_of_the_id(stamp):
    found = judged(facts(activated(NOW_S - 60, timestamp=stamp), guards=HOLDS))
    assert {"EVENT101", "EVENT104"} <= {finding.code for finding in found.findings}
    assert found.findings[0].summary.startswith("active until 2026-02-18 03:57:30 UTC")


def test_milliseconds_are_understood():
    assert judged(facts(activated(NOW_S - 60, timestamp=str(int((NOW_S - 60) * 1000))), guards=())).findings[0].code == "EVENT101"
