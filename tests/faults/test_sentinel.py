"""Sentinel makes the replica the master: the publisher finds it by itself, whatever became of the old one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.feeding import feed, heartbeats, now_ms, symbols
from tests.faults.groups import Sentinels, watched
from tests.faults.publishing import publishing
from tests.faults.servers import Server, stopped, wait_until

pytestmark = pytest.mark.slow

SYMBOLS = symbols(10)
INTERVAL_S = 0.5


@pytest.fixture
def sentinels(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sentinels]:
    with watched(tmp_path, getattr(request, "param", 1)) as sentinels:
        feed(sentinels.master.client, SYMBOLS)
        yield sentinels


def rules(server: Server) -> Callable[[], bool]:
    def master() -> bool:
        try:
            return server.client.role()[0] == b"master"
        except redis.ConnectionError:  # a new role cuts the connections
            return False

    return master


def fresh(server: Server, since_ms: int) -> Callable[[], bool]:
    return lambda: min(heartbeats(server.client, SYMBOLS)) > since_ms


@pytest.mark.parametrize("sentinels", [1, pytest.param(3, marks=pytest.mark.heavy)], indirect=True)
def test_the_master_is_killed(sentinels: Sentinels, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", sentinels.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_until(fresh(sentinels.master, 0), 10, "a first proposal each")
        sentinels.master.kill()
        publisher.wait_for("Redis: ")
        wait_until(rules(sentinels.replica), 20, "an election")
        wait_until(lambda: known_to_all(sentinels), 10, "sentinels that name the new master")
        recovery = wait_until(fresh(sentinels.replica, now_ms()), 10, "fresh on the new master") / INTERVAL_S
        publisher.wait_for("Redis: back")
        told = [line.split()[1] for line in publisher.said("Redis: ")]
    print(f"master killed: all fresh {recovery:.2f} intervals after the election, said {told}")
    assert recovery <= 2.0
    assert told[-1] == "back"
    assert len(told) <= 4


def known_to_all(sentinels: Sentinels) -> bool:
    masters = [sentinel.client.sentinel_get_master_addr_by_name("risk") for sentinel in sentinels.sentinels]
    return {port for _, port in masters} == {sentinels.replica.port}


@pytest.mark.heavy
def test_the_master_hangs_and_comes_back_as_a_replica(sentinels: Sentinels, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", sentinels.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_until(fresh(sentinels.master, 0), 10, "a first proposal each")
        with stopped(sentinels.master):
            publisher.wait_for("Redis: hung")
            wait_until(rules(sentinels.replica), 20, "an election")
            wait_until(fresh(sentinels.replica, now_ms()), 2 * INTERVAL_S + 0.5, "fresh on the new master")
        time.sleep(2 * INTERVAL_S)
        wait_until(fresh(sentinels.replica, now_ms()), 2 * INTERVAL_S, "fresh on the new master, the old one being back")
        assert [line.split()[1] for line in publisher.said("Redis: ")][-1] == "back"


@pytest.mark.heavy  # the sentinel lets ten seconds pass before it makes the old master a replica
def test_a_change_of_office_that_nobody_died_of(sentinels: Sentinels, tmp_path: Path) -> None:
    with publishing(tmp_path / "log", sentinels.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_until(fresh(sentinels.master, 0), 10, "a first proposal each")
        sentinels.sentinels[0].client.execute_command("SENTINEL FAILOVER", "risk")
        wait_until(rules(sentinels.replica), 20, "another master")
        wait_until(lambda: known_to_all(sentinels), 10, "sentinels that name it")
        wait_until(fresh(sentinels.replica, now_ms()), 15, "fresh on the new master")
        assert publisher.process.poll() is None


@pytest.mark.heavy
def test_no_sentinel_answers(sentinels: Sentinels, tmp_path: Path) -> None:
    """The master is well: who is connected stays so, and who starts says what is missing."""
    with publishing(tmp_path / "log0", sentinels.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_until(fresh(sentinels.master, 0), 10, "a first proposal each")
        for sentinel in sentinels.sentinels:
            sentinel.kill()
        wait_until(fresh(sentinels.master, now_ms() + 1000), 5, "fresh without a sentinel")
        assert publisher.said("Redis: ") == []
        with publishing(tmp_path / "log1", sentinels.url, SYMBOLS, "--shard", "0/1", interval_s=INTERVAL_S) as other:
            other.wait_for("Redis: failing over")
            assert other.end() < 1.0
