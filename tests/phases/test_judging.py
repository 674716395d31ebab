"""How a phase stands: by what was measured, and by nothing else."""

import pytest
from msgspec.structs import replace

from qtops.errors import UsageError
from qtops.evidence.case import Case, Stood
from qtops.facts.journal import Line
from qtops.facts.service import Missing
from qtops.phases.plan import chosen, unit_of
from qtops.settings import PHASES, Phase, Settings
from qtops.settings.phases import PhaseCriterion

from .phases import PHASE, UNIT, about, aged, at_s, journal, judged, keys, look, moving, proposals, seen, watched


def phase(*criteria: PhaseCriterion, **changes) -> Phase:
    return Phase(**{"number": 9, "title": "Nine", "services": (UNIT,), "criteria": criteria, **changes})


def one(**binding) -> PhaseCriterion:
    return PhaseCriterion(title="It holds", **binding)


def answer(facts=None, **binding) -> tuple[str, str]:
    """The answer to one criterion, and what was seen."""
    criterion = judged(facts or look(), phase(one(**binding))).criteria[0]
    return criterion.holds, criterion.seen


def test_a_criterion_without_a_binding_is_measured_by_nothing():
    assert answer() == ("could not tell", "nothing is bound to it: it is measured by nothing")
    assert judged(look(), phase(one())).state == "PENDING"
    assert judged(look(), phase(one(), one(runs=True))).state == "UNVERIFIED"


def test_a_phase_without_criteria_is_pending():
    assert judged(look(), phase()).state == "PENDING"


def test_what_contradicts_a_phase_without_criteria_is_told():
    verdict = judged(look(unit={"active_state": "failed", "sub_state": "failed", "result": "exit-code"}), phase())
    assert verdict.state == "PARTIAL"


def test_every_binding_of_a_criterion_has_to_hold():
    sick = look(service={"keys": keys(aged(40.0))})
    assert answer(sick, runs=True, within_s=10)[0] == "no"
    assert answer(look(cadence=None), runs=True, every_s=10)[0] == "could not tell"
    assert answer(replace(sick, cadence=None), within_s=10, every_s=10)[0] == "no"


def test_a_dependency_is_said_and_counts_for_nothing():
    last = (Stood(number=1, state="COMPLETE", reported_s=1.0),)
    verdict = judged(look(), case=Case(kind="phase", host="box", subject="phase 3", made_at_s=2.0, last=last))
    assert [(one.number, one.state) for one in verdict.depends] == [(1, "COMPLETE"), (2, "")]
    assert verdict.state == "COMPLETE"


def test_a_check_that_is_switched_off_is_told():
    given = look(service=proposals(lambda reading: replace(reading, ttl_ms=-1)))
    given = replace(given, settings=replace(given.settings, off={"PROPOSAL113": "2026-11-23: until the move"}))
    verdict = judged(given)
    assert verdict.state == "COMPLETE"
    assert "switched off by decision: PROPOSAL113" in verdict.criteria[-1].seen


@pytest.mark.parametrize(
    ("unit", "holds", "words"),
    [
        ({"active_enter_s": at_s() - 12}, "could not tell", "up for 12 s: a loop may take 30 s to show"),
        ({"n_restarts": 3, "active_enter_s": at_s() - 500}, "no", "NRestarts=3"),
        ({"n_restarts": 3, "active_enter_s": at_s() - 90_000, "exec_main_start_s": at_s() - 90_000}, "yes", "NRestarts=3"),
        ({"active_state": "activating", "sub_state": "auto-restart"}, "no", "is started again and again"),
        ({"active_state": "inactive", "sub_state": "dead", "main_pid": 0}, "no", "inactive"),
        ({"active_enter_s": float("nan")}, "could not tell", ""),
    ],
)
def test_staying_up(unit, holds, words):
    found = answer(look(unit=unit), stays=True)
    assert found[0] == holds
    assert words in found[1]


def test_restarts_that_were_not_read_are_not_zero():
    missing = (Missing("systemd", "the head of its status alone"),)
    assert answer(look(service={"missing": missing}), stays=True) == ("could not tell", "systemd: the head of its status alone")


@pytest.mark.parametrize("age_s", [-3.0, -3600.0])
def test_what_is_dated_ahead_is_never_fresh(age_s):
    holds, told = answer(look(service={"keys": keys(aged(age_s))}), within_s=10)
    assert holds == "no"
    assert "that is no age" in told
    assert answer(look(service={"keys": keys(aged(age_s))}), written=True)[0] == "could not tell"


@pytest.mark.parametrize("text", ["nan", "inf", "", "soon", "-1"])
def test_what_is_no_time_is_never_fresh(text):
    given = look(service={"keys": keys(lambda key: replace(key, values=(text, text)))})
    assert answer(given, within_s=10)[0] != "yes"


def test_keys_of_another_process_are_not_its_own():
    given = look(service=proposals(lambda reading: replace(reading, fields={**reading.fields, "publisher_id": "box:4711"})))
    holds, told = answer(given, written=True)
    assert holds == "no"
    assert "written by box:4711, which is not its process 187" in told


def test_keys_that_outlived_their_writer_are_not_its_own():
    """They have no time to live: after hours of a service that is down they are still there."""
    holds, told = answer(look(service={"keys": keys(lambda key: replace(key, values=("1795300000000", None)))}), written=True)
    assert holds == "no"
    assert "before its process began" in told


def test_absent_keys_are_told_by_their_names():
    given = look(service={"keys": keys(lambda key: replace(key, present=False, values=()), "SOLUSDT")})
    assert answer(given, symbols=("BTCUSDT", "SOLUSDT")) == ("no", "absent: quantum:risk:proposal:SOLUSDT")
    assert answer(look(), symbols=("DOGEUSDT",)) == ("could not tell", "not read: risk-proposal DOGEUSDT")


@pytest.mark.parametrize(
    ("series", "holds"),
    [
        ({"every_s": 10.0, "updates": 3}, "yes"),
        ({"every_s": 10.0, "updates": 2}, "could not tell"),
        ({"every_s": 5.0, "updates": 9}, "yes"),
        ({"every_s": 20.0, "updates": 4}, "no"),
        ({"every_s": 60.04, "updates": 2}, "no"),
        ({"every_s": 60.04, "updates": 2, "sampled_every_s": 50.0, "blind_s": 50.0}, "could not tell"),
        ({"every_s": 10.0, "updates": 7, "sampled_every_s": 6.0}, "could not tell"),
        ({"every_s": 10.0, "updates": 7, "sampled_every_s": 5.0}, "yes"),
        ({"every_s": 10.0, "updates": 3, "watched_s": 60.0}, "no"),  # it stopped
        ({"moments_s": (), "seen_at_s": (), "texts": (), "trouble": "wrong_type"}, "could not tell"),
    ],
)
def test_how_often_it_is_updated_takes_three_updates_and_two_looks_in_each_interval(series, holds):
    every = tuple(moving(symbol, **series) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"))
    assert answer(look(cadence=watched(*every)), every_s=10)[0] == holds


def test_the_fastest_field_of_a_key_counts():
    slow = moving("BTCUSDT", every_s=60.0, field="computed_at_utc", declared_s=60.0)
    others = (moving("ETHUSDT"), moving("SOLUSDT"))
    assert answer(look(cadence=watched(slow, *others)), every_s=10)[0] == "no"
    assert answer(look(cadence=watched(slow, moving("BTCUSDT"), *others)), every_s=10)[0] == "yes"
    absent = moving("BTCUSDT", moments_s=(), seen_at_s=(), texts=(), trouble="its key is there, and has no such field")
    assert answer(look(cadence=watched(slow, absent, *others)), every_s=10)[0] == "no"


def test_a_key_that_was_not_watched_keeps_all_from_being_told():
    holds, told = answer(look(cadence=watched(moving("BTCUSDT"))), every_s=10)
    assert holds == "could not tell"
    assert "ETHUSDT: not watched" in told


def test_lines_of_an_earlier_run_say_nothing():
    earlier = replace(seen().journal, invocation="another")
    assert answer(look(service={"journal": earlier}), says="Published")[0] == "could not tell"
    unnamed = replace(seen().journal, invocation="", lines=(Line(at_s() - 9_000, "Published proposal"),))
    assert answer(look(service={"journal": unnamed}), says="Published")[0] == "could not tell"


def test_what_is_said_in_a_journal_that_was_cut_is_said():
    given = look(service={"journal": replace(seen().journal, cut=True)})
    assert answer(given, says="Published proposal")[0] == "yes"
    assert answer(given, says="Closed position") == ("could not tell", "only its 12 newest lines were read")
    assert answer(look(service=journal("ModuleNotFoundError: x")), never_says="ModuleNotFoundError")[0] == "no"


def test_codes_of_a_service():
    assert answer(clear=("PROPOSAL105", "UNIT114")) == ("yes", "PROPOSAL105, UNIT114: nothing is found")
    lost = look(service=proposals(lambda reading: replace(reading, fields={**reading.fields, "p_trend": "0.0"})))
    holds, told = answer(lost, clear=("PROPOSAL105",))
    assert holds == "no"
    assert told.startswith(f"PROPOSAL105 {UNIT}: ")
    assert answer(look(service={"proposals": None}), clear=("PROPOSAL105",))[0] == "could not tell"
    assert answer(clear=("UNIT999",)) == ("could not tell", "UNIT999: there is no such check")


def test_a_phase_of_the_plan_by_its_number():
    assert chosen(Settings(), 3) == PHASE
    with pytest.raises(UsageError, match=r"no phase 7; there are: 1 \(Execution Feedback Integrity\), 2 \(Harvest"):
        chosen(Settings(), 7)
    with pytest.raises(UsageError, match="the plan is empty"):
        chosen(Settings(phases=()), 3)


def test_a_unit_by_the_name_that_operators_use():
    assert unit_of("risk-proposal", Settings()) == UNIT
    assert unit_of("other", Settings()) == "other.service"
    assert unit_of("a.timer", Settings()) == "a.timer"


@pytest.mark.parametrize("number", [phase.number for phase in PHASES])
def test_every_phase_of_the_plan_can_be_judged(number):
    verdict = judged(look(), chosen(Settings(), number))
    assert verdict.state == ("COMPLETE" if number == 3 else "PENDING")
    assert all(criterion.holds != "no" for criterion in verdict.criteria)


def test_a_unit_that_is_failed_makes_its_phase_partial():
    failed = replace(seen().unit, name="quantum-rl-agent.service", active_state="failed", sub_state="failed", result="exit-code")
    service = replace(seen(), subject=failed.name, unit=failed, families=(), keys=(), proposals=None, process=None)
    verdict = judged(look(services=(service,)), PHASES[4])
    assert verdict.state == "PARTIAL"
    assert about(verdict, "starts successfully").holds == "no"


def test_of_several_services_each_answer_names_its_own():
    others = tuple(f"acme-{number}.service" for number in range(14))
    mine = seen()
    services = tuple(replace(mine, subject=name, unit=replace(mine.unit, name=name, active_state="failed")) for name in others)
    (criterion, _) = judged(look(services=services), phase(one(runs=True), services=others)).criteria
    assert criterion.holds == "no"
    assert "acme-0.service: " in criterion.seen
    assert criterion.seen.endswith("; and 4 more")


def test_what_is_absent_because_no_position_is_open_is_said_to_be():
    gone = tuple(replace(key, present=False, values=(None, None), position="closed") for key in seen().keys)
    holds, why = answer(look(service={"keys": gone}), symbols=("BTCUSDT",))
    assert holds == "no"
    assert why.endswith("(no position is open: quantum:risk:proposal:BTCUSDT)")
