"""What a Cluster holds of names: on all of its masters, and what one of them hides is not said to be absent."""

import time

import pytest
import redis

from qtops.collectors.redis import Source
from qtops.collectors.wiring_live import WALK_S, read_names
from qtops.settings import RedisSettings
from tests.collectors.clusters import Cluster, cluster
from tests.faults.servers import stopped

pytestmark = pytest.mark.slow
NAMES = [f"q:stream:{number}" for number in range(30)]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        with redis.RedisCluster(host="127.0.0.1", port=started.masters[0].port) as client:
            for name in NAMES:
                client.xadd(name, {"a": 1})
                client.hset(f"{name}:state", "b", 1)
        yield started


def look(three: Cluster, *names: str):
    source = Source(RedisSettings(url=three.url, timeout_s=0.5))
    try:
        source.greet()
        return read_names(source, names)
    finally:
        source.close()


def test_names_and_patterns_are_looked_for_on_all_masters(three):
    live = look(three, *NAMES[:10], "q:stream:<n>:state")
    *exact, pattern = live.names
    assert [(state.present, state.kind, state.fields) for state in exact] == [(True, "stream", ("a",))] * 10
    assert (pattern.keys, pattern.kind, pattern.fields) == (30, "hash", ("b",))
    assert set(live.found) == set(NAMES[10:])
    assert live.missing == ()


def test_what_a_master_that_hangs_hides_is_not_said_to_be_absent(three):
    hung = three.masters[1]
    with stopped(hung):
        began = time.monotonic()
        live = look(three, *NAMES, "q:gone:<n>")
        assert time.monotonic() - began < WALK_S + 4
    *exact, gone = live.names
    assert [state.present for state in exact] == [None if three.owner(name) is hung else True for name in NAMES]
    assert gone.present is None
    assert live.missing
