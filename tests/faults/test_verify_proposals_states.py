"""However Redis is, ``qtops verify proposals`` says so in time and calls nothing right that it could not read; and what it can read
of a server that takes no writes is judged.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from publisher.contract import market_key, position_key, proposal_key
from tests.bench.proposals import Market
from tests.collectors.clusters import Cluster, cluster
from tests.faults.proxy import wire
from tests.faults.servers import BOUNDED, Server, running, stopped
from tests.faults.test_verify_proposals import verified

pytestmark = pytest.mark.slow

LIMIT_S = 1.5
PRICE = "quantum:market:{}".format


@pytest.fixture(scope="module")
def market(server: Server) -> Market:
    return Market(server.url, 3)


@pytest.fixture(autouse=True)
def _published(request: pytest.FixtureRequest) -> None:
    if "market" in request.fixturenames:
        request.getfixturevalue("market").publish()


def is_said(url: str, state: str, symbols: tuple[str, ...]) -> None:
    """Exit code 3 in time, with the state's word, and nothing called right."""
    verified("redis://127.0.0.1:1/0", symbols)
    began = time.monotonic()
    verified("redis://127.0.0.1:1/0", symbols)
    start_up_s = time.monotonic() - began
    began = time.monotonic()
    result, verdicts = verified(url, symbols)
    assert time.monotonic() - began < LIMIT_S + start_up_s
    assert result.returncode == 3
    assert f'"state":"{state}"' in result.stdout
    assert set(verdicts.values()) == {"unknown"}


def test_a_script_that_blocks_it(server: Server, market: Market) -> None:
    limit = server.client.config_get("busy-reply-threshold")["busy-reply-threshold"]
    server.client.config_set("busy-reply-threshold", "10")
    blocking = redis.Redis(host="127.0.0.1", port=server.port, socket_timeout=None)

    def block() -> None:
        with pytest.raises(redis.ResponseError):
            blocking.eval("while true do end", 0)

    thread = threading.Thread(target=block)
    thread.start()
    try:
        time.sleep(0.2)
        is_said(server.url, "busy", market.names)
    finally:
        server.client.script_kill()
        thread.join()
        blocking.close()
        server.client.config_set("busy-reply-threshold", limit)


def test_all_connections_are_taken(server: Server, market: Market) -> None:
    limit = server.client.config_get("maxclients")["maxclients"]
    with ExitStack() as stack:
        taken = [stack.enter_context(redis.Redis(host="127.0.0.1", port=server.port, **BOUNDED)) for _ in range(5)]
        for client in taken:
            client.ping()
        server.client.config_set("maxclients", len(server.client.client_list()))
        try:
            is_said(server.url, "too_many_clients", market.names)
        finally:
            server.client.config_set("maxclients", limit)


def test_a_replica_that_does_not_serve_what_is_old(server: Server, market: Market) -> None:
    server.client.config_set("replica-serve-stale-data", "no")
    server.client.replicaof("127.0.0.1", "1")
    try:
        is_said(server.url, "failing_over", market.names)
    finally:
        server.client.replicaof("NO", "ONE")
        server.client.config_set("replica-serve-stale-data", "yes")


def test_a_wire_that_swallows_everything(server: Server, market: Market) -> None:
    with wire(server) as proxy:
        proxy.swallow = True
        is_said(proxy.url, "hung", market.names)


def test_a_password_that_nobody_gave(server: Server, market: Market) -> None:
    server.client.config_set("requirepass", "of-the-house")
    try:
        is_said(server.url, "wrong_password", market.names)
    finally:
        server.client.config_set("requirepass", "")


def test_a_port_where_something_else_answers(market: Market) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for _ in range(8):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        is_said(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", "protocol", market.names)


# it takes no writes, and is read all the same


@pytest.mark.parametrize(
    ("setting", "value", "back"),
    [("maxmemory", "1mb", "0"), ("min-replicas-to-write", "1", "0")],
)
def test_a_server_that_takes_no_writes_is_read(server: Server, market: Market, setting: str, value: str, back: str) -> None:
    server.client.config_set(setting, value)
    try:
        result, verdicts = verified(server.url, market.names)
    finally:
        server.client.config_set(setting, back)
    assert (result.returncode, set(verdicts.values())) == (0, {"ok"})


def test_a_replica_is_read(server: Server, market: Market) -> None:
    server.client.replicaof("127.0.0.1", "1")
    try:
        result, _ = verified(server.url, market.names)
    finally:
        server.client.replicaof("NO", "ONE")
    assert result.returncode == 0


# many servers


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def test_a_cluster_is_read_as_a_whole_and_a_hung_master_hides_only_its_own(three: Cluster) -> None:
    market = Market(three.url, 30)
    result, verdicts = verified(three.url, market.names)
    assert (result.returncode, set(verdicts.values())) == (0, {"ok"})

    hung = three.masters[1]  # not the one that is asked for the time first
    with stopped(hung):
        _, verdicts = verified(three.url, market.names)
    keys = {name: [make(name) for make in (proposal_key, market_key, position_key, PRICE)] for name in market.names}
    lost = {name for name in market.names if hung in map(three.owner, keys[name])}
    assert {verdicts[name] for name in lost} == {"unknown"}
    assert {verdicts[name] for name in set(market.names) - lost} == {"ok"}


def test_a_server_that_is_started_anew_is_missing_what_it_forgot(tmp_path: Path) -> None:
    with running(tmp_path / "redis") as own:
        market = Market(own.url, 2)
        assert verified(own.url, market.names)[0].returncode == 0
        own.kill()
        own.start()
        result, _ = verified(own.url, market.names)
    assert result.returncode == 3
    assert '"state":"IDLE"' in result.stdout
    assert "an empty database, or another one" in result.stdout
