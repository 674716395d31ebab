"""The same faults in further ways of writing: enumerations, settings, partial functions, threads, applications of a server."""

from tests.fleet.case import FAILED, sick, unit

CASES = (
    sick("enum", "no writer", "quantum:stream:hedge.orders",
        unit("reader", '''
            from enum import Enum
            import redis

            class Streams(str, Enum):
                HEDGE = "quantum:stream:hedge.orders"

            client = redis.Redis()
            while True:
                client.xread({Streams.HEDGE.value: "$"}, block=1000)
            ''')),
    sick("nestedenv", "near miss", "quantum:stream:carry.signal quantum:stream:carry.signals",
        unit("writer", '''
            S = os.getenv("CARRY_STREAM", os.getenv("OLD_CARRY_STREAM", "quantum:stream:carry.signals"))
            r.xadd(S, {"a": "1"}, maxlen=9)
            '''),
        unit("reader", '''
            while True:
                r.xread({"quantum:stream:carry.signal": "$"}, block=9)
            '''), also=("no writer", "no reader")),
    sick("context", "no writer", "quantum:risk:budget",
        unit("reader", '''
            from redis import Redis

            def budget() -> float:
                with Redis.from_url("redis://localhost") as connection:
                    return float(connection.get("quantum:risk:budget") or 0)

            budget()
            ''')),
    sick("annotated", "wrong type", "quantum:allocation:weights",
        unit("writer", '''
            import redis

            def save(client: redis.Redis, weights: dict) -> None:
                client.hset("quantum:allocation:weights", mapping=weights)

            save(redis.Redis(), {"a": "1"})
            '''),
        unit("reader", '''
            def load(client: "redis.Redis"):
                return client.get("quantum:allocation:weights")

            load(r)
            ''')),
    sick("partial", "no reader", "quantum:stream:tca.report",
        unit("writer", '''
            from functools import partial

            import redis

            def send(client, stream, fields):
                client.xadd(stream, fields, maxlen=10)

            report = partial(send, redis.Redis(), "quantum:stream:tca.report")
            report({"a": "1"})
            ''')),
    sick("served", "near miss", "quantum:stream:webhook.in quantum:stream:webhooks.in",
        unit("api", '''
            print("not this one")
            ''', command="-m uvicorn web.app:app --port 8000"),
        unit("worker", '''
            while True:
                r.xread({"quantum:stream:webhook.in": "$"}, block=9)
            '''), also=("no writer", "no reader"),
        files={"web/__init__.py": "", "web/app.py": '''
            import redis.asyncio as redis
            from fastapi import FastAPI

            app = FastAPI()
            client = redis.Redis()

            @app.post("/hook")
            async def hook(body: dict):
                await client.xadd("quantum:stream:webhooks.in", {"body": "x"}, maxlen=100)
            '''}),
    sick("renamedimport", "fields", "quantum:oi:<symbol>",
        unit("writer", 'from oi import write as put\n\nput(input())\n'),
        unit("reader", '''
            from oi import KEY as K
            import redis

            row = redis.Redis().hgetall(K.format(symbol=input()))
            print(row["open_interest_usd"])
            '''),
        files={"oi.py": '''
            import redis

            KEY = "quantum:oi:{symbol}"

            def write(symbol):
                redis.Redis().hset(KEY.format(symbol=symbol), mapping={"open_interest": "1"})
            '''}),
    sick("thread", "writer off", "quantum:stream:beat.pulse",
        unit("beat", '''
            import threading

            import redis

            def beat(client):
                while True:
                    client.xadd("quantum:stream:beat.pulse", {"at": "1"}, maxlen=5)

            threading.Thread(target=beat, args=(redis.Redis(),)).start()
            ''', state=FAILED),
        unit("watch", 'while True:\n    r.xread({"quantum:stream:beat.pulse": "$"}, block=9)\n')),
    sick("computed", "two writers", "quantum:limits:<symbol>",
        unit("one", '''
            def limits(symbol):
                row = {}
                row["max_qty"] = "1"
                row["max_usd"] = "2"
                r.hset(f"quantum:limits:{symbol.upper()}", mapping=row)

            limits(input())
            '''),
        unit("two", 'def raise_limit(s):\n    r.hset("quantum:limits:" + s, "max_qty", "3")\n\nraise_limit(input())\n'),
        unit("reader", 'def get(s):\n    return r.hget("quantum:limits:" + s, "max_qty")\n\nget(input())\n')),
)  # fmt: skip
