"""The time ledger: what the journal, systemd and the ledger tell, what nothing tells, and clocks that jump."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.facts.journal import Event, JournalFacts, Run
from qtops.facts.recovery import Moment
from qtops.facts.service import ServiceFacts
from qtops.proof.moments import ORDER, disorders, failed, lines, moments
from tests.checks import services
from tests.checks.services import ENDED_S, INVOCATION, NOW_S
from tests.proof.recovered import AFTER, BEFORE, BEGAN_S

LEDGER = [("noticed", NOW_S - 60), ("diagnosed", NOW_S - 20), ("patched", NOW_S - 9), ("restarted", NOW_S - 8), ("verified", NOW_S)]


def times(found):
    return {moment.name: (moment.at_s, moment.source) for moment in found}


def test_each_moment_has_its_source():
    assert times(moments(BEFORE, AFTER, LEDGER)) == {
        "failed": (ENDED_S, "journal"),
        **{name: (at_s, "ledger") for name, at_s in LEDGER},
    }


def test_what_nothing_tells_is_not_made_up():
    assert times(moments(services.service(), None, [])) == {
        "failed": (None, "it was running: since when something was wrong nothing says"),
        "noticed": (None, "the ledger holds no notice of it"),
        "diagnosed": (None, "the ledger holds no diagnosis"),
        "patched": (None, "nothing was patched, or the ledger does not say when"),
        "restarted": (None, "neither the ledger nor systemd says when"),
        "verified": (None, "it has not been verified"),
    }


def test_systemd_knows_when_the_process_began():
    assert times(moments(BEFORE, AFTER, []))["restarted"] == (BEGAN_S, "systemd")
    assert times(moments(BEFORE, BEFORE, []))["restarted"][0] is None


def test_the_first_notice_counts_and_the_last_change():
    again = [("noticed", 50.0), ("noticed", 10.0), ("patched", 60.0), ("patched", 90.0), ("undone", 99.0)]
    found = times(moments(BEFORE, AFTER, again))
    assert [found[name][0] for name in ("noticed", "patched", "undone")] == [10.0, 90.0, 99.0]


# --- failed at ---

NO_JOURNAL = replace(services.down(), journal=None)


def test_the_end_of_the_process_is_the_failure_not_what_systemd_said_after_it():
    events = (Event(ENDED_S - 0.2, "exited", "Main process exited", invocation=INVOCATION), *services.down().journal.events)
    assert failed(services.journal(services.down(), events=events)) == Moment("failed", ENDED_S - 0.2, "journal")


@pytest.mark.parametrize(("earlier_s", "is_it"), [(5.0, True), (5.1, False)])
def test_an_event_long_before_the_end_is_another_matter(earlier_s, is_it):
    events = (Event(ENDED_S - earlier_s, "exited", "", invocation=INVOCATION), *services.down().journal.events)
    assert (failed(services.journal(services.down(), events=events)).at_s == ENDED_S - earlier_s) is is_it


def test_events_of_other_runs_are_not_its_failure():
    events = (*services.down().journal.events, Event(NOW_S, "failed", "", invocation="0" * 32))
    assert failed(services.journal(services.down(), events=events)) == Moment("failed", ENDED_S, "journal")


def test_without_a_journal_systemd_tells():
    assert failed(NO_JOURNAL) == Moment("failed", ENDED_S, "systemd")
    exitless = replace(NO_JOURNAL, unit=replace(NO_JOURNAL.unit, exec_main_exit_s=None, inactive_enter_s=ENDED_S + 1))
    assert failed(exitless) == Moment("failed", ENDED_S + 1, "systemd")


def test_a_loop_failed_when_its_first_run_did():
    loop = services.looping(restarts=5)
    assert failed(loop) == Moment("failed", loop.journal.runs[0].ended_s, "journal")


def test_a_loop_that_is_older_than_what_was_read_says_so():
    assert failed(services.looping(restarts=4193)).source == "journal, as far back as it was read: the loop is older"


def test_a_unit_that_was_not_read_or_never_ran_has_none():
    assert failed(ServiceFacts(subject="app.service")) == Moment("failed", None, "its unit could not be read")
    assert failed(services.never_started()).at_s is None


def test_why_no_end_is_known_claims_nothing_that_was_not_seen():
    """systemd forgets a job that ended and that nobody asks for; the journal still holds its runs."""
    other = Event(NOW_S - 60, "deactivated", "app.service: Deactivated successfully.", invocation="b" * 32)
    assert failed(services.never_started()).source == "neither systemd nor the journal, as far as it was read, holds an end of it"
    assert failed(services.never_started(other)).source.startswith("systemd holds no end of it any more")
    assert failed(replace(services.never_started(), journal=None)).source.endswith("its journal was not read")


def test_a_start_that_is_under_way_is_no_end():
    times = {"state_changed_s": NOW_S - 4, "inactive_exit_s": NOW_S - 4}
    starting = services.never_started(active_state="activating", sub_state="start", **times)
    assert failed(starting).at_s is None
    again = services.never_started(active_state="activating", sub_state="start", **times, inactive_enter_s=NOW_S - 9)
    assert failed(again) == Moment("failed", NOW_S - 9, "systemd")


def test_the_end_of_a_run_will_do_where_no_event_is_left():
    run = JournalFacts(invocation=INVOCATION, runs=(Run(INVOCATION, None, ENDED_S),))
    assert failed(replace(services.down(), journal=run)) == Moment("failed", ENDED_S, "journal")


# --- for people ---


def test_it_is_told_with_the_time_in_between():
    assert lines(moments(BEFORE, AFTER, LEDGER)) == (
        "failed: 2026-09-21 13:43:20 UTC (journal)",
        "noticed: 2026-09-21 14:12:20 UTC, 29 min after failed (ledger)",
        "diagnosed: 2026-09-21 14:13:00 UTC, 40 s after noticed (ledger)",
        "patched: 2026-09-21 14:13:11 UTC, 11 s after diagnosed (ledger)",
        "restarted: 2026-09-21 14:13:12 UTC, 1 s after patched (ledger)",
        "verified: 2026-09-21 14:13:20 UTC, 8 s after restarted (ledger)",
        "from failed to verified: 30 min",
    )


def test_what_is_missing_is_told_and_bridged():
    told = lines(moments(BEFORE, AFTER, [("diagnosed", NOW_S - 20)]))
    assert told[1:3] == (
        "noticed: could not tell: the ledger holds no notice of it",
        "diagnosed: 2026-09-21 14:13:00 UTC, 29 min 40 s after failed (ledger)",
    )
    assert not any(line.startswith("from failed to verified") for line in told)


@pytest.mark.parametrize(
    ("before_s", "told"),
    [
        (1.0, ()),  # stamps of several programs are no exacter
        (2.5, ("verified lies 2.5 s before patched: a clock was set in between, or one of them is wrong",)),
        (3600.0, ("verified lies 1 h before patched: a clock was set in between, or one of them is wrong",)),
    ],
)
def test_a_clock_that_was_set_is_said(before_s, told):
    jumped = moments(BEFORE, None, [("patched", NOW_S), ("verified", NOW_S - before_s)])
    assert disorders(jumped) == told
    assert tuple(line for line in lines(jumped) if "a clock was set" in line) == told


@given(st.lists(st.tuples(st.sampled_from(ORDER[1:]), st.floats(1e9, 2e9)), max_size=12))
def test_no_time_is_invented_and_none_is_negative(ledger):
    found = moments(BEFORE, None, ledger)
    known = {at_s for _, at_s in ledger} | {ENDED_S, None}
    assert {moment.at_s for moment in found} <= known
    assert [moment.name for moment in found] == [name for name in ORDER if name in {moment.name for moment in found}]
    assert all("-" not in line.partition("UTC")[2] for line in lines(found))
    told = [moment.at_s for moment in found if moment.at_s is not None]
    if told == sorted(told):
        assert disorders(found) == ()
