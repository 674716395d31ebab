"""A Cluster loses masters, stops, moves slots: who lives on healthy nodes stays fresh, the others are fresh again soon after."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher.contract import (
    EXECUTION_STREAM,
    POSITIONS_HASH,
    PROPOSAL_STREAM,
    market_key,
    position_key,
    proposal_key,
    publisher_key,
    track_key,
)
from tests.faults.feeding import feed, now_ms, symbols, wait_fresh
from tests.faults.groups import MASTERS, Cluster, clustered
from tests.faults.publishing import Publisher, publishing
from tests.faults.servers import Server, stopped, wait_until

pytestmark = pytest.mark.slow

SYMBOLS = symbols(60)
INTERVAL_S = 0.5
TIMEOUT_S = 0.1
MOST_INTERVALS = 2.0
FORBIDDEN = {"multi", "exec", "mget", "mset", "keys", "scan", "watch", "flushall", "flushdb"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Nodes serve their slots while others are gone: seen is then what the publisher can do, not what the Cluster allows."""
    with clustered(tmp_path_factory.mktemp("cluster"), "--cluster-require-full-coverage", "no") as cluster:
        feed(cluster.client, SYMBOLS)
        yield cluster


def away_from(cluster: Cluster, master: int) -> list[str]:
    """The symbols of which no key lives on this master."""
    kinds = (market_key, position_key, proposal_key, track_key)
    return [name for name in SYMBOLS if all(cluster.owner(key(name)) != master for key in kinds)]


@contextmanager
def at_work(cluster: Cluster, log: Path, *flags: str) -> Iterator[Publisher]:
    began = now_ms()
    with publishing(log, cluster.url, SYMBOLS, *flags, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S) as publisher:
        wait_fresh(cluster.client, SYMBOLS, began, 15)
        yield publisher


def watch(cluster: Cluster, names: Sequence[str], until: Callable[[], bool], limit_s: float = 15.0) -> float:
    """The longest time without a heartbeat of any of these, in intervals, until something is so."""
    worst, began = 0, time.monotonic()
    while not until():
        worst = max(worst, now_ms() - min(cluster.heartbeats(names)))
        assert time.monotonic() - began < limit_s
        time.sleep(0.02)
    return worst / 1000 / INTERVAL_S


def fresh_since(cluster: Cluster, since_ms: int, gone: int | None = None) -> Callable[[], bool]:
    return lambda: min(cluster.heartbeats(SYMBOLS, gone)) > since_ms


def for_seconds(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def test_nothing_is_asked_that_a_cluster_does_not_allow(cluster: Cluster, tmp_path: Path) -> None:
    with at_work(cluster, tmp_path / "log", "--stream") as publisher:
        wait_fresh(cluster.client, SYMBOLS, now_ms(), 2 * INTERVAL_S + 0.5)
        assert publisher.said("Redis: ", "Refused") == []
    for server in cluster.servers[:MASTERS]:
        asked = {name.removeprefix("cmdstat_") for name in server.client.info("commandstats")}
        assert not asked & FORBIDDEN


def test_a_master_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    healthy = away_from(cluster, 0)
    with at_work(cluster, tmp_path / "log", "--stream") as publisher:
        cluster.servers[0].kill()
        silence = watch(cluster, healthy, lambda: cluster.servers[3].client.role()[0] == b"master")
        wait_until(cluster.agrees, 10, "a Cluster that serves all slots again")
        recovery = wait_until(fresh_since(cluster, now_ms(), gone=0), 10, "all fresh") / INTERVAL_S
        publisher.wait_for("Redis: back")
        told = [line.split()[1] for line in publisher.said("Redis: ")]
        assert publisher.process.poll() is None
        cluster.servers[0].start()
        silence = max(silence, watch(cluster, healthy, for_seconds(1.0)))
    cluster.restore()
    print(f"master killed: {len(healthy)} symbols away from it silent for at most {silence:.2f} intervals,"
          f" all fresh {recovery:.2f} intervals after the election, said {told}")  # fmt: skip
    assert silence <= MOST_INTERVALS
    assert recovery <= MOST_INTERVALS
    assert told[-1] == "back"
    assert len(told) <= 4, "a line per change of state"


def test_a_master_hangs(cluster: Cluster, tmp_path: Path) -> None:
    healthy = away_from(cluster, 1)
    with at_work(cluster, tmp_path / "log", "--stream") as publisher:
        with stopped(cluster.servers[1]):
            silence = watch(cluster, healthy, lambda: cluster.servers[4].client.role()[0] == b"master")
            recovery = wait_until(fresh_since(cluster, now_ms(), gone=1), 10, "all fresh") / INTERVAL_S
        publisher.wait_for("Redis: back")
        silence = max(silence, watch(cluster, healthy, for_seconds(1.0)))
        told = [line.split()[1] for line in publisher.said("Redis: ")]
    cluster.restore()
    print(f"master hung: {len(healthy)} symbols away from it silent for at most {silence:.2f} intervals,"
          f" all fresh {recovery:.2f} intervals after the election, said {told}")  # fmt: skip
    assert silence <= MOST_INTERVALS
    assert recovery <= MOST_INTERVALS + 2, "the other masters learn of the election a moment later"
    assert told[-1] == "back"


def test_all_hang_and_it_is_told_to_end(cluster: Cluster, tmp_path: Path) -> None:
    with at_work(cluster, tmp_path / "log") as publisher:
        with stopped(*cluster.servers):
            publisher.wait_for("Redis: hung")
            time.sleep(0.3)
            took_s = publisher.end()
        assert publisher.process.returncode == 0
    cluster.restore()
    assert took_s <= 1.0


def test_slots_move_while_it_runs(cluster: Cluster, tmp_path: Path) -> None:
    kinds = (market_key, position_key, proposal_key, track_key)
    keys = [kind(SYMBOLS[0]) for kind in kinds] + [EXECUTION_STREAM, PROPOSAL_STREAM, POSITIONS_HASH, publisher_key("mover")]
    homes = [cluster.servers[cluster.owner(key)] for key in keys]
    others = [cluster.servers[(cluster.owner(key) + 1) % MASTERS] for key in keys]
    event = {"event_type": "POSITION_CLOSED", "symbol": "OTHERUSDT"}
    with at_work(cluster, tmp_path / "log", "--stream", "--publisher-id", "mover") as publisher:
        for sources, targets in ((homes, others), (others, homes)):
            for _ in zip(*map(cluster.move, keys, sources, targets), strict=True):
                cluster.client.xadd(EXECUTION_STREAM, event)
                wait_fresh(cluster.client, SYMBOLS, now_ms(), 2 * INTERVAL_S + 0.5)
        assert publisher.said("Redis: ", "Refused", "Stream") == []


def test_a_slot_that_nobody_serves(cluster: Cluster, tmp_path: Path) -> None:
    key = market_key(SYMBOLS[0])
    slot, others = cluster.client.keyslot(key), SYMBOLS[1:]
    with at_work(cluster, tmp_path / "log") as publisher:
        for server in cluster.servers:
            server.client.execute_command("CLUSTER DELSLOTS", slot)
        publisher.wait_for("Redis: failing over")
        silence = watch(cluster, others, for_seconds(1.5))
        with publishing(tmp_path / "log1", cluster.url, SYMBOLS, "--no-stream", interval_s=INTERVAL_S) as newcomer:
            newcomer.wait_for(f"… and {len(others) - 20} more proposals")
        owner = cluster.servers[cluster.owner(key)]
        owner.client.execute_command("CLUSTER ADDSLOTS", slot)
        publisher.wait_for("Redis: back")
        assert [line.split()[1] for line in publisher.said("Redis: ")] == ["failing", "back"]
    cluster.restore()
    assert silence <= MOST_INTERVALS


@pytest.mark.heavy
def test_the_cluster_is_down(cluster: Cluster, tmp_path: Path) -> None:
    coverage = "cluster-require-full-coverage"
    with at_work(cluster, tmp_path / "log") as publisher:
        for server in cluster.servers:
            server.client.config_set(coverage, "yes")
        with stopped(cluster.servers[2], cluster.servers[5]):
            publisher.wait_for("Redis: ")
            wait_until(lambda: not cluster_is_ok(cluster.servers[0]), 10, "a Cluster that is down")
            time.sleep(4 * INTERVAL_S)
        wait_until(cluster.agrees, 15, "a Cluster that serves all slots again")
        recovery = wait_fresh(cluster.client, SYMBOLS, now_ms(), 10) / INTERVAL_S
        publisher.wait_for("Redis: back")
        told = [line.split()[1] for line in publisher.said("Redis: ")]
        for server in cluster.servers:
            server.client.config_set(coverage, "no")
    cluster.restore()
    print(f"cluster down: all fresh {recovery:.2f} intervals after it was ok, said {told}")
    assert recovery <= MOST_INTERVALS
    assert told[-1] == "back"
    assert len(told) <= 4


def cluster_is_ok(server: Server) -> bool:
    return server.client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
