"""Ten thousand correct proposals of any sane market yield nothing; each single corruption of one yields its own code."""

import gc
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from publisher.contract import PROPOSAL_FIELDS
from qtops.checks.proposals.registry import judge
from qtops.facts.proposals import ProposalReading
from qtops.findings import Severity

from .proposals import NOW_S, SETTINGS, founding, judged, live, looks, random_reading, reading

FIELDS = [field.name for field in PROPOSAL_FIELDS]
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def many():
    random = Random(20_260_217)
    return tuple(random_reading(f"S{number}USDT", random) for number in range(10_000))


@pytest.mark.slow
def test_ten_thousand_correct_proposals_yield_nothing(many):
    judgement = judged(many, open_positions=tuple(each.symbol for each in many), found=tuple(each.symbol for each in many))
    assert judgement.findings == ()
    assert judgement.doubts == ()


@pytest.mark.heavy
def test_ten_thousand_are_judged_well_within_a_second(many):
    facts, seconds = looks(many), []
    for _ in range(5):
        gc.collect()
        started = time.process_time()
        judge(facts, SETTINGS)
        seconds.append(time.process_time() - started)
    assert min(seconds) < 1.0


def changed(given: ProposalReading, **fields: str | None) -> ProposalReading:
    texts = {name: text for name, text in {**given.fields, **fields}.items() if text is not None}
    return replace(given, fields=texts)


def stated(given: ProposalReading, name: str) -> float:
    return float(given.fields[name])


def moved(given: ProposalReading, name: str, value: float) -> ProposalReading:
    return changed(given, **{name: repr(value)})


def scaled(given: ProposalReading, name: str, factor: float) -> ProposalReading:
    return moved(given, name, stated(given, name) * factor)


def price(given: ProposalReading) -> float:
    return stated(given, "position_current_price")


def sign(given: ProposalReading) -> float:
    return 1.0 if given.fields["position_side"] == "LONG" else -1.0


STOPPED = {"ts_timestamp": str(int(NOW_S) - 300)}
HELD = "position_current_sl"
CORRUPTIONS = {
    "bracket crossed": ("PROPOSAL101", lambda one: moved(one, "proposed_sl", stated(one, "proposed_tp") * (1 + 0.001 * sign(one)))),
    "stop through the price": ("PROPOSAL102", lambda one: moved(one, "proposed_sl", price(one) * (1 + 1e-6 * sign(one)))),
    "stop in force loosened": ("PROPOSAL103", lambda one: moved(one, HELD, stated(one, "proposed_sl") + 0.5 * sign(one))),
    "p_mr is another": ("PROPOSAL104", lambda one: moved(one, "p_mr", stated(one, "p_mr") + 0.01)),
    "p_trend lost": ("PROPOSAL105", lambda one: changed(one, p_trend="0.0")),
    "sigma is another": ("PROPOSAL105", lambda one: scaled(replace(one, market={}), "stop_dist_pct", 1.3)),
    "target is another": ("PROPOSAL105", lambda one: scaled(one, "proposed_tp", 1.0001)),
    "stop is another": ("PROPOSAL105", lambda one: scaled(one, "proposed_sl", 1 - 0.0001 * sign(one))),
    "price of another unit": ("PROPOSAL106", lambda one: replace(one, prices=(live(one.symbol, price(one) * 1000),))),
    "invented position": ("PROPOSAL107", lambda one: changed(one, position_source="synthetic")),
    "no position": ("PROPOSAL107", lambda one: replace(one, position={})),
    "market state too old": ("PROPOSAL110", lambda one: changed(one, market_input_age_ms="180000")),
    "market state stopped": ("PROPOSAL110", lambda one: replace(one, market=one.market | STOPPED)),
    "a field is gone": ("PROPOSAL112", lambda one: changed(one, seq=None)),
    "a field too many": ("PROPOSAL112", lambda one: replace(one, others=("heat",), others_count=1)),
    "another's hash": ("PROPOSAL112", lambda one: changed(one, symbol="OTHER")),
    "no time to live": ("PROPOSAL113", lambda one: replace(one, ttl_ms=-1)),
    "dated ahead": ("PROPOSAL114", lambda one: changed(one, heartbeat_ms=str(int(NOW_S * 1000) + 60_000))),
    "no number": ("PROPOSAL115", lambda one: changed(one, trail_gap_pct="inf")),
    "no price": ("PROPOSAL115", lambda one: changed(one, proposed_tp="-0.0")),
}  # fmt: skip


@given(SEEDS)
def test_a_correct_proposal_yields_nothing(seed):
    judgement = judged(random_reading("XUSDT", Random(seed)))
    assert (judgement.findings, judgement.doubts) == ((), ())


@given(SEEDS)
def test_a_correct_proposal_of_the_founding_form_lacks_only_a_time_to_live(seed):
    whole = random_reading("XUSDT", Random(seed))
    fields = dict(list(whole.fields.items())[:16]) | {"computed_at_utc": whole.fields["computed_at_utc"].removesuffix("+00:00")}
    judgement = judged(replace(whole, fields=fields, ttl_ms=-1))
    assert {finding.code for finding in judgement.findings if finding.severity is not Severity.INFO} == {"PROPOSAL113"}


@pytest.mark.parametrize(("code", "corrupt"), CORRUPTIONS.values(), ids=CORRUPTIONS)
@given(SEEDS)
@settings(max_examples=40)
def test_a_single_corruption_yields_its_own_code(code, corrupt, seed):
    assert code in {finding.code for finding in judged(corrupt(random_reading("XUSDT", Random(seed)))).findings}


@given(SEEDS)
def test_a_stop_looser_than_the_one_before_is_found(seed):
    now = random_reading("XUSDT", Random(seed))
    if now.fields["current_sl_source"] == "position":
        return
    before = scaled(replace(now, read_at_s=now.read_at_s - 60), "proposed_sl", 1 + 0.001 * sign(now))
    before = changed(
        before, computed_at_utc="2026-02-17T23:56:00+00:00", computed_at_ms="1771372560000", heartbeat_ms="1771372620000"
    )
    tighter = abs(float(before.fields["proposed_sl"]) - float(now.fields["proposed_sl"])) > 1e-8
    assert ("PROPOSAL103" in {finding.code for finding in judged(before, now).findings}) == tighter


@given(SEEDS)
def test_a_set_with_breaches_that_are_flagged_gives_exactly_these_as_warnings(seed):
    random = Random(seed)
    readings = [random_reading(f"S{number}USDT", random) for number in range(8)]
    readings += [reading(f"HIT{number}USDT", made={"sigma": f"0.0{11 + number}"}, peak=104.0 + number) for number in range(2)]
    findings = judged(tuple(readings)).findings
    flagged = {(each.symbol, flag) for each in readings for flag in each.fields["flags"].split(",")}
    named = {"PROPOSAL101": "bracket_crossed", "PROPOSAL102": "stop_breached"}
    assert {(finding.subject, named[finding.code]) for finding in findings} == {
        pair for pair in flagged if pair[1] in named.values()
    }
    assert {finding.severity for finding in findings} == {Severity.WARNING}


NUMBERS = st.sampled_from(
    ["nan", "inf", "-inf", "1e400", "-0", "0", "1_000", "١٢٣", "１２", "9" * 5000, "", " ", "-1", "1e-320", "1e308", "0x10", "None"]
)
TIMES = st.sampled_from(
    ["2026-02-17", "24:00", "2026-W08-2", "20260217T235812", "1e18", "1e11", "-1", "9999999999999", "2026-02-17T23:58:60", "\x00"]
)
HOSTILE = st.sampled_from(["\\xff", "\x1b[31m", "[/red]", "{", "[" * 4000])
TEXTS = st.one_of(NUMBERS, TIMES, st.floats().map(repr), st.text(max_size=20), HOSTILE)
MARKET = ["sigma", "ts", "p_trend", "p_mr", "p_chop", "ts_timestamp", "source"]
POSITION = ["side", "entry_price", "current_price", "mark_price", "position_amt", "quantity", "ts_epoch", "current_sl", "stop_loss"]


@given(
    SEEDS,
    st.dictionaries(st.sampled_from(FIELDS), TEXTS, max_size=6),
    st.dictionaries(st.sampled_from(MARKET), TEXTS, max_size=4),
    st.dictionaries(st.sampled_from(POSITION), TEXTS, max_size=4),
    st.tuples(TEXTS, TEXTS, TEXTS),
)
@settings(max_examples=300)
def test_whatever_stands_in_the_fields_gives_a_verdict(seed, fields, market, position, texts):
    healthy = random_reading("XUSDT", Random(seed))
    malformed = replace(
        changed(healthy, **fields),
        market={**healthy.market, **market},
        position={**healthy.position, **position},
        position_json=texts[0],
        prices=(replace(healthy.prices[0], price=texts[1], time=texts[2]),),
    )
    for one in (malformed, replace(malformed, market={}, position={}), replace(malformed, fields=fields, unread=("position: ?",))):
        judgement = judged(healthy, one)
        assert judgement.verdict
        assert all(
            line.isprintable() for finding in judgement.findings for line in (finding.summary, *finding.evidence, finding.remedy)
        )
        assert all(doubt.told.isprintable() for doubt in judgement.doubts)


@given(st.dictionaries(st.sampled_from(FIELDS), TEXTS), st.dictionaries(st.sampled_from(MARKET), TEXTS))
@settings(max_examples=300)
def test_a_hash_of_nothing_but_garbage_gives_a_verdict(fields, market):
    assert judged(replace(founding(), fields=fields, market=market)).verdict


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(FIELDS), SEEDS)
@settings(max_examples=300)
def test_any_finite_number_in_any_field_gives_a_verdict(value, name, seed):
    assert judged(changed(random_reading("XUSDT", Random(seed)), **{name: repr(value)})).verdict
