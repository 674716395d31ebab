"""Incidents on record: opened once per fault, changed, ended, and what else has to survive the supervisor."""

from pathlib import Path

import pytest
from msgspec import ValidationError
from msgspec.structs import replace

from qtops.actions.incidents import records
from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.records import ENDED_KEPT_S, FAULTS_KEPT_S, LONGEST, REPEATS_KEPT
from qtops.actions.incidents.store import PRUNE_EVERY_S
from qtops.errors import UsageError
from qtops.incidents import Entry, Hold
from tests.actions.incidents.builders import NOW, OPS, changed, incident, open_one, opened, resolved

DAY_S = 86_400.0


def test_an_incident_is_given_its_number_and_is_as_it_was_told(store):
    (made,) = store.apply([opened()])
    assert made == incident(number=1)
    assert store.incident(1) == made
    assert store.timeline(1) == (Entry(NOW, "opened", "a died"),)
    assert store.incident(2) is None


def test_a_fault_counts_once(store):
    assert len(store.apply([opened()], [OPS], fault="a.service|f00d")) == 1
    assert store.apply([opened()], [OPS], fault="a.service|f00d") == ()
    assert (store.incident(1).times, len(store.timeline(1)), store.waiting(), store.faults(0)) == (1, 1, 1, 1)


def test_a_fault_of_which_nothing_follows_counts_as_well(store):
    assert store.apply([], fault="a.service|f00d") == ()
    assert store.faults(0) == 1
    assert store.apply([opened()], fault="a.service|f00d") == ()
    assert store.incidents() == ()


def test_what_would_open_a_second_incident_of_a_fault_joins_the_first_and_tells_nobody(store):
    open_one(store, "a", NOW, OPS)
    (joined,) = store.apply([opened(at_s=NOW + 5)], [OPS], fault="another")
    assert (joined.number, joined.times, joined.last_s, joined.opened_s) == (1, 2, NOW + 5, NOW)
    assert [entry.event for entry in store.timeline(1)] == ["opened", "seen again"]
    assert store.waiting() == 1


def test_several_changes_of_one_incident_that_is_only_being_opened_are_of_one(store):
    first = opened()
    second = changed(first.incident, "diagnosed", code="IMPORT101")
    made = store.apply([first, second], [OPS])
    assert [one.number for one in made] == [1, 1]
    assert store.incident(1) == incident(number=1, code="IMPORT101")
    assert [entry.event for entry in store.timeline(1)] == ["opened", "diagnosed"]


def test_changes_are_made_all_or_none(store):
    kept = open_one(store)
    with pytest.raises(ValidationError):
        store.apply([changed(kept, "seen again", times=2), opened("b", began_s=float("nan"))], [OPS], fault="f")
    assert store.incidents() == (kept,)
    assert (len(store.timeline(1)), store.waiting(), store.faults(0)) == (1, 0, 0)


def test_an_incident_that_is_not_on_record_any_more_is_put_back_under_its_number(store):
    (made,) = store.apply([changed(incident(number=7), "seen again", times=3)])
    assert (made.number, made.times) == (7, 3)
    assert open_one(store, "b").number == 8


def test_what_comes_again_after_the_end_is_another_incident(store):
    kept = open_one(store)
    store.apply([resolved(kept)])
    assert open_one(store, "a", NOW + 100).number == 2


def test_live_is_what_is_open_what_was_resolved_lately_and_what_a_person_ended_and_goes_on(store):
    first, second, third, fourth = (open_one(store, name) for name in "abcd")
    store.apply([resolved(first, NOW + 100)])
    store.apply([resolved(second, NOW + 500)])
    store.end(third.number, "alice", "gone", NOW + 500)
    store.acknowledge(fourth.number, "alice", "", NOW + 500)
    assert [one.number for one in store.live(NOW + 800, 600)] == [2, 3, 4]
    assert [one.number for one in store.live(NOW, 600)] == [1, 2, 3, 4]  # after the clock was set back: as if it were just now
    closed = store.incident(third.number)
    store.apply([changed(closed, "clear", NOW + 900, clear_since_s=NOW + 900)])
    assert store.incident(third.number).state == "closed"
    assert [one.number for one in store.live(NOW + 800, 600)] == [2, 4]


def test_of_what_a_person_ended_only_the_last_of_a_fault_goes_on(store):
    for number in (1, 2):
        open_one(store, "a")
        store.end(number, "alice", "gone", NOW + number)
    assert [one.number for one in store.live(NOW, 600)] == [2]


def test_incidents_are_the_open_ones_then_the_last_that_ended(store):
    made = [open_one(store, name) for name in "abcde"]
    for when, number in ((10, 0), (30, 1), (20, 2)):
        store.apply([resolved(made[number], NOW + when)])
    assert [one.number for one in store.incidents()] == [5, 4, 2, 3, 1]
    assert [one.number for one in store.incidents(1)] == [5, 4, 2]
    assert [one.number for one in store.incidents(0)] == [5, 4]


def test_hostile_texts_are_printable_on_record(store):
    change = opened(title="x\x1b[31m\nroot ok", code="\udcff")
    (made,) = store.apply([change], fault="a\x00b")
    assert (made.title, made.code) == (r"x\x1b[31m\nroot ok", r"\xff")
    assert store.incident(1) == made


def test_a_person_acknowledges_once_and_closes_once(store):
    kept = open_one(store, "a", NOW, OPS)
    seen = store.acknowledge(1, "alice", "on it", NOW + 5)
    assert (seen.state, seen.acknowledged_by, seen.acknowledged_s) == ("acknowledged", "alice", NOW + 5)
    assert store.acknowledge(1, "bob", "", NOW + 6) == seen
    ended = store.end(1, "bob", "gone for good", NOW + 7, [OPS])
    assert (ended.state, ended.closed_s, ended.title) == ("closed", NOW + 7, kept.title)
    assert [entry.text for entry in store.timeline(1)] == ["a died", "by alice: on it", "by bob: gone for good"]
    for act in (store.acknowledge, store.end):
        with pytest.raises(UsageError, match="incident 1 is closed since 2026-11-18"):
            act(1, "bob", "x", NOW + 8)
        with pytest.raises(UsageError, match="there is no incident 2"):
            act(2, "bob", "x", NOW + 8)


def test_the_old_is_forgotten_and_what_is_open_never(store):
    for name in "ab":
        open_one(store, name, NOW, OPS)
    store.apply([resolved(store.incident(1), NOW + 10)], [OPS], fault="old")
    store.note_attempt("a.service", "restart", NOW, 1)
    store.hold(Hold(unit="a.service", until_s=NOW + DAY_S, why="x", by="alice", made_s=NOW))
    store.apply([opened("c", NOW + FAULTS_KEPT_S + 20)], fault="new")
    assert (store.faults(0), store.attempts("a.service", "restart", 0)) == (1, ())
    assert store.incident(1) is not None
    store.apply([opened("d", NOW + ENDED_KEPT_S + 20)])
    assert [one.number for one in store.incidents()] == [4, 3, 2]
    assert (store.timeline(1), store.told(1), len(store.told(2))) == ((), (), 1)


def test_what_flaps_for_days_does_not_fill_the_disk(store, monkeypatch):
    monkeypatch.setattr(records, "FAULTS_KEPT", 50)
    kept = open_one(store)
    for number in range(REPEATS_KEPT + 100):
        store.apply([changed(kept, "seen again", NOW + number, times=number + 2)], fault=f"f{number}")
    store.apply([changed(kept, "noted", NOW + 2 * PRUNE_EVERY_S, times=REPEATS_KEPT + 101)])
    lines = store.timeline(1)
    assert [lines[0].event, len(lines), lines[-1].event] == ["opened", REPEATS_KEPT + 2, "noted"]
    assert (lines[1].at_s, store.incident(1).times) == (NOW + 100, REPEATS_KEPT + 101)
    assert store.faults(0) == 51


def test_a_line_of_a_timeline_has_an_end(store):
    store.apply([replace(opened(), text="x" * 1_000_000)])
    assert len(store.timeline(1)[0].text) == LONGEST


def test_holds_end_by_themselves_or_are_lifted(store):
    for unit, until_s in (("b.service", NOW + 10), ("a.service", NOW + 20)):
        store.hold(Hold(unit=unit, until_s=until_s, why="moving", by="alice", made_s=NOW))
    assert [hold.unit for hold in store.holds(NOW)] == ["a.service", "b.service"]
    assert [hold.unit for hold in store.holds(NOW + 10)] == ["a.service"]
    store.hold(Hold(unit="a.service", until_s=NOW + 5, why="shorter", by="bob", made_s=NOW))
    assert [(hold.until_s, hold.why) for hold in store.holds(NOW)] == [(NOW + 5, "shorter"), (NOW + 10, "moving")]
    assert (store.lift("a.service"), store.lift("a.service")) == (True, False)


def test_what_the_supervisor_has_to_know_after_a_restart(store):
    for at_s in (NOW + 2, NOW, NOW + 1):
        store.note_attempt("a.service", "restart", at_s, 1)
    store.note_attempt("a.service", "recover", NOW, 1)
    store.mark("journal", "s=1")
    store.mark("journal", "s=2")
    folder = store.folder
    store.close()
    with open_store(folder) as again:
        assert again.attempts("a.service", "restart", NOW + 1) == (NOW + 1, NOW + 2)
        assert again.attempts("b.service", "restart", 0) == ()
        assert (again.marked("journal"), again.marked("none")) == ("s=2", "")


def test_each_incident_has_a_folder_for_its_owner_alone(store):
    folder = Path(store.folder_of(3))
    assert (folder.name, folder.parent.name) == ("3", "incidents")
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
    assert store.folder_of(3) == str(folder)


def test_a_file_that_is_removed_or_replaced_while_it_is_open_is_noticed(store):
    file = Path(store.path)
    assert not store.was_removed()
    aside = file.rename(f"{file}.aside")
    assert store.was_removed()
    file.write_bytes(aside.read_bytes())
    assert store.was_removed()
    aside.rename(file)
    assert not store.was_removed()
