"""Streams in a Cluster: found and read wherever they are, and one master that hangs hides only its own."""

import time

import pytest
import redis

from qtops.collectors.streams import PATIENCE_S, read_streams
from qtops.collectors.streams_found import find, look_at
from qtops.settings import Settings
from tests.collectors.clusters import cluster
from tests.collectors.scene import source
from tests.faults.servers import stopped

pytestmark = pytest.mark.slow
NAMES = [f"app:{number}" for number in range(60)]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        with redis.RedisCluster(host="127.0.0.1", port=started.masters[0].port) as client:
            for name in NAMES:
                client.xadd(name, {"a": "b"})
                client.xgroup_create(name, "readers", id="0")
                client.xreadgroup("readers", "worker", {name: ">"})
        yield started


def test_all_streams_are_found_and_read_from_all_masters(three):
    with source(three.url) as opened:
        seen = look_at(opened, Settings(families=(), streams=()), lambda *_: None)
    streams = seen.looks[0].streams
    assert {stream.name for stream in streams} == set(NAMES)
    assert {(stream.length, stream.groups[0].pending, len(stream.groups[0].consumers)) for stream in streams} == {(1, 1, 1)}
    assert (seen.clients, seen.missing) == (None, ())


def test_a_master_that_hangs_hides_only_its_own_streams(three):
    hung = three.masters[1]
    with source(three.url, timeout_s=0.5) as opened:
        assert opened.greet().state == "ok"
        with stopped(hung):
            began = time.monotonic()
            seen = read_streams(opened, opened.greet(), NAMES)
            assert time.monotonic() - began < PATIENCE_S + 1.0
            _, why = find(opened)
    assert "could not be searched for" in why
    assert seen.server.state == "hung"
    for stream in seen.streams:
        theirs = three.owner(stream.name) is hung
        assert (stream.present, stream.trouble) == ((None, "hung") if theirs else (True, ""))
