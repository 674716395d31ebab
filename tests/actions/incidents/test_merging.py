"""Two write: a person by a command, and the supervisor by what it last read. What the person did stands."""

import pytest

from qtops.actions.incidents.opening import open_store, reach_store
from tests.actions.incidents.builders import NOW, OPS, changed, ids, open_one, resolved


def test_an_acknowledgement_that_the_supervisor_has_not_seen_stays(store):
    stale = open_one(store)
    store.acknowledge(1, "alice", "", NOW + 1)
    (applied,) = store.apply([changed(stale, "seen again", times=2)])
    assert (applied.state, applied.acknowledged_by, applied.acknowledged_s, applied.times) == ("acknowledged", "alice", NOW + 1, 2)


def test_nobody_is_reminded_of_what_was_acknowledged_meanwhile_but_is_told_that_it_got_worse(store):
    stale = open_one(store, "a", NOW, OPS)
    store.acknowledge(1, "alice", "", NOW + 1)
    store.apply([changed(stale, "reminded", tell=True, reminded_s=NOW + 10)], [OPS])
    assert [told.event for told in store.told(1)] == ["opened"]
    store.apply([changed(stale, "worse", tell=True)], [OPS])
    assert [told.event for told in store.told(1)] == ["opened", "worse"]


def test_what_was_acknowledged_is_resolved_all_the_same(store):
    stale = open_one(store)
    store.acknowledge(1, "alice", "", NOW + 1)
    (applied,) = store.apply([resolved(stale)])
    assert (applied.state, applied.acknowledged_by) == ("resolved", "alice")


def test_what_was_acknowledged_and_resolved_and_comes_back_is_open_to_all(store):
    open_one(store)
    store.acknowledge(1, "alice", "", NOW + 1)
    (ended,) = store.apply([resolved(store.incident(1))])
    again = changed(ended, "reopened", NOW + 70, state="open", resolved_s=None, acknowledged_s=None, acknowledged_by="")
    assert store.apply([again])[0].state == "open"


def test_who_knows_of_the_acknowledgement_may_end_it(store):
    open_one(store)
    known = store.acknowledge(1, "alice", "", NOW + 1)
    (applied,) = store.apply([changed(known, "worse", state="open")])
    assert applied.state == "open"


@pytest.mark.parametrize("event", ["clear", "diagnosed", "worse", "resolved", "reminded", "restarted", "gave up"])
def test_what_was_closed_stays_closed_and_what_is_said_of_it_is_only_noted(store, event):
    stale = open_one(store, "a", NOW, OPS)
    closed = store.end(1, "alice", "gone", NOW + 1)
    (applied,) = store.apply([changed(stale, event, tell=True, resolved_s=NOW + 10)], [OPS])
    assert applied == closed == store.incident(1)
    assert [entry.event for entry in store.timeline(1)] == ["opened", "closed", event]
    assert [told.event for told in store.told(1)] == ["opened"]


@pytest.mark.parametrize("event", ["seen again", "reopened"])
def test_a_fault_after_the_closing_opens_an_incident_of_its_own(store, event):
    stale = open_one(store, "a", NOW, OPS)
    store.end(1, "alice", "gone", NOW + 1)
    (applied,) = store.apply([changed(stale, event, times=2, gave_up_s=NOW)], [OPS], fault="f")
    assert (applied.number, applied.state, applied.times, applied.opened_s, applied.gave_up_s) == (2, "open", 1, NOW + 10, None)
    assert (store.incident(1).state, store.faults(0)) == ("closed", 1)
    assert "2-opened-1@ops" in ids(store, NOW + 10)


def test_one_that_was_opened_anew_by_another_is_joined(store):
    stale = open_one(store)
    store.end(1, "alice", "gone", NOW + 1)
    store.apply([changed(stale, "seen again", NOW + 2, times=2)])
    (applied,) = store.apply([changed(stale, "seen again", NOW + 3, times=3)])
    assert (applied.number, applied.times) == (2, 2)
    assert [one.number for one in store.incidents() if one.is_open] == [2]


def test_the_supervisor_is_told_that_another_wrote(store):
    open_one(store)
    assert not store.changed_elsewhere()
    with reach_store(store.folder) as persons:
        persons.acknowledge(1, "alice", "", NOW)
    assert (store.changed_elsewhere(), store.changed_elsewhere()) == (True, False)
    assert store.live(NOW, 600)[0].state == "acknowledged"


def test_two_stores_write_by_turns(store):
    with open_store(store.folder) as other:
        for number, one in enumerate((store, other) * 5):
            open_one(one, f"u{number}")
    assert len(store.incidents()) == 10
