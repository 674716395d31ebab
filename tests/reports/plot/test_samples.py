"""What is drawn of facts: numbers that are some, ages by the clock of Redis; and a history that stays bounded."""

import pytest

from publisher.timestamps import utc_iso
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import PriceReading, ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.streams import StreamFacts, StreamLook, StreamReading
from qtops.reports.plot.samples import Age, History, Levels, samples
from tests.reports.plot.drawn import AT_S, age, history, levels

SERVER = ServerReading("redis://h", "ok")
FIELDS = {
    "position_side": "SHORT", "position_current_price": "105", "proposed_sl": "106.5", "proposed_tp": "103",
    "computed_at_utc": utc_iso(AT_S - 7),
}  # fmt: skip


def proposals(*readings: ProposalReading, at_s: float = AT_S) -> ProposalFacts:
    return ProposalFacts(
        family="risk-proposal", symbols=("BTC",), looks=(ProposalLook(taken_at_s=at_s, server=SERVER, readings=readings),)
    )


def reading(at_s: float = AT_S, **fields: str) -> ProposalReading:
    prices = (PriceReading("a price", "nan"), PriceReading("quantum:market:BTC price", "104.5"))
    return ProposalReading(symbol="BTC", key="k", read_at_s=at_s, fields={**FIELDS, **fields}, prices=prices)


def looked(**changes) -> Facts:
    return Facts(host="risk-1", taken_at_s=AT_S, **changes)


def test_a_proposal_gives_levels_and_the_ages_of_its_family():
    assert [*samples(looked(proposals=proposals(reading(heartbeat_ms=str((AT_S - 2) * 1000)))))] == [
        Levels("BTC", AT_S, "SHORT", 105.0, 106.5, 103.0, 104.5),
        Age("BTC", "heartbeat_ms", AT_S, 2.0, 20, 30),
        Age("BTC", "computed_at_utc", AT_S, 7.0, 90, 150),
    ]


def test_what_doctor_read_of_a_service_is_drawn_as_well():
    service = ServiceFacts(subject="a.service", proposals=proposals(reading()))
    assert [one.subject for one in samples(looked(services=(service,)))] == ["BTC", "BTC"]


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "0", "1e200", "abc", "1e-200"])
def test_what_is_no_price_is_a_gap(text):
    (first, *_) = samples(looked(proposals=proposals(reading(proposed_sl=text))))
    assert first.stop is None


def test_a_time_that_is_none_is_a_gap_and_a_key_that_could_not_be_read_is_nothing():
    *_, last = samples(looked(proposals=proposals(reading(computed_at_utc="yesterday"))))
    assert last.age_s is None
    lost = ProposalReading(symbol="BTC", key="k", read_at_s=AT_S, present=None, trouble="hung")
    assert [*samples(looked(proposals=proposals(lost)))] == []


def test_a_stream_gives_the_age_of_its_last_entry():
    def stream(name: str, last_id: str) -> StreamReading:
        return StreamReading(name=name, read_at_s=AT_S, last_id=last_id)

    entry = f"{(AT_S - 12) * 1000:.0f}-3"
    some = (stream("quantum:stream:marketstate", entry), stream("app", entry), stream("x", ""), stream("y", "1-1"))
    facts = StreamFacts(looks=(StreamLook(taken_at_s=AT_S, server=SERVER, streams=some),))
    assert [*samples(looked(streams=facts))] == [
        Age("quantum:stream:marketstate", "", AT_S, 12.0, 180.0),
        Age("app", "", AT_S, 12.0),
    ]


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (levels(), ""),
        (levels(stop=109.0), "bracket crossed"),
        (levels(stop=108.0), "bracket crossed"),
        (levels(stop=106.0), "stop through the price"),
        (levels(stop=105.0), "stop through the price"),
        (levels(side="SHORT"), "bracket crossed"),
        (levels(side="SHORT", stop=107.0, target=103.0), ""),
        (levels(side="SHORT", stop=104.0, target=103.0), "stop through the price"),
        (levels(stop=109.0, target=None), "stop through the price"),
        (levels(stop=109.0, price=None), "bracket crossed"),
        (levels(stop=None), ""),
        (levels(side="", stop=109.0), ""),
    ],
)
def test_levels_that_no_orders_can_have(one, fault):
    assert one.fault == fault


def test_memory_is_bounded_in_both_directions():
    kept = History(most=10, subjects=3)
    for look in range(100):
        kept.add(levels(look, f"S{number}") for number in range(50))
        kept.add(age(look, subject=f"S{number}") for number in range(50))
    assert kept.subjects == ("S0", "S1", "S2")
    assert kept.left_out == 47
    assert [len(ring) for ring in kept.levels.values()] == [10] * 3
    assert [len(fields["beat"]) for fields in kept.ages.values()] == [10] * 3
    assert kept.levels["S0"][-1].at_s == AT_S + 99


def test_a_sample_that_comes_again_with_the_next_look_is_the_same_one():
    again = [levels(), levels(10), age(), age(10)]
    kept = history([*again, *again, levels(20)])
    assert [one.at_s - AT_S for one in kept.levels["BTC"]] == [0, 10, 20]
    assert len(kept.ages["BTC"]["beat"]) == 2
