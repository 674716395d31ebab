"""Inputs whose time is past or yet to come: refused while they are, and their proposals end instead of growing old."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.contract import market_key, position_key, proposal_key
from tests.faults.feeding import feed, now_ms, proposal, wait_fresh
from tests.faults.publishing import INTERVAL_S, publishing
from tests.faults.servers import Server, wait_until

pytestmark = pytest.mark.slow

AGEING, ALIVE = "AGEINGUSDT", "ALIVEUSDT"
TIMES = {"market": (market_key, "ts_timestamp"), "position": (position_key, "ts_epoch")}


@pytest.fixture(autouse=True)
def _nothing_left(server: Server) -> None:
    server.client.flushall()


@pytest.mark.parametrize("what", ["market", pytest.param("position", marks=pytest.mark.heavy)])
def test_a_writer_that_stops(server: Server, tmp_path: Path, what: str) -> None:
    key, field = TIMES[what]
    feed(server.client, [AGEING, ALIVE])
    with publishing(tmp_path / "log", server.url, [AGEING, ALIVE], f"--{what}-max-age", "1.8") as publisher:
        wait_fresh(server.client, [AGEING, ALIVE], 0, 5)

        def ended() -> bool:
            feed(server.client, [ALIVE])
            return not server.client.exists(proposal_key(AGEING))

        wait_until(ended, 8, "the end of a proposal whose input is stale")
        assert len(publisher.said(f"Refused {AGEING}: stale_input")) == 1
        wait_fresh(server.client, [ALIVE], now_ms(), 2 * INTERVAL_S + 0.5)
        assert len(publisher.said("Refused")) == 1
        server.client.hset(key(AGEING), field, int(time.time()))
        feed(server.client, [AGEING, ALIVE])
        wait_fresh(server.client, [AGEING, ALIVE], now_ms(), 2 * INTERVAL_S + 0.5)
        publisher.wait_for(f"Refused {AGEING}: no longer")


@pytest.mark.parametrize("what", ["market", pytest.param("position", marks=pytest.mark.heavy)])
def test_a_writer_whose_clock_is_ahead(server: Server, tmp_path: Path, what: str) -> None:
    key, field = TIMES[what]
    feed(server.client, [AGEING, ALIVE])
    server.client.hset(key(AGEING), field, int(time.time()) + 60)
    server.client.hset(key(ALIVE), field, f"{time.time() + 3:.3f}")
    with publishing(tmp_path / "log", server.url, [AGEING, ALIVE]) as publisher:
        wait_fresh(server.client, [ALIVE], now_ms(), 5)
        publisher.wait_for(f"Refused {AGEING}: future_input")
        assert not server.client.exists(proposal_key(AGEING))
        age_ms = int(proposal(server.client, ALIVE)[f"{what}_input_age_ms"])
        assert -3000 <= age_ms < 0, "a tolerated skew is stated, not hidden"


def test_what_is_written_states_its_time_in_utc_wherever_it_runs(server: Server, tmp_path: Path) -> None:
    feed(server.client, [ALIVE])
    with publishing(tmp_path / "log", server.url, [ALIVE], env={"TZ": "Asia/Kathmandu"}):
        wait_fresh(server.client, [ALIVE], now_ms(), 5)
        found = proposal(server.client, ALIVE)
        first = (tmp_path / "log").read_text().split(" [")[0]
    computed = datetime.fromisoformat(found["computed_at_utc"])
    logged = datetime.strptime(first, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert computed.utcoffset() == UTC.utcoffset(None)
    assert abs(computed.timestamp() - int(found["computed_at_ms"]) / 1000) < 0.01
    assert abs(computed.timestamp() - time.time()) < 10
    assert abs(logged.timestamp() - time.time()) < 10
