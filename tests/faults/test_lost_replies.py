"""The reply is lost after the server did its work: nothing is twice in the stream, nothing is missing, and its order holds."""

import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from publisher.contract import PROPOSAL_STREAM
from tests.faults.feeding import feed, now_ms, proposal, symbols, wait_fresh
from tests.faults.proxy import wire
from tests.faults.publishing import INTERVAL_S, Publisher, publishing
from tests.faults.servers import Server, wait_until

pytestmark = pytest.mark.slow

SYMBOLS = symbols(15)  # few enough that the log names each proposal
SHORT = pytest.param(1.5)
LONG = pytest.param(40.0, marks=pytest.mark.heavy)
_PUBLISHED = re.compile(r"Published proposal for (\w+):")


@pytest.fixture
def server(own_server: Server) -> Server:
    feed(own_server.client, SYMBOLS)
    return own_server


def trade(server: Server, seconds: float) -> None:
    """Let prices walk, so that there is news in most cycles."""
    walk, prices = random.Random(1), dict.fromkeys(SYMBOLS, 100.0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name in SYMBOLS:
            prices[name] *= 1 + walk.uniform(-0.01, 0.01)
            feed(server.client, [name], current_price=f"{prices[name]:.4f}")
        time.sleep(INTERVAL_S / 2)


def entries(server: Server) -> list[tuple[str, str, int]]:
    """Publisher, symbol and number of each entry, in the order of the stream."""
    found = server.client.xrange(PROPOSAL_STREAM)
    return [(flat[b"publisher_id"].decode(), flat[b"symbol"].decode(), int(flat[b"seq"])) for _, flat in found if b"seq" in flat]


def acknowledged(publishers: Sequence[Publisher]) -> Counter[str]:
    """How often each symbol was published, by what the publishers say."""
    return Counter(match[1] for publisher in publishers for match in map(_PUBLISHED.match, publisher.log()) if match)


def once_each_and_in_order(server: Server, publishers: Sequence[Publisher]) -> None:
    found = entries(server)
    assert [entry for entry, times in Counter(found).items() if times > 1] == []
    assert Counter(symbol for _, symbol, _ in found) == acknowledged(publishers)
    for name in SYMBOLS:
        numbers = [number for _, symbol, number in found if symbol == name]
        assert numbers == sorted(numbers)
        assert numbers[-1] == int(proposal(server.client, name)["seq"]), "what stands is what was told last"


@pytest.mark.parametrize("seconds", [SHORT, LONG])
@pytest.mark.parametrize("command", ["XADD", "EVALSHA"])
def test_replies_are_lost(server: Server, tmp_path: Path, command: str, seconds: float) -> None:
    with wire(server) as proxy, publishing(tmp_path / "log", proxy.url, SYMBOLS, "--stream") as publisher:
        wait_fresh(server.client, SYMBOLS, 0, 10)
        proxy.lose, proxy.lose_every = command.encode(), 3
        trade(server, seconds)
        proxy.lose, healed_at = b"", now_ms()
        wait_fresh(server.client, SYMBOLS, healed_at, 10)
        wait_fresh(server.client, SYMBOLS, now_ms(), 10)
        publisher.end()
        once_each_and_in_order(server, [publisher])
        assert proxy.lost >= 2
        print(f"{proxy.lost} replies to {command} lost, {len(entries(server))} entries, none twice, none missing")


@pytest.mark.parametrize("elsewhere", ["100.9", "100.1"])
def test_content_that_nobody_acknowledged_is_neither_confirmed_nor_loosened(server: Server, tmp_path: Path, elsewhere: str) -> None:
    """A short move is published, but its reply is lost; when the price is back, the hash must not go on telling of the move."""
    name = SYMBOLS[0]
    with wire(server) as proxy, publishing(tmp_path / "log", proxy.url, [name], "--stream") as publisher:
        wait_fresh(server.client, [name], 0, 10)
        proxy.lose = b"EVALSHA"
        feed(server.client, [name], current_price=elsewhere)
        wait_until(lambda: proposal(server.client, name)["position_current_price"] == elsewhere, 5, "the move")
        moved = proposal(server.client, name)
        feed(server.client, [name], current_price="100.5")
        proxy.lose = b""
        publisher.wait_for("Redis: back")
        wait_until(lambda: proposal(server.client, name)["position_current_price"] == "100.5", 5, "the price as it is")
        stands = proposal(server.client, name)
    assert int(stands["seq"]) > int(moved["seq"])
    assert float(stands["proposed_sl"]) >= float(moved["proposed_sl"])
    assert entries(server)[-1][2] == int(stands["seq"])


@pytest.mark.heavy
def test_half_of_the_replies_is_lost(server: Server, tmp_path: Path) -> None:
    with wire(server) as proxy, publishing(tmp_path / "log", proxy.url, SYMBOLS, "--stream") as publisher:
        wait_fresh(server.client, SYMBOLS, 0, 10)
        proxy.lose, proxy.lose_every, proxy.keep = b"XADD", 2, 100  # the first few of the fifteen are acknowledged
        trade(server, 20.0)
        proxy.lose, healed_at = b"", now_ms()
        wait_fresh(server.client, SYMBOLS, healed_at + 500, 10)
        publisher.end()
        once_each_and_in_order(server, [publisher])


@pytest.mark.parametrize("seconds", [SHORT, LONG])
def test_two_publishers_share_a_stream_whose_clock_was_ahead(server: Server, tmp_path: Path, seconds: float) -> None:
    ahead = now_ms() + 3_600_000
    server.client.xadd(PROPOSAL_STREAM, {"from": "a clock that was an hour ahead"}, id=f"{ahead}-7")
    with wire(server) as proxy, ExitStack() as stack:
        publishers = [
            stack.enter_context(publishing(tmp_path / f"log{n}", proxy.url, SYMBOLS, "--stream", "--shard", f"{n}/2"))
            for n in (0, 1)
        ]
        wait_fresh(server.client, SYMBOLS, 0, 10)
        proxy.lose, proxy.lose_every = b"XADD", 5
        trade(server, seconds)
        proxy.lose, healed_at = b"", now_ms()
        wait_fresh(server.client, SYMBOLS, healed_at + 500, 10)
        for publisher in publishers:
            publisher.end()
        once_each_and_in_order(server, publishers)
        ids = [identity for identity, _ in server.client.xrange(PROPOSAL_STREAM)]
        assert {identity.partition(b"-")[0] for identity in ids} == {str(ahead).encode()}


def test_the_stream_is_deleted_while_it_is_written(server: Server, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", server.url, SYMBOLS, "--stream") as publisher:
        wait_until(lambda: server.client.xlen(PROPOSAL_STREAM) == len(SYMBOLS), 10, "the first entries")
        server.client.delete(PROPOSAL_STREAM)
        trade(server, 1.0)
        assert 0 < len(entries(server)) == len(set(entries(server)))
        assert publisher.said("Stream", "Redis: ") == []


@pytest.mark.heavy
def test_the_stream_is_something_else(server: Server, tmp_path: Path) -> None:
    server.client.set(PROPOSAL_STREAM, "a string")
    with publishing(tmp_path / "log", server.url, SYMBOLS, "--stream") as publisher:
        publisher.wait_for("Stream: wrong_type")
        trade(server, 1.0)
        wait_fresh(server.client, SYMBOLS, now_ms(), 1)
        assert len(publisher.said("Stream", "Redis: ")) == 1
