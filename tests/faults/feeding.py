"""What the publisher reads and what it leaves: inputs written as their writers do, proposals read as a risk gate does."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import redis

from publisher.contract import market_key, position_key, proposal_key
from tests.faults.servers import wait_until
from tests.publisher.builders import market_hash, position_hash

Client = redis.Redis | redis.RedisCluster


def symbols(count: int) -> tuple[str, ...]:
    """So many symbols."""
    return tuple(f"S{number:03d}USDT" for number in range(count))


def feed(client: Client, names: Iterable[str], **position: Any) -> None:
    """A healthy market state and an open position, taken now, for each; ``position`` says what is different about it."""
    now = int(time.time())
    for name in names:
        client.hset(market_key(name), mapping=market_hash(ts_timestamp=now))
        client.hset(position_key(name), mapping=position_hash(symbol=name, **({"ts_epoch": now} | position)))


def proposal(client: Client, name: str) -> dict[str, str]:
    """The proposal as it is now; empty where there is none."""
    return {field.decode(): value.decode() for field, value in client.hgetall(proposal_key(name)).items()}


def heartbeats(client: Client, names: Sequence[str]) -> list[int]:
    """When each was last confirmed, in epoch ms; 0 where there is no proposal."""
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.hget(proposal_key(name), "heartbeat_ms")
    return [int(beat or 0) for beat in pipeline.execute()]


def now_ms() -> int:
    """The wall clock, in the unit of a heartbeat."""
    return int(time.time() * 1000)


def wait_fresh(client: Client, names: Sequence[str], since_ms: int, limit_s: float) -> float:
    """Seconds until every proposal was confirmed after ``since_ms``."""

    def fresh() -> bool:
        try:
            return min(heartbeats(client, names)) > since_ms
        except (redis.RedisError, redis.exceptions.RedisClusterException, OSError):
            return False

    return wait_until(fresh, limit_s, f"{len(names)} proposals confirmed again")
