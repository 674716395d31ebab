"""What a map's report holds: everything, or the part that was asked for."""

import json

from msgspec.structs import replace

from qtops.facts.service import Facts, Missing
from qtops.findings import Severity, Verdict
from qtops.reports.wiring import document
from qtops.reports.wiring.report import report
from qtops.settings import Settings, Stream
from tests.checks.wiring import founding
from tests.checks.wiring.maps import HEALTHY, MARKET, NOW_S, ORDERS, SETTINGS, beside, unit

from .reports import SICK, control_plane, healthy, made


def test_all_is_well():
    found = healthy()
    assert found.verdict is Verdict.OK
    assert found.worst == ()
    assert {row.verdict for row in found.rows} == {Verdict.OK}
    assert found.total == "4 names: 4 ok"


def test_the_worst_come_first_and_only_three():
    found = made(SICK)
    assert [finding.code for finding in found.worst] == ["WIRING103", "WIRING101", "WIRING106"]
    assert found.verdict is Verdict.CRITICAL
    assert all(finding.severity is not Severity.INFO for finding in found.worst)


def test_names_and_units_come_from_upstream_to_downstream():
    found = healthy()
    assert [row.unit for row in found.units] == ["market.service", "strategy.service", "executor.service"]
    assert [row.rank for row in found.units] == [0, 1, 2]
    assert [row.name for row in found.rows][-1] == ORDERS


def test_a_row_joins_all_ends_of_a_name():
    row = next(row for row in made(HEALTHY).rows if row.name == MARKET)
    assert [end.unit for end in row.writers] == ["market.service"]
    assert [(end.unit, end.names) for end in row.readers] == [("strategy.service", ("app:market:BTCUSDT",))]
    assert (row.kind, row.keys, row.ttl_ms, row.length) == ("hash", 3, 50_000, 3)


def test_both_names_of_a_mismatch_carry_its_code():
    codes = {row.name: row.codes for row in made(SICK).rows}
    assert codes["app:stream:exec.result"] == codes["app:stream:exec.res"] == ("WIRING103",)


def test_who_writes_what_nobody_reads_is_shown_who_reads_what_nobody_writes():
    (row,) = (row for row in made(SICK).rows if row.name == "app:stream:exec.res")
    for found in (made(SICK, units={row.writers[0].unit}), made(SICK, pattern="*:exec.res")):
        assert "WIRING103" in {finding.code for finding in found.judged.findings}
        assert {"app:stream:exec.res", "app:stream:exec.result"} <= {row.name for row in found.rows}
        assert found.verdict is Verdict.CRITICAL


def test_what_one_unit_is_connected_to():
    found = made(SICK, units={"executor.service"})
    assert {row.name for row in found.rows} == {"app:beat:<service>", ORDERS}
    assert {row.unit for row in found.units} == {"market.service", "strategy.service", "executor.service"}
    assert found.verdict is Verdict.OK
    assert found.unresolved == ()


def test_names_that_match_a_pattern():
    found = made(SICK, pattern="*exec*")
    assert {row.name for row in found.rows} == {"app:stream:exec.result", "app:stream:exec.res"}
    assert {finding.code for finding in found.judged.findings} == {"WIRING103"}


def test_nothing_is_dropped_that_could_not_be_told():
    units = (*SICK.units, unit("dark", missing=("/srv/dark/main.py: permission denied",)))
    found = made(replace(SICK, units=units, missing=("Redis: timed out",), found=("app:stream:legacy",)))
    assert found.missing == ("Redis: timed out", "dark.service: /srv/dark/main.py: permission denied")
    assert [each.unit for each in found.unresolved] == ["bus.service"]
    assert found.found == ("app:stream:legacy",)
    assert made(replace(HEALTHY, missing=("Redis: timed out",))).verdict is Verdict.UNKNOWN


def test_systemd_away_is_said():
    facts = Facts(host="vps", taken_at_s=NOW_S, wiring=HEALTHY, settings=SETTINGS, missing=(Missing("systemd", "no D-Bus"),))
    assert report(facts).verdict is Verdict.UNKNOWN


def test_no_facts_are_no_clean_bill():
    assert report(Facts(host="vps", taken_at_s=NOW_S)).verdict is Verdict.UNKNOWN


def test_the_control_plane_of_the_founding_system():
    found = control_plane()
    assert [(subject.name, subject.verdict) for subject in found.subjects] == [
        (founding.POLICY, Verdict.CRITICAL),
        (founding.RETRAIN, Verdict.WARNING),
        (founding.CLOSE, Verdict.OK),
    ]
    assert {finding.code for finding in found.judged.findings} == {"WIRING103", "WIRING106"}


def test_a_stream_of_the_control_plane_that_nobody_knows_is_not_well():
    settings = Settings(families=(), services=(), prices=(), streams=(Stream(name="app:stream:lost", control_plane=True),))
    found = made(beside(), settings, control_plane=True)
    assert [(silence.name, silence.state) for silence in found.silences] == [("app:stream:lost", "unknown")]
    assert found.verdict is Verdict.UNKNOWN


def test_the_document_says_it_all():
    told = json.loads(document.render(made(SICK)))
    assert told["schema"] == "qtops.map/1"
    assert {name["name"] for name in told["names"]} >= {"app:stream:exec.result", "app:status"}
    assert told["unresolved"][0]["why"] == "the name is a parameter of publish()"
    assert told["silences"] == []
    (row,) = (name for name in told["names"] if name["name"] == "app:stream:jobs")
    assert row["writers"][0]["on"] is False
    assert row["last"] is None
    states = {silence["name"]: silence["state"] for silence in json.loads(document.render(control_plane()))["silences"]}
    assert set(states.values()) == {"broken", "unfed", "idle"}
