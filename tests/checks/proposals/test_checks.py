"""Each check fires on what is sick, alone where it can, and is quiet on what only looks so. ``SICK`` and ``QUIET`` name them."""

import pytest
from msgspec.structs import replace

from qtops.checks.proposals.registry import CHECKS, headline
from qtops.facts.proposals import ProposalReading
from qtops.findings import Severity
from qtops.settings import PROPOSALS, Price, Settings

from .proposals import MARKET, NOW_S, absent, codes, founding, judged, live, looks, reading

CODES = {known.check.code for known in CHECKS}
SHORT = {"side": "SHORT", "position_amt": "-0.5"}
HIT = {"peak": 104.0}  # the trail from there lies at 102.3, through the price of 100.5
CROSSED = {"peak": 106.0}  # and from there beyond the target of 102.4
LOST = {"p_trend": "0.0"}
BEFORE = {"now_s": NOW_S - 60.0}
MOVED = {"sigma": "0.01500000", "ts": "0.090000"}
REAL = {"entry_price": "70000.0", "current_price": "71208.9"}
HELD = {"current_sl": "98"}  # looser than what is proposed
UNREAD = {"position": dict.fromkeys((*reading().position,)), "unread": ("position: no_permission: NOPERM",)}


def several(count: int, **sick) -> tuple[ProposalReading, ...]:
    """Symbols that each have their own numbers, but for what is sick."""
    made = [{"sigma": f"0.0{12 + n}", "entry_price": f"{100 - n}", "current_price": f"{100.5 - n}"} | sick for n in range(count)]
    return tuple(reading(f"S{n}USDT", made=one, peak=101.0 - n, trough=100.0 - n) for n, one in enumerate(made))


def hot(given: ProposalReading, **changes) -> ProposalReading:
    return replace(given, **changes)


TURNED = {"side": "SHORT", "position_amt": "-0.5"}
SICK = [
    ("PROPOSAL101", reading(**CROSSED, fields={"flags": ""}), "lies at or beyond TP 102.44166 of a LONG"),
    ("PROPOSAL101", reading(made=SHORT, trough=94.0, fields={"flags": ""}), "of a SHORT"),
    ("PROPOSAL102", reading(**HIT, fields={"flags": ""}), "through the price 100.5: exit now"),
    ("PROPOSAL102", reading(fields={"proposed_sl": "100.5"}), "lies at the price"),
    ("PROPOSAL103", reading(fields={"position_current_sl": "99.5"}), "is looser than the stop in force that it states, 99.5"),
    ("PROPOSAL103", (reading(made={"current_price": "101"}, **BEFORE), reading()), "than what was proposed at 2026-02-17"),
    ("PROPOSAL103", founding(made={"current_sl": "99.0"}, fields={"proposed_sl": "98.9"}), "that its position states"),
    ("PROPOSAL104", reading(fields={"p_mr": "0.4"}), "they sum to 1.100000"),
    ("PROPOSAL104", reading(made={"p_trend": "0.000000", "p_mr": "0.500000"}), "p_trend 0, p_mr 0.5, p_chop 0.5"),
    ("PROPOSAL104", reading(fields={"p_mr": "-0.3", "p_chop": "1.1"}), "they sum to 1.000000"),
    ("PROPOSAL105", reading(fields={"sigma": "0.013"}), "the proposal gives other inputs: sigma 0.013 and not 0.012"),
    ("PROPOSAL105", reading(made={"p_trend": "0.0"}), "p_trend was lost on the way: it is 0.0, and the other two leave 0.2"),
    ("PROPOSAL105", reading(fields={"proposed_tp": "102.5"}), "it would follow from a price of 100.5572342"),
    ("PROPOSAL105", reading(fields={"proposed_sl": "99.3"}), "is not what price, peak and stop in force give: 99.37"),
    ("PROPOSAL105", founding(fields={"proposed_sl": "99.1"}), "SL 99.1 is looser than price × distance, 99.24576"),
    ("PROPOSAL105", reading(fields={"reason_codes": "regime_trend"}), "its reasons are regime_trend, computed: "),
    ("PROPOSAL106", reading(prices=(live("BTCUSDT", 70_000.0),)), "its price is 100.5, and quantum:market:BTCUSDT price is 70000"),
    ("PROPOSAL106", founding(fields={"position_current_price": None}, prices=(live("BTCUSDT", 70.0),)), "its entry price is 100"),
    ("PROPOSAL106", reading(prices=(), position={"current_price": "141"}), "the price in its position is 141"),
    ("PROPOSAL107", reading(fields={"position_source": "synthetic"}), "position_source is synthetic"),
    ("PROPOSAL107", reading(fields={"position_writer": "p34_mock"}), "position_writer is p34_mock"),
    ("PROPOSAL107", reading(fields={"market_source": "Synthetic"}), "market_source is Synthetic"),
    ("PROPOSAL107", reading(market={"source": "synthetic"}), "its market state says that it is synthetic"),
    ("PROPOSAL107", reading(fields={"position_source": "fallback"}), "position_source is fallback"),
    ("PROPOSAL107", founding(made={"entry_price": "1100", "current_price": "1155"}, position=REAL), "an invented one"),
    ("PROPOSAL107", founding(made={"entry_price": "50", "current_price": "52.5"}, position=REAL), "an invented one"),
    ("PROPOSAL107", founding(position=dict.fromkeys(reading().position)), "no position of this symbol is published"),
    ("PROPOSAL107", founding(position={"side": "FLAT", "position_amt": "0"}), "its position is closed"),
    ("PROPOSAL107", reading(position=dict.fromkeys(reading().position)), "and the proposal still stands"),
    ("PROPOSAL108", several(3, sigma="0.012"), "3 symbols were computed from one market state: S0USDT, S1USDT, S2USDT"),
    ("PROPOSAL108", several(9, entry_price="50.0", current_price="52.5"), "and 1 more"),
    ("PROPOSAL109", (reading(**BEFORE), reading(market=MOVED)), "after the market state moved, from the numbers of before"),
    ("PROPOSAL109", reading(market={**MOVED, "ts_timestamp": str(int(NOW_S) - 1)}, computed_s=99), "its writer stands by it"),
    ("PROPOSAL109", (reading(now_s=NOW_S - 121), reading()), "was written anew 2 times in 2 min 1 s with the same numbers"),
    ("PROPOSAL110", reading(fields={"market_input_age_ms": "121000"}), "from a market state that was 2 min 1 s old, limit 2 min"),
    ("PROPOSAL110", reading(fields={"position_input_age_ms": "3600000"}), "from a position that was 1 h old"),
    ("PROPOSAL110", reading(market={"ts_timestamp": str(int(NOW_S) - 90)}), "and the one published was 1 min 27 s"),
    ("PROPOSAL110", founding(made={"ts_timestamp": str(int(NOW_S) - 600)}), "from a market state that was 9 min 57 s old"),
    ("PROPOSAL110", reading(computed_s=70, made={"ts_timestamp": str(int(NOW_S) - 130)}), "has not been written for 2 min 10 s"),
    ("PROPOSAL111", absent(position=reading().position), "its position is open, and there is no proposal"),
    ("PROPOSAL112", reading(fields={"seq": None, "flags": None}), "2 fields are missing: seq, flags"),
    ("PROPOSAL112", reading(others_count=3, others=("heat", "a b")), "3 fields are not known: 'heat', 'a b'"),
    ("PROPOSAL112", reading(fields={"symbol": "ETHUSDT"}), "it says that it belongs to 'ETHUSDT'"),
    ("PROPOSAL112", reading(fields={"schema": "quantum.risk.proposal/3"}), "its form is 'quantum.risk.proposal/3'"),
    ("PROPOSAL113", reading(ttl_ms=-1), "quantum:risk:proposal:BTCUSDT has no time to live"),
    ("PROPOSAL114", reading(computed_s=-10), "computed_at_utc lies 10.0 s after the look at it"),
    ("PROPOSAL114", founding(fields={"computed_at_utc": "2026-02-18T00:58:12"}), "lies 3600.0 s after the look"),
    ("PROPOSAL114", reading(market={"ts_timestamp": str(int(NOW_S) + 60)}), "ts_timestamp of its market state lies 60.0 s"),
    ("PROPOSAL115", reading(fields={"sigma": "nan"}), "sigma is 'nan', which is no finite number"),
    ("PROPOSAL115", reading(fields={"proposed_sl": "0.0"}), "proposed_sl is '0.0', which is not above 0"),
    ("PROPOSAL115", reading(fields={"computed_at_utc": "yesterday"}), "computed_at_utc is 'yesterday', which is no time"),
    ("PROPOSAL115", reading(fields={"position_side": "BUY"}), "position_side is 'BUY', which is neither LONG nor SHORT"),
    ("PROPOSAL115", reading(market={"p_trend": "1_0"}), "p_trend of its market state is '1_0'"),
    ("PROPOSAL118", reading(made={"sigma": "0.25000000"}, trough=60), "sigma 0.25 per bar: above 400 % a year"),
    ("PROPOSAL118", reading(made={"ts": "1771372000"}), "ts 1771372000 is no strength of a trend"),
    ("PROPOSAL117", reading(position=TURNED), "it is of a LONG, and the position is a SHORT"),
    ("PROPOSAL117", founding(position={"side": "sell", "position_amt": None}), "it is of a LONG, and the position is a SHORT"),
    ("PROPOSAL116", reading(made={"source": "simulator"}), "BTCUSDT: made from what the simulator writes"),
    ("PROPOSAL119", (reading(made=HELD, **BEFORE), reading(made=HELD)), "1 min before: nobody moved it"),
    ("PROPOSAL115", absent(present=None, trouble="wrong_type", detail="the key is no hash"), "the key is no hash"),
]  # fmt: skip

QUIET = [
    ("PROPOSAL101", reading(made=SHORT, peak=101, trough=100)),
    ("PROPOSAL101", founding(fields={"position_side": None, "proposed_sl": "103"})),  # of which side is not known
    ("PROPOSAL102", reading(peak=101.9)),  # trails, and was not hit
    ("PROPOSAL103", (reading(**BEFORE), reading(made={"current_price": "101"}))),  # tightened
    ("PROPOSAL103", (reading(made={"current_price": "101"}, **BEFORE), reading(made={"entry_price": "90"}))),  # another position
    ("PROPOSAL103", (reading(made={"current_price": "101"}, **BEFORE), reading(made={"current_sl": "95"}))),  # another rules
    ("PROPOSAL103", reading(stop=99.4)),  # held
    ("PROPOSAL104", reading(made={"p_trend": "0.200001"})),  # rounding
    ("PROPOSAL104", founding(fields={"p_chop": None, "stop_dist_pct": None})),  # cannot be told
    ("PROPOSAL105", reading(made={"sigma": "0.00100000"})),  # the floors decide
    ("PROPOSAL105", reading(made={"p_trend": "0.900000", "p_mr": "0.050000", "p_chop": "0.050000", "ts": "2.5"})),  # a trend
    ("PROPOSAL105", reading(market={**MOVED, "ts_timestamp": str(int(NOW_S))})),  # the market moved on since
    ("PROPOSAL106", reading(prices=(live("BTCUSDT", 70_000.0), live("BTCUSDT", 101.0)))),  # one agrees
    ("PROPOSAL106", reading(prices=(live("BTCUSDT", 70_000.0, age_s=61),))),  # not live
    ("PROPOSAL106", reading(prices=())),
    ("PROPOSAL106", reading(prices=(replace(live("BTCUSDT", 70_000.0), time=""),))),  # of an age that ought to be told
    ("PROPOSAL107", founding(made={"entry_price": "1100", "current_price": "1155"}, peak=1160, trough=1100)),  # really open there
    ("PROPOSAL107", reading(fields={"position_source": "redis_stream"}, position=dict.fromkeys(reading().position))),
    ("PROPOSAL107", reading(**UNREAD)),
    ("PROPOSAL107", founding(fields={"position_side": None, "proposed_tp": "106.05"})),  # one level, one symbol: chance
    ("PROPOSAL108", several(2, sigma="0.012")),
    ("PROPOSAL109", (reading(**BEFORE), reading())),  # one refresh of the same numbers can be a bar that did not change
    ("PROPOSAL110", reading(position={"ts_epoch": str(int(NOW_S))}, market={"ts_timestamp": str(int(NOW_S))})),  # younger since
    ("PROPOSAL110", reading(fields={"position_input_age_ms": "unstated"}, position={"ts_epoch": None})),
    ("PROPOSAL111", absent()),
    ("PROPOSAL111", absent(position={"side": "FLAT", "position_amt": "0"})),
    ("PROPOSAL112", reading()),
    ("PROPOSAL113", reading(ttl_ms=None)),
    ("PROPOSAL114", reading(computed_s=-1.5)),  # within what clocks may differ by
    ("PROPOSAL116", reading(made={"source": "simulator_of_none"})),
    ("PROPOSAL107", reading(fields={"position_source": "binance_fallback_feed"})),  # a second feed is as real as the first
    ("PROPOSAL118", reading(made={"sigma": "0.15000000", "ts": "12.5"})),  # wild, and possible
    ("PROPOSAL118", founding(fields={"sigma": None, "ts": None})),
    ("PROPOSAL119", (reading(made=HELD, **BEFORE), reading(made={**HELD, "current_price": "101"}))),  # to where the price allows
    ("PROPOSAL119", (reading(made=HELD), reading(made=HELD))),  # not computed anew
    ("PROPOSAL119", reading(made=HELD)),
    ("PROPOSAL117", reading(position={"side": "BUY"})),  # a dialect of the same side
    ("PROPOSAL117", reading(position={"side": None})),  # the signed size tells it
    ("PROPOSAL117", reading(position=TURNED, fields={"position_source": "redis_stream"})),
    ("PROPOSAL117", reading(position=TURNED, computed_s=300, fields={"heartbeat_ms": str(int((NOW_S - 300) * 1000))})),  # it is old
    ("PROPOSAL115", reading(fields={"position_current_sl": "", "position_input_age_ms": "unstated"})),
]  # fmt: skip


def seen(given):
    return given if isinstance(given, tuple) and given and given[0].symbol == "S0USDT" else None


def answers(given):
    """The findings on one reading, on several looks at one symbol, or on one look at several."""
    if isinstance(given, ProposalReading):
        return judged(given).findings
    return (judged(given) if seen(given) else judged(*given)).findings


@pytest.mark.parametrize(("code", "given", "said"), SICK, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(SICK)])
def test_fires(code, given, said):
    told = ["\n".join((finding.summary, *finding.evidence)) for finding in answers(given) if finding.code == code]
    assert len(told) == 1
    assert said in told[0]


@pytest.mark.parametrize(("code", "given"), QUIET, ids=[f"{code}-{n}" for n, (code, _) in enumerate(QUIET)])
def test_stays_quiet(code, given):
    assert code not in {finding.code for finding in answers(given) if finding.severity is not Severity.INFO}


def test_each_check_has_a_case_where_it_fires_and_one_where_it_stays_quiet():
    assert {code for code, *_ in SICK} == CODES
    assert {code for code, _ in QUIET} == CODES


def test_a_healthy_proposal_yields_nothing():
    assert (judged(reading()).findings, judged(reading()).doubts) == ((), ())
    assert headline(judged(reading())) == "RIGHT"


@pytest.mark.parametrize(("sick", "found"), [(HIT, {"PROPOSAL102"}), (CROSSED, {"PROPOSAL101", "PROPOSAL102"})])
def test_what_the_publisher_flags_is_told_and_a_warning(sick, found):
    findings = judged(reading(**sick)).findings
    assert {finding.code for finding in findings} == found
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    assert all("the publisher says so in its flags" in finding.evidence[0] for finding in findings)


def test_a_proposal_whose_position_was_closed_just_now_is_not_yet_called_unreal():
    judgement = judged(reading(position=dict.fromkeys(reading().position)))
    assert headline(judgement) == "NOT QUITE RIGHT"


@pytest.mark.parametrize("changes", [{"side": "FLAT", "position_amt": "0"}, {"side": "SHORT", "position_amt": "-0.5"}])
def test_what_the_position_was_before_its_proposal_was_last_stood_by_is_known_at_the_first_look(changes):
    before, since = ({**changes, "ts_epoch": str(int(NOW_S) - age_s)} for age_s in (20, 1))
    sure, doubtful = (judged(reading(position=position)).findings[0] for position in (before, since))
    assert (sure.code, sure.severity) == (doubtful.code, Severity.CRITICAL)
    assert sure.code in {"PROPOSAL107", "PROPOSAL117"}
    assert doubtful.severity is Severity.WARNING
    assert "look again" in doubtful.evidence[-1]


def test_a_position_that_cannot_be_read_is_a_doubt():
    (doubt,) = judged(reading(position={"side": "L" * 256})).doubts
    assert "its position cannot be read: unknown_side" in doubt.why


def test_what_is_dated_ahead_is_not_called_made_from_what_is_old():
    assert codes(reading(fields={"computed_at_utc": "2026-02-17T23:58:24+00:00"})) == {"PROPOSAL114"}


def test_the_founding_form_is_a_note_that_lists_what_cannot_be_told():
    (note,) = (finding for finding in judged(founding()).findings if finding.code == "PROPOSAL112")
    assert note.severity is Severity.INFO
    assert "whether position and market state are real, and who wrote them" in note.evidence


def test_a_lost_probability_that_the_market_state_holds_is_one_finding_with_the_right_levels():
    given = founding(made=LOST, market={"p_trend": MARKET["p_trend"]})
    (finding,) = (finding for finding in judged(given).findings if finding.code == "PROPOSAL105")
    assert finding.summary.endswith("the market state holds 0.2")
    assert "p_trend is 0 in the proposal and 0.2 in the market state that it was made from" in finding.evidence
    assert "right: SL 99.24576, TP 102.44166" in finding.evidence


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"sigma": "0.011"}, "they were computed with sigma 0.012, not with the 0.011 beside them"),
        ({"p_chop": "0.4"}, "they were computed with p_chop 0.500000, not with the 0.4 beside them"),
        ({"stop_dist_pct": "0.005", "tp_dist_pct": "0.01", "trail_gap_pct": "0.005"}, "all three lie on their floors"),
        ({"stop_dist_pct": "0.02", "tp_dist_pct": "0.03", "trail_gap_pct": "0.01"}, "other constants (theta), or another formula"),
        ({"p_trend": "0.3", "p_mr": "0.2"}, "they were computed with p_trend 0.200000, p_mr 0.300000, p_chop 0.500000"),
    ],
)  # fmt: skip
def test_which_input_explains_distances_is_said(fields, cause):
    (finding,) = (one for one in judged(reading(fields=fields, market=dict.fromkeys(MARKET))).findings if one.code == "PROPOSAL105")
    assert cause in finding.summary


def test_distances_that_follow_from_the_published_state_say_so():
    (finding,) = (one for one in judged(reading(fields={"ts": "0.3", "sigma": "0.2"})).findings if one.code == "PROPOSAL105")
    assert "they follow from the published market state" in finding.summary
    assert "sigma 0.2 and not 0.012, ts 0.3 and not 0.05" in finding.summary


def test_a_lost_trend_strength_is_named():
    strong = {"p_trend": "0.600000", "p_mr": "0.200000", "p_chop": "0.200000", "ts": "0.000000"}
    given = reading(made=strong, fields={"ts": "0.8"}, market=dict.fromkeys(MARKET))
    (finding,) = (one for one in judged(given).findings if one.code == "PROPOSAL105")
    assert "the target was computed as without a trend, not with the ts 0.8 beside it" in finding.summary


def test_a_position_that_stays_away_between_two_looks_is_critical():
    gone = dict.fromkeys(reading().position)
    looked = judged(reading(position=gone, **BEFORE), reading(position=gone))
    (finding,) = (one for one in looked.findings if one.code == "PROPOSAL107")
    assert finding.severity is Severity.CRITICAL
    assert headline(looked) == "FRESH, NOT REAL"


def test_a_missing_live_price_is_a_doubt_only_where_another_symbol_has_one():
    assert judged(tuple(hot(each, prices=()) for each in several(3))).doubts == ()
    first, *others = several(3)
    (doubt,) = judged((first, *(hot(each, prices=()) for each in others))).doubts
    assert doubt.why == "no live price of S1USDT, S2USDT, though others have one"


def test_a_price_without_a_time_of_its_own_is_live():
    settings = Settings(prices=(Price(pattern="last:{symbol}"),))
    wrong = replace(live("BTCUSDT", 7.0), name="last:BTCUSDT", time="")
    assert codes(reading(prices=(wrong,)), settings=settings) == {"PROPOSAL106"}


def test_open_positions_and_strange_proposals_are_one_finding_each():
    judgement = judged(reading(), open_positions=("BTCUSDT", "XRPUSDT", "ARBUSDT"), found=("BTCUSDT", "OLDUSDT"))
    assert [(one.severity, one.summary) for one in judgement.findings] == [
        (Severity.CRITICAL, "2 open positions without a proposal: ARBUSDT, XRPUSDT"),
        (Severity.WARNING, "1 proposal of symbols that are not configured: OLDUSDT"),
    ]


def test_a_position_that_was_opened_since_the_look_before_is_a_warning():
    now = absent(position=reading().position)
    assert [one.severity for one in judged(absent(), now).findings] == [Severity.WARNING]
    assert [one.severity for one in judged(now, now).findings] == [Severity.CRITICAL]
    long_ago = replace(absent(), read_at_s=absent().read_at_s - 60)
    assert [one.severity for one in judged(long_ago, now).findings] == [Severity.CRITICAL]


def test_a_left_over_that_went_since_the_walk_is_not_strange():
    assert codes((reading(), absent("OLDUSDT")), symbols=("BTCUSDT",), found=("BTCUSDT", "OLDUSDT")) == set()


def test_a_position_that_was_closed_since_the_walk_leaves_no_gap():
    assert codes(absent(), open_positions=("BTCUSDT",)) == set()
    assert codes(absent(unread=("position: no_permission: NOPERM",)), open_positions=("BTCUSDT",)) == {"PROPOSAL111"}


def test_what_cannot_be_read_is_a_doubt():
    (doubt,) = judged(absent(present=None, trouble="no_permission", detail="NOPERM", advice="ask for +hmget")).doubts
    assert doubt.told == "BTCUSDT: could not be read: no_permission: NOPERM (ask for +hmget)"
    (doubt,) = judged(absent(unread=("position: no_permission: NOPERM",))).doubts
    assert "whether a position is open is not known" in doubt.why
    (doubt,) = judged(absent(position={"side": "sideways", "entry_price": "1"})).doubts
    assert "its position cannot be read: side is 'sideways'" in doubt.why


def test_where_proposals_ought_to_be_there_always_an_absent_one_is_a_finding():
    settings = Settings(families=(replace(PROPOSALS, only_while="always"),))
    assert codes(absent(), settings=settings) == {"PROPOSAL111"}


def test_a_check_that_is_switched_off_is_kept_apart():
    judgement = judged(reading(ttl_ms=-1), settings=Settings(off={"PROPOSAL113": "2026-11-23: until the move"}))
    assert judgement.findings == ()
    assert [finding.code for finding in judgement.off] == ["PROPOSAL113"]


def test_no_look_says_nothing():
    assert judged().findings == ()
    assert looks().looks == ()
