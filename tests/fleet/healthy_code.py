"""Code that reads like Redis and is not, names that only a run tells, and ways of writing that a plain search would miss."""

from tests.fleet.case import STOPPED, unit, well

CASES = (
    well("runtime",  # the name comes out of Redis: it has to be told as unresolved
        unit("copier", '''
            def follow():
                name = r.get("quantum:config:stream")
                r.xadd(name, {"a": "1"}, maxlen=10)

            r.set("quantum:config:stream", "quantum:stream:anywhere")
            follow()
            '''), unresolved=("copier",)),
    well("argument",  # the name comes from the command line
        unit("tool", '''
            import sys
            import redis

            redis.Redis().xadd(sys.argv[1], {"a": "1"}, maxlen=5)
            '''), unresolved=("tool",)),
    well("message",  # the name is in a message
        unit("router", '''
            import json

            while True:
                for _, entries in r.xread({"quantum:stream:routes": "$"}, block=10):
                    for _, fields in entries:
                        r.rpush(json.loads(fields["payload"])["to"], fields["payload"])
            '''),
        unit("source", 'r.xadd("quantum:stream:routes", {"payload": "{}"}, maxlen=10)\n'), unresolved=("router",)),
    well("plaindict",  # dict.get, list.pop, queue.put, requests.get: none of them is Redis
        unit("cache", '''
            import queue

            import requests

            settings = {"quantum:plain:x": 1}
            settings.get("quantum:plain:y")
            jobs = queue.Queue()
            jobs.put("quantum:plain:z")
            jobs.get("quantum:plain:w")
            stack = ["quantum:plain:v"]
            stack.pop()
            requests.get("http://localhost/quantum:plain:u")
            settings.setdefault("quantum:plain:t", 2)
            names = {"quantum:plain:s"}
            names.add("quantum:plain:q")
            ''')),
    well("comments",  # names in comments, docstrings and logs are no ends
        unit("talker", '''
            import logging

            log = logging.getLogger()

            def explain():
                """Reads quantum:stream:documented, which r.xread({"quantum:stream:documented": "$"}) would do."""
                # r.xadd("quantum:stream:commented", {})
                log.info("XADD quantum:stream:logged")

            explain()
            r.ping()
            ''')),
    well("lua", unit("locker", '''
            SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1])"
            r.eval(SCRIPT, 1, "quantum:lock:leader", "me")
            print(r.get("quantum:lock:leader"))
            ''')),
    well("shared", unit("writer", '''
            from shared.keys import Keys
            from shared.client import get_client

            get_client().hset(Keys.position("X"), "qty", 1)
            '''),
        unit("reader", '''
            from shared import client, keys

            print(client.get_client().hget(keys.Keys.position(input()), "qty"))
            '''),
        files={
            "shared/__init__.py": "",
            "shared/keys.py": '''
            class Keys:
                ROOT = "quantum:pos"

                @staticmethod
                def position(symbol):
                    return f"{Keys.ROOT}:{symbol}:state"
            ''',
            "shared/client.py": '''
            import redis

            _client = None

            def get_client():
                global _client
                if _client is None:
                    _client = redis.Redis()
                return _client
            ''',
        }),
    well("module", unit("app", 'print("entry")\n', command="-m pkg.main"),
        unit("peer", 'while True:\n    r.xread({"quantum:stream:pkg.out": "$"}, block=10)\n'),
        files={
            "pkg/__init__.py": "",
            "pkg/main.py": 'from pkg.out import emit\n\nif __name__ == "__main__":\n    emit("1")\n',
            "pkg/out.py": '''
            import redis

            OUT = "quantum:stream:pkg.out"

            def emit(value):
                redis.Redis().xadd(OUT, {"v": value}, maxlen=10)
            ''',
        }),
    well("wrapper", unit("writer", '''
            import redis

            class Store:
                """A client of its own, with the methods that are needed."""

                def __init__(self):
                    self._r = redis.Redis()

                def save(self, key, fields, ttl=60):
                    self._r.hset(key, mapping=fields)
                    self._r.expire(key, ttl)

                def load(self, key):
                    return self._r.hgetall(key)

            store = Store()
            store.save("quantum:wrapped:state", {"a": "1", "b": "2"})
            print(store.load("quantum:wrapped:state")["a"])
            ''')),
    well("standby",  # one of two writers is off, the other runs
        unit("primary", 'while True:\n    r.xadd("quantum:stream:prices.mid", {"p": "1"}, maxlen=10)\n'),
        unit("standby", 'while True:\n    r.xadd("quantum:stream:prices.mid", {"p": "1"}, maxlen=10)\n', state=STOPPED),
        unit("reader", 'while True:\n    r.xread({"quantum:stream:prices.mid": "$"}, block=10)\n')),
    well("onefile",  # the writer is its own reader
        unit("cache", 'KEY = "quantum:cache:exchangeinfo"\nif r.get(KEY) is None:\n    r.setex(KEY, 3600, "{}")\n')),
    well("asyncgather", unit("both", '''
            import asyncio
            import redis.asyncio as aioredis

            pool = aioredis.ConnectionPool.from_url("redis://localhost")
            client = aioredis.Redis(connection_pool=pool)

            async def main():
                await asyncio.gather(client.set("quantum:gathered:one", "1"), client.hset("quantum:gathered:two", "f", "1"))
                one, two = await asyncio.gather(client.get("quantum:gathered:one"), client.hget("quantum:gathered:two", "f"))

            asyncio.run(main())
            ''')),
    well("channel", unit("speaker", 'r.publish("quantum:channel:alerts", "x")\n'),
        unit("hearer", '''
            p = r.pubsub()
            p.subscribe("quantum:channel:alerts")
            for message in p.listen():
                print(message)
            ''')),
    well("numbered", unit("shards", '''
            for shard in range(4):
                r.xadd(f"quantum:stream:shard.{shard}", {"n": "1"}, maxlen=10)
            '''),
        unit("reader", '''
            names = {f"quantum:stream:shard.{n}": "$" for n in range(4)}
            while True:
                r.xread(names, block=10)
            ''')),
    well("merged",  # fields made of several dicts: all of them are there
        unit("writer", '''
            BASE = {"symbol": "X", "side": "LONG"}
            r.hset("quantum:merged:row", mapping={**BASE, "qty": "1"})
            '''),
        unit("reader", 'row = r.hgetall("quantum:merged:row")\nprint(row["symbol"], row["side"], row["qty"])\n')),
    well("dynamicfields",  # which fields are written only a run tells: nothing may be said of those that are read
        unit("writer", 'import json\nr.hset("quantum:dynamic:row", mapping=json.load(open("x.json")))\n'),
        unit("reader", 'print(r.hget("quantum:dynamic:row", "anything"))\n')),
    well("typedboth",  # deleted and made anew by its writer
        unit("writer", 'r.delete("quantum:snapshot:all")\nr.hset("quantum:snapshot:all", mapping={"a": "1"})\n'),
        unit("reader", 'print(r.hgetall("quantum:snapshot:all")["a"])\n')),
)  # fmt: skip
