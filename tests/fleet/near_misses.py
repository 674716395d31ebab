"""The reader's name and the writer's differ by a letter, a plural, a prefix, a separator, an end."""

from tests.fleet.case import sick, unit

AROUND = ("no writer", "no reader")
BUS = """
import json
import os
import redis.asyncio as redis

class EventBus:
    PREFIX = "quantum:stream:"

    def __init__(self, url=os.getenv("REDIS_URL", "redis://localhost")):
        self.client = redis.from_url(url, decode_responses=True)

    def _name(self, event_type):
        return f"{self.PREFIX}{event_type}"

    async def publish(self, event_type, payload):
        await self.client.xadd(self._name(event_type), {"event_type": event_type, "payload": json.dumps(payload)}, maxlen=1000)

    async def subscribe(self, event_type, group, consumer):
        stream = self._name(event_type)
        await self.client.xgroup_create(stream, group, id="0", mkstream=True)
        while True:
            for _, entries in await self.client.xreadgroup(group, consumer, {stream: ">"}, count=10, block=1000):
                for entry_id, fields in entries:
                    yield fields
                    await self.client.xack(stream, group, entry_id)
"""
SUBSCRIBER = """
import asyncio
from bus import EventBus

async def main():
    bus = EventBus()
    async for fields in bus.subscribe("{name}", "workers", "w1"):
        print(fields["payload"])

asyncio.run(main())
"""


def subscriber(name: str) -> str:
    """A program that listens to one kind of event."""
    return SUBSCRIBER.replace("{name}", name)


CASES = (
    sick("letter", "near miss", "quantum:stream:ruleset.update quantum:stream:ruleset.updated",
        unit("store", '''
            class Store:
                def __init__(self, client):
                    self.client = client
                    self.stream = "quantum:stream:ruleset.update"

                def save(self, version):
                    self.client.xadd(self.stream, {"event": "ruleset.updated", "version": version}, maxlen=100)

            Store(r).save("7")
            '''),
        unit("engine", subscriber("ruleset.updated")),
        files={"bus.py": BUS}, also=AROUND),
    sick("plural", "near miss", "quantum:forecast:<symbol> quantum:forecasts:<symbol>",
        unit("writer", '''
            def publish(symbol, value):
                r.hset(f"quantum:forecast:{symbol}", mapping={"value": value, "at": "1"})

            for symbol in os.environ["SYMBOLS"].split(","):
                publish(symbol, "0.5")
            ''', "Environment=SYMBOLS=BTCUSDT,ETHUSDT"),
        unit("reader", '''
            def load(symbol):
                return r.hgetall(f"quantum:forecasts:{symbol}")

            for symbol in os.environ["SYMBOLS"].split(","):
                print(load(symbol)["value"])
            ''', "Environment=SYMBOLS=BTCUSDT,ETHUSDT"), also=AROUND),
    sick("prefix", "near miss", "orderbook:depth:<symbol> quantum:orderbook:depth:<symbol>",
        unit("writer", '''
            def put(symbol):
                r.set(f"quantum:orderbook:depth:{symbol}", "1", ex=10)

            put(input())
            '''),
        unit("reader", '''
            def look(symbol):
                return r.get("orderbook:depth:" + symbol)

            look(input())
            '''), also=AROUND),
    sick("truncated", "near miss", "quantum:stream:liquidity.heat quantum:stream:liquidity.heatmap",
        unit("writer", 'r.xadd("quantum:stream:liquidity.heatmap", {"level": "1"}, maxlen=500)\n'),
        unit("reader", '''
            last = "$"
            while True:
                for _, entries in r.xread({"quantum:stream:liquidity.heat": last}, block=5000) or []:
                    for last, fields in entries:
                        print(fields["level"])
            '''), also=AROUND),
    sick("separator", "near miss", "quantum:stream:exit_intent quantum:stream:exit.intent",
        unit("writer", 'STREAM = "quantum:stream:exit.intent"\n\nr.xadd(STREAM, {"symbol": "BTCUSDT"}, maxlen=500)\n'),
        unit("reader", '''
            STREAM, GROUP = "quantum:stream:exit_intent", "exits"
            r.xgroup_create(STREAM, GROUP, mkstream=True)
            while True:
                r.xreadgroup(GROUP, "one", {STREAM: ">"}, block=1000)
            '''), also=AROUND),
    sick("underscore", "near miss", "quantum:volsurface:<symbol> quantum:vol_surface:<symbol>",
        unit("writer", '''
            def put(symbol, sigma):
                r.hset(f"quantum:volsurface:{symbol}", "sigma", sigma)

            put(input(), 1)
            '''),
        unit("reader", '''
            def get(symbol):
                return r.hget(f"quantum:vol_surface:{symbol}", "sigma")

            get(input())
            '''), also=AROUND),
    sick("overridden", "near miss", "quantum:stream:alpha.raw quantum:stream:alpha.raws",
        unit("writer", '''
            STREAM = os.getenv("STREAM_OUT", "quantum:stream:alpha.raw")
            r.xadd(STREAM, {"score": "1"}, maxlen=500)
            '''),
        unit("reader", '''
            STREAM = os.getenv("STREAM_IN", "quantum:stream:alpha.raw")
            while True:
                print(r.xread({STREAM: "$"}, block=1000))
            ''', "EnvironmentFile={folder}/reader.env"),
        files={"reader.env": "STREAM_IN=quantum:stream:alpha.raws\n"}, also=AROUND),
    sick("constants", "near miss", "quantum:pnl:daily:total quantum:pnl:dayly:total",
        unit("writer", 'from names import client, PNL\n\nclient().set(PNL, "12.5")\n'),
        unit("reader", 'from othernames import PNL\nimport redis\n\nprint(redis.Redis().get(PNL))\n'),
        files={
            "names.py": 'import redis\n\nPNL = "quantum:pnl:daily:total"\n\ndef client():\n    return redis.Redis()\n',
            "othernames.py": 'BASE = "quantum:pnl"\nPNL = BASE + ":dayly:total"\n',
        }, also=AROUND),
    sick("doubled", "near miss", "quantum::portfolio:delta quantum:portfolio:delta",
        unit("writer", '''
            def key(*parts):
                return ":".join(parts)

            r.hset(key("quantum", "portfolio", "delta"), "value", "1")
            '''),
        unit("reader", '''
            PREFIX = "quantum:"

            def key(name):
                return f"{PREFIX}:{name}"

            print(r.hget(key("portfolio:delta"), "value"))
            '''), also=AROUND),
    sick("rawlist", "near miss", "quantum:stream:fills.audit quantum:stream:fill.audit",
        unit("writer", '''
            r.execute_command("XADD", "quantum:stream:fills.audit", "MAXLEN", "~", "1000", "*", "id", "1")
            '''),
        unit("reader", '''
            COMMAND = ["XREAD", "BLOCK", "1000", "STREAMS", "quantum:stream:fill.audit", "$"]
            while True:
                r.execute_command(*COMMAND)
            '''), also=AROUND),
    sick("capital", "near miss", "quantum:stream:Funding.Rate quantum:stream:funding.rate",
        unit("writer", 'r.xadd(name="quantum:stream:funding.rate", fields={"rate": "0.01"}, maxlen=10)\n'),
        unit("reader", '''
            while True:
                r.xread(streams={"quantum:stream:Funding.Rate": "$"}, block=0)
            '''), also=AROUND),
    sick("attribute", "near miss", "quantum:queue:rebalance quantum:queue:rebalances",
        unit("writer", '''
            import redis

            class Planner:
                queue = "quantum:queue:rebalances"

                def __init__(self):
                    self.redis = redis.StrictRedis(host="localhost")

                def plan(self):
                    self.redis.rpush(self.queue, "{}")

            Planner().plan()
            '''),
        unit("reader", '''
            class Worker:
                def __init__(self, queue="quantum:queue:rebalance"):
                    self.queue = queue

                def run(self):
                    while True:
                        r.blpop(self.queue, timeout=5)

            Worker().run()
            '''), also=AROUND),
)  # fmt: skip
