"""Several publishers: each symbol is written by one of them, and one too many is noticed."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from publisher.contract import publisher_key
from tests.faults.feeding import feed, now_ms, proposal, symbols, wait_fresh
from tests.faults.publishing import INTERVAL_S, publishing
from tests.faults.servers import Server, wait_until

SYMBOLS = symbols(40)


@pytest.fixture
def server(own_server: Server) -> Server:
    feed(own_server.client, SYMBOLS)
    return own_server


def test_shards_cover_every_symbol_exactly_once(server: Server, tmp_path: Path) -> None:
    with ExitStack() as stack:
        for number in range(3):
            flags = ("--shard", f"{number}/3", "--publisher-id", f"p{number}")
            stack.enter_context(publishing(tmp_path / f"log{number}", server.url, SYMBOLS, *flags))
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        wait_until(lambda: all(server.client.exists(publisher_key(f"p{n}")) for n in range(3)), 5, "each states itself")
        written = {f"p{n}": int(server.client.hget(publisher_key(f"p{n}"), "symbols")) for n in range(3)}
        found = [proposal(server.client, name) for name in SYMBOLS]
    writers = [each["publisher_id"] for each in found]
    assert {writer: writers.count(writer) for writer in written} == written
    assert sum(written.values()) == len(SYMBOLS)
    assert min(written.values()) > 0
    assert {each["seq"] for each in found} == {"1"}, "nobody wrote over another's"


@pytest.mark.heavy
def test_a_shard_whose_publisher_ends_leaves_the_others_alone(server: Server, tmp_path: Path) -> None:
    with ExitStack() as stack:
        first, _ = (
            stack.enter_context(
                publishing(tmp_path / f"log{number}", server.url, SYMBOLS, "--shard", f"{number}/2", "--publisher-id", f"p{number}")
            )
            for number in range(2)
        )
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        mine = [name for name in SYMBOLS if proposal(server.client, name)["publisher_id"] == "p1"]
        first.end()
        wait_fresh(server.client, mine, now_ms() + 500, 3)
        wait_until(
            lambda: not any(proposal(server.client, name) for name in set(SYMBOLS) - set(mine)), 3, "what nobody confirms expires"
        )


def test_another_publisher_of_the_same_symbol_is_noticed_by_both(server: Server, tmp_path: Path) -> None:
    names = SYMBOLS[:2]
    with (
        publishing(tmp_path / "log0", server.url, names, "--publisher-id", "first") as first,
        publishing(tmp_path / "log1", server.url, names, "--publisher-id", "second") as second,
    ):
        first.wait_for("Another publisher writes", times=2)
        second.wait_for("Another publisher writes", times=2)
        wait_fresh(server.client, names, now_ms() + int(3 * INTERVAL_S * 1000), 5)
        assert sorted(first.said("Another")) == [f"Another publisher writes {name} too: second" for name in names]
        assert sorted(second.said("Another")) == [f"Another publisher writes {name} too: first" for name in names]


def test_the_successor_of_a_publisher_that_died_is_no_rival(server: Server, tmp_path: Path) -> None:
    with publishing(tmp_path / "log0", server.url, SYMBOLS) as first:
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        first.process.kill()
        first.process.wait()
    with publishing(tmp_path / "log1", server.url, SYMBOLS) as second:
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        assert second.said("Another", "Redis: ", "Refused") == []
