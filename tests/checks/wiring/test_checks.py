"""Each check of wiring: one thing sick in a healthy fleet, and what looks like it and is well."""

import pytest
from msgspec.structs import replace

from qtops.checks.wiring.registry import CHECKS, judge
from qtops.facts.streams import ClientReading
from qtops.findings import Severity
from qtops.settings import Family, Service, Settings, Stream, TimeRule

from . import founding, keyspace, quiet, sick
from .maps import (
    BEAT,
    HEALTHY,
    NOW_S,
    SETTINGS,
    beside,
    fleet,
    found,
    noted,
    reads,
    stream,
    there,
    unit,
    unresolved,
    writes,
)
from .sick import FAILED, IN, OUT, READER, WRITER

SICK, QUIET = (*sick.SICK, *keyspace.SICK), (*quiet.QUIET, *keyspace.QUIET)


@pytest.mark.parametrize(("code", "name", "facts"), SICK, ids=[f"{code} {number}" for number, (code, *_) in enumerate(SICK)])
def test_found(code, name, facts):
    finding = found(facts)[f"{code} {name}"]
    assert finding.evidence
    assert finding.remedy
    assert all(line.strip() for line in finding.evidence)


@pytest.mark.parametrize(("code", "facts"), QUIET, ids=[f"{code} {number}" for number, (code, *_) in enumerate(QUIET)])
def test_quiet(code, facts):
    assert [key for key in found(facts) if key.startswith(code)] == []


def test_every_check_has_both_cases():
    codes = {known.check.code for known in CHECKS}
    assert {code for code, *_ in SICK} == {code for code, *_ in QUIET} == codes


def test_one_sick_thing_gives_one_finding():
    several = {f"{code} {name}": sorted(found(facts)) for code, name, facts in SICK if len(found(facts)) != 1}
    assert several == {}


def test_the_healthy_fleet_is_healthy():
    assert found(HEALTHY) == {}
    assert noted(HEALTHY) == set()


def test_without_redis_and_without_systemd_it_is_too():
    units = tuple(replace(each, active_state="", sub_state="", unit_file_state="") for each in HEALTHY.units)
    assert found(replace(HEALTHY, units=units, names=None, streams=None)) == {}


def test_the_founding_system():
    keys = found(founding.founding(), founding.SETTINGS)
    assert sorted(keys) == [
        f"WIRING102 {founding.RISK}",
        f"WIRING103 {founding.POLICY}",
        f"WIRING106 {founding.RETRAIN}",
    ]
    assert keys[f"WIRING103 {founding.POLICY}"].severity is Severity.CRITICAL
    assert keys[f"WIRING106 {founding.RETRAIN}"].severity is Severity.WARNING


def test_a_near_name_explains_both_ends_and_the_fields_behind_it():
    (finding,) = (f for key, f in found(founding.founding(), founding.SETTINGS).items() if "103" in key)
    text = "\n".join(finding.evidence)
    assert "lib/policy_store.py:246" in text
    assert "ai_engine/service.py:118" in text
    assert "event_type, payload, trace_id would be read, and event, timestamp, version is written" in text
    assert finding.remedy.startswith("At lib/policy_store.py:246 write quantum:stream:policy.updated")


def test_the_change_is_made_where_the_name_comes_from():
    sick = beside(
        unit("r", reads("", "app:stream:exec.result", origin="STREAM_IN at /etc/r.env:3")),
        unit("w", writes("", "app:stream:exec.res")),
    )
    assert found(sick)["WIRING103 app:stream:exec.result"].remedy == (
        "Set STREAM_IN=app:stream:exec.res at /etc/r.env:3 for r.service; then restart r.service"
    )


def test_what_moves_has_a_writer_that_no_source_explains():
    moving = beside(READER, streams=(stream(IN, "model"),))
    assert found(moving) == {}
    assert f"WIRING101 {IN}" in noted(moving)


def test_a_name_that_could_not_be_told_makes_it_less_sure_and_is_named():
    sure, unsure = (
        found(beside(READER, *more))[f"WIRING101 {IN}"] for more in ((), (unit("bus", unresolved=(unresolved("bus"),)),))
    )
    assert (sure.severity, unsure.severity) == (Severity.CRITICAL, Severity.WARNING)
    assert "1 command of bus.service" in unsure.evidence[-1]
    other = found(beside(READER, unit("bus", unresolved=(unresolved("bus", "HGETALL"),))))[f"WIRING101 {IN}"]
    assert other.severity is Severity.CRITICAL  # that one can write no stream


def test_state_that_people_look_at_and_switches_that_they_set_are_only_noted():
    facts = beside(unit("a", writes("", "app:status"), reads("", "app:kill_switch", command="GET")))
    assert found(facts) == {}
    assert noted(facts) == {"WIRING101 app:kill_switch", "WIRING102 app:status"}


def test_what_the_configuration_declares_is_known():
    written = Settings(families=(), services=(), prices=(), streams=(Stream(name=IN, writer="elsewhere.service"),))
    assert found(beside(READER), written) == {}
    read = Settings(families=(), services=(), prices=(), streams=(Stream(name=OUT, groups=("pager",)),))
    assert found(beside(WRITER), read) == {}
    rule = TimeRule(field="at", interval_s=1, warn_s=1, critical_s=1)
    family = Family(name="vol", pattern="app:volatility:{symbol}", times=(rule,))
    service = Service(name="vol", unit="vol.service", families=("vol",))
    known = Settings(families=(family,), services=(service,), prices=(), streams=())
    reader = unit("model", reads("", "app:volatility:<symbol>"))
    assert found(beside(reader), known) == {}
    assert len(found(beside(reader, unit("vol")), known)) == 1  # its source was read, and does not


def test_a_check_that_is_off_is_told_apart():
    settings = Settings(families=(), services=(), streams=(), prices=(), off={"WIRING101": "2026-02-17: until the move"})
    assert found(beside(READER), settings) == {}


def test_findings_come_as_the_wiring_goes():
    chain = [
        unit("c", reads("", "app:stream:bb"), writes("", "app:stream:cc")),
        unit("b", reads("", "app:stream:aa"), writes("", "app:stream:bb"), reads("", "app:stream:missing")),
        unit("a", writes("", "app:stream:aa"), writes("", "app:stream:unread")),
    ]
    assert list(found(fleet(*chain))) == ["WIRING102 app:stream:unread", "WIRING101 app:stream:missing", "WIRING102 app:stream:cc"]


def test_a_heartbeat_that_each_service_writes_for_itself_is_no_clash():
    assert [key for key in found(HEALTHY) if BEAT in key] == []


def test_symbols_of_a_list_are_any_symbol():
    written = unit("w", *(writes("", f"app:vol:{symbol}", "v", origin="default of SYMBOLS") for symbol in ("BTCUSDT", "A2ZUSDT")))
    assert found(beside(written, unit("r", reads("", "app:vol:ETHUSDT", "v", origin="SYMBOLS at /etc/r.env:2")))) == {}
    other = unit("other", writes("", "app:vol:<symbol>", "v"))
    facts = beside(written, other, unit("r", reads("", "app:vol:<symbol>", "v")))
    assert list(found(facts)) == ["WIRING104 app:vol:<symbol>"]


def test_a_variable_that_lists_symbols_names_no_key():
    reader = unit("r", reads("", "app:state:BTCUSDT", origin="SYMBOLS at /etc/r.env:2"))
    facts = beside(reader, unit("w", writes("", "app:plan:SOLUSDT", origin="default of SYMBOLS")))
    assert list(found(facts)) == ["WIRING101 app:state:<symbol>"]


def test_a_name_that_others_begin_with_is_not_one_cut_short():
    facts = beside(
        unit("r", reads("", "app:stream:fills.raw")),
        unit("w", writes("", "app:stream", command="XADD"), writes("", "app:stream:bars"), reads("", "app:stream:bars")),
    )
    assert "WIRING103 app:stream:fills.raw" not in found(facts)


def test_connections_that_could_be_the_unknown_writer_are_named():
    clients = tuple(ClientReading(name, command, 0, False) for name, command in (("bridge", "xadd"), ("panel", "hgetall")))
    facts = replace(beside(READER, streams=(stream(IN, "model"),)), clients=clients)
    (finding,) = (each for each in judge(facts, SETTINGS).findings if each.code == "WIRING101")
    assert "connections whose last command writes such a thing: bridge" in finding.evidence


def test_between_two_looks_what_grew_has_a_writer():
    old, new = stream(IN, "model", added=5, age_s=90_000), stream(IN, "model", added=6, age_s=90_000)
    facts = beside(READER, streams=(new,))
    look = facts.streams.looks[0]
    looks = (replace(look, streams=(old,)), look)
    assert list(found(facts)) == [f"WIRING101 {IN}"]
    assert found(replace(facts, streams=replace(facts.streams, looks=looks))) == {}


@pytest.mark.parametrize(
    ("off_s", "last_s", "severity"),
    [(600, 590, Severity.CRITICAL), (600, 1800, Severity.CRITICAL), (600, 5, Severity.INFO), (None, 5, Severity.INFO)],
)
def test_what_came_before_the_writer_went_off_is_not_somebody_elses(off_s, last_s, severity):
    since_s = None if off_s is None else NOW_S - off_s
    maker = unit("maker", writes("", IN), **FAILED, since_s=since_s)
    facts = beside(READER, maker, streams=(stream(IN, "model", age_s=last_s),))
    (finding,) = (each for each in judge(facts, SETTINGS).findings if each.code == "WIRING106")
    assert finding.severity is severity


def test_a_key_that_still_expires_long_after_its_writer_went_has_another():
    def severity(off_s):
        maker = unit("maker", writes("", "app:vol", expires=True), **FAILED, since_s=NOW_S - off_s)
        facts = beside(maker, unit("model", reads("", "app:vol")), states=(there("app:vol", ttl_ms=9_000),))
        return next(each.severity for each in judge(facts, SETTINGS).findings if each.code == "WIRING106")

    assert (severity(600), severity(200_000)) == (Severity.CRITICAL, Severity.INFO)


def test_one_entry_is_one_entry():
    (finding,) = found(beside(READER, streams=(stream(IN, "model", age_s=90_000, added=1),))).values()
    assert any("1 entry of 1 ever added" in line for line in finding.evidence)
