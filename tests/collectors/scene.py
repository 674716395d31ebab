"""Keys in a real Redis, and what is read of them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis

from publisher.embedded import PrivateServer, private_server
from qtops.collectors.keys import Look, Selection
from qtops.collectors.redis import Source
from qtops.facts.keys import KeyReading
from qtops.settings import Family, RedisSettings
from tests.checks.readings import family

OPEN = {"side": "LONG", "entry_price": "100", "current_price": "101", "quantity": "1"}
NO_WAY = "unix:///nonexistent/redis.sock"


@contextmanager
def source(url: str, *, timeout_s: float = 1.0, **settings: Any) -> Iterator[Source]:
    """A source that is closed at the end."""
    opened = Source(RedisSettings(url=url, timeout_s=timeout_s, **settings))
    try:
        yield opened
    finally:
        opened.close()


def look(url: str, *families: Family, subjects: Sequence[str] = ("BTC",)) -> tuple[Look, list[KeyReading]]:
    """One look, and all that it read."""
    with source(url) as opened:
        taken = Look(opened, opened.greet(), [Selection(one, subjects) for one in families or (family(),)])
        return taken, list(taken)


def read(url: str, *families: Family, subjects: Sequence[str] = ("BTC",)) -> list[KeyReading]:
    """All that one look read."""
    return look(url, *families, subjects=subjects)[1]


def commands(client: redis.Redis) -> dict[str, int]:
    """How often each command was called since the statistics were reset, without those of connecting and looking here."""
    calls = {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in client.info("commandstats").items()}
    ours = (
        "hello",
        "client|setname",
        "client|setinfo",
        "client|info",
        "client|list",
        "auth",
        "select",
        "info",
        "config|resetstat",
        "ping",
    )
    return {name: count for name, count in calls.items() if name not in (*ours, "flushall", "flushdb", "script|flush")}


@contextmanager
def server(*args: str) -> Iterator[tuple[PrivateServer, redis.Redis]]:
    """A server of the test's own, to be stopped, filled or locked."""
    with private_server(args=args) as started, redis.Redis.from_url(started.url, socket_timeout=5) as client:
        yield started, client


def now_text() -> str:
    """The time now, as a writer would state it."""
    return f"{time.time():.3f}"
