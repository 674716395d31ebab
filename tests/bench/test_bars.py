"""Each bar on a tiny scale: that it measures what it says, and what can be counted exactly. Times are not judged here."""

import gc
import logging
from contextlib import closing
from pathlib import Path

import pytest

from publisher.connection import connect
from publisher.contract import market_key, position_key, proposal_key
from publisher.kernel import compute
from publisher.link import Link
from publisher.narration import LOG
from tests.bench import counts, cycle, freshness, kernel, proposals, running, startup
from tests.bench.market import Market, symbols
from tests.bench.measuring import TINY, Effort
from tests.bench.results import Result, Verdict

LEAST = Effort(symbols=40, keys=60, fewer_keys=30, loop_keys=20, rounds=1, cycles=3, interval_s=0.05)


def test_counts_are_within_their_limits() -> None:
    results = list(counts.measure(TINY))

    assert {result.bar: result.verdict for result in results if result.verdict is not Verdict.MET} == {}
    assert len(results) == 6


@pytest.mark.slow
def test_each_situation_of_the_cycle_is_measured() -> None:
    results = list(cycle.measure(LEAST))

    assert [result.limit for result in results] == [1.5, None, 1.5, None]
    assert all(result.value > 0.0 and result.spread for result in results)
    assert gc.get_freeze_count() == 0


def test_a_cycle_that_did_other_work_than_its_baseline_is_refused(redis_url: str, tmp_path: Path) -> None:
    with closing(cycle.Contest(redis_url, symbols(10), tmp_path / "log")) as contest:
        steady, _, news = cycle.SITUATIONS
        contest.situation = news
        for arm in contest.arms():
            arm.before()
            arm.run()
        contest.check(1)

        contest.situation = steady
        with pytest.raises(cycle.Unfair, match="10 published and 0 unchanged, where 0 were news"):
            contest.check(1)


def test_the_baseline_writes_what_the_publisher_writes(redis_url: str, tmp_path: Path) -> None:
    with closing(cycle.Contest(redis_url, symbols(3), tmp_path / "log")) as contest, connect(redis_url) as client:
        key = proposal_key(symbols(3)[0])
        published = client.hgetall(key)
        client.delete(key)
        contest.situation = cycle.SITUATIONS[2]
        contest.arms()[0].run()

        assert client.hgetall(key) == published
        assert client.pttl(key) > 0


def test_the_log_of_a_cycle_goes_to_the_file_at_info_only(redis_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with closing(cycle.Contest(redis_url, symbols(3), log)) as contest:
        contest.situation = cycle.SITUATIONS[2]
        *_, quiet, logged = contest.arms()
        for arm, lines in ((quiet, 0), (logged, 4)):
            arm.before()
            arm.run()
            assert len(log.read_text("utf-8").splitlines()) == lines
    assert LOG.handlers == []
    LOG.setLevel(logging.NOTSET)


def test_the_market_moves_only_the_prices_it_is_told_to(redis_url: str) -> None:
    names = symbols(2)
    with closing(Link(redis_url)) as link, connect(redis_url) as client:
        market = Market(link, names)
        before = [client.hgetall(position_key(name)) for name in names]
        market.advance(lambda number: 1.1 if number == 0 else None)
        after = [client.hgetall(position_key(name)) for name in names]
        stamp = client.hget(market_key(names[0]), "ts_timestamp")

    assert [float(each[b"current_price"]) for each in before] == [10.0, 11.0]
    assert [float(each[b"current_price"]) for each in after] == [11.0, 11.0]
    assert [float(each[b"ts_epoch"]) for each in after] == [market.now_s] * 2 == [float(stamp or 0)] * 2


def test_the_kernel_is_measured_by_columns_and_by_rows() -> None:
    by_columns, by_rows = kernel.measure(LEAST)

    assert by_columns.value > by_rows.value > 0.0
    assert (by_columns.limit, by_columns.bound, by_rows.limit) == (50.0, "at least", None)


def test_the_kernels_inputs_are_of_all_kinds() -> None:
    rows = kernel.inputs(200)
    codes = {code for market, position in rows for code in compute(position.symbol, market, position).reason_codes}

    assert codes >= {"trail_active", "sl_tightening", "sl_tightened_monotonic", "tp_extended", "regime_mr"}
    assert {position.side for _, position in rows} == {"LONG", "SHORT"}
    assert {position.current_sl is None for _, position in rows} == {True, False}


@pytest.mark.slow
def test_freshness_is_measured_in_time_and_memory() -> None:
    against_hmget, against_loop, memory, command = freshness.measure(LEAST)

    assert (against_hmget.limit, against_loop.limit, command.limit) == (2.0, 10.0, None)
    assert memory.verdict is Verdict.MET
    assert "peak memory" in command.how


def test_keys_that_are_not_fresh_are_not_timed(redis_url: str) -> None:
    with pytest.raises(freshness.NotFresh, match="0 of 3 keys"):
        freshness.verify(redis_url, symbols(3))


@pytest.mark.slow
def test_proposals_are_measured_in_time_and_by_what_other_clients_feel() -> None:
    against_read, blocked, felt = proposals.measure(LEAST)

    assert (against_read.limit, blocked.limit, felt.limit) == (3.0, 0.0, None)
    assert blocked.verdict is Verdict.MET
    assert "40 proposals" in against_read.how
    assert felt.value > 0.0


def test_proposals_that_are_not_there_are_not_timed(redis_url: str) -> None:
    with pytest.raises(proposals.NotRead, match="0 of 3 proposals"):
        proposals.verify(redis_url, symbols(3))


@pytest.mark.slow
def test_a_running_publisher_is_small_needs_no_numpy_and_keeps_time() -> None:
    memory, numpy, cadence = running.measure(LEAST)

    assert memory.verdict is Verdict.MET
    assert numpy.verdict is Verdict.MET
    assert cadence.value >= 0.0
    assert "p99 of 3 cycles" in cadence.bar


def test_lateness_is_counted_from_the_earliest_place_on_the_grid() -> None:
    on_time, early, late_by_a_tick = 0.2, 9.999, 30.2

    assert running.lateness_ms([on_time, early, late_by_a_tick, 30.0], 10.0) == pytest.approx([201.0, 0.0, 10_201.0, 1.0])


@pytest.mark.slow
def test_commands_start_and_are_compared_with_a_bare_python() -> None:
    results: list[Result] = list(startup.measure(LEAST))

    assert [(result.bar, result.limit) for result in results] == [
        ("qtops --version", 6.0),
        ("qtops --help", 6.0),
        ("python -m publisher --help", None),
    ]
    assert all(result.value > 1.0 for result in results)
