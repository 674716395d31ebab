"""What a report printed as its proof, ticked green, judged again from the recorded bundle."""

import pytest

from qtops.bundle import load
from qtops.checks.proposals.registry import headline, judge
from qtops.findings import Severity

from . import seed_evidence


@pytest.fixture(scope="module")
def recorded():
    facts = load(seed_evidence.PLACE)
    return judge(facts.proposals, facts.settings)


def found(judged, code):
    return {finding.subject: finding for finding in judged.findings if finding.code == code}


def told(finding):
    return "\n".join((finding.summary, *finding.evidence))


def test_the_bundle_is_what_the_script_records():
    facts = load(seed_evidence.PLACE)
    assert facts.proposals == seed_evidence.facts().proposals
    assert facts.settings.families == seed_evidence.facts().settings.families


def test_the_positions_are_invented(recorded):
    assert headline(recorded) == "FRESH, NOT REAL"
    invented = found(recorded, "PROPOSAL107")
    assert set(invented) == {"BTCUSDT", "ETHUSDT", "SOLUSDT"}
    prices = {"BTCUSDT": "price 105,", "ETHUSDT": "price 1155,", "SOLUSDT": "price 2205,"}
    for symbol, price in prices.items():
        assert "recovered from TP / (1 + " in told(invented[symbol])
        assert f"LONG, {price}" in told(invented[symbol])


def test_two_brackets_are_crossed(recorded):
    assert set(found(recorded, "PROPOSAL101")) == {"ETHUSDT", "SOLUSDT"}


def test_three_stops_lie_through_the_price(recorded):
    breached = found(recorded, "PROPOSAL102")
    assert {symbol: finding.summary.split(" lies ")[1].split()[0] for symbol, finding in breached.items()} == {
        "BTCUSDT": "0.92%",
        "ETHUSDT": "1.41%",
        "SOLUSDT": "1.49%",
    }
    assert {finding.severity for finding in breached.values()} == {Severity.CRITICAL}


def test_the_lost_probability_is_recovered_and_what_the_levels_would_have_been(recorded):
    lost = told(found(recorded, "PROPOSAL105")["BTCUSDT"])
    assert "p_trend was lost on the way" in lost
    assert "0.237541" in lost
    assert "p_chop is not given; the distances tell 0.667403" in lost
    assert "stop 1.1504%, target 1.7878%, gap 1.3549%" in lost
    assert "right: SL 105.64885" in lost
    assert "TP 106.87717" in lost


def test_the_probabilities_do_not_sum_to_one(recorded):
    wrong = told(found(recorded, "PROPOSAL104")["BTCUSDT"])
    assert "they sum to 0.762459" in wrong
    assert "p_trend is exactly 0" in wrong


def test_the_check_precedes_the_data(recorded):
    ahead = found(recorded, "PROPOSAL114")
    assert set(ahead) == {"BTCUSDT", "ETHUSDT"}
    assert "10.7 s after the look" in ahead["BTCUSDT"].summary


def test_nothing_is_doubted_for_not_having_been_printed(recorded):
    assert recorded.doubts == ()
