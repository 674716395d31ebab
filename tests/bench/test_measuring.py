"""Arms that take turns, ratios of one round, and a clean environment for what is started."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from publisher.connection import connect
from tests.bench.measuring import (
    Arm,
    Neighbours,
    Times,
    _ours_s,
    best_ratio,
    fastest,
    interleave,
    peak_mb,
    pinned_server,
    plain,
    ratio,
)


def times(*wall: float) -> Times:
    return Times(wall, wall)


def test_arms_take_turns_and_are_prepared_each_time() -> None:
    order: list[str] = []
    arms = [Arm(name, partial(order.append, name), partial(order.append, f"before {name}")) for name in "AB"]

    found = interleave(arms, rounds=2, warm_ups=1)

    assert order == ["before A", "A", "before B", "B"] * 3
    assert [len(found[name].wall) for name in "AB"] == [2, 2]


def test_preparation_is_not_timed() -> None:
    found = interleave([Arm("quick", lambda: None, lambda: time.sleep(0.05))], rounds=1, warm_ups=0)

    assert found["quick"].wall[0] < 0.04


def test_waiting_takes_time_but_no_cpu() -> None:
    found = interleave([Arm("waits", lambda: time.sleep(0.05))], rounds=1, warm_ups=0)

    assert found["waits"].wall[0] >= 0.05
    assert found["waits"].median_cpu < 0.04


def test_a_slow_second_that_hits_both_arms_does_not_change_their_ratio() -> None:
    slow_in_the_middle = times(1.0, 5.0, 1.0), times(0.5, 2.5, 0.5)

    assert ratio(*slow_in_the_middle) == 2.0


def test_what_only_computes_is_compared_by_its_fastest_rounds() -> None:
    assert best_ratio(times(9.0, 3.0), times(1.0, 7.0)) == 3.0


def test_the_baseline_is_the_arm_with_the_lowest_median() -> None:
    assert fastest({"a": times(1.0, 3.0, 3.0), "b": times(2.0, 2.0, 9.0), "c": times(0.1)}, "a", "b") == "b"


def test_times_read_in_milliseconds() -> None:
    assert str(times(0.0012, 1.5, 0.2)) == "200 ms (1.2 … 1500)"


def test_spread_is_slowest_to_fastest() -> None:
    assert times(2.0, 1.0, 4.0).spread == 4.0


def test_the_server_has_a_cpu_of_its_own_and_ours_are_given_back() -> None:
    before = os.sched_getaffinity(0)

    with pinned_server() as server:
        assert len(os.sched_getaffinity(server.pid)) == 1
        assert len(os.sched_getaffinity(0)) == 1
        assert (os.sched_getaffinity(server.pid) != os.sched_getaffinity(0)) == (len(before) > 1)
        with connect(server.url) as client:
            assert client.ping()

    assert os.sched_getaffinity(0) == before


def test_our_own_time_includes_that_of_children_that_run_and_have_run() -> None:
    burn = "import time\nend = time.process_time() + 0.25\nwhile time.process_time() < end: pass\nprint(flush=True)\ninput()"
    before = _ours_s()
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        running = _ours_s() - before
        child.communicate("\n")
    has_run = _ours_s() - before

    tick_s = 0.01  # of a running process the kernel tells its time in whole ticks, of an ended one exactly
    assert 0.2 <= running <= has_run + tick_s < 2.0


def test_an_orphan_that_computes_is_a_neighbour() -> None:
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"
    with Neighbours() as neighbours:
        subprocess.run([sys.executable, "-c", orphan], check=True)
        time.sleep(0.6)

    assert neighbours.cpus > 0.1


def test_peak_memory_is_that_of_the_command_not_ours() -> None:
    ours = b"x" * 200_000_000

    small = peak_mb([sys.executable, "-c", "pass"])
    large = peak_mb([sys.executable, "-c", "x = b'x' * 50_000_000"])

    assert small < 60 < len(ours) / 1e6
    assert 40 < large - small < 60


def test_peak_memory_of_a_command_that_fails_is_none() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        peak_mb(["false"])


def test_nobodys_settings_reach_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTOPS_REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")

    assert not {"QTOPS_REDIS_URL", "XDG_CONFIG_HOME"} & set(plain())
    assert Path(plain()["PYTHONPATH"], "publisher").is_dir()
