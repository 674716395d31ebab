"""One Redis: its clock, its troubles by name and in time, and a search that stays within its limits."""

import os
import signal
import time

import pytest

from publisher.connection import REDIS_ERRORS
from qtops.collectors.redis import Source
from qtops.errors import ConfigError
from qtops.facts.keys import ClockReading
from qtops.settings import RedisSettings
from tests.collectors.scene import NO_WAY, commands, server, source

LIMIT_S = 1.5


def greeted(url, **settings):
    with source(url, **settings) as opened:
        started = time.monotonic()
        reading = opened.greet()
        assert time.monotonic() - started < LIMIT_S
        return reading


def test_a_server_that_answers_is_ok_and_tells_its_time(redis_url):
    reading = greeted(redis_url)
    assert (reading.url, reading.state) == (redis_url, "ok")
    assert reading.clock.redis_s == pytest.approx(time.time(), abs=0.5)
    assert abs(reading.clock.skew_s) < 0.05
    assert 0 < reading.clock.round_trip_s < 0.5


@pytest.mark.parametrize("wrong_s", [3600.0, -3600.0])
def test_ages_go_by_redis_clock_whatever_this_host_thinks(redis_url, wrong_s):
    opened = Source(RedisSettings(url=redis_url), wall=lambda: time.time() + wrong_s)
    try:
        clock = opened.greet().clock
        assert isinstance(clock, ClockReading)
        assert clock.skew_s == pytest.approx(-wrong_s, abs=0.1)
        assert opened.now_s() == pytest.approx(time.time(), abs=0.1)
    finally:
        opened.close()


def test_a_user_who_may_not_ask_for_the_time_gets_this_hosts(redis_url, redis_client):
    redis_client.execute_command("ACL", "SETUSER", "narrow", "on", ">pw", "~*", "+@all", "-time")
    try:
        with source(redis_url.replace("unix://", "unix://narrow:pw@")) as opened:
            reading = opened.greet()
            assert (reading.state, reading.clock) == ("ok", None)
            assert "narrow" not in reading.url
            assert opened.now_s() == pytest.approx(time.time(), abs=0.1)
    finally:
        redis_client.execute_command("ACL", "DELUSER", "narrow")


def test_nobody_listens():
    assert greeted(NO_WAY).state == "down"
    assert greeted("redis://127.0.0.1:1/0").state == "down"


def test_a_hung_server_and_its_recovery():
    with server() as (started, _), source(started.url) as opened:
        assert opened.greet().state == "ok"
        os.kill(started.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert opened.greet().state == "hung"
            assert time.monotonic() - began < LIMIT_S
            assert greeted(started.url).state == "hung"
        finally:
            os.kill(started.pid, signal.SIGCONT)
        assert opened.greet().state == "ok"


def test_passwords(tmp_path):
    file = tmp_path / "password"
    with server("--requirepass", "hunter2") as (started, _):
        assert greeted(started.url).state == "wrong_password"
        for content, state in (("hunter2\n", "ok"), ("hunter3", "wrong_password")):
            file.write_text(content)
            reading = greeted(started.url, password_file=str(file))
            assert reading.state == state
            assert "hunter" not in repr(reading)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_password_file_that_cannot_be_read_is_a_configuration_error(tmp_path, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"redis.password_file {file}: "):
        Source(RedisSettings(password_file=str(file)))


@pytest.mark.parametrize("url", ["http://x", "nonsense", "redis+sentinel://h1:1"])
def test_a_url_that_names_no_redis_is_a_configuration_error(url):
    with pytest.raises(ConfigError, match=r"redis\.url"), source(url) as opened:
        opened.greet()


def test_a_hostile_url_is_shown_without_its_password_and_controls():
    reading = greeted("unix://u:hunter2@/nonexistent/\x1b[31m")
    assert reading.url.isprintable()
    assert "hunter2" not in repr(reading)


# the search


def found(url, pattern, give_up_s=5.0):
    with source(url) as opened:
        return sorted(opened.scan(pattern, give_up_s))


def test_the_search_finds_what_the_pattern_means_and_no_more(redis_url, redis_client):
    for key in ("app:A:x", "app:B:x", "app:*:x", "app:C", "appA:x", "other"):
        redis_client.set(key, 1)
    redis_client.set(b"app:\xff:x", 1)
    assert found(redis_url, "app:{symbol}:x") == ["app:*:x", "app:A:x", "app:B:x", "app:\udcff:x"]
    assert found(redis_url, "app:*:x") == ["app:*:x"]  # a star in a pattern is a star


@pytest.mark.parametrize("pattern", ["a[b]{symbol}", "a\\{symbol}", "a?{symbol}", "a*{symbol}"])
def test_signs_that_mean_something_to_scan_mean_themselves(redis_url, redis_client, pattern):
    redis_client.set(pattern.replace("{symbol}", "S"), 1)
    redis_client.mset({"abS": 1, "axS": 1, "axxS": 1})
    assert found(redis_url, pattern) == [pattern.replace("{symbol}", "S")]


def test_the_search_walks_in_steps_and_never_uses_keys(redis_url, redis_client):
    redis_client.mset({f"app:{number}": 1 for number in range(3000)})
    redis_client.config_resetstat()
    assert len(set(found(redis_url, "app:{symbol}"))) == 3000
    calls = commands(redis_client)
    assert set(calls) == {"scan"}
    assert 6 <= calls["scan"] <= 12


def test_the_search_is_given_up_in_time(redis_url, redis_client):
    redis_client.mset({f"app:{number}": 1 for number in range(3000)})
    with pytest.raises(TimeoutError, match=r"'app:\{symbol\}' was given up after 0 s"):
        found(redis_url, "app:{symbol}", give_up_s=0.0)


def test_a_search_where_nobody_listens_raises():
    with pytest.raises(REDIS_ERRORS):
        found(NO_WAY, "app:{symbol}")
