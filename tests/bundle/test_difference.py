"""What changed between two looks: each kind of change is told, and nothing where nothing changed."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from qtops.bundle.difference import MOST, Change, Difference, as_json, diff, lines
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.events import EventFacts, GuardReading
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.service import Facts, Missing
from qtops.facts.streams import GroupReading, StreamReading
from qtops.facts.wiring import End, NameState, UnitWiring, WiringFacts
from qtops.findings import Diagnosis, Verdict
from tests.bundle.looks import CHANGED, NOW_S, SERVER, any_of, facts, proposals, service, streams, unit
from tests.reports.doctor.reports import FOUNDING, HEALTHY, HOSTILE, diagnosis, finding


def compared(before, after, old: Diagnosis = HEALTHY, new: Diagnosis = HEALTHY) -> Difference:
    """One service before, and after."""
    return diff((facts(before), [old]), (facts(after, taken_at_s=NOW_S + 60), [new]))


def test_two_looks_at_the_same_are_the_same():
    found = compared(service(), service(journal=JournalFacts(lines=(Line(NOW_S + 59, "cycle 8 done"),))))
    assert (found.services, found.changes, found.unchanged, found.between_s) == ((), (), ("app.service",), 60)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"n_restarts": 5}, {"n_restarts": 0}, Change("NRestarts", "5", "0")),
        ({}, {"active_state": "failed", "sub_state": "failed"}, Change("ActiveState", "active (running)", "failed (failed)")),
        ({}, {"result": "exit-code"}, Change("Result", "success", "exit-code")),
        ({}, {"exec_main_code": "exited", "exec_main_status": 1}, Change("last exit", "none", "exited 1")),
        ({}, {"main_pid": 0}, Change("MainPID", "812", "none")),
        ({}, {"load_state": "masked"}, Change("LoadState", "loaded", "masked")),
        ({}, {"unit_file_state": "disabled"}, Change("UnitFileState", "enabled", "disabled")),
        ({}, {"drop_ins": ("/etc/a.conf",)}, Change("DropInPaths", "none", "/etc/a.conf")),
        ({}, {"need_daemon_reload": True}, Change("NeedDaemonReload", "no", "yes")),
    ],
)
def test_properties_of_the_unit(before, after, change):
    (found,) = compared(unit(**before), unit(**after)).services
    assert found.changes == (change,)


def test_a_state_that_could_not_be_read_before():
    (found,) = compared(service(unit=None), service()).services
    assert Change("ActiveState", "none", "active (running)") in found.changes


def test_redis_and_what_could_not_be_told():
    hung = service(redis=replace(service().redis, reading=replace(service().redis.reading, state="hung")))
    (found,) = compared(service(), hung, HEALTHY, diagnosis(verdict=Verdict.UNKNOWN, unknown=("keys: hung",))).services
    assert found.changes == (Change("Redis", "ok", "hung"), Change("could not tell", "none", "keys: hung"))
    assert (found.before, found.after) == (Verdict.OK, Verdict.UNKNOWN)


def test_the_founding_incident_is_mended():
    failed = unit(active_state="failed", sub_state="failed", result="exit-code", main_pid=0, n_restarts=5)
    mended = diagnosis(subject="app.service", notes=FOUNDING.notes)
    (found,) = compared(failed, service(changed=(CHANGED,)), FOUNDING, mended).services
    assert (found.before, found.after) == (Verdict.CRITICAL, Verdict.OK)
    assert Change("root", "IMPORT101", "none") in found.changes
    assert [gone.code for gone in found.gone] == ["IMPORT101", "UNIT107", "UNIT203", "UNIT202", "KEYS201"]
    assert found.appeared == ()
    assert found.files == (CHANGED.path,)


def test_findings_are_the_same_whatever_age_their_texts_tell():
    old = diagnosis(notes=(finding(summary="down for 17 h"), finding("ENV101"), finding("ENV101")))
    new = diagnosis(notes=(finding(summary="down for 18 h"), finding("ENV101")))
    (found,) = compared(service(), service(), old, new).services
    assert ([gone.code for gone in found.gone], found.appeared) == (["ENV101"], ())


def test_a_file_that_changed_again_is_told_again():
    again = replace(CHANGED, changed_s=CHANGED.changed_s + 30)
    assert compared(service(changed=(CHANGED,)), service(changed=(CHANGED,))).services == ()
    assert compared(service(changed=(CHANGED,)), service(changed=(again,))).services[0].files == (CHANGED.path,)


def test_services_that_only_one_look_holds():
    other = diagnosis(subject="b.service", verdict=Verdict.WARNING, notes=(finding(),))
    found = diff((facts(), [HEALTHY]), (facts(service(subject="b.service")), [other]))
    assert [(one.subject, one.before, one.after) for one in found.services] == [
        ("b.service", None, Verdict.WARNING),
        ("app.service", Verdict.OK, None),
    ]
    assert found.services[0].appeared == (finding(),)


def test_another_host_another_boot_and_another_way_of_looking():
    new = facts(host="risk-2", via="systemctl", booted_s=NOW_S - 9, missing=(Missing("redis", "hung"),))
    assert [change.what for change in diff((facts(), [HEALTHY]), (new, [HEALTHY])).changes] == [
        "host", "booted", "read through", "missing",
    ]  # fmt: skip


def test_people_read_one_line_per_change(snapshot):
    failed = unit(active_state="failed", sub_state="failed", result="exit-code", main_pid=0, n_restarts=5)
    old = facts(failed, service(subject="b.service"), service(subject="c.service"))
    new = facts(service(changed=(CHANGED,)), service(subject="b.service"), taken_at_s=NOW_S + 390)
    found = diff((old, [FOUNDING, HEALTHY, HEALTHY]), (new, [HEALTHY, HEALTHY]))
    assert "\n".join(lines(found)) == snapshot


LEVELS = {"proposed_sl": "103", "proposed_tp": "108", "position_side": "LONG", "computed_at_utc": "2026-02-17T23:11:30Z"}


def of_redis(before: Facts, after: Facts) -> Difference:
    return diff((replace(before, services=()), []), (replace(after, services=(), taken_at_s=NOW_S + 60), []))


def test_levels_that_moved():
    later = LEVELS | {"proposed_sl": "104", "computed_at_utc": "2026-02-17T23:12:30Z"}
    found = of_redis(facts(proposals=proposals(LEVELS)), facts(proposals=proposals(LEVELS, later)))
    assert [(thing.name, thing.changes) for thing in found.things] == [
        ("proposal BTCUSDT", (Change("proposed_sl", "103", "104"),)),
    ]  # fmt: skip
    assert "  proposed_sl: 103 → 104" in [*lines(found)]
    assert found.things_unchanged == 1  # its Redis


def test_a_proposal_that_came_and_one_that_went():
    found = of_redis(facts(proposals=proposals(LEVELS)), facts(proposals=proposals(LEVELS, symbol="ETHUSDT")))
    assert [thing.name for thing in found.things] == ["proposal BTCUSDT", "proposal ETHUSDT"]
    assert found.things[0].changes[0] == Change("key", "there", "none")
    assert found.things[1].changes[0] == Change("key", "none", "there")


def test_a_group_that_fell_behind_and_a_stream_that_grew():
    slow = GroupReading(name="readers", lag=7, last_delivered_id="5-0")
    found = of_redis(facts(streams=streams()), facts(streams=streams(length=12, last_id="12-0", groups=(slow,))))
    assert found.things[0].changes == (
        Change("length", "5", "12"), Change("last entry", "5-0", "12-0"), Change("group readers lag", "0", "7"),
    )  # fmt: skip


def test_a_guard_that_came_into_force():
    def guarded(present: bool) -> Facts:
        guards = (GuardReading("EMERGENCY_FLATTEN", "quantum:guard", present),)
        stream = StreamReading(name="e", read_at_s=NOW_S)
        return facts(events=EventFacts(taken_at_s=NOW_S, read_at_s=NOW_S, server=SERVER, stream=stream, guards=guards))

    (thing,) = of_redis(guarded(False), guarded(True)).things
    assert (thing.name, thing.changes) == ("guard EMERGENCY_FLATTEN", (Change("in force", "absent", "there"),))


def test_units_and_names_of_the_map():
    def mapped(active: str, kind: str, *ends: End) -> Facts:
        units = (UnitWiring(unit="a.service", active_state=active, ends=ends),)
        return facts(wiring=WiringFacts(taken_at_s=NOW_S, units=units, names=(NameState(name="k", present=True, kind=kind),)))

    end = End(unit="a.service", name="k", command="HSET", direction="write")
    unit, name = of_redis(mapped("active", "hash"), mapped("failed", "string", end)).things
    assert unit.changes == (Change("ActiveState", "active", "failed"), Change("uses", "nothing", "HSET k"))
    assert name.changes == (Change("type", "hash", "string"),)


def test_an_interval_that_grew():
    def paced(every_s: int) -> Facts:
        series = Series(family="app", subject="BTC", field="beat", declared_s=10, moments_s=tuple(range(0, 5 * every_s, every_s)))
        return facts(cadence=CadenceFacts(server=SERVER, taken_at_s=NOW_S, series=(series,)))

    (thing,) = of_redis(paced(10), paced(60)).things
    assert (thing.name, thing.changes) == ("cadence app BTC beat", (Change("measured interval", "10 s", "1 min"),))


def test_a_redis_that_went_away_is_the_only_change():
    away = streams()
    away = replace(away, looks=(replace(away.looks[0], server=replace(SERVER, state="down"), streams=()),))
    (thing,) = of_redis(facts(streams=streams()), facts(streams=away)).things
    assert (thing.name, thing.changes) == ("streams", (Change("Redis", "ok", "down"),))  # of the streams it says nothing


def test_what_only_one_look_asked_for_is_not_compared():
    found = of_redis(facts(proposals=proposals(LEVELS)), facts(streams=streams()))
    assert found.things == ()


def test_of_very_many_changes_some_are_told_and_all_are_counted():
    def many(length: int) -> Facts:
        return facts(streams=streams(*(StreamReading(name=str(name), read_at_s=NOW_S, length=length) for name in range(1000))))

    found = of_redis(many(1), many(2))
    assert (len(found.things), found.things_left_out) == (MOST, 1000 - MOST)
    assert f"and {1000 - MOST} more that are not as they were" in [*lines(found)]


def test_the_wrong_order_is_told():
    assert "(1 min EARLIER: is the order right?)" in next(
        lines(diff((facts(taken_at_s=NOW_S + 60), [HEALTHY]), (facts(), [HEALTHY])))
    )


def test_programs_read_the_same():
    text = as_json(compared(unit(n_restarts=1), unit(n_restarts=2)))
    assert msgspec.json.decode(text, type=Difference).services[0].changes == (Change("NRestarts", "1", "2"),)
    found = json.loads(text)
    assert (found["schema"], found["after"]["time"]) == ("qtops.bundle.diff/1", "2026-02-17T23:12:32.000000+00:00")


def test_hostile_text_is_printable_in_both():
    bad = diagnosis(verdict=Verdict.CRITICAL, root=finding(summary=HOSTILE), unknown=(HOSTILE,))
    found = diff((facts(host=HOSTILE), [HEALTHY]), (facts(unit(result=HOSTILE)), [bad]))
    assert all(line.isprintable() for line in (*lines(found), as_json(found)))


@given(any_of(Facts))
@settings(max_examples=20)
def test_any_look_is_as_it_is(looked):
    rows = [HEALTHY for _ in looked.services]
    found = diff((looked, rows), (looked, rows))
    assert (found.services, found.changes, found.things, found.things_left_out) == ((), (), (), 0)
    assert set(found.unchanged) == {one.subject for one in looked.services}
