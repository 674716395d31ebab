"""Many symbols: the batch, the round trips, the commands that are sent, and publishers that share them."""

from dataclasses import replace

import pytest
import redis

from publisher.contract import EXECUTION_STREAM
from publisher.cycle import CHUNK
from publisher.link import Link
from publisher.proposing import NUMBERS_TO_BATCH
from publisher.shard import Shard
from tests.publisher.publishing import Publisher


def test_a_batch_gives_the_very_hashes_of_one_by_one(
    redis_client: redis.Redis, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = tuple(f"SYM{number}" for number in range(NUMBERS_TO_BATCH + 44))
    hashes = []
    for numbers_to_batch in (NUMBERS_TO_BATCH, 10**9):
        monkeypatch.setattr("publisher.cycle.NUMBERS_TO_BATCH", numbers_to_batch)
        redis_client.flushall()
        publisher = Publisher(redis_client, link, symbols)
        for number, symbol in enumerate(symbols):
            trend, side = round(number / len(symbols), 6), ("LONG", "SHORT")[number % 2]
            rest = round((1 - trend) / 2, 6)
            publisher.market(symbol, p_trend=trend, p_mr=rest, p_chop=rest, sigma=0.0001 * (number + 1), ts=number / 100)
            price = 10.0 ** (number % 9 - 5)
            stop = {"current_sl": price * 0.99} if number % 3 == 0 and side == "LONG" else {}
            publisher.position(
                symbol, side=side, entry_price=price, current_price=price, mark_price=price, peak_price=price * 1.03, **stop
            )
        publisher.run()
        report = publisher.run()
        assert report.unchanged + len(report.published) == len(symbols)
        hashes.append([publisher.read(symbol) for symbol in symbols])
    assert hashes[0] == hashes[1]


def test_more_symbols_than_one_round_trip_takes(redis_client: redis.Redis, link: Link) -> None:
    symbols = tuple(f"SYM{number}" for number in range(2 * CHUNK + 7))
    publisher = Publisher(redis_client, link, symbols)
    publisher.open()
    assert set(publisher.run().published) == set(symbols)
    assert publisher.run().unchanged == len(symbols)
    assert len(redis_client.keys("quantum:risk:proposal:*")) == len(symbols)


def test_publishers_that_share_the_symbols_write_each_once(redis_client: redis.Redis, link: Link) -> None:
    symbols = tuple(f"SYM{number}" for number in range(60))
    whole = Publisher(redis_client, link, symbols)
    whole.open()
    published: list[str] = []
    for index in range(3):
        part = Publisher(redis_client, link, symbols, shard=Shard(index, 3))
        part.options = replace(part.options, publisher_id=f"part{index}")
        part.restart()
        published += part.run().published
    assert sorted(published) == sorted(symbols)


def counted(client: redis.Redis) -> dict[str, int]:
    """Commands that the server ran, those of scripts included."""
    stats = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): int(each["calls"]) for name, each in stats.items()}


@pytest.mark.parametrize("count", [1, 50, CHUNK + 1])
def test_the_commands_of_a_quiet_cycle_are_three_a_symbol_and_two_more(redis_client: redis.Redis, link: Link, count: int) -> None:
    publisher = Publisher(redis_client, link, tuple(f"SYM{number}" for number in range(count)))
    publisher.open()
    redis_client.xadd(EXECUTION_STREAM, {"event_type": "other"})
    publisher.run()
    redis_client.config_resetstat()
    assert publisher.run().unchanged == count
    calls = counted(redis_client)
    in_scripts = {
        "hget": count + 1,
        "hset": count + 1,
        "pexpire": count + 2,
    }  # the status is content: one deletes, one sets the end
    assert {name: calls.get(name) for name in in_scripts} == in_scripts
    sent = {name: number for name, number in calls.items() if name not in in_scripts and not name.startswith(("config", "info"))}
    assert sent == {"hmget": 2 * count, "evalsha": count + 1, "xrange": 1}
