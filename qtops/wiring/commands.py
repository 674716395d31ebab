"""The commands of Redis: what each does to the names that it is given, and where those stand.

Two spellings: methods of redis-py (``r.hset(name, …)``), and raw commands (``("HSET", name, …)``).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from qtops.facts.wiring import Direction, Kind


class Command(NamedTuple):
    """What one command does."""

    name: str
    direction: Direction
    kind: Kind
    keys: str = "1"
    """Where the names are among the raw arguments: "1" the first, "all", "but last", "pairs" every other one, "2" the first two,
    "after STREAMS", "into" the first, "counted" by a number before them, "MATCH", "sub" after a subcommand, "from 2"."""
    argument: str = "name"
    """What redis-py calls the argument that holds the name."""
    fields: str = ""
    """Which arguments are names of fields: "pairs", "names", "entry" (XADD), "one"."""
    reply: str = ""
    """The shape of what it answers: see ``values.Reply``."""
    expires: bool | None = False
    """Whether a write sets a TTL; None: not told by the command."""


def _rows(direction: Direction, kind: Kind, names: str, **more: str) -> list[Command]:
    return [Command(name, direction, kind, **more) for name in names.split()]  # type: ignore[arg-type]


_COMMANDS: Final = [
    # streams
    Command("XADD", "write", "stream", fields="entry"),
    Command("XREAD", "read", "stream", "after STREAMS", "streams", reply="streams"),
    Command("XREADGROUP", "read", "stream", "after STREAMS", "streams", reply="streams"),
    *_rows("read", "stream", "XRANGE XREVRANGE XCLAIM", reply="entries"),
    Command("XAUTOCLAIM", "read", "stream", reply="claimed"),
    *_rows("touch", "stream", "XLEN XACK XPENDING XPENDING_RANGE XTRIM XDEL XSETID"),
    *_rows("touch", "stream", "XINFO XGROUP", keys="sub"),
    # hashes
    *_rows("write", "hash", "HSET HMSET", fields="pairs"),
    *_rows("write", "hash", "HSETNX HINCRBY HINCRBYFLOAT", fields="one"),
    Command("HSETEX", "write", "hash", expires=True),
    *_rows("read", "hash", "HGET HSTRLEN", fields="one", reply="value"),
    Command("HMGET", "read", "hash", fields="names", reply="values"),
    Command("HGETALL", "read", "hash", reply="fields"),
    *_rows("read", "hash", "HKEYS HVALS HSCAN HSCAN_ITER HRANDFIELD"),
    Command("HDEL", "touch", "hash", fields="names"),
    Command("HEXISTS", "touch", "hash", fields="one"),
    *_rows("touch", "hash", "HLEN HEXPIRE HPEXPIRE HTTL"),
    # strings
    *_rows("write", "string", "SET SETNX GETSET APPEND SETRANGE SETBIT INCR INCRBY INCRBYFLOAT DECR DECRBY PFADD"),
    Command("SETEX", "write", "string", expires=True),
    Command("PSETEX", "write", "string", expires=True),
    *_rows("write", "string", "MSET MSETNX", keys="pairs", argument="mapping"),
    *_rows("read", "string", "GET GETDEL GETEX GETRANGE GETBIT SUBSTR", reply="value"),
    Command("MGET", "read", "string", "all", "keys", reply="values"),
    *_rows("touch", "string", "STRLEN BITCOUNT"),
    *_rows("read", "string", "PFCOUNT PFMERGE", keys="all", argument="keys"),
    # lists
    *_rows("write", "list", "LPUSH RPUSH LPUSHX RPUSHX LSET LINSERT"),
    *_rows("read", "list", "LPOP RPOP LRANGE LINDEX LPOS"),
    *_rows("read", "list", "BLPOP BRPOP", keys="but last", argument="keys"),
    *_rows("read", "list", "RPOPLPUSH BRPOPLPUSH LMOVE BLMOVE", keys="2", argument="src"),
    *_rows("touch", "list", "LLEN LTRIM LREM"),
    # sets
    Command("SADD", "write", "set"),
    *_rows("read", "set", "SMEMBERS SISMEMBER SMISMEMBER SPOP SRANDMEMBER SSCAN SSCAN_ITER"),
    *_rows("read", "set", "SINTER SUNION SDIFF", keys="all", argument="keys"),
    *_rows("read", "set", "SUNIONSTORE SINTERSTORE SDIFFSTORE", keys="all", argument="keys"),
    *_rows("read", "set", "SMOVE", keys="2", argument="src"),
    *_rows("touch", "set", "SCARD SREM"),
    # sorted sets
    *_rows("write", "zset", "ZADD ZINCRBY"),
    *_rows("read", "zset", "ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZSCORE ZMSCORE ZRANK ZREVRANK ZPOPMIN ZPOPMAX ZSCAN"),
    *_rows("read", "zset", "ZRANGEBYLEX ZSCAN_ITER ZRANDMEMBER"),
    *_rows("read", "zset", "BZPOPMIN BZPOPMAX", keys="but last", argument="keys"),
    *_rows("read", "zset", "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE", keys="into", argument="keys"),
    *_rows("read", "zset", "ZRANGESTORE", keys="2", argument="dest"),
    *_rows("write", "zset", "GEOADD"),
    *_rows("read", "zset", "GEOPOS GEODIST GEOSEARCH GEORADIUS GEOHASH ZREVRANGEBYLEX"),
    *_rows("touch", "zset", "ZCARD ZCOUNT ZREM ZREMRANGEBYSCORE ZREMRANGEBYRANK"),
    # channels
    *_rows("write", "channel", "PUBLISH SPUBLISH", argument="channel"),
    *_rows("read", "channel", "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE", keys="all", argument="args"),
    # any kind
    *_rows("touch", "any", "DEL UNLINK EXISTS TOUCH", keys="all", argument="names"),
    *_rows("touch", "any", "EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST TTL PTTL TYPE EXPIRETIME DUMP"),
    Command("KEYS", "touch", "any", argument="pattern", reply="keys"),
    *_rows("touch", "any", "SCAN SCAN_ITER", keys="MATCH", argument="match", reply="keys"),
    *_rows("write", "any", "RENAME RENAMENX COPY", keys="2", argument="src", expires=None),  # type: ignore[arg-type]
    *_rows("write", "any", "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL", keys="counted", expires=None),  # type: ignore[arg-type]
    *_rows("touch", "any", "MEMORY OBJECT", keys="sub"),
]
COMMANDS: Final = {command.name: command for command in _COMMANDS}

EXPIRING: Final = frozenset({"EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"})
SECOND_WRITES: Final = frozenset({"RPOPLPUSH", "BRPOPLPUSH", "LMOVE", "BLMOVE", "SMOVE"})
FIRST_WRITES: Final = frozenset(
    {"SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE", "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE", "ZRANGESTORE", "PFMERGE"}
)
SUBCOMMANDS: Final = frozenset({"XINFO", "XGROUP", "MEMORY", "OBJECT"})

_RENAMED: Final = {
    "delete": "DEL",
    "xgroup_create": "XGROUP CREATE",
    "xgroup_destroy": "XGROUP DESTROY",
    "xgroup_setid": "XGROUP SETID",
    "xgroup_createconsumer": "XGROUP CREATECONSUMER",
    "xgroup_delconsumer": "XGROUP DELCONSUMER",
    "xinfo_stream": "XINFO STREAM",
    "xinfo_groups": "XINFO GROUPS",
    "xinfo_consumers": "XINFO CONSUMERS",
    "xpending_range": "XPENDING",
    "hscan_iter": "HSCAN",
    "sscan_iter": "SSCAN",
    "zscan_iter": "ZSCAN",
    "scan_iter": "SCAN",
    "memory_usage": "MEMORY USAGE",
}
_ONLY_RAW: Final = frozenset({"APPEND", "XINFO", "XGROUP", "MEMORY", "OBJECT", "DEL", "XPENDING_RANGE"})
METHODS: Final = {
    **{name.lower(): name for name in COMMANDS if name not in _ONLY_RAW},
    **_RENAMED,
}
"""Methods of redis-py, and the commands that they send."""

AMBIGUOUS: Final = frozenset(
    [
        "get", "set", "delete", "keys", "exists", "expire", "persist", "publish", "subscribe", "scan", "type", "copy",
        "rename", "touch", "dump", "unlink", "eval", "decr", "incr", "substr", "ttl", "mget", "mset", "scan_iter", "getset",
        "getdel", "memory_usage",
    ]
)  # fmt: skip
"""Methods that other things have as well: a client must be in sight. The rest is Redis wherever it stands."""

_RAW_WORDS: Final = frozenset(COMMANDS)
DOUBTFUL_WORDS: Final = frozenset(
    [
        "GET", "SET", "DEL", "KEYS", "EXISTS", "EXPIRE", "PERSIST", "PUBLISH", "SUBSCRIBE", "SCAN", "TYPE", "APPEND",
        "COPY", "RENAME", "TOUCH", "DUMP", "UNLINK", "EVAL", "MEMORY", "OBJECT",
    ]
)  # fmt: skip
"""Raw commands that are words of other trades too (HTTP): in text they need a name with a colon beside them."""


def is_raw_command(word: str | bytes) -> bool:
    """Whether a constant is the name of a command, written as raw commands are: in capitals."""
    text = word.decode("ascii", "replace") if isinstance(word, bytes) else word
    return text.partition(" ")[0] in _RAW_WORDS


def command(name: str) -> Command:
    """A command by its full name (``XGROUP CREATE``)."""
    return COMMANDS[name.partition(" ")[0]]


def raw_positions(row: Command, words: Sequence[str | None]) -> range | list[int]:
    """Which of the raw arguments (the command's own name not counted) are names. ``words``: what is known of each."""
    count = len(words)
    match row.keys:
        case "all":
            return range(count)
        case "but last":
            return range(count - 1)
        case "pairs":
            return range(0, count, 2)
        case "2":
            return range(min(2, count))
        case "sub":
            return range(1, min(2, count))
        case "counted":
            given = words[1] if count > 1 else None
            return range(2, min(count, 2 + int(given))) if given is not None and given.isdecimal() else range(2, min(3, count))
        case "after STREAMS":
            start = next((at + 1 for at, word in enumerate(words) if (word or "").upper() == "STREAMS"), count)
            return range(start, start + (count - start) // 2)
        case "into":
            given = words[1] if count > 1 else None
            return [0, *range(2, min(count, 2 + int(given)))] if given is not None and given.isdecimal() else [0]
        case "MATCH":
            return [at + 1 for at, word in enumerate(words) if (word or "").upper() == "MATCH" and at + 1 < count]
    return range(min(1, count))
