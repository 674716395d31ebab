"""What services write, and the Redis that they write to: a root is told, and what follows from it is told with it."""

from qtops.findings import Severity
from qtops.policy.folding import fold

from .builders import LIMITS, NOW_S, REDIS, SETTINGS, Kept, died, events, found, output, redis, stands

SETTLED_S = NOW_S + LIMITS.settle_s
WARNING = found("PROPOSAL113", "it never expires", Severity.WARNING)


def test_what_is_wrong_with_the_output_is_one_incident_of_the_gravest():
    kept = Kept()
    assert events(kept.see(output(WARNING, found()))) == ["opened!"]
    assert kept.only.kind == "output"
    assert kept.only.findings == ("KEYS201", "PROPOSAL113")
    assert kept.only.title == "app.service: KEYS201: its keys are stale (and PROPOSAL113)"
    assert kept.see(output(WARNING, found()), NOW_S + 5) == ()


def test_graver_news_of_the_output_is_told_and_the_like_is_noted():
    kept = Kept()
    kept.see(output(WARNING))
    assert kept.only.severity is Severity.WARNING
    assert events(kept.see(output(WARNING, found()))) == ["worse!"]
    assert kept.only.severity is Severity.CRITICAL
    assert "KEYS201" in kept.only.title
    assert events(kept.see(output(found(), found("PROPOSAL101")))) == ["noted"]
    assert kept.only.findings == ("KEYS201", "PROPOSAL101")


def test_information_is_no_fault():
    assert fold((), output(found("PROPOSAL116", severity=Severity.INFO)), SETTINGS, NOW_S) == ()


def test_output_is_resolved_when_nothing_is_found_for_the_settle_time():
    kept = Kept()
    kept.see(output(found()))
    assert events(kept.see(output())) == ["clear"]
    assert events(kept.see(output(found()), NOW_S + 5)) == ["not clear"]
    assert kept.only.times == 2
    kept.see(output(), NOW_S + 10)
    assert kept.tick(SETTLED_S) == ()
    assert events(kept.tick(SETTLED_S + 10)) == ["resolved!"]


def test_doubts_alone_open_nothing_and_are_noted_once():
    kept, doubt = Kept(), output(doubts=("Redis does not answer",))
    assert kept.see(doubt) == ()
    kept.see(output(found()))
    assert events(kept.see(doubt)) == ["noted"]
    assert kept.see(doubt, NOW_S + 5) == ()
    assert kept.only.clear_since_s is None


def test_what_cannot_be_told_any_more_does_not_become_clear_by_waiting():
    kept = Kept()
    kept.see(output(found()))
    kept.see(output())
    assert events(kept.see(output(doubts=("Redis does not answer",)), NOW_S + 5)) == ["not clear"]
    assert kept.tick(SETTLED_S) == ()


def test_output_of_a_process_that_is_down_is_told_with_its_incident_once_per_code():
    kept = Kept()
    kept.see(died())
    assert events(kept.see(output(found()))) == ["noted"]
    assert kept.see(output(found()), NOW_S + 5) == ()
    assert events(kept.see(output(found(), WARNING), NOW_S + 10)) == ["noted"]
    assert kept.only.kind == "process"
    assert kept.only.findings == ("KEYS201", "PROPOSAL113")


def test_output_that_a_redis_explains_is_told_with_the_incident_of_that_redis_alone():
    kept = Kept()
    kept.see(redis("refused: connection refused"))
    assert events(kept.see(output(found()))) == ["noted"]
    assert events(kept.see(output(found(), unit="other.service", redis="redis://elsewhere/0"))) == ["opened!"]


def test_output_that_stays_wrong_after_its_root_is_resolved_is_an_incident_of_its_own():
    kept = Kept()
    kept.see(died())
    kept.see(output(found()))
    kept.see(stands())
    kept.tick(SETTLED_S)
    assert events(kept.see(output(found()), SETTLED_S + 1)) == ["opened!"]


def test_output_that_was_wrong_before_its_process_died_goes_its_own_way():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(died())
    assert len(kept.open) == 2
    assert events(kept.see(output(found()))) == ["worse"]  # nobody is told: the death was
    kept.see(stands())
    kept.see(output())
    assert events(kept.tick(SETTLED_S)) == ["resolved!", "resolved!"]


def test_output_that_comes_back_graver_while_its_process_is_down_is_not_told_beside_the_death():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(output())
    kept.see(died())
    assert events(kept.see(output(found()))) == ["worse"]


def test_output_that_comes_back_graver_is_told():
    kept = Kept()
    kept.see(output(WARNING))
    kept.see(output())
    assert events(kept.see(output(found()))) == ["worse!"]
    assert (kept.only.times, kept.only.clear_since_s) == (2, None)


def test_a_redis_that_does_not_answer_is_one_incident_for_all_who_write_to_it():
    kept = Kept()
    trouble = redis("refused: connection refused", units=("a.service", "b.service", "c.service", "d.service"))
    assert events(kept.see(trouble)) == ["opened!"]
    assert kept.only.unit == REDIS
    assert (
        kept.only.title == f"Redis at {REDIS}: refused: connection refused; without it: a.service, b.service, c.service and 1 more"
    )
    assert kept.see(trouble, NOW_S + 5) == ()
    assert events(kept.see(redis("loading: 3 %"), NOW_S + 6)) == ["noted"]
    assert kept.see(redis("loading: 4 %"), NOW_S + 7) == ()
    assert events(kept.see(redis(), NOW_S + 8)) == ["clear"]
    assert events(kept.see(redis("refused"), NOW_S + 9)) == ["not clear"]
    assert kept.see(redis("refused"), NOW_S + 10) == ()


def test_a_redis_that_answers_is_no_news():
    assert fold((), redis(), SETTINGS, NOW_S) == ()


def test_what_a_person_ended_as_it_was_stays_ended_until_it_is_worse_or_was_clear():
    kept = Kept()
    kept.see(output(found()))
    kept.close()
    assert kept.see(output(found()), NOW_S + 5) == ()
    assert events(kept.see(output(found(), WARNING), NOW_S + 10)) == ["opened!"]
    kept.close()
    assert events(kept.see(output(), NOW_S + 15)) == ["clear"]
    assert events(kept.see(output(found()), NOW_S + 20)) == ["opened!"]


def test_so_does_a_redis_that_a_person_has_ended_the_incident_of():
    kept = Kept()
    kept.see(redis("refused: nobody listens"))
    kept.close()
    assert kept.see(redis("refused: nobody listens"), NOW_S + 5) == ()
    assert events(kept.see(redis(), NOW_S + 10)) == ["clear"]
    assert events(kept.see(redis("refused: nobody listens"), NOW_S + 15)) == ["opened!"]


def test_its_title_says_what_is_found_now():
    kept = Kept()
    kept.see(output(found(), WARNING))
    kept.see(output(WARNING), NOW_S + 5)
    assert kept.only.title == "app.service: PROPOSAL113: it never expires"
