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
    sick("abstract", "no reader", "quantum:stream:volatility.watch",
        unit("writer", '''
            from abc import ABC, abstractmethod

            import redis

            class Service(ABC):
                def __init__(self):
                    self.client = redis.Redis()

                @property
                @abstractmethod
                def stream(self) -> str: ...

                def emit(self, **fields):
                    self.client.xadd(self.stream, fields, maxlen=10)

            class Watch(Service):
                @property
                def stream(self):
                    return "quantum:stream:volatility.watch"

            Watch().emit(level="1")
            ''')),
    sick("published", "wrong type", "quantum:stream:signals.live",
        unit("writer", 'r.publish("quantum:stream:signals.live", "buy")'),
        unit("reader", '''
            while True:
                r.xread({"quantum:stream:signals.live": "$"}, block=9)
            ''')),
    sick("transposed", "near miss", "quantum:margin:<symbol>:used quantum:margin:used:<symbol>",
        unit("writer", '''
            def save(symbol, used):
                r.hset(f"quantum:margin:{symbol}:used", mapping={"used": used})

            save(input(), 1)
            '''),
        unit("reader", '''
            def used(symbol):
                return r.hgetall(f"quantum:margin:used:{symbol}")

            used(input())
            '''), also=("no writer", "no reader")),
    sick("jsonenv", "no writer", "quantum:stream:basis.b",
        unit("reader", '''
            import json
            import os

            import redis

            STREAMS = json.loads(os.environ.get("BASIS_STREAMS", '["quantum:stream:basis.a", "quantum:stream:basis.b"]'))
            redis.Redis().xread({name: "$" for name in STREAMS})
            '''),
        unit("writer", 'r.xadd("quantum:stream:basis.a", {"a": "1"}, maxlen=9)')),
    sick("namespace", "no writer", "quantum:stream:slippage.model",
        unit("reader", '''
            from types import SimpleNamespace

            import redis

            config = SimpleNamespace(stream="quantum:stream:slippage.model", group="slippage")
            redis.Redis().xreadgroup(config.group, "c", {config.stream: ">"})
            ''')),
    sick("methodname", "no reader", "quantum:stream:liquidity.alerts",
        unit("writer", '''
            class Alerts:
                def __init__(self):
                    self.send = r.xadd

                def alert(self):
                    self.send("quantum:stream:liquidity.alerts", {"a": "1"}, maxlen=9)

            Alerts().alert()
            ''')),
    sick("proxy", "no writer", "riskdesk:leverage",
        unit("reader", '''
            import redis

            class Patient:
                def __init__(self):
                    self._client = redis.Redis()

                def __getattr__(self, name):
                    return getattr(self._client, name)

            class Mine(redis.Redis):
                """A client with a name."""

            print(Patient().hget("riskdesk:leverage", "max"), Mine().hgetall("riskdesk:leverage"))
            ''')),
    sick("switchedoff", "no reader", "quantum:stream:exit.proposals",
        unit("writer", 'r.xadd("quantum:stream:exit.proposals", {"a": "1"}, maxlen=99)'),
        unit("reader", 'r.xreadgroup("exit", "c", {"quantum:stream:exit.proposals": ">"})', state=FAILED)),
)  # fmt: skip
