"""What a client of Redis looks like: the classes and functions that make one, and how people call it."""

import re

_MODULES = ("redis", "aioredis", "rediscluster", "fakeredis", "valkey", "coredis", "redis_om", "walrus", "birdisle")
_CLASSES = frozenset(
    [
        "Redis", "StrictRedis", "RedisCluster", "AsyncRedis", "AsyncRedisCluster", "FakeRedis", "FakeStrictRedis",
        "FakeAsyncRedis", "Valkey", "StrictValkey", "ValkeyCluster", "Pipeline", "PubSub", "ClusterPipeline", "Client",
        "Database", "from_url", "create_redis", "create_redis_pool", "get_redis_connection", "StrictPipeline",
        "AbstractRedis", "CoreCommands",
    ]
)  # fmt: skip
_MAKERS = frozenset(
    {"from_url", "create_redis", "create_redis_pool", "master_for", "slave_for", "from_pool", "Redis", "StrictRedis"}
)
_NAMES = frozenset(
    [
        "r", "rc", "rd", "rdb", "redis", "client", "conn", "connection", "pipe", "pipeline", "p", "cache_redis",
        "redis_conn", "redis_client", "db_redis", "red", "rds", "rcli", "rconn", "aredis", "async_redis", "store_redis",
        "pubsub", "ps", "sub", "valkey", "kv",
    ]
)  # fmt: skip
_AMBIGUOUS = frozenset({"conn", "connection", "db", "client", "p", "kv", "sub", "ps"})
_REDIS = re.compile(r"(?:^|_)(?:redis|rdb|valkey)(?:_|$|client|conn|pool|cluster|\d)|redis", re.IGNORECASE)


def is_client_module(name: str) -> bool:
    """Whether clients of Redis come from this module."""
    return name.partition(".")[0] in _MODULES


def is_client_class(name: str) -> bool:
    """Whether a dotted name is that of a class of clients."""
    head, _, _ = name.partition(".")
    return head in _MODULES and name.rpartition(".")[2] in _CLASSES


def makes_client(name: str) -> bool:
    """Whether calling this dotted name gives a client: ``redis.asyncio.from_url``, ``redis.Redis.from_url``."""
    head, _, _ = name.partition(".")
    tail = name.rpartition(".")[2]
    return head in _MODULES and (tail in _CLASSES or tail in _MAKERS)


def is_client_name(name: str) -> bool:
    """Whether people call clients so."""
    plain = name.strip("_").lower()
    return plain in _NAMES or _REDIS.search(plain) is not None
