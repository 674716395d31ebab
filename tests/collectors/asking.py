"""What is found of the Redis of one service: always in time, and never with a secret in it."""

import time

from publisher.connection import ADVICE
from qtops.collectors.service_redis import RedisRead, Use, read_redis
from qtops.settings import Service, Settings

from .environments import FILE, environment

LIMIT_S = 1.5
CANARY = "canary-7Qx"
OK = ("ok", "")


def asked(settings: Settings | None = None, service: Service | None = None, *, given: bool = False, **variables: str) -> RedisRead:
    """What is found of one service; the verdict is there in time, and holds no secret."""
    began = time.monotonic()
    (read,) = read_redis([Use(environment(**variables), service)], settings or Settings(), given=given)
    assert time.monotonic() - began < LIMIT_S
    assert CANARY not in repr(read)
    return read


def state(url: str, **variables: str) -> tuple[str, str]:
    """How its Redis is, and why it would refuse a write."""
    facts = asked(REDIS_URL=url, **variables).facts
    assert facts is not None
    assert facts.named_by == f"REDIS_URL at {FILE}:1"
    assert facts.reading.advice == ADVICE.get(facts.reading.state, "")
    return facts.reading.state, facts.writes_refused
