"""Every form of a URL, what is wrong with a URL or a server in words of ours, and no password in any of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import RedisClusterException

from publisher.connection import UrlError, check_url, connect, shown_url, trouble

SECRET = "hu$h"


def asked(client: Any) -> dict[str, Any]:
    """What the client would connect to, without connecting."""
    return dict(client.connection_pool.connection_kwargs)


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("redis:///0", {"db": 0}),
        ("redis://box", {"host": "box"}),
        ("redis://box:7000/3", {"host": "box", "port": 7000, "db": 3}),
        ("redis://[::1]:7000", {"host": "::1", "port": 7000}),
        ("redis://box?db=4", {"host": "box", "db": 4}),
        ("redis://:p%2Fw@box", {"host": "box", "password": "p/w"}),
        ("redis://who:p%40w@box", {"username": "who", "password": "p@w"}),
        ("rediss://box?ssl_ca_certs=/etc/ca.pem", {"host": "box", "ssl_ca_certs": "/etc/ca.pem"}),
        ("unix:///run/redis.sock", {"path": "/run/redis.sock"}),
        ("unix:///run/a%20b@c/redis.sock?db=2&password=pw", {"path": "/run/a b@c/redis.sock", "db": 2, "password": "pw"}),
    ],
)
def test_a_single_server(url: str, asks: dict[str, object]) -> None:
    with connect(url) as client:
        assert asked(client).items() >= asks.items()


@pytest.mark.parametrize(
    ("url", "sentinels", "asks"),
    [
        ("redis+sentinel://a:1,b:2/quantum", [("a", 1), ("b", 2)], {"db": 0}),
        ("redis+sentinel://a,[::1]:2/quantum/5", [("a", 26379), ("::1", 2)], {"db": 5}),
        ("redis+sentinel://who:p%2Fw@a/quantum", [("a", 26379)], {"username": "who", "password": "p/w"}),
    ],
)
def test_the_master_of_a_sentinel(url: str, sentinels: list[tuple[str, int]], asks: dict[str, object]) -> None:
    with connect(url) as client:
        pool = client.connection_pool
        assert pool.service_name == "quantum"
        assert [(asked(each)["host"], asked(each)["port"]) for each in pool.sentinel_manager.sentinels] == sentinels
        assert asked(client).items() >= asks.items()
        assert all(asked(each)["socket_timeout"] == 1.0 for each in pool.sentinel_manager.sentinels)


def test_a_cluster_is_asked_for_its_nodes_at_once() -> None:
    with pytest.raises(RedisClusterException) as caught:
        connect("redis+cluster://127.0.0.1:1,127.0.0.1:2")
    assert trouble(caught.value).state == "down"


@pytest.mark.parametrize("url", ["redis://box", "unix:///run/redis.sock", "redis+sentinel://a/quantum"])
def test_waits_are_bounded_and_nothing_is_retried(url: str) -> None:
    with connect(url, timeout_s=0.25, client_name="me") as client:
        options = asked(client)
        assert options["socket_timeout"] == options["socket_connect_timeout"] == 0.25
        assert options["retry"].get_retries() == 0
        assert options["client_name"] == "me"
        assert not options.get("decode_responses")


@pytest.mark.parametrize(
    "url", ["redis://:old@box", "redis://box?password=old", "redis+sentinel://:old@a/m", "unix:///x?password=old"]
)
def test_a_password_given_apart_wins_over_the_one_in_the_url(url: str) -> None:
    with connect(url, password="new") as client:
        assert asked(client)["password"] == "new"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "unknown scheme"),
        ("box:6379", "unknown scheme"),
        ("http://box", "unknown scheme"),
        ("REDIS://box", "unknown scheme"),
        (" redis://box", "unknown scheme"),
        ("redis://box:port", "port"),
        ("redis://box:99999", "Port out of range"),
        ("redis://[::1", "Invalid IPv6"),
        ("redis://box/abc", "is no database"),
        ("redis://box/0/1", "is no database"),
        ("redis://box/٣", "is no database"),
        ("redis://box/-1", "is no database"),
        ("redis://box?db=-1", "a database has a number"),
        ("redis://box?db=x", "Invalid value for 'db'"),
        ("redis://box?socket_timeout=600", "unknown option 'socket_timeout'"),
        ("redis://box?decode_responses=True", "unknown option 'decode_responses'"),
        ("redis://box?nonsense", "unknown option 'nonsense'"),
        ("unix://", "path of the socket is missing"),
        ("redis+sentinel://a:1", "name of the master is missing"),
        ("redis+sentinel://a:1/", "name of the master is missing"),
        ("redis+sentinel://a:1/m/x", "is no database"),
        ("redis+sentinel:///m", "a host is missing"),
        ("redis+cluster://", "a host is missing"),
        ("redis+cluster://a,,b", "a host is missing"),
        ("redis+cluster://a:x", "'x' is no port"),
        ("redis+cluster://a:70000", "'70000' is no port"),
        ("redis+cluster://::1", "in brackets"),
        ("redis+cluster://a/3", "database 0 only"),
        ("redis+cluster://a?db=0", "takes no query"),
    ],
)
def test_a_url_that_names_no_redis_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(UrlError, match=words):
        check_url(url)
    with pytest.raises(UrlError, match=words):
        connect(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:{}/rest@box:6379/0",
        "redis://:{}?rest@box:6379/0",
        "redis://:{}#rest@box:6379/0",
        "redis://:rest@{}@box:port",
        "redis://:{} x@box:port",
        "redis://who:{}@box:99999",
        "redis+cluster://:{}/rest@box:7000",
        "redis+sentinel://:{}/rest@box:26379/m",
        "gopher://:{}@box",
        "who:{}@box:6379/0",
        "redis://box?password={}&nonsense=1",
        "unix:///x?password={}&db=x",
    ],
)
def test_no_password_in_what_is_said_of_a_wrong_url(url: str) -> None:
    secret = url.format(SECRET)
    with pytest.raises(UrlError) as caught:
        check_url(secret)
    assert SECRET not in str(caught.value)
    assert "rest" not in str(caught.value)
    assert SECRET not in shown_url(secret)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://box:7000/3", "redis://box:7000/3"),
        ("redis://who:pw@box", "redis://box"),
        ("redis://:a@b@box", "redis://box"),
        ("unix:///run/a@b/redis.sock?db=1", "unix:///run/a@b/redis.sock?db=1"),
        ("unix:///run/redis.sock?db=1&password=pw", "unix:///run/redis.sock?db=1&password=***"),
        ("redis+cluster://:pw@a:1,b:2", "redis+cluster://a:1,b:2"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@given(st.text(st.characters(exclude_characters="%", exclude_categories=["Cs"]), min_size=6, max_size=30))
def test_whatever_stands_before_the_last_at_is_never_shown(secret: str) -> None:
    told = shown_url(f"redis://:{secret}x@box:6379/0")
    try:
        check_url(f"redis://:{secret}x@box:port/0")
    except UrlError as error:
        told += str(error)
    assert secret + "x" not in told


@given(st.text(max_size=40))
def test_any_text_is_a_url_or_a_url_error(text: str) -> None:
    for scheme in ("", "redis://", "unix://", "redis+cluster://", "redis+sentinel://"):
        try:
            check_url(scheme + text)
        except UrlError:
            continue
