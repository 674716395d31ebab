"""What commands of Redis bring or take, for those whose name could not be told: could one of them be the end that is sought?"""

from collections.abc import Iterable
from typing import Final

from qtops.facts.wiring import Direction, Kind, Unresolved

_COMMANDS: Final[dict[tuple[Direction, Kind], str]] = {
    ("write", "stream"): "XADD",
    ("read", "stream"): "XREAD XREADGROUP XRANGE XREVRANGE XLEN XINFO XPENDING XCLAIM XAUTOCLAIM",
    ("write", "hash"): "HSET HMSET HSETNX HINCRBY HINCRBYFLOAT",
    ("read", "hash"): "HGET HGETALL HMGET HKEYS HVALS HLEN HSCAN HEXISTS",
    ("write", "string"): "SET SETEX PSETEX SETNX MSET MSETNX GETSET APPEND INCR INCRBY INCRBYFLOAT DECR DECRBY SETBIT SETRANGE",
    ("read", "string"): "GET MGET GETEX GETDEL GETRANGE STRLEN GETBIT BITCOUNT",
    ("write", "list"): "LPUSH RPUSH LPUSHX RPUSHX LSET LINSERT LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH",
    ("read", "list"): "LPOP RPOP BLPOP BRPOP LRANGE LINDEX LLEN LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH LMPOP BLMPOP",
    ("write", "set"): "SADD SMOVE SUNIONSTORE SINTERSTORE SDIFFSTORE",
    ("read", "set"): "SMEMBERS SISMEMBER SMISMEMBER SCARD SPOP SRANDMEMBER SSCAN SINTER SUNION SDIFF",
    ("write", "zset"): "ZADD ZINCRBY ZUNIONSTORE ZINTERSTORE ZRANGESTORE",
    ("read", "zset"): "ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZSCORE ZMSCORE ZCARD ZCOUNT ZRANK ZPOPMIN ZPOPMAX BZPOPMIN",
    ("write", "channel"): "PUBLISH SPUBLISH",
    ("read", "channel"): "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE",
    ("write", "any"): "RENAME RENAMENX RESTORE COPY EVAL EVALSHA FCALL",
    ("read", "any"): "SCAN KEYS DUMP SORT EVAL EVALSHA FCALL",
}  # fmt: skip
_BY_COMMAND: Final = {
    (command, direction): {kind for (way, kind), names in _COMMANDS.items() if way == direction and command in names.split()}
    for (direction, _), commands in _COMMANDS.items()
    for command in commands.split()
}
COUNTING: Final = frozenset(
    [
        "INCR",
        "INCRBY",
        "INCRBYFLOAT",
        "DECR",
        "DECRBY",
        "HINCRBY",
        "HINCRBYFLOAT",
        "SETNX",
        "HSETNX",
        "MSETNX",
        "APPEND",
        "PFADD",
        "SETBIT",
    ]
)
"""Writes that two services can do to one key without losing each other's."""


def writes(command: str, kinds: Iterable[str]) -> bool:
    """Whether a command, as CLIENT LIST has it, writes something of these kinds."""
    return bool(set(kinds) & _BY_COMMAND.get((command.partition("|")[0].upper(), "write"), set()))


def could_be(unresolved: Iterable[Unresolved], direction: Direction, kinds: Iterable[str]) -> tuple[Unresolved, ...]:
    """Those that could be an end of this direction on something of these kinds."""
    wanted = set(kinds)

    def fits(known: set[Kind]) -> bool:
        return bool(known) and ("any" in known or not wanted or "any" in wanted or bool(known & wanted))

    return tuple(command for command in unresolved if fits(_BY_COMMAND.get((command.command.upper(), direction), set())))
