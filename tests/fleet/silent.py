"""A reader that nobody writes for, a writer that nobody reads."""

from tests.fleet.case import sick, unit

CASES = (
    sick("literal", "no writer", "quantum:stream:whale.alerts",
        unit("reader", 'while True:\n    r.xread({"quantum:stream:whale.alerts": "$"}, block=1000)\n')),
    sick("selfattr", "no writer", "quantum:exposure:limits",
        unit("reader", '''
            class Gate:
                def __init__(self, client, key="quantum:exposure:limits"):
                    self.client, self.key = client, key

                def limit(self):
                    return float(self.client.hget(self.key, "max") or 0)

            Gate(r).limit()
            ''')),
    sick("coroutine", "no writer", "quantum:stream:sentiment.scored",
        unit("reader", '''
            import asyncio
            from redis.asyncio import Redis

            STREAM = "quantum:stream:sentiment.scored"

            async def main():
                client = Redis.from_url("redis://localhost:6379/0")
                await client.xgroup_create(STREAM, "scorers", id="$", mkstream=True)
                while True:
                    await client.xreadgroup("scorers", "me", {STREAM: ">"}, count=50, block=2000)

            asyncio.run(main())
            ''')),
    sick("parameter", "no writer", "quantum:basis:<symbol>",
        unit("reader", '''
            def read_hash(client, family, symbol):
                return client.hgetall(f"quantum:{family}:{symbol}")

            def basis(symbol):
                return read_hash(r, "basis", symbol)

            basis(input())
            ''')),
    sick("table", "no writer", "quantum:stream:news.raw",
        unit("reader", '''
            STREAMS = {"news": "quantum:stream:news.raw", "ticks": "quantum:stream:ticks.raw"}

            while True:
                r.xread({STREAMS["news"]: "$"}, block=100)
                r.xread({STREAMS["ticks"]: "$"}, block=100)
            '''),
        unit("ticks", 'while True:\n    r.xadd("quantum:stream:ticks.raw", {"price": "1"}, maxlen=1000)\n')),
    sick("loop", "no writer", "quantum:limits:venue:kraken",
        unit("reader", 'for venue in ("binance", "kraken"):\n    print(r.get(f"quantum:limits:venue:{venue}"))\n'),
        unit("writer", 'VENUE = "binance"\nr.set("quantum:limits:venue:" + VENUE, "5")\n')),
    sick("pipeline", "no writer", "quantum:greeks:<symbol>",
        unit("reader", '''
            def greeks(symbols):
                pipe = r.pipeline(transaction=False)
                for symbol in symbols:
                    pipe.hgetall("quantum:greeks:%s" % symbol)
                return pipe.execute()

            greeks(input().split())
            ''')),
    sick("popper", "no writer", "quantum:queue:settlements",
        unit("worker", 'while True:\n    item = r.brpop(["quantum:queue:settlements"], timeout=1)\n')),
    sick("rawreader", "no writer", "quantum:zrank:leaders",
        unit("reader", 'print(r.execute_command("ZREVRANGE", "quantum:zrank:leaders", 0, 9))\n')),
    sick("settings", "no writer", "quantum:stream:margin.calls",
        unit("reader", '''
            from dataclasses import dataclass, field
            import os
            import redis

            @dataclass
            class Settings:
                stream: str = field(default_factory=lambda: os.getenv("MARGIN_STREAM", "quantum:stream:margin.calls"))

            settings = Settings()
            client = redis.Redis()
            while True:
                client.xread({settings.stream: "$"}, block=1000)
            ''')),
    sick("ignored", "no reader", "quantum:stream:latency.samples",
        unit("writer", 'while True:\n    r.xadd("quantum:stream:latency.samples", {"ms": "3"}, maxlen=10000)\n')),
    sick("backlog", "no reader", "quantum:queue:exports",
        unit("writer", 'QUEUE = "quantum:queue:exports"\n\nwhile True:\n    r.rpush(QUEUE, "{}")\n')),
    sick("hierarchy", "no reader", "quantum:stream:svc.audit",
        unit("writer", '''
            from publisher_base import Publisher

            class Audit(Publisher):
                topic = "svc.audit"

            Audit().emit({"who": "me"})
            '''),
        files={"publisher_base.py": '''
import redis

class Publisher:
    topic = ""

    def __init__(self):
        self.r = redis.Redis()

    def emit(self, fields):
        self.r.xadd("quantum:stream:" + self.topic, fields, maxlen=1000)
'''}),
    sick("piped", "no reader", "quantum:stream:slippage.report",
        unit("writer", '''
            with r.pipeline() as pipe:
                pipe.xadd("quantum:stream:slippage.report", {"bps": "2"}, maxlen=100)
                pipe.expire("quantum:stream:slippage.report", 3600)
                pipe.execute()
            ''')),
    sick("ghost", "no writer", "quantum:stream:strategy.retire",
        unit("worker", '''
            STREAM = "quantum:stream:strategy.retire"
            r.xgroup_create(STREAM, "retirers", id="0", mkstream=True)
            while True:
                r.xreadgroup("retirers", "w", {STREAM: ">"}, block=1000)
            '''),
        redis=(("XGROUP", "CREATE", "quantum:stream:strategy.retire", "retirers", "0", "MKSTREAM"),),
        verdicts={"quantum:stream:strategy.retire": "broken"}),
    sick("ghosts", "no writer", "quantum:stream:capital.release quantum:stream:capital.reserve",
        unit("worker", '''
            for event in ["capital.release", "capital.reserve"]:
                try:
                    r.execute_command("XGROUP", "CREATE", f"quantum:stream:{event}", "treasury", "$", "MKSTREAM")
                except redis.ResponseError:
                    pass
            while True:
                r.xreadgroup("treasury", "w", {"quantum:stream:capital.release": ">", "quantum:stream:capital.reserve": ">"})
            '''),
        redis=(("XGROUP", "CREATE", "quantum:stream:capital.release", "treasury", "0", "MKSTREAM"),)),
)  # fmt: skip
