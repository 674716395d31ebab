"""Proposals are flushed, deleted, expired or evicted under the publisher: whole again within a cycle, and never a half of one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.contract import PROPOSAL_FIELDS, market_key, position_key, proposal_key, track_key
from tests.faults.feeding import feed, now_ms, proposal, symbols, wait_fresh
from tests.faults.publishing import INTERVAL_S, Publisher, publishing
from tests.faults.servers import Server, wait_until

SYMBOLS = symbols(10)
WHOLE = {field.name for field in PROPOSAL_FIELDS}


@pytest.fixture
def publisher(server: Server, tmp_path: Path) -> Iterator[Publisher]:
    feed(server.client, SYMBOLS)
    began = now_ms()
    with publishing(tmp_path / "log", server.url, SYMBOLS) as publisher:
        wait_fresh(server.client, SYMBOLS, began, 10)
        yield publisher


def whole_or_absent_until_fresh(server: Server, since_ms: int, limit_s: float) -> None:
    """Look at every proposal all the time until all are there again: none may ever be less than whole."""

    def fresh() -> bool:
        found = [proposal(server.client, name) for name in SYMBOLS]
        assert all(fields.keys() == WHOLE for fields in found if fields)
        assert -1 not in [server.client.pttl(proposal_key(name)) for name in SYMBOLS], "without an end"
        return all(fields and int(fields["heartbeat_ms"]) > since_ms for fields in found)

    wait_until(fresh, limit_s, "whole proposals")


@pytest.mark.parametrize("command", ["DEL", pytest.param("UNLINK", marks=pytest.mark.heavy)])
def test_deleted(server: Server, publisher: Publisher, command: str) -> None:
    for _ in range(3):
        deleted_at = now_ms()
        server.client.execute_command(command, *map(proposal_key, SYMBOLS))
        whole_or_absent_until_fresh(server, deleted_at, 2 * INTERVAL_S + 0.3)
    assert publisher.said("Redis: ", "Refused") == []


@pytest.mark.heavy
def test_expired(server: Server, publisher: Publisher) -> None:
    for name in SYMBOLS:
        server.client.pexpire(proposal_key(name), 20)
    whole_or_absent_until_fresh(server, now_ms() + 20, 2 * INTERVAL_S + 0.3)


def test_fields_taken_out_of_a_proposal(server: Server, publisher: Publisher) -> None:
    """Without its publisher's name it is nobody's, and is written anew."""
    for name in SYMBOLS:
        server.client.hdel(proposal_key(name), "publisher_id", "proposed_sl")
    began = now_ms()
    wait_fresh(server.client, SYMBOLS, began, 2 * INTERVAL_S + 0.3)
    whole_or_absent_until_fresh(server, began, 1)


def test_everything_is_flushed(server: Server, publisher: Publisher) -> None:
    server.client.flushall()
    publisher.wait_for(f"Waiting for {SYMBOLS[0]}")
    assert [name for name in SYMBOLS if proposal(server.client, name)] == []
    fed_at = now_ms()
    feed(server.client, SYMBOLS)
    whole_or_absent_until_fresh(server, fed_at, 2 * INTERVAL_S + 0.5)
    publisher.wait_for(f"Waiting for {SYMBOLS[0]}: no longer")
    assert publisher.said("Redis: ") == []


def test_everything_is_flushed_and_written_again_at_once(server: Server, publisher: Publisher) -> None:
    for _ in range(3):
        flushed_at = now_ms()
        server.client.flushall()
        feed(server.client, SYMBOLS)
        whole_or_absent_until_fresh(server, flushed_at, 2 * INTERVAL_S + 0.5)


def test_the_scripts_are_flushed(server: Server, publisher: Publisher) -> None:
    for _ in range(3):
        server.client.script_flush()
        wait_fresh(server.client, SYMBOLS, now_ms(), 2 * INTERVAL_S + 0.3)
    assert publisher.said("Redis: ", "Refused") == []


def test_a_full_server_that_evicts(server: Server, publisher: Publisher) -> None:
    """It may take any key, inputs too: what is left of a proposal is whole, and all is well once there is room."""
    base = server.client.info("memory")["used_memory"]
    server.client.config_set("maxmemory-policy", "allkeys-random")
    server.client.config_set("maxmemory", base + 300_000)
    try:
        for number in range(2000):
            server.client.set(f"filling:{number}", "x" * 1000)
            if number % 200 == 0:
                found = [proposal(server.client, name) for name in SYMBOLS]
                assert all(fields.keys() == WHOLE for fields in found if fields)
        time.sleep(2 * INTERVAL_S)
        assert server.client.info("stats")["evicted_keys"] > 100
    finally:
        server.client.config_set("maxmemory", 0)
        server.client.config_set("maxmemory-policy", "noeviction")
    server.client.flushall()
    feed(server.client, SYMBOLS)
    whole_or_absent_until_fresh(server, now_ms(), 2 * INTERVAL_S + 0.5)


def test_an_input_that_goes_takes_its_proposal_along(server: Server, publisher: Publisher) -> None:
    gone, starved, *others = SYMBOLS
    server.client.delete(position_key(gone))
    server.client.delete(market_key(starved))
    publisher.wait_for(f"Removed proposal for {gone}")
    publisher.wait_for(f"Refused {starved}: no_market_state")
    wait_until(lambda: not server.client.exists(proposal_key(gone)), 1, "removed at once")
    wait_until(lambda: not server.client.exists(proposal_key(starved)), 2, "expired where nothing confirms it")
    wait_fresh(server.client, others, now_ms(), 1)


@pytest.mark.heavy
def test_a_track_that_goes_is_written_with_the_next_proposal(server: Server, publisher: Publisher) -> None:
    server.client.delete(*map(track_key, SYMBOLS))
    feed(server.client, SYMBOLS, current_price="103.0")
    wait_until(lambda: server.client.exists(*map(track_key, SYMBOLS)) == len(SYMBOLS), 2, "tracks")
