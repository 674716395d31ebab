"""What bundles tell of cadence besides, and what is known of processes."""

import pytest

from qtops.checks.cadence.measure import measure
from qtops.checks.cadence.recorded import cadence_of
from qtops.facts.cadence import Began
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts, ProcessFacts, ServiceFacts
from qtops.facts.streams import StreamFacts, StreamLook, StreamReading

from .series import NOW_S, every, facts

SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")


def streams(*readings: StreamReading) -> StreamFacts:
    return StreamFacts(looks=(StreamLook(taken_at_s=NOW_S, server=SERVER, streams=readings),))


def reading(at_s: float, sigma: str) -> ProposalReading:
    fields = {"heartbeat_ms": str(int(at_s * 1000)), "computed_at_utc": "2026-02-17T23:57:12+00:00"}
    market = {"sigma": sigma, "ts_timestamp": str(int(at_s))}
    return ProposalReading(symbol="BTC", key="quantum:risk:proposal:BTC", read_at_s=at_s, fields=fields, market=market)


def proposals(*readings: ProposalReading) -> ProposalFacts:
    looks = tuple(ProposalLook(taken_at_s=one.read_at_s, server=SERVER, readings=(one,)) for one in readings)
    return ProposalFacts(family="risk-proposal", symbols=("BTC",), looks=looks)


def test_looks_at_streams_hold_the_ids_of_their_entries():
    ids = tuple(f"{int((NOW_S - 60 * back) * 1000)}-0" for back in range(1, 10))
    read = StreamReading(name="quantum:stream:marketstate", read_at_s=NOW_S, recent_ids=ids)
    found = cadence_of(Facts(host="vps", taken_at_s=NOW_S, streams=streams(read)))
    assert found is not None
    (series,) = found.series
    assert (series.declared_s, measure(series, NOW_S).p50_s) == (60, pytest.approx(60))


def test_a_stream_that_only_happens_has_no_declared_interval():
    read = StreamReading(name="quantum:stream:risk.events", read_at_s=NOW_S, recent_ids=("1771361218867-0",))
    found = cadence_of(Facts(host="vps", taken_at_s=NOW_S, streams=streams(read)))
    assert found is not None
    assert found.series[0].declared_s is None


def test_inputs_that_change_between_looks_are_counted_and_their_times_are_not():
    looks = [reading(NOW_S - 30 + 10 * index, sigma) for index, sigma in enumerate(("0.01", "0.01", "0.02"))]
    found = cadence_of(Facts(host="vps", taken_at_s=NOW_S, proposals=proposals(*looks)))
    assert found is not None
    series = {one.field: one for one in found.series}
    assert series["heartbeat_ms"].inputs_moved == 1
    assert (series["heartbeat_ms"].sampled_every_s, series["heartbeat_ms"].watched_s) == (10, 20)
    assert len(series["computed_at_utc"].moments_s) == 1


def test_a_look_of_its_own_counts_more_and_processes_are_told_along():
    service = ServiceFacts(subject="app.service", process=ProcessFacts(pid=1, started_s=NOW_S - 60))
    own = facts(every(10))
    found = cadence_of(
        Facts(host="vps", taken_at_s=NOW_S, cadence=own, proposals=proposals(reading(NOW_S, "1")), services=(service,))
    )
    assert found is not None
    assert found.series == own.series
    assert found.starts == (Began("app.service", NOW_S - 60),)
