"""Incidents that happened, as their numbers were: what was really wrong is what is found."""

from publisher.timestamps import utc_iso
from qtops.checks.cadence.recorded import cadence_of
from qtops.facts.cadence import Began, LimitFact
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts
from qtops.findings import Severity, Verdict
from qtops.reports.cadence.report import build
from qtops.settings import PROPOSALS, Settings

from .series import NOW_S, but, every, judged, watched

SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")


def of(code, found):
    return [finding for finding in found.findings if finding.code == code]


def test_qi_034_an_exporter_shows_its_own_start_as_the_time_of_all_symbols():
    began_s = NOW_S - 1800
    symbols = [watched([began_s], family="harvest", subject=name, field="last_update_epoch") for name in ("BTC", "ETH", "SOL")]
    (finding,) = of("CADENCE106", judged(*symbols, starts=(Began("harvest-exporter.service", began_s - 1.5),)))
    assert "3 subjects all say" in finding.summary
    assert "which is when harvest-exporter.service began" in finding.summary
    assert finding.severity is Severity.CRITICAL


def test_qi_036_a_publisher_skips_unchanged_values_and_with_them_the_time():
    skipping = every(60.04, family="harvest", field="last_update_epoch", inputs_moved=18, limits=(LimitFact("critical_s", 30.0),))
    found = judged(skipping)
    assert {finding.code for finding in found.findings} == {"CADENCE101", "CADENCE104"}
    (held_back,) = of("CADENCE104", found)
    assert "every 6th cycle only, every 60.04 s, while its inputs move" in held_back.summary


def test_qi_051_a_cycle_of_170_s_against_a_limit_of_10_s_blames_the_limit_where_nobody_promised_more():
    limit = LimitFact("P33_MAX_AGE_SEC", 10.0, "/etc/quantum/p33.env:7")
    cycle = every(170, for_s=1200, look_s=5, family="position", field="ts_epoch", declared_s=None, limits=(limit,))
    found = judged(cycle)
    assert [finding.code for finding in found.findings] == ["CADENCE102"]
    assert found.findings[0].remedy.startswith("Set P33_MAX_AGE_SEC to 510.00 s")


def test_a_position_that_is_declared_every_5_s_and_polled_every_170_s_is_late_itself():
    found = judged(every(170, for_s=1200, look_s=2, declared_s=5.0, limits=(LimitFact("P33_MAX_AGE_SEC", 10.0),)))
    assert [finding.code for finding in found.findings] == ["CADENCE101"]


def look(at_s: float, **computed: str) -> ProposalLook:
    readings = tuple(
        ProposalReading(symbol=symbol, key=f"quantum:risk:proposal:{symbol}", read_at_s=at_s, fields={"computed_at_utc": text})
        for symbol, text in computed.items()
    )
    return ProposalLook(taken_at_s=at_s, server=SERVER, readings=readings)


FOUNDING = Facts(
    host="vps", taken_at_s=NOW_S,
    proposals=ProposalFacts(family=PROPOSALS.name, symbols=("BTCUSDT", "ETHUSDT"), looks=(
        look(NOW_S - 78, BTCUSDT="2026-02-17T23:57:12.679984", ETHUSDT="2026-02-17T23:57:12.680370"),
        look(NOW_S - 17, BTCUSDT="2026-02-17T23:58:12.720666", ETHUSDT="2026-02-17T23:58:12.721735"),
    )),
)  # fmt: skip


def founding(settings: Settings):
    facts = cadence_of(FOUNDING)
    assert facts is not None
    return build(facts, settings, "vps")


def test_the_founding_evidence_gives_sixty_seconds_where_ten_are_declared():
    report = founding(Settings())
    rows = {(row.subject, row.field): row for row in report.rows}
    assert round(rows["BTCUSDT", "computed_at_utc"].p50_s or 0, 6) == 60.040682
    assert round(rows["ETHUSDT", "computed_at_utc"].p50_s or 0, 6) == 60.041365
    slow = [finding for finding in report.judged.findings if finding.code == "CADENCE101"]
    assert {finding.subject for finding in slow} == {"risk-proposal BTCUSDT heartbeat_ms", "risk-proposal ETHUSDT heartbeat_ms"}
    assert "declared every 10 s, and nothing in the key is updated that often: 60.04 s" in {finding.summary for finding in slow}
    assert report.verdict is Verdict.WARNING


def test_a_bundle_without_looks_tells_no_cadence():
    assert cadence_of(Facts(host="vps", taken_at_s=NOW_S)) is None


def test_a_healthy_writer_that_is_looked_at_twice_is_not_accused():
    times = tuple(utc_iso(NOW_S - age) for age in (63, 3))
    heartbeat = but(every(10), texts=times, moments_s=(NOW_S - 63, NOW_S - 3), seen_at_s=(NOW_S - 60, NOW_S), watched_s=60.0,
                    sampled_every_s=60.0, blind_s=60.0, limits=())  # fmt: skip
    found = judged(heartbeat)
    assert [finding for finding in found.findings if finding.severity is not Severity.INFO] == []
    assert found.verdict is Verdict.UNKNOWN
