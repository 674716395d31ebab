"""Many keys in a Cluster: all found, wherever they are, and one master that hangs hides only its own."""

import time

import pytest
import redis

from qtops.collectors.keys import PATIENCE_S, Look, Selection
from tests.checks.readings import family
from tests.collectors.clusters import Cluster, cluster
from tests.collectors.scene import look, now_text, read, source
from tests.faults.servers import stopped

pytestmark = pytest.mark.slow
SUBJECTS = [f"S{number}" for number in range(300)]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        with redis.RedisCluster(host="127.0.0.1", port=started.masters[0].port) as client:
            for subject in SUBJECTS:
                client.hset(f"app:{subject}", "beat", now_text())
        yield started


def test_all_keys_are_read_from_all_masters(three: Cluster):
    readings = read(three.url, family(), subjects=[*SUBJECTS, "absent"])
    assert [reading.subject for reading in readings] == [*SUBJECTS, "absent"]
    assert [reading.present for reading in readings] == [True] * len(SUBJECTS) + [False]


def test_the_search_walks_all_masters(three: Cluster):
    with source(three.url) as opened:
        assert set(opened.scan("app:{symbol}", 5.0)) == {f"app:{subject}" for subject in SUBJECTS}


def test_a_master_that_hangs_hides_only_its_own_keys(three: Cluster):
    """The clock is another master's, should the one that is asked first hang."""
    for hung in three.masters:
        with source(three.url, timeout_s=0.5) as opened:
            assert opened.greet().state == "ok"
            with stopped(hung):
                began = time.monotonic()
                taken = Look(opened, opened.greet(), [Selection(family(), SUBJECTS)])
                readings = list(taken)
                assert time.monotonic() - began < PATIENCE_S + 1.0
        for reading in readings:
            theirs = three.owner(reading.key) is hung
            assert (reading.present, reading.trouble) == ((None, "hung") if theirs else (True, ""))
        assert taken.server.state == "hung"


def test_a_cluster_that_hangs_altogether_is_told_in_time(three: Cluster):
    """Each node that the URL names is tried, for one time limit."""
    with stopped(*three.masters):
        began = time.monotonic()
        taken, readings = look(three.url, family(), subjects=SUBJECTS)
        assert time.monotonic() - began < len(three.masters) * 1.0 + 0.5
    assert taken.server.state in ("hung", "down", "failing_over")
    assert all(reading.present is None for reading in readings)
