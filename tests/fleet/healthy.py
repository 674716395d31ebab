"""Fully wired streams, hashes and queues that look like something sick."""

from tests.fleet.case import RESTING, unit, well
from tests.fleet.near_misses import BUS, subscriber

WORKER = """
import os

import redis

STREAM, GROUP = "{stream}", "workers"
r = redis.Redis.from_url(os.getenv("REDIS_URL", "redis://localhost"), decode_responses=True)
r.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
while True:
    for _, entries in r.xreadgroup(GROUP, "w1", {STREAM: ">"}, count=10, block=1000):
        for entry_id, fields in entries:
            print({read})
            r.xack(STREAM, GROUP, entry_id)
"""


def worker(stream: str, read: str = "entry_id") -> str:
    """A consumer in a group."""
    return WORKER.replace("{stream}", stream).replace("{read}", read)


CASES = (
    well("eventdriven",  # empty for ever is its healthy state: both ends are there, and nothing has happened
        unit("reconciler", '''
            def drift(symbol, amount):
                if abs(amount) > 1e9:
                    r.xadd("quantum:stream:drift.close", {"symbol": symbol, "qty": amount, "reduceOnly": "true"}, maxlen=1000)

            while True:
                drift("BTCUSDT", 0)
            '''),
        unit("applier", worker("quantum:stream:drift.close", 'fields["symbol"], fields.get("qty")')),
        redis=(("XGROUP", "CREATE", "quantum:stream:drift.close", "workers", "0", "MKSTREAM"),),
        verdicts={"quantum:stream:drift.close": "idle"}),
    well("template",  # two workers of one template
        unit("feed", 'while True:\n    r.xadd("quantum:stream:jobs.todo", {"job": "1"}, maxlen=100)\n'),
        unit("pool@", worker("quantum:stream:jobs.todo", 'fields["job"]')),
        redis=(
            ("XADD", "quantum:stream:jobs.todo", "*", "job", "1"),
            ("XGROUP", "CREATE", "quantum:stream:jobs.todo", "workers", "$"),
        )),
    well("timed",  # its writer is inactive between two runs of its timer
        unit("report", '''
            r.hset("quantum:report:daily", mapping={"pnl": "1", "trades": "2"})
            ''', "Type=oneshot", state=RESTING, timer=True),
        unit("site", 'daily = r.hgetall("quantum:report:daily")\nprint(daily["pnl"], daily["trades"])\n'),
        redis=(("HSET", "quantum:report:daily", "pnl", "1", "trades", "2"),)),
    well("twins",  # two names that differ by a letter, both with both ends
        unit("one", '''
            while True:
                r.xadd("quantum:stream:leg.open", {"a": "1"}, maxlen=10)
                r.xadd("quantum:stream:leg.opened", {"a": "1"}, maxlen=10)
            '''),
        unit("two", worker("quantum:stream:leg.open", 'fields["a"]')),
        unit("three", worker("quantum:stream:leg.opened", 'fields["a"]'))),
    well("optional",  # a field that only another writer sets
        unit("state", '''
            def put(symbol):
                r.hset(f"quantum:gridstate:{symbol}", mapping={"level": "1"})

            put(input())
            '''),
        unit("notes", '''
            def note(symbol):
                r.hset(f"quantum:gridstate:{symbol}", "comment", "x")

            note(input())
            '''),
        unit("reader", '''
            def get(symbol):
                s = r.hgetall(f"quantum:gridstate:{symbol}")
                return s["level"], s.get("comment", "")

            get(input())
            ''')),
    well("operators",  # read by people: a hash of state has no reader in code
        unit("status", '''
            r.hset("quantum:status:allocator", mapping={"state": "ok", "at": "1"})
            r.expire("quantum:status:allocator", 60)
            '''),
        redis=(("HSET", "quantum:status:allocator", "state", "ok", "at", "1"),)),
    well("expired",  # written by one, expired by another
        unit("writer", 'r.hset("quantum:lease:table", "owner", "me")\n'),
        unit("keeper", 'r.expire("quantum:lease:table", 30)\n'),
        unit("reader", 'print(r.hget("quantum:lease:table", "owner"))\n')),
    well("bus", unit("emitter", '''
            import asyncio
            from bus import EventBus

            asyncio.run(EventBus().publish("pairs.found", {}))
            '''),
        unit("listener", subscriber("pairs.found")), files={"bus.py": BUS}),
    well("envboth",  # both ends moved by the same file
        unit("writer", '''
            S = os.getenv("STREAM", "quantum:stream:twap.slices")
            r.xadd(S, {"n": "1"}, maxlen=9)
            ''', "EnvironmentFile={folder}/s.env"),
        unit("reader", '''
            S = os.getenv("STREAM", "quantum:stream:twap")
            while True:
                r.xread({S: "$"}, block=9)
            ''', "EnvironmentFile={folder}/s.env"),
        files={"s.env": "STREAM=quantum:stream:twap.slices.v2\n"}),
    well("families",  # the writer's placeholder and the reader's have other names
        unit("writer", '''
            def put(pair):
                r.hset(f"quantum:funding:{pair}", mapping={"rate": "1", "next": "2"})

            put(input())
            '''),
        unit("reader", 'for s in ("BTCUSDT", "ETHUSDT"):\n    rate = r.hget("quantum:funding:" + s, "rate")\n'),
        redis=(
            ("HSET", "quantum:funding:BTCUSDT", "rate", "1", "next", "2"),
            ("HSET", "quantum:funding:ETHUSDT", "rate", "1", "next", "2"),
        )),
    well("queue", unit("producer", 'r.rpush("quantum:queue:mail", "x")\n'),
        unit("consumer", 'while True:\n    r.blpop(["quantum:queue:mail"], timeout=1)\n')),
    well("tail", unit("producer", 'r.xadd("quantum:stream:bars.closed", {"close": "1"}, maxlen=100)\n'),
        unit("chart", 'newest = r.xrevrange("quantum:stream:bars.closed", count=1)\n')),
    well("counter", unit("api", 'r.incr("quantum:count:requests")\n'), unit("limits", '''
            int(r.get("quantum:count:requests") or 0)
            ''')),
    well("members", unit("joiner", '''
            r.sadd("quantum:set:traders", "me")
            '''), unit("lister", 'r.smembers("quantum:set:traders")\n')),
    well("scores", unit("ranker", 'r.zadd("quantum:zset:alpha", {"A": 1.0})\n'),
        unit("picker", 'r.zrevrange("quantum:zset:alpha", 0, 2, withscores=True)\n')),
)  # fmt: skip
