"""What a report on proposals says of each, of all, and of what it could not tell."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.bundle import load
from qtops.checks.freshness import State
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalFacts, ProposalLook
from qtops.facts.service import Facts
from qtops.findings import Verdict
from qtops.reports.proposals.report import plain
from qtops.reports.proposals.report import report as made
from tests.checks.proposals.proposals import MARKET, NOW_S, SERVER, absent, reading

from .reports import SYNTHETIC, every_state, facts, report

EVIDENCE = Path(__file__).parents[2] / "data/seed_evidence.json.gz"
DOWN = ServerReading("redis://127.0.0.1:6390/0", "down", "start it", "Connection refused")


def row(*readings, **more):
    (only,) = report(*readings, **more).rows
    return only


def test_a_proposal_in_order_is_told_with_its_levels_and_their_distances():
    found = row(reading())
    assert (found.symbol, found.state, found.verdict, found.codes, found.side) == ("BTCUSDT", State.FRESH, Verdict.OK, (), "LONG")
    assert found.price == 100.5
    assert found.stop is not None
    assert found.target is not None
    assert found.stop < found.price < found.target
    assert found.stop_pct == pytest.approx((found.stop / 100.5 - 1) * 100)
    assert found.target_pct == pytest.approx((found.target / 100.5 - 1) * 100)
    assert found.age_s == pytest.approx(2.0)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "1_000", "", "x", "\udcff", "9" * 5000 + "…"])
def test_what_is_no_number_is_none(text):
    found = row(reading(fields={"proposed_sl": text, "position_current_price": text}))
    assert (found.stop, found.price, found.stop_pct, found.target_pct) == (None, None, None, None)
    assert found.verdict is Verdict.CRITICAL


@pytest.mark.parametrize("price", ["0", "-1"])
def test_there_is_no_distance_from_a_price_of_nothing(price):
    assert row(reading(fields={"position_current_price": price})).stop_pct is None


def test_the_worst_stands_first():
    found = every_state()
    verdicts = [each.verdict for each in found.rows]
    assert verdicts == sorted(verdicts, key=["critical", "warning", "unknown", "ok"].index)
    assert found.rows[0].symbol == "ETHUSDT"
    assert found.rows[-1].verdict is Verdict.OK
    assert found.verdict is Verdict.CRITICAL


def test_codes_are_those_found_of_the_symbol_the_gravest_first():
    found = row(reading(fields=SYNTHETIC | {"proposed_sl": "110"}, ttl_ms=-1))
    assert {"PROPOSAL107", "PROPOSAL101"} <= set(found.codes)
    assert found.codes[-1] == "PROPOSAL113"
    assert len(set(found.codes)) == len(found.codes)


@pytest.mark.parametrize(("age_s", "verdict"), [(25, Verdict.WARNING), (45, Verdict.CRITICAL)])
def test_a_stale_proposal_is_never_right(age_s, verdict):
    found = report(reading(fields={"heartbeat_ms": str(int((NOW_S - age_s) * 1000))}))
    assert (found.verdict, found.rows[0].codes) == (verdict, ("KEYS201",))


def test_absent_and_no_position_is_in_order():
    found = report(absent(market=MARKET))
    assert (found.verdict, found.rows[0].state, found.headline) == (Verdict.OK, State.IDLE, "")


def test_what_cannot_be_read_is_unknown():
    lost = reading(present=None, fields={}, trouble="refused", detail="ERR")
    assert report(lost).verdict is Verdict.UNKNOWN
    assert report(lost, reading("ETHUSDT")).headline == "COULD NOT TELL"


def test_two_symbols_that_look_alike_once_they_are_printable_lose_neither_row():
    assert len(report(reading("A\\n"), reading("A\\n")).rows) == 2


# the whole


def test_fresh_and_not_real_is_said_before_everything_else():
    assert report(reading(fields=SYNTHETIC)).headline == "FRESH, NOT REAL"


def test_what_is_not_fresh_is_not_called_so():
    old = reading(fields=SYNTHETIC | {"heartbeat_ms": str(int((NOW_S - 3600) * 1000))})
    assert report(old).headline == "NOT REAL"


def test_the_founding_evidence_is_fresh_and_not_real():
    found = made(load(EVIDENCE))
    assert (found.headline, found.verdict) == ("FRESH, NOT REAL", Verdict.CRITICAL)
    assert {"PROPOSAL101", "PROPOSAL102", "PROPOSAL104", "PROPOSAL105", "PROPOSAL107"} <= {
        code for row in found.rows for code in row.codes
    }


def test_what_is_right_is_said_to_be():
    assert report().headline == "RIGHT"


def test_only_the_last_look_is_shown():
    then, now = reading(now_s=NOW_S - 30, fields=SYNTHETIC), reading()
    shown = ProposalFacts(
        family="risk-proposal",
        symbols=("BTCUSDT",),
        looks=tuple(ProposalLook(taken_at_s=one.read_at_s, server=SERVER, readings=(one,)) for one in (then, now)),
    )
    assert len(made(replace(facts(), proposals=shown)).rows) == 1
    assert made(replace(facts(), proposals=shown)).headline == "RIGHT"


def test_a_server_that_does_not_answer_is_unknown_whatever_was_read():
    lost = [reading(symbol, present=None, fields={}, trouble="down", detail="not asked any more") for symbol in ("BTC", "ETH")]
    look = ProposalLook(taken_at_s=NOW_S, server=DOWN, readings=tuple(lost))
    found = made(replace(facts(), proposals=ProposalFacts(family="risk-proposal", symbols=("BTC", "ETH"), looks=(look,))))
    assert (found.verdict, {each.verdict for each in found.rows}) == (Verdict.UNKNOWN, {Verdict.UNKNOWN})


@pytest.mark.parametrize("proposals", [None, ProposalFacts(family="risk-proposal", symbols=(), looks=())])
def test_facts_without_proposals_prove_nothing(proposals):
    found = made(Facts(host="risk-1", taken_at_s=NOW_S, proposals=proposals))
    assert (found.verdict, found.headline) == (Verdict.UNKNOWN, "")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (105.96820863628776, "105.96821"), (0.00095, "0.00095"), (0.0000123456, "0.0000123456"), (68000.0, "68000")],
)
def test_prices_are_written_plainly(value, text):
    assert plain(value) == text
