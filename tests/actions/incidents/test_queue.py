"""Who is told of what: by severity, not too often, in order, until it was told; and what is never lost."""

import pytest

from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.queue import GATHER_S, HOUR_S, KEPT_S, LEASE_S
from tests.actions.incidents.builders import CRITICAL, NOW, OPS, WARNING, changed, endpoint, ids, open_one, resolved

PAGER = endpoint("pager", severity="critical")


def ended(store, number, at_s=NOW + 60, *endpoints):
    return store.apply([resolved(store.incident(number), at_s)], endpoints)


def test_everybody_whose_severity_fits_is_told(store):
    open_one(store, "a", NOW, OPS, PAGER, severity=WARNING)
    open_one(store, "b", NOW, OPS, PAGER, severity=CRITICAL)
    assert sorted(ids(store)) == ["1-opened-1@ops", "2-opened-1@ops", "2-opened-1@pager"]


def test_nothing_is_told_that_is_not_meant_to_be(store):
    kept = open_one(store, "a", NOW, OPS)
    store.apply([changed(kept, "diagnosed")], [OPS])
    assert ids(store, NOW + 100) == ["1-opened-1@ops"]


def test_a_notice_says_what_was_so_then(store):
    kept = open_one(store, "a", NOW, OPS)
    store.apply([changed(kept, "seen again", times=2)], [OPS])
    (notice,) = store.due(NOW, 10)
    assert (notice.incident, notice.event, notice.text, notice.at_s, notice.digest) == (kept, "opened", "a died", NOW, ())


def test_events_of_one_kind_are_numbered(store):
    kept = open_one(store, "a", NOW, OPS)
    for at_s in (NOW + 1, NOW + 2):
        store.apply([changed(kept, "gave up", at_s, tell=True)], [OPS])
    assert [told.id for told in store.told(1)] == ["1-opened-1@ops", "1-gave-up-1@ops", "1-gave-up-2@ops"]


@pytest.mark.parametrize("how", ["resolved", "closed"])
def test_the_end_is_told_to_those_who_know_of_the_beginning(store, how):
    open_one(store, "a", NOW, PAGER)
    if how == "resolved":
        ended(store, 1, NOW + 60, OPS, PAGER)
    else:
        store.end(1, "alice", "gone", NOW + 60, [OPS, PAGER])
    assert [told.id for told in store.told(1)] == ["1-opened-1@pager", f"1-{how}-1@pager"]


def test_who_was_only_told_when_it_got_worse_is_told_of_the_end(store):
    kept = open_one(store, "a", NOW, PAGER, severity=WARNING)
    store.apply([changed(kept, "worse", tell=True, severity=CRITICAL)], [PAGER])
    ended(store, 1, NOW + 60, PAGER)
    assert [told.event for told in store.told(1)] == ["worse", "resolved"]


def test_beyond_the_limit_one_digest_names_all_that_there_is(store):
    few = endpoint(most_per_hour=2)
    for number, name in enumerate("abcde"):
        open_one(store, name, NOW + number, few)
    assert ids(store, NOW + 10) == ["1-opened-1@ops", "2-opened-1@ops"]
    assert ids(store, NOW + 2 + GATHER_S) == ["1-opened-1@ops", "2-opened-1@ops", "3-digest-1@ops"]
    digest = store.due(NOW + 2 + GATHER_S, 10)[-1]
    assert (digest.text, digest.digest) == ("3 more: #3 opened, #4 opened, #5 opened", (3, 4, 5))
    assert [(told.state, told.why) for told in store.told(4)] == [("folded", "3-digest-1@ops")]


def test_a_digest_is_that_of_the_worst(store):
    few = endpoint(most_per_hour=1)
    for name, severity in (("a", CRITICAL), ("b", WARNING), ("c", CRITICAL), ("d", WARNING)):
        open_one(store, name, NOW, few, severity=severity)
    assert store.due(NOW + GATHER_S, 10)[-1].incident.number == 3


def test_after_a_digest_the_next_one_is_told_an_hour_later(store):
    few = endpoint(most_per_hour=1)
    for name in "ab":
        open_one(store, name, NOW, few)
    store.attempted("2-digest-1@ops", NOW + GATHER_S)
    store.sent("2-digest-1@ops", NOW + GATHER_S)
    for name, after_s in (("c", 100), ("d", 1000)):
        open_one(store, name, NOW + after_s, few)
    assert ids(store, NOW + HOUR_S) == ["1-opened-1@ops"]
    assert ids(store, NOW + HOUR_S + GATHER_S) == ["1-opened-1@ops", "3-digest-1@ops"]


def test_what_ended_before_the_digest_was_told_is_told_by_the_digest(store):
    few = endpoint(most_per_hour=1)
    for name in "abc":
        open_one(store, name, NOW, few)
    ended(store, 2, NOW + 5, few)
    assert ids(store, NOW + 10) == ["1-opened-1@ops"]
    assert store.due(NOW + GATHER_S, 10)[-1].text == "2 more: #2 resolved, #3 opened"


def test_what_ended_after_the_digest_was_told_is_told_whatever_the_limit(store):
    few = endpoint(most_per_hour=1)
    for name in "abc":
        open_one(store, name, NOW, few)
    store.attempted("2-digest-1@ops", NOW + GATHER_S)
    store.sent("2-digest-1@ops", NOW + GATHER_S)
    ended(store, 2, NOW + GATHER_S + 5, few)
    assert ids(store, NOW + GATHER_S + 5) == ["1-opened-1@ops", "2-resolved-1@ops"]


def test_after_an_hour_there_is_room_again(store):
    few = endpoint(most_per_hour=1)
    open_one(store, "a", NOW, few)
    open_one(store, "b", NOW + HOUR_S, few)
    assert ids(store, NOW + HOUR_S) == ["1-opened-1@ops", "2-opened-1@ops"]


def test_what_was_told_in_a_digest_takes_no_room(store):
    few = endpoint(most_per_hour=1)
    for name, after_s in (("a", 0), ("b", HOUR_S / 2), ("c", HOUR_S)):
        open_one(store, name, NOW + after_s, few)
    assert [store.told(number)[0].state for number in (1, 2, 3)] == ["waiting", "folded", "waiting"]


def test_a_limit_is_of_one_endpoint(store):
    open_one(store, "a", NOW, endpoint("few", most_per_hour=1), OPS)
    open_one(store, "b", NOW, endpoint("few", most_per_hour=1), OPS)
    assert sorted(ids(store)) == ["1-opened-1@few", "1-opened-1@ops", "2-opened-1@ops"]


def test_endpoints_take_turns_each_its_oldest_first(store):
    for name in "abc":
        open_one(store, name, NOW, endpoint("dead"))
    open_one(store, "d", NOW, endpoint("dead"), OPS)
    assert ids(store, most=2) == ["1-opened-1@dead", "4-opened-1@ops"]
    assert ids(store) == ["1-opened-1@dead", "4-opened-1@ops", "2-opened-1@dead", "3-opened-1@dead", "4-opened-1@dead"]


def test_what_is_being_told_is_not_given_out_again_until_nobody_can_be_at_it(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW)
    assert ids(store, NOW + 300) == []
    assert ids(store, NOW + LEASE_S) == ["1-opened-1@ops"]
    assert store.waiting() == 1


def test_what_failed_is_tried_again_at_its_time_and_says_why(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW)
    assert not store.failed("1-opened-1@ops", "exit 1: refused\n", NOW + 30)
    assert ids(store, NOW + 29) == []
    (notice,) = store.due(NOW + 30, 10)
    assert (notice.attempts, notice.why, notice.next_s) == (1, r"exit 1: refused\n", NOW + 30)


def test_the_end_is_not_told_before_the_beginning(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW)
    store.failed("1-opened-1@ops", "refused", NOW + 100)
    ended(store, 1, NOW + 50, OPS)
    open_one(store, "b", NOW, OPS)
    assert ids(store, NOW + 60) == ["2-opened-1@ops"]
    store.attempted("1-opened-1@ops", NOW + 100)
    store.sent("1-opened-1@ops", NOW + 101)
    assert "1-resolved-1@ops" in ids(store, NOW + 101)


def test_what_was_told_is_told_once(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW)
    store.sent("1-opened-1@ops", NOW + 1)
    assert (ids(store, NOW + 10 * LEASE_S), store.waiting()) == ([], 0)
    store.attempted("1-opened-1@ops", NOW + 2)
    store.failed("1-opened-1@ops", "late", NOW + 3)
    assert store.told(1)[0].state == "sent"


def test_what_could_not_be_told_for_three_days_is_given_up_and_the_timeline_says_so(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW + KEPT_S)
    assert store.failed("1-opened-1@ops", "exit 1", NOW + KEPT_S + 60)
    assert (store.waiting(), store.told(1)[0].state) == (0, "dropped")
    assert store.timeline(1)[-1].text == "ops was never told “opened”, given up after 3 days: exit 1"
    ended(store, 1, NOW + KEPT_S + 100, OPS)
    assert len(store.told(1)) == 1  # who does not know that it began is not told that it ended


def test_an_attempt_that_a_killed_supervisor_left_is_made_again_at_once_under_its_id(store):
    open_one(store, "a", NOW, OPS)
    assert ids(store) == ["1-opened-1@ops"]
    store.attempted("1-opened-1@ops", NOW)
    with open_store(store.folder) as later:
        assert ids(store, NOW + 1) == []  # opening alone takes nothing from one that runs
        assert ids(later, NOW + 1) == ["1-opened-1@ops"]
        assert later.due(NOW + 1, 1)[0].attempts == 1


def test_a_clock_that_was_set_back_puts_nothing_off(store):
    open_one(store, "a", NOW, OPS)
    store.attempted("1-opened-1@ops", NOW)
    store.failed("1-opened-1@ops", "refused", NOW + 60)
    assert ids(store, NOW - 3 * HOUR_S) == ["1-opened-1@ops"]
