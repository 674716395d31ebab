"""Services that are down with nothing broken: started, unless somebody decided that they are to be down."""

import pytest
from msgspec.structs import replace

from qtops.checks.registry import BY_CODE
from qtops.facts.journal import Event, JournalFacts
from qtops.facts.service import Missing
from qtops.facts.unit import RelatedUnit
from qtops.remedies.offered import remedies
from qtops.remedies.starting import FORGOTTEN_S
from tests.checks.services import ALERT, NOW_S, REDIS_UNIT, TARGET, down, host, never_started, stopped

from .offers import diagnosed, named, offered

WELL = [("start", True)]
LEFT = [("start", False)]


def asked(ago_s):
    """It was stopped by request so long ago."""
    return stopped(Event(NOW_S - ago_s, "stopping", "Stopping app.service..."))


def related(*others):
    facts = asked(FORGOTTEN_S + 1)
    return replace(facts, unit=replace(facts.unit, related=(TARGET, REDIS_UNIT, ALERT, *others)))


def test_a_stop_within_a_day_is_somebody_s_decision():
    (remedy,) = offered("UNIT205", asked(3_600), "does not run")
    assert not remedy.is_offered
    assert "start it only if you know why" in remedy.by_hand


def test_a_stop_that_is_older_was_forgotten():
    (remedy,) = offered("UNIT205", asked(FORGOTTEN_S + 1), "does not run")
    assert named((remedy,)) == WELL
    assert remedy.verb == "start"
    assert "forgotten" in remedy.why


def test_what_was_never_started_since_the_boot_is_started():
    assert named(offered("UNIT205", never_started(), "does not run")) == WELL


def test_the_stop_of_the_last_shutdown_was_nobody_s_decision():
    facts = never_started(Event(NOW_S - 3_600, "stopping", "Stopping app.service..."))
    (finding,) = BY_CODE["UNIT205"].judge(facts, booted := host(facts, booted_s=NOW_S - 3_595))
    (offers,) = remedies(diagnosed(finding, condition="does not run"), facts, booted)
    assert named(offers) == WELL


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (RelatedUnit("PartOf", "fleet.target", "loaded", "inactive"), "start that first"),
        (RelatedUnit("Conflicts", "paper.service", "loaded", "active"), "would stop it"),
    ],
)
def test_another_unit_comes_first(other, why):
    (remedy,) = offered("UNIT205", related(other), "does not run")
    assert (remedy.is_offered, why in remedy.by_hand) == (False, True)


def test_what_a_timer_starts_is_not_started_in_its_place():
    timer = RelatedUnit("TriggeredBy", "app.timer", "loaded", "inactive", unit_file_state="enabled")
    facts = never_started()
    facts = replace(facts, unit=replace(facts.unit, related=(*facts.unit.related, timer)))
    (remedy,) = offered("UNIT205", facts, "does not run")
    assert "app.timer" in remedy.by_hand


def test_a_job_that_waits_is_looked_at():
    facts = never_started(job="start")
    (remedy,) = offered("UNIT205", facts, "does not run")
    assert "list-jobs" in remedy.by_hand


def test_without_a_journal_nobody_knows_who_stopped_it():
    facts = stopped()
    assert named(offered("UNIT205", replace(facts, journal=None), "does not run")) == LEFT
    unread = replace(facts, journal=JournalFacts(), missing=(Missing("journal", "no permission"),))
    assert named(offered("UNIT205", unread, "does not run")) == LEFT


def test_a_daemon_that_worked_for_a_while_is_brought_back():
    ended = down("success", "exited", 0, active_state="inactive", sub_state="dead", restart="on-failure")
    (remedy,) = offered("UNIT204", ended, "does not run")
    assert named((remedy,)) == WELL
    assert "30 min" in remedy.why


@pytest.mark.parametrize("changes", [{"exec_main_exit_s": NOW_S - 3_599}, {"exec_main_exit_s": None}])
def test_one_that_ended_at_once_would_end_again(changes):
    given = {
        "active_state": "inactive",
        "sub_state": "dead",
        "restart": "on-failure",
        "exec_main_start_s": NOW_S - 3_600,
        **changes,
    }
    assert named(offered("UNIT204", down("success", "exited", 0, **given), "does not run")) == LEFT
