"""What ``qtops top`` says of a look."""

import pytest
from msgspec.structs import replace

from qtops.checks.freshness import State
from qtops.facts.keys import ServerReading
from qtops.facts.unit import RelatedUnit
from qtops.findings import Severity, Verdict
from qtops.incidents import Hold
from qtops.reports.top.look import Records
from qtops.reports.top.report import report
from tests.checks.proposals.proposals import NOW_S, looks, reading
from tests.reports.top.looks import EVENTS, NAME, UNIT, incident, key, look

DOWN = ServerReading("redis://127.0.0.1:6379/0", "down", "start it", "Connection refused")


def service(**changes):
    (row,) = report(look(units=((NAME, replace(UNIT, **changes)),))).services
    return row


def test_where_all_is_well_it_says_so_of_everything():
    found = report(look())
    assert found.verdict is Verdict.OK
    assert [row.verdict for row in (*found.services, *found.keys, *found.levels, *found.streams)] == 6 * [Verdict.OK]
    assert (found.incidents, found.holds) == ((), ())


class TestServices:
    def test_how_a_service_stands(self):
        row = service()
        assert (row.unit, row.state, row.for_s, row.pid, row.restarts) == (NAME, "running", 7200.0, 4711, 0)
        assert (row.memory_bytes, row.memory_max_bytes, row.status) == (60 << 20, 512 << 20, "3/3 fresh")

    @pytest.mark.parametrize(
        ("changes", "state", "verdict"),
        [
            ({}, "running", Verdict.OK),
            ({"active_state": "reloading", "sub_state": "reload"}, "reloading (reload)", Verdict.OK),
            ({"active_state": "failed", "result": "exit-code", "exec_main_status": 1}, "failed (exit status 1)", Verdict.CRITICAL),
            ({"active_state": "failed", "result": "signal", "exec_main_status": 9}, "failed (signal 9)", Verdict.CRITICAL),
            ({"active_state": "failed", "result": "start-limit-hit"}, "failed (start-limit-hit)", Verdict.CRITICAL),
            ({"active_state": "activating", "sub_state": "auto-restart"}, "activating (auto-restart)", Verdict.CRITICAL),
            ({"active_state": "activating", "sub_state": "start"}, "activating (start)", Verdict.WARNING),
            ({"active_state": "deactivating", "sub_state": "stop-sigterm"}, "deactivating (stop-sigterm)", Verdict.WARNING),
            ({"active_state": "inactive", "sub_state": "dead"}, "inactive", Verdict.CRITICAL),
            ({"active_state": "inactive", "type": "oneshot"}, "inactive", Verdict.OK),
            ({"active_state": "inactive", "related": (), "unit_file_state": "disabled"}, "inactive", Verdict.OK),
            ({"active_state": "inactive", "related": (RelatedUnit("TriggeredBy", "x.timer"),)}, "inactive", Verdict.OK),
            ({"load_state": "not-found", "active_state": "inactive"}, "not-found", Verdict.CRITICAL),
            ({"n_restarts": 5, "exec_main_start_s": NOW_S - 20}, "running", Verdict.WARNING),  # in a loop
            ({"n_restarts": 5}, "running", Verdict.OK),  # it was
        ],
    )
    def test_its_state_and_what_that_means(self, changes, state, verdict):
        row = service(**changes)
        assert (row.state, row.verdict) == (state, verdict)

    def test_one_that_could_not_be_read_is_not_known_to_be_well(self):
        found = report(look(units=((NAME, None),)))
        assert found.verdict is Verdict.UNKNOWN
        assert (found.services[0].state, found.services[0].for_s) == ("unknown", None)

    def test_its_load_is_that_between_two_looks_else_the_average_of_its_run(self):
        before = look()
        now = look(taken_at_s=NOW_S + 2, units=((NAME, replace(UNIT, cpu_s=73.0)),))
        assert report(before).services[0].cpu_pct == 1.0
        assert report(now, before).services[0].cpu_pct == 50.0

    def test_a_new_run_begins_at_nothing(self):
        began = replace(UNIT, cpu_s=0.5, invocation_id="b" * 32, exec_main_start_s=NOW_S - 8)
        assert report(look(taken_at_s=NOW_S + 2, units=((NAME, began),)), look()).services[0].cpu_pct == 5.0

    def test_a_clock_that_was_set_back_makes_no_negative_time(self):
        row = service(state_changed_s=NOW_S + 100, exec_main_start_s=NOW_S + 100)
        assert (row.for_s, row.cpu_pct) == (0.0, None)

    def test_a_hold_is_told_beside_it(self):
        held = Records(holds=(Hold(unit=NAME, until_s=NOW_S + 60, why="move", by="ops", made_s=NOW_S),))
        found = report(look(records=held))
        assert found.services[0].held_until_s == NOW_S + 60
        assert found.holds is not None
        assert found.holds[0].left_s == 60.0


class TestKeys:
    def test_age_and_limit(self):
        (row,) = report(look(keys=(key(age_s=25.0),))).keys
        assert (row.family, row.symbol, row.state, row.verdict, row.limit_s) == (
            "risk-proposal", "BTCUSDT", State.LATE, Verdict.WARNING, 20.0,
        )  # fmt: skip
        assert row.age_s == pytest.approx(25.0)

    def test_the_sickest_stand_first(self):
        rows = report(look(keys=(key(), key("ETHUSDT", 25.0), key("SOLUSDT", 99.0)))).keys
        assert [row.symbol for row in rows] == ["SOLUSDT", "ETHUSDT", "BTCUSDT"]


class TestStreams:
    def test_length_newest_entry_and_what_its_groups_have_left(self):
        (row,) = report(look()).streams
        assert (row.name, row.length, row.maxlen) == (EVENTS, 3, 1000)
        assert row.age_s == pytest.approx(5.0)
        assert [(group.name, group.waiting, group.pending) for group in row.groups] == [("guard", 0, 0)]


class TestRedisAway:
    def test_it_is_said_once_and_the_rest_goes_on(self):
        proposals = looks(reading())
        away = replace(proposals, looks=(replace(proposals.looks[0], server=DOWN),))
        found = report(look(servers=(DOWN,), keys=(), proposals=(away,), streams=None))
        assert found.verdict is Verdict.UNKNOWN
        assert found.servers[0].state == "down"
        assert (found.levels, found.streams) == ((), ())
        assert found.services[0].verdict is Verdict.OK


class TestIncidents:
    def test_where_no_supervisor_has_records_it_is_not_said_that_none_is_open(self):
        found = report(look(records=None))
        assert (found.incidents, found.holds, found.verdict) == (None, None, Verdict.OK)

    def test_open_ones_the_gravest_first_of_these_the_newest(self):
        given = (
            incident(number=1, severity=Severity.WARNING),
            incident(number=2, began_s=NOW_S - 9000),
            incident(number=3),
            incident(number=4, state="resolved"),
            incident(number=5, state="acknowledged", gave_up_s=NOW_S),
        )
        found = report(look(records=Records(incidents=given)))
        assert [row.number for row in found.incidents or ()] == [3, 2, 5, 1]
        assert found.verdict is Verdict.CRITICAL

    def test_how_long_it_lasts(self):
        found = report(look(records=Records(incidents=(incident(), incident(number=13, began_s=NOW_S + 50)))))
        assert sorted(row.age_s for row in found.incidents or ()) == [0.0, 3600.0]


def test_what_could_not_be_read_leaves_it_open_how_things_are():
    assert report(look(missing=("systemd: it does not answer",))).verdict is Verdict.UNKNOWN
