"""The log: one line per change of state, in the founding publisher's form, and nothing hostile in it."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from publisher.codec import PositionInput, Refused, decode_market, decode_position
from publisher.connection import ADVICE, Trouble
from publisher.kernel import compute
from publisher.narration import LOG, MOST_LINES, Narrator, configure_log, price
from publisher.options import Options
from publisher.proposing import Candidate, Limits, Ready, judge, prepare
from publisher.report import Report
from publisher.tracking import follow
from tests.publisher.builders import NOW_S, market_values, position_values

OPTIONS = Options("redis://box", ("BTCUSDT", "ETHUSDT"), publisher_id="box:1")
STALE = Refused("stale_input", "market state is 300 s old, limit 120 s")
DOWN, HUNG = (Trouble(state, ADVICE[state], "Error 111 connecting") for state in ("down", "hung"))


class Lines(logging.Handler):
    """What was said, as level and text."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.levelname} {record.getMessage()}")

    def new(self) -> list[str]:
        """What was said since it was last asked."""
        said, self.said = self.said, []
        return said


@pytest.fixture
def log() -> Iterator[Lines]:
    lines, before = Lines(), (LOG.level, list(LOG.handlers), LOG.propagate)
    LOG.setLevel("INFO")
    LOG.addHandler(lines)
    yield lines
    LOG.setLevel(before[0])
    LOG.handlers[:], LOG.propagate = before[1], before[2]


def candidate(symbol: str = "BTCUSDT", **sick: Any) -> Candidate:
    position = decode_position(position_values(**sick))
    assert isinstance(position, PositionInput)
    track = follow(None, position, NOW_S)
    ready = prepare(symbol, decode_market(market_values()), position, track, NOW_S, Limits())
    assert isinstance(ready, Ready)
    judged = judge(ready, compute(symbol, ready.market.state, ready.position))
    assert isinstance(judged, Candidate)
    return judged


def report(**what: Any) -> Report:
    return Report(**what)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (105.96820863628776, "$105.9682"),
        (70_000.0, "$70000.0000"),
        (1.0, "$1.0000"),
        (0.00095, "$0.00095"),
        (1.23456789e-7, "$1.2345679e-07"),
    ],
)
def test_a_price_is_shown_as_in_the_founding_log_and_a_small_one_is_not_rounded_away(value: float, shown: str) -> None:
    assert price(value) == shown


def test_it_begins_as_the_founding_publisher_did(log: Lines) -> None:
    Narrator().begin(OPTIONS, OPTIONS.symbols, "redis://box")
    assert log.new() == [
        "INFO PositionSourceAdapter initialized with mode=auto",
        "INFO RiskProposalPublisher initialized as box:1, shard 0/1, on redis://box",
        "INFO   Symbols: ['BTCUSDT', 'ETHUSDT']",
        "INFO   Interval: 10s",
        "INFO   Position source: auto",
        "INFO   Stream enabled: False",
        "INFO Starting publish loop",
    ]


def test_invented_positions_are_warned_of_at_once(log: Lines) -> None:
    Narrator().begin(replace(OPTIONS, position_source="synthetic"), OPTIONS.symbols, "redis://box")
    assert [line for line in log.new() if line.startswith("WARNING")] == [
        "WARNING Positions are SYNTHETIC, as asked for: no proposal of this publisher concerns a real position"
    ]


def test_many_symbols_are_counted_not_listed(log: Lines) -> None:
    Narrator().begin(OPTIONS, tuple(f"S{number}" for number in range(10_000)), "redis://box")
    assert "INFO   Symbols: 10000 of them" in log.new()


def test_a_proposal_is_one_line(log: Lines) -> None:
    Narrator().tell(report(published={"BTCUSDT": candidate()}), 0.0)
    assert log.new() == [
        "INFO === Risk Proposal Publish Cycle ===",
        "INFO Published proposal for BTCUSDT: SL=$99.2458 TP=$102.4417 reasons=regime_chop source=redis_hash",
    ]


def test_what_a_consumer_must_know_stands_in_its_line(log: Lines) -> None:
    Narrator().tell(report(published={"BTCUSDT": candidate(ts_epoch=None)}), 0.0)
    assert log.new()[-1].endswith(" source=redis_hash flags=position_age_unstated")


def test_a_cycle_without_news_says_nothing(log: Lines) -> None:
    narrator = Narrator()
    for _ in range(3):
        narrator.tell(report(unchanged=3, closed={"ETHUSDT": True}), 0.0)
    assert log.new() == []


def test_trouble_is_one_line_and_its_end_another(log: Lines) -> None:
    narrator = Narrator()
    for second in range(5):
        narrator.tell(report(trouble=DOWN), float(second))
    assert log.new() == [f"ERROR Redis: down (Error 111 connecting); {ADVICE['down']}"]
    narrator.tell(report(trouble=HUNG), 5.0)
    assert log.new() == [f"ERROR Redis: hung (Error 111 connecting); {ADVICE['hung']}"]
    narrator.tell(report(), 8.0)
    assert log.new() == ["INFO Redis: back after 8.0s and 6 cycles"]
    narrator.tell(report(), 9.0)
    assert log.new() == []


def test_a_refusal_is_one_line_until_its_reason_changes_or_it_ends(log: Lines) -> None:
    narrator = Narrator()
    for age in (300, 310, 320):
        narrator.tell(report(refused={"BTCUSDT": replace(STALE, detail=f"market state is {age} s old, limit 120 s")}), 0.0)
    assert log.new() == ["WARNING Refused BTCUSDT: stale_input (market state is 300 s old, limit 120 s)"]
    narrator.tell(report(refused={"BTCUSDT": Refused("no_market_state", "the market state hash is absent")}), 0.0)
    assert log.new() == ["WARNING Refused BTCUSDT: no_market_state (the market state hash is absent)"]
    narrator.tell(report(unchanged=1), 0.0)
    assert log.new() == ["INFO Refused BTCUSDT: no longer"]


def test_a_refusal_is_not_called_over_while_nobody_can_ask(log: Lines) -> None:
    narrator = Narrator()
    narrator.tell(report(refused={"BTCUSDT": STALE}), 0.0)
    narrator.tell(report(trouble=DOWN), 1.0)
    narrator.tell(report(refused={"BTCUSDT": STALE}), 2.0)
    assert [line for line in log.new() if "BTCUSDT" in line] == [
        "WARNING Refused BTCUSDT: stale_input (market state is 300 s old, limit 120 s)"
    ]


def test_a_position_that_nobody_knows_is_waited_for_and_a_closed_one_is_not(log: Lines) -> None:
    narrator = Narrator()
    narrator.tell(report(closed={"BTCUSDT": False, "ETHUSDT": True}), 0.0)
    assert log.new() == [
        "WARNING Waiting for BTCUSDT: no_position (none is found where positions are looked for; nothing is published)"
    ]
    narrator.tell(report(closed={"BTCUSDT": True, "ETHUSDT": True}), 0.0)
    assert log.new() == ["INFO Waiting for BTCUSDT: no longer"]


def test_a_removed_proposal_is_told(log: Lines) -> None:
    Narrator().tell(report(closed={"BTCUSDT": True}, removed=["BTCUSDT"]), 0.0)
    assert log.new() == ["INFO Removed proposal for BTCUSDT: its position is closed"]


def test_another_publisher_is_told_once_and_again_when_it_comes_back(log: Lines) -> None:
    narrator = Narrator()
    for rivals in ({"BTCUSDT": "box:2"}, {"BTCUSDT": "box:2"}, {"BTCUSDT": "box:3"}, {}, {"BTCUSDT": "box:3"}):
        narrator.tell(report(rivals=rivals), 0.0)
    assert log.new() == [f"WARNING Another publisher writes BTCUSDT too: box:{number}" for number in (2, 3, 3)]


def test_a_name_read_from_redis_cannot_forge_lines(log: Lines) -> None:
    Narrator().tell(report(rivals={"BTCUSDT": "\x1b[2J\n2026-02-17 23:57:12 [INFO] all is well\u202e\x9b" + "x" * 1000}), 0.0)
    (line,) = log.new()
    assert line.isprintable()
    assert line.isascii()
    assert len(line) < 400


def test_a_stream_that_cannot_be_used_is_told_once(log: Lines) -> None:
    narrator = Narrator()
    wrong = Refused("wrong_type", "WRONGTYPE Operation against a key holding the wrong kind of value")
    for _ in range(3):
        narrator.tell(report(stream_refused=wrong), 0.0)
    assert log.new() == [f"WARNING Stream: wrong_type ({wrong.detail})"]
    narrator.tell(report(), 0.0)
    narrator.tell(report(stream_refused=wrong), 0.0)
    assert log.new() == [f"WARNING Stream: wrong_type ({wrong.detail})"]


def test_a_flood_is_cut_and_counted(log: Lines) -> None:
    symbols = [f"S{number}" for number in range(1000)]
    narrator = Narrator()
    narrator.tell(report(refused=dict.fromkeys(symbols, STALE)), 0.0)
    said = log.new()
    assert len(said) == MOST_LINES + 1
    assert said[-1] == f"WARNING Refused: and {1000 - MOST_LINES} more symbols"
    narrator.tell(report(published={symbol: candidate() for symbol in symbols}), 0.0)
    assert f"INFO … and {1000 - MOST_LINES} more proposals" in log.new()


def test_a_slow_cycle_is_told(log: Lines) -> None:
    Narrator().tell_skipped(1, 12.34)
    Narrator().tell_skipped(3, 40.0)
    assert log.new() == [
        "WARNING Cycle took 12.3s: skipped 1 tick, nothing is stacked",
        "WARNING Cycle took 40.0s: skipped 3 ticks, nothing is stacked",
    ]


def test_lines_have_the_founding_form_with_times_in_utc(
    log: Lines, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    configure_log("INFO")
    record = LOG.makeRecord(LOG.name, logging.INFO, "file", 1, "Starting publish loop", (), None)
    record.created = 1_771_372_632.0
    LOG.handle(record)
    LOG.debug("not asked for")
    captured = capsys.readouterr()
    assert captured.err == "2026-02-17 23:57:12 [INFO] Starting publish loop\n"
    assert captured.out == ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[INFO\] .*\n", captured.err)
