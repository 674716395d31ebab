"""What a restart must not lose: extremes, entry time and the stop proposed last; and what ends or replaces a position."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.contract import market_key, position_key, proposal_key, track_key
from tests.faults.feeding import feed, now_ms, proposal, wait_fresh
from tests.faults.publishing import Publisher, publishing
from tests.faults.servers import Server, wait_until

LONG, SHORT = "LONGUSDT", "SHORTUSDT"
NAMES = (LONG, SHORT)


@pytest.fixture
def server(own_server: Server) -> Server:
    at(own_server, 100.5, 99.5)
    return own_server


def at(server: Server, long_price: float, short_price: float, **fields: str) -> None:
    feed(server.client, [LONG], current_price=str(long_price), **fields)
    feed(server.client, [SHORT], side="SHORT", current_price=str(short_price), **fields)


def now(server: Server) -> dict[str, dict[str, str]]:
    """Both proposals once they were confirmed on what is there now, and confirmed again."""
    wait_fresh(server.client, NAMES, now_ms(), 5)
    wait_fresh(server.client, NAMES, now_ms(), 5)
    return {name: proposal(server.client, name) for name in NAMES}


def stop(found: dict[str, dict[str, str]], name: str) -> float:
    return float(found[name]["proposed_sl"])


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.heavy), signal.SIGKILL])
def test_a_restart_goes_on_trailing(server: Server, tmp_path: Path, number: signal.Signals) -> None:
    with publishing(tmp_path / "log0", server.url, NAMES) as first:
        now(server)
        at(server, 120.0, 80.0)
        best = now(server)
        at(server, 118.0, 82.0)
        before = now(server)
        first.end(number)
    at(server, 116.0, 84.0)
    with publishing(tmp_path / "log1", server.url, NAMES) as second:
        second.wait_for("Published proposal for SHORTUSDT")
        after = now(server)
    assert stop(best, LONG) <= stop(before, LONG) <= stop(after, LONG)
    assert stop(best, SHORT) >= stop(before, SHORT) >= stop(after, SHORT)
    assert (after[LONG]["position_peak_price"], after[SHORT]["position_trough_price"]) == ("120.0", "80.0")
    assert after[LONG]["current_sl_source"] == "published"
    assert all(int(after[name]["seq"]) > int(before[name]["seq"]) for name in NAMES)
    assert all(float(after[name]["position_age_sec"]) > float(before[name]["position_age_sec"]) for name in NAMES)
    assert all(after[name]["publisher_id"] != before[name]["publisher_id"] for name in NAMES)


def test_a_stop_is_not_loosened_by_a_market_that_grows_wilder(server: Server, tmp_path: Path) -> None:
    with publishing(tmp_path / "log0", server.url, NAMES) as first:
        before = now(server)
        first.end(signal.SIGKILL)
    for name in NAMES:
        server.client.hset(market_key(name), "sigma", "0.05")
    with publishing(tmp_path / "log1", server.url, NAMES) as second:
        second.wait_for("Published proposal for SHORTUSDT")
        after = now(server)
    assert float(after[LONG]["sigma"]) == 0.05
    assert stop(after, LONG) == stop(before, LONG)
    assert stop(after, SHORT) == stop(before, SHORT)


@pytest.fixture
def publisher(server: Server, tmp_path: Path) -> Iterator[Publisher]:
    with publishing(tmp_path / "log", server.url, NAMES) as publisher:
        now(server)
        yield publisher


def test_a_closed_position_takes_its_proposal_and_its_track_along(server: Server, publisher: Publisher) -> None:
    server.client.hset(position_key(LONG), mapping={"side": "FLAT", "position_amt": "0", "quantity": "0"})
    publisher.wait_for(f"Removed proposal for {LONG}")
    assert server.client.exists(proposal_key(LONG), track_key(LONG)) == 0
    wait_fresh(server.client, [SHORT], now_ms(), 2)
    feed(server.client, [LONG], entry_price="50.0", current_price="50.5")
    assert stop(now(server), LONG) < 50.5


def test_a_position_that_turns_is_followed_afresh(server: Server, publisher: Publisher) -> None:
    at(server, 120.0, 80.0)
    now(server)
    feed(server.client, [LONG], side="SHORT", current_price="120.0")
    wait_until(lambda: proposal(server.client, LONG)["position_side"] == "SHORT", 3, "the other side")
    turned = now(server)
    assert stop(turned, LONG) > 120.0
    assert turned[LONG]["position_peak_price"] == "120.0" == turned[LONG]["position_trough_price"]
    assert int(turned[LONG]["seq"]) > 2


@pytest.mark.heavy
def test_another_entry_price_is_another_position(server: Server, publisher: Publisher) -> None:
    at(server, 120.0, 80.0)
    before = now(server)
    at(server, 110.0, 90.0, entry_price="110.0")
    wait_until(lambda: proposal(server.client, LONG)["position_entry_price"] == "110.0", 3, "the other position")
    after = now(server)
    assert stop(after, LONG) < 110.0
    assert after[LONG]["position_peak_price"] == "110.0"
    assert float(after[LONG]["position_age_sec"]) < float(before[LONG]["position_age_sec"])
