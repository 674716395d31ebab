"""Signals and journal entries of services that ended in every way, recorded on systemd 252: who died, and who was stopped."""

import json
from collections import Counter
from pathlib import Path

import pytest

from qtops.collectors.journal.entries import entry
from qtops.collectors.watching.endings import Endings
from qtops.collectors.watching.standing import Unit
from qtops.incidents import Died, Stands
from tests.collectors.watching import scenario

RECORDED = Path(__file__).parent / "recorded"


def by_signals():
    units, found = {}, []
    for line in (RECORDED / "signals.jsonl").read_text().splitlines():
        name, properties = json.loads(line)
        properties["RemainAfterExit"] = name == "r-remains.service"  # signals leave out what does not change
        found += units.setdefault(name, Unit(name)).hear(properties, 2e9, "signal")
    return found


def by_journal():
    endings = Endings()
    heard = (endings.hear(entry(line), 2e9) for line in (RECORDED / "journal.jsonl").read_bytes().splitlines())
    return [died for died in heard if died is not None]


def deaths(found):
    return {seen.key: seen for seen in found if isinstance(seen, Died)}


def test_each_death_is_told_once_and_only_deaths_are():
    died = [seen for seen in by_signals() if isinstance(seen, Died)]
    assert len(deaths(died)) == len(died)
    counted = Counter(seen.unit.removesuffix(".service") for seen in died)
    assert {name: counted[name] for name in scenario.SERVICES} == scenario.DEATHS


def test_signals_and_journal_tell_of_the_same_deaths_in_the_same_way():
    first, second = deaths(by_signals()), deaths(by_journal())
    assert first.keys() == second.keys()
    for key, died in first.items():
        told = second[key]
        assert abs(died.at_s - told.at_s) < 0.05 or died.at_s == 2e9  # told of before its state changes
        if told.code:  # it is told of as soon as the process has ended: why the unit failed is not known then
            assert (died.code, died.status) == (told.code, told.status)
        else:
            assert died.result == told.result


@pytest.mark.parametrize(
    ("name", "code", "status", "result"),
    [
        ("r-kill", "killed", 9, "signal"),
        ("r-limit", "exited", 1, "exit-code"),
        ("r-done-again", "", 0, "start-limit-hit"),
        ("r-pre", "", 0, "exit-code"),
        ("r-stubborn", "killed", 9, "timeout"),
        ("r-hangs", "killed", 6, "watchdog"),
        ("r-silent", "killed", 15, "timeout"),
        ("r-environment", "", 0, "resources"),
        ("r-executable", "exited", 203, "exit-code"),
    ],
)
def test_a_death_says_how_it_came(name, code, status, result):
    told = {(seen.code, seen.status, seen.result) for seen in deaths(by_signals()).values() if seen.unit == f"{name}.service"}
    assert told == {(code, status, result)}


def test_who_was_stopped_by_a_job_is_known():
    last = {seen.unit: seen for seen in by_signals() if isinstance(seen, Stands)}
    assert {name.removesuffix(".service") for name, seen in last.items() if seen.stopped} == scenario.STOPPED
    assert last["r-dismissed.service"].active_state == "inactive"
    assert last["r-delay.service"].active_state == "active"
    assert last["r-delay.service"].n_restarts == 2


def test_nothing_is_told_of_a_unit_that_is_neither_up_nor_down():
    assert all(seen.main_pid == 0 for seen in by_signals() if isinstance(seen, Stands) and seen.active_state == "inactive")


RUNS = {
    "ActiveState": "active", "SubState": "running", "Result": "success", "MainPID": 7, "NRestarts": 0, "InvocationID": "a" * 32,
    "Restart": "on-failure", "InactiveExitTimestamp": 1_000_000, "StateChangeTimestamp": 1_000_000,
}  # fmt: skip
FAILED = RUNS | {
    "ActiveState": "failed", "SubState": "failed", "Result": "signal", "MainPID": 0, "ExecMainCode": 2, "ExecMainStatus": 9,
    "ExecMainExitTimestamp": 2_000_000, "ActiveExitTimestamp": 2_000_100, "StateChangeTimestamp": 2_000_100,
}  # fmt: skip


def told(*properties, source="look"):
    unit, found = Unit("x.service"), []
    for values in properties:
        found += unit.hear(values, 5.0, source)
    return found


def died(*properties, source="look"):
    return [seen for seen in told(*properties, source=source) if isinstance(seen, Died)]


def test_a_look_tells_of_a_death_that_no_signal_told_of_and_only_once():
    (only,) = died(RUNS, FAILED, FAILED)
    assert (only.at_s, only.code, only.status, only.source) == (2.0, "killed", 9, "look")


def test_of_a_unit_that_runs_again_the_death_is_known_where_only_failure_starts_it_again():
    again = RUNS | {"InvocationID": "b" * 32, "NRestarts": 1, "InactiveEnterTimestamp": 3_000_000}
    (only,) = died(RUNS, again)
    assert (only.invocation, only.at_s) == ("a" * 32, 3.0)
    assert died(RUNS | {"Restart": "always"}, again | {"Restart": "always"}) == []  # it may have ended well
    assert died(RUNS, again | {"NRestarts": 0}) == []  # somebody started it


def test_a_signal_tells_only_what_is_new_and_a_look_all():
    assert len(told(RUNS, RUNS, RUNS, source="signal")) == 1
    assert len(told(RUNS, RUNS, RUNS, source="look")) == 3


def test_what_was_stopped_stays_so_when_systemd_has_forgotten_it():
    stopped = FAILED | {"ActiveState": "inactive", "SubState": "dead", "Result": "success", "ActiveExitTimestamp": 1_900_000}
    forgotten = dict.fromkeys(RUNS, 0) | {"ActiveState": "inactive", "SubState": "dead", "Result": "success", "InvocationID": ""}
    last = told(RUNS, stopped, forgotten | {"ActiveExitTimestamp": 0, "ExecMainExitTimestamp": 0})[-1]
    assert (last.invocation, last.stopped) == ("", True)


def test_the_end_of_an_earlier_main_process_is_not_that_of_a_start_that_failed_before_it():
    before_main = FAILED | {"InactiveExitTimestamp": 4_000_000, "StateChangeTimestamp": 4_500_000, "Result": "exit-code"}
    (only,) = died(before_main)
    assert (only.code, only.status, only.at_s) == ("", 0, 4.5)


def test_a_job_is_named_by_what_it_finds():
    unit = Unit("x.service")
    (up,) = unit.hear(RUNS | {"JobNumber": 3}, 5.0, "signal")
    assert up.job == "stop"
    anew = RUNS | {"InvocationID": "b" * 32, "JobNumber": 3}
    assert [seen.job for seen in unit.hear(anew, 5.0, "signal")] == ["start"]  # a restart
    assert [seen.job for seen in unit.hear(anew | {"JobNumber": 0}, 5.0, "signal")] == [""]


ENDING = RUNS | {"ActiveState": "deactivating", "SubState": "stop-sigterm", "JobNumber": 4, "ActiveExitTimestamp": 1_900_000}
LIMIT = FAILED | {"Result": "timeout", "ActiveExitTimestamp": 1_900_000, "JobNumber": 0}


@pytest.mark.parametrize("result", ["timeout", "signal", "core-dump"])
def test_what_had_to_be_killed_or_crashed_as_it_was_stopped_was_stopped_even_so(result):
    last = told(RUNS, RUNS | {"JobNumber": 4}, ENDING, LIMIT | {"Result": result}, source="signal")[-1]
    assert (last.active_state, last.stopped) == ("failed", True)


def test_who_ran_out_of_its_own_time_was_not_stopped():
    assert not told(RUNS, ENDING | {"JobNumber": 0}, LIMIT, source="signal")[-1].stopped


def test_a_job_that_reloaded_it_is_no_stop():
    reloading = RUNS | {"ActiveState": "reloading", "SubState": "reload", "JobNumber": 4}
    last = told(RUNS, reloading, RUNS | {"JobNumber": 0}, FAILED | {"Result": "signal"}, source="signal")[-1]
    assert not last.stopped


def test_what_systemd_starts_anew_after_a_failure_was_not_stopped_for_that_instant():
    waiting = FAILED | {"ActiveState": "inactive", "SubState": "dead", "Result": "exit-code", "ExecMainCode": 1}
    assert [seen.stopped for seen in told(waiting | {"Job": "start"}) if isinstance(seen, Stands)] == [False]
    assert [seen.stopped for seen in told(waiting) if isinstance(seen, Stands)] == [True]
