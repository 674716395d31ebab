"""Groups: who reads, who stands still, who works on the past, and what was lost or left over."""

import pytest
from msgspec.structs import replace

from qtops.settings import Settings

from .looks import BLOCKED, HOUR, NAME, NOW_S, at, consumer, declared, doubted, facts, found, group, judged, stream

BUSY = stream(5_000)  # one entry a minute for three and a half days
GONE = 2 * 86_400.0


def behind(*consumers, unread=4_000, **sick):
    return group(*consumers, unread=unread, of=BUSY, **sick)


def read_by(*groups, **sick):
    return replace(BUSY, groups=groups, groups_count=len(groups), **sick)


def earlier(reading, ago_s=60.0, **other):
    return replace(reading, read_at_s=NOW_S - ago_s, **other)


def test_a_group_that_keeps_up_is_in_order():
    assert found(facts(read_by(behind(unread=0)))) == []
    assert doubted(facts(read_by(behind(unread=0)))) == []


def test_a_few_entries_of_the_last_minutes_are_being_worked_at():
    assert found(facts(read_by(behind(unread=8)))) == []


# 103: nobody reads


def test_entries_wait_and_no_consumer_was_ever_there():
    assert ("STREAM103", "critical") in found(facts(read_by(group(unread=4_000, of=BUSY, consumers=()))))


def test_thirty_four_names_are_no_reader():
    names = [consumer(f"c-{number}", idle_s=GONE) for number in range(34)]
    assert ("STREAM103", "critical") in found(facts(read_by(behind(*names))))


def test_a_leftover_beside_a_group_that_reads_is_a_warning_unless_it_is_declared():
    seen = facts(read_by(group(unread=4_000, of=BUSY, consumers=(), name="old"), behind(unread=0)))
    assert ("STREAM103", "warning") in found(seen)
    assert ("STREAM103", "critical") in found(seen, declared(groups=("old", "readers")))


def test_a_lane_for_manual_use_is_nobodys_to_read():
    lane = group(consumer(idle_s=GONE, pending=3), unread=4_000, of=BUSY, name="manual", first_pending_id=at(GONE))
    assert found(facts(read_by(lane)), declared(lanes=("manual",))) == []


def test_nothing_waits_so_that_nobody_is_missed():
    assert found(facts(read_by(behind(consumer(idle_s=GONE), unread=0)))) == []


def test_the_growth_between_two_looks_is_told():
    now = read_by(group(unread=4_000, of=BUSY, consumers=()))
    before = earlier(now, groups=(group(unread=4_010, of=BUSY, consumers=()),))
    (finding,) = [one for one in judged(facts(now, before=(before,))).findings if one.code == "STREAM103"]
    assert "it has no consumer" in finding.evidence


def test_consumers_that_could_not_be_read_are_a_doubt_and_no_finding():
    seen = facts(read_by(group(unread=4_000, of=BUSY, consumers=(), trouble="no_permission: NOPERM", consumers_count=3)))
    assert "STREAM103" not in dict(found(seen))
    assert "STREAM103" in doubted(seen)


# 101: stands still; 106: works on the past


def test_a_group_that_was_given_nothing_between_two_looks_stands_still():
    now = read_by(behind(consumer(pending=10)))
    before = earlier(now, last_generated_id=at(65))
    codes = dict(found(facts(now, before=(before,))))
    assert codes["STREAM101"] == "critical"
    assert "STREAM106" not in codes


def test_a_group_that_moves_far_behind_works_on_the_past():
    now = read_by(behind())
    before = earlier(now, groups=(behind(unread=4_100),))
    codes = dict(found(facts(now, before=(before,))))
    assert codes["STREAM106"] == "warning"
    assert "STREAM101" not in codes


def test_far_behind_with_a_consumer_that_lives_is_found_at_one_look_and_motion_is_left_open():
    (finding,) = [one for one in judged(facts(read_by(behind()))).findings if one.code == "STREAM106"]
    assert "--observe 30s" in " ".join(finding.evidence)


def test_half_an_hour_behind_one_look_does_not_tell_whether_it_moves():
    seen = facts(read_by(behind(unread=30)))
    assert found(seen) == []
    assert doubted(seen) == ["STREAM101"]


def test_two_looks_right_after_one_another_prove_no_standstill():
    now = read_by(behind(unread=30))
    assert doubted(facts(now, before=(earlier(now, ago_s=2),))) == ["STREAM101"]


def test_a_group_that_catches_up_is_left_alone():
    now = read_by(behind(unread=30))
    before = earlier(now, groups=(behind(unread=35),))
    assert (found(facts(now, before=(before,))), doubted(facts(now, before=(before,)))) == ([], [])


@pytest.mark.parametrize(("inactive_s", "code"), [(2 * HOUR, "STREAM101"), (1.0, "STREAM106")])
def test_redis_7_2_tells_at_one_look_whether_a_consumer_was_given_anything(inactive_s, code):
    codes = dict(found(facts(read_by(behind(consumer(inactive_s=inactive_s))))))
    assert codes.keys() & {"STREAM101", "STREAM106"} == {code}


def test_a_burst_of_a_moment_ago_after_a_quiet_month_is_no_backlog():
    ids = tuple(at(2 + number * 0.01) for number in range(50))
    burst = stream(61, recent_ids=ids, last_id=ids[0], last_generated_id=ids[0], first_id=at(30 * 86_400))
    waiting = group(unread=60, of=stream(61), lag=60, last_delivered_id=at(30 * 86_400))
    seen = facts(replace(burst, groups=(waiting,), groups_count=1))
    assert (found(seen), doubted(seen)) == ([], [])


# 102: lost


def test_a_lag_beyond_the_length_is_what_was_trimmed_unread():
    trimmed = replace(BUSY, entries_added=15_000)
    lagging = behind(consumer(), last_delivered_id=at(20 * 86_400), entries_read=9_000, lag=6_000)
    seen = facts(replace(trimmed, groups=(lagging,), groups_count=1))
    (finding,) = [one for one in judged(seen).findings if one.code == "STREAM102"]
    assert "1000 entries were trimmed unread" in finding.summary


def test_a_queue_that_deletes_what_is_done_loses_nothing():
    done = stream(3, every_s=1, entries_added=1_003, max_deleted_id=at(60))
    reads = group(unread=3, of=done, last_delivered_id=at(60), entries_read=1_000, lag=3)
    seen = facts(replace(done, groups=(reads,), groups_count=1))
    assert (found(seen), doubted(seen)) == ([], [])


def test_before_the_first_entry_with_no_count_something_may_be_lost():
    trimmed = replace(BUSY, entries_added=15_000)
    lagging = behind(consumer(), last_delivered_id=at(20 * 86_400), entries_read=None, lag=5_000)
    assert ("STREAM102", "warning") in found(facts(replace(trimmed, groups=(lagging,), groups_count=1)))


def test_a_lag_that_redis_does_not_tell_is_never_zero():
    old = replace(BUSY, entries_added=None)
    lagging = behind(unread=300, lag=None, entries_read=None)
    seen = facts(replace(old, groups=(lagging,), groups_count=1))
    (doubt,) = [one for one in judged(seen).doubts if one.code == "STREAM102"]
    assert "at least 50 entries wait" in doubt.why
    assert "ago)" in doubt.why  # the age of what it was last given


def test_a_lag_that_redis_does_not_tell_is_counted_where_the_ids_tell():
    old = replace(BUSY, entries_added=None)
    for unread in (0, 3):
        seen = facts(replace(old, groups=(behind(unread=unread, lag=None, entries_read=None),), groups_count=1))
        assert (found(seen), doubted(seen)) == ([], [])


def test_pending_entries_that_are_gone_from_the_stream_are_dead():
    holds = behind(consumer(pending=7), unread=0, first_pending_id=at(9 * 86_400), last_pending_id=at(8 * 86_400))
    (finding,) = [one for one in judged(facts(read_by(holds))).findings if one.code == "STREAM102"]
    assert finding.summary == "group readers: 7 of 7 pending entries are not in the stream any more"
    assert finding.severity == "warning"


# 105, 104: what is left over


def test_pending_entries_of_consumers_that_are_gone():
    holds = behind(consumer(), consumer("old", 1_782, GONE), unread=0, first_pending_id=at(GONE), last_pending_id=at(HOUR))
    (finding,) = judged(facts(read_by(holds))).findings
    assert finding.code == "STREAM105"
    assert "1782 of 1782 pending entries are with consumers that are gone" in finding.summary


def test_a_pending_entry_that_was_left_behind_while_its_consumer_lives():
    holds = behind(consumer(pending=2), unread=0, first_pending_id=at(3 * HOUR), last_pending_id=at(5))
    assert found(facts(read_by(holds))) == [("STREAM105", "warning")]


def test_who_catches_up_with_the_past_holds_hours_of_it_at_once():
    holds = behind(consumer(pending=200), first_pending_id=at(GONE), last_pending_id=at(GONE / 2), last_delivered_id=at(GONE / 2))
    assert [code for code, _ in found(facts(read_by(holds)))] == ["STREAM106"]
    done = behind(consumer(pending=200), unread=0, first_pending_id=at(3 * HOUR), last_pending_id=at(5))
    begun = earlier(read_by(replace(done, first_pending_id=at(5 * HOUR))), ago_s=5)
    assert found(facts(read_by(done), before=(begun,))) == []


def test_pending_entries_of_now_are_work_in_progress():
    holds = behind(consumer(pending=20), unread=0, first_pending_id=at(600), last_pending_id=at(5))
    assert found(facts(read_by(holds))) == []


def test_names_that_each_restart_left_behind():
    names = [consumer(f"worker-{number}", idle_s=GONE + number) for number in range(40)]
    seen = facts(read_by(behind(consumer(), *names, unread=0)))
    assert found(seen) == [("STREAM104", "warning")]
    assert "40 of 41 consumers" in judged(seen).findings[0].summary


def test_workers_that_wait_without_end_on_a_quiet_stream_are_not_gone():
    names = [consumer(f"worker-{number}", idle_s=GONE) for number in range(12)]
    assert found(facts(read_by(behind(*names, unread=0)), clients=(BLOCKED,) * 12)) == []
    assert found(facts(read_by(behind(*names[:8], unread=0)))) == []


# 112


def test_one_group_far_behind_its_siblings():
    seen = facts(read_by(behind(unread=0, name="good"), behind(consumer(idle_s=GONE), name="bad")))
    assert ("STREAM112", "warning") in found(seen)
    assert ("STREAM103", "warning") in found(seen)


def test_groups_that_are_all_behind_are_no_odd_ones():
    seen = facts(read_by(behind(name="one"), behind(name="two", unread=3_000)))
    assert "STREAM112" not in dict(found(seen))


def test_a_check_that_is_off_is_told_apart():
    settings = Settings(families=(), streams=(), off={"STREAM104": "2026-11-23: until the names are stable"})
    names = [consumer(f"worker-{number}", idle_s=GONE) for number in range(40)]
    seen = judged(facts(read_by(behind(*names, unread=0))), settings)
    assert (seen.findings, [finding.code for finding in seen.off]) == ((), ["STREAM104"])


def test_what_is_found_is_said_of_the_stream():
    assert {finding.subject for finding in judged(facts(read_by(behind()))).findings} == {NAME}
