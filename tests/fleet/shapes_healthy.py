"""What is well in the same further ways of writing: handed over, scanned for, switched, computed."""

from tests.fleet.case import unit, well

CASES = (
    well("handedover",  # a method is given to somebody who calls it
        unit("writer", '''
            import asyncio
            from functools import partial

            import redis

            r = redis.Redis()

            async def main():
                await asyncio.to_thread(r.xadd, "quantum:stream:handed.over", {"a": "1"}, maxlen=10)
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, r.rpush, "quantum:queue:handed", "x")
                send = partial(r.hset, "quantum:handed:row", "field")
                send("value")

            asyncio.run(main())
            '''),
        unit("reader", '''
            def attempt(method, *arguments, **options):
                return method(*arguments, **options)

            while True:
                attempt(r.xread, {"quantum:stream:handed.over": "$"}, block=10)
                attempt(r.blpop, "quantum:queue:handed", timeout=1)
                attempt(lambda: print(r.hget("quantum:handed:row", "field")))
            ''')),
    well("switching",  # one of two names, both wired
        unit("writer", '''
            S = "quantum:stream:bars.paper" if os.getenv("PAPER") else "quantum:stream:bars.live"
            r.xadd(S, {"a": "1"}, maxlen=9)
            '''),
        unit("reader", '''
            if os.getenv("PAPER"):
                STREAM = "quantum:stream:bars.paper"
            else:
                STREAM = "quantum:stream:bars.live"
            while True:
                r.xread({STREAM: "$"}, block=9)
            ''')),
    well("bytesnames", unit("writer", 'r.hset(b"quantum:bytes:row", mapping={b"price": b"1"})\n'),
        unit("reader", 'row = r.hgetall("quantum:bytes:row")\nprint(row[b"price"])\n')),
    well("scanned",  # readers that find their keys by a pattern
        unit("writer", 'def put(symbol):\n    r.set(f"quantum:scanned:{symbol}", "1")\n\nput(input())\n'),
        unit("reader", 'for key in r.scan_iter("quantum:scanned:*"):\n    print(r.get(key))\n')),
    well("property", unit("both", '''
            import redis

            class Book:
                def __init__(self, symbol):
                    self.r, self.symbol = redis.Redis(), symbol

                @property
                def key(self):
                    return f"quantum:book:{self.symbol}"

                def save(self):
                    self.r.hset(self.key, mapping={"bid": "1"})

                def load(self):
                    return self.r.hgetall(self.key)["bid"]

            book = Book(input())
            book.save()
            print(book.load())
            ''')),
    well("sysarg",  # argparse: only the command line tells
        unit("tool", '''
            import argparse
            import redis

            parser = argparse.ArgumentParser()
            parser.add_argument("--stream", required=True)
            args = parser.parse_args()
            redis.Redis().xadd(args.stream, {"a": "1"}, maxlen=5)
            '''), unresolved=("tool",)),
    well("yaml",  # the name is in a file that only the program reads
        unit("tool", '''
            import json
            import redis

            with open("/etc/nowhere.json") as file:
                names = json.load(file)
            redis.Redis().xadd(names["stream"], {"a": "1"}, maxlen=5)
            '''), unresolved=("tool",)),
    well("asdict",  # the fields are those of a class
        unit("writer", '''
            from dataclasses import asdict, dataclass

            import redis

            @dataclass
            class Row:
                price: str
                size: str

            redis.Redis().hset("quantum:rows:last", mapping=asdict(Row("1", "2")))
            '''),
        unit("reader", 'print(r.hget("quantum:rows:last", "price"), r.hget("quantum:rows:last", "size"))\n')),
    well("sentinel", unit("writer", '''
            from redis.sentinel import Sentinel

            master = Sentinel([("localhost", 26379)]).master_for("mymaster")
            master.set("quantum:sentinel:flag", "1")
            print(master.get("quantum:sentinel:flag"))
            ''')),
    well("deadcode",  # what nobody calls is no end that somebody waits for
        unit("lib", '''
            def old_reader(client):
                return client.get("quantum:current:state")

            r.set("quantum:current:state", "1")
            print(r.get("quantum:current:state"))
            ''')),
    well("similar",  # alike, and each has both its ends
        unit("a", 'r.hset("quantum:margin:used", "v", "1")\nr.hset("quantum:margin:user", "v", "1")\n'),
        unit("b", 'print(r.hget("quantum:margin:used", "v"), r.hget("quantum:margin:user", "v"))\n')),
    well("generated",  # names of a loop over what the environment lists
        unit("writer", '''
            for s in os.environ["SYMBOLS"].split(","):
                r.xadd(f"quantum:stream:gen.{s.strip()}", {"a": "1"}, maxlen=5)
            ''', "Environment=SYMBOLS=AAA,BBB"),
        unit("reader", '''
            for s in os.getenv("SYMBOLS", "").split(","):
                r.xread({f"quantum:stream:gen.{s}": "$"}, block=1)
            ''', "Environment=SYMBOLS=AAA,BBB")),
    well("reloaded",  # one module gives the name to both
        unit("writer", 'import names\nimport redis\n\nredis.Redis().lpush(names.QUEUES["slow"], "x")\n'),
        unit("reader", 'import names\nimport redis\n\nredis.Redis().brpop(names.QUEUES["slow"])\n'),
        files={"names.py": 'QUEUES = {kind: f"quantum:work:{kind}" for kind in ("fast", "slow")}\n'}),
    well("byparts",  # one function writes the fields that each of its callers gives it
        unit("writer", '''
            def put(symbol, row):
                r.hset(f"quantum:parts:{symbol}", mapping=row)

            put(input(), {"bid": "1"})
            put(input(), {"ask": "2"})
            '''),
        unit("reader", '''
            def load(symbol):
                row = r.hgetall(f"quantum:parts:{symbol}")
                return row.get("bid"), row.get("ask")

            load(input())
            ''')),
    well("enriched",  # the reader adds a field of its own to what it read
        unit("writer", 'r.hset("quantum:enriched:row", mapping={"price": "1"})\n'),
        unit("reader", '''
            row = r.hgetall("quantum:enriched:row")
            row["mid"] = float(row["price"]) / 2
            print(row["mid"])
            ''')),
    well("otherbus",  # connections of others, in a program that speaks to Redis as well
        unit("writer", '''
            import asyncio

            import boto3
            import nats
            import redis

            client = boto3.client("sns")
            r = redis.Redis()

            async def main():
                conn = await nats.connect("nats://localhost")
                await conn.publish("quantum:stream:of.nats", b"x")
                await conn.subscribe("quantum:stream:of.nats.too")
                client.publish(TopicArn="quantum:stream:of.sns", Message="x")
                r.set("quantum:otherbus:at", 1, ex=60)

            asyncio.run(main())
            '''),
        unit("reader", 'print(r.get("quantum:otherbus:at"))')),
    well("toldandkept",  # published to who listens, and kept for who comes later
        unit("writer", '''
            r.publish("quantum:told.and.kept", "x")
            r.set("quantum:told.and.kept", "x", ex=60)
            '''),
        unit("reader", '''
            print(r.get("quantum:told.and.kept"))
            listener = r.pubsub()
            listener.subscribe("quantum:told.and.kept")
            ''')),
    well("madeofothers",
        unit("writer", '''
            r.sadd("quantum:universe:spot", "BTC")
            r.sadd("quantum:universe:perp", "ETH")
            '''),
        unit("joiner", 'r.sunionstore("quantum:universe:all", ["quantum:universe:spot", "quantum:universe:perp"])'),
        unit("reader", 'print(r.smembers("quantum:universe:all"))')),
    well("tablecalls",  # who calls what is in a dict, and with what, is not followed
        unit("writer", '''
            DO = {"push": r.lpush, "add": r.xadd}
            DO[input()](input(), "x")
            '''), unresolved=("writer",)),
)  # fmt: skip
