"""Two writers of one field, a command that the type of the key refuses, fields that are read and never written."""

from tests.fleet.case import sick, unit

HASH = 'def load(symbol):\n    return r.hgetall(f"quantum:{family}:{symbol}")\n\nload(input())\n'


def reading(family: str) -> str:
    """A program that reads hashes of a family whole."""
    return HASH.replace("{family}", family)


CASES = (
    sick("heat", "two writers", "quantum:harvest:plan:<symbol>",
        unit("planner", '''
            def plan(symbol):
                r.hset(f"quantum:harvest:plan:{symbol}", mapping={"ts": "1.2", "action": "NONE"})

            plan(input())
            '''),
        unit("gate", '''
            def mark(symbol):
                r.hset(f"quantum:harvest:plan:{symbol}", "ts", "1700000000")

            mark(input())
            '''),
        unit("reader", reading("harvest:plan"))),
    sick("ledgers", "two writers", "quantum:ledger:<symbol>",
        unit("executor", '''
            def fill(symbol, fields):
                key = "quantum:ledger:{}".format(symbol)
                r.hset(key, mapping={"amount": "1", "side": "LONG", **fields})

            fill(input(), {})
            '''),
        unit("reconciler", '''
            class Ledger:
                def key(self, symbol):
                    return "quantum:ledger:" + symbol

                def repair(self, symbol):
                    pipe = r.pipeline()
                    pipe.hset(self.key(symbol), "amount", "2")
                    pipe.execute()

            Ledger().repair(input())
            '''),
        unit("reader", reading("ledger"))),
    sick("mode", "two writers", "quantum:trading:mode",
        unit("operator", 'r.set("quantum:trading:mode", "live")\n'),
        unit("guard", 'MODE = "quantum:trading:mode"\nr.set(MODE, "halted")\n'),
        unit("reader", 'print(r.get("quantum:trading:mode"))\n')),
    sick("stamps", "two writers", "quantum:heartbeat:table",
        unit("first", 'r.hset("quantum:heartbeat:table", key="last_seen", value="1")\n'),
        unit("second", 'r.execute_command("HSET", "quantum:heartbeat:table", "last_seen", "2024-01-01T00:00:00")\n'),
        unit("reader", 'print(r.hget("quantum:heartbeat:table", "last_seen"))\n')),
    sick("dialects", "two writers", "quantum:inventory:<symbol>",
        unit("one", 'from store import put\n\nput(input(), {"qty": "1", "price": "2"})\n'),
        unit("two", '''
            def sync(symbol, amount):
                r.hmset(f"quantum:inventory:{symbol}", {"qty": amount, "source": "sync"})

            sync(input(), 1)
            '''),
        unit("reader", reading("inventory")),
        files={"store.py": '''
            import redis

            _r = redis.Redis()

            def put(symbol, fields):
                _r.hset(f"quantum:inventory:{symbol}", mapping=fields)
            '''}),
    sick("stringhash", "wrong type", "quantum:calibration:current",
        unit("writer", 'import json\nr.set("quantum:calibration:current", json.dumps({"a": 1}))\n'),
        unit("reader", 'print(r.hgetall("quantum:calibration:current"))\n')),
    sick("streamlist", "wrong type", "quantum:stream:orders.cancel",
        unit("writer", 'r.xadd("quantum:stream:orders.cancel", {"id": "1"}, maxlen=100)\n'),
        unit("reader", 'print(r.lrange("quantum:stream:orders.cancel", 0, -1))\n')),
    sick("hashstring", "wrong type", "quantum:candles:<symbol>:<interval>",
        unit("writer", '''
            def put(symbol, interval):
                r.hset(f"quantum:candles:{symbol}:{interval}", "close", "1")

            put(input(), "1m")
            '''),
        unit("reader", '''
            def get(symbol, interval):
                return r.get(f"quantum:candles:{symbol}:{interval}")

            get(input(), "1m")
            ''')),
    sick("setzset", "wrong type", "quantum:universe:ranked",
        unit("writer", 'for symbol in ("A", "B"):\n    r.sadd("quantum:universe:ranked", symbol)\n'),
        unit("reader", 'print(r.zrange("quantum:universe:ranked", 0, 9))\n')),
    sick("pushread", "wrong type", "quantum:events:raw",
        unit("writer", 'r.lpush("quantum:events:raw", "x")\n'),
        unit("reader", 'while True:\n    r.xread({"quantum:events:raw": "0"}, block=100)\n')),
    sick("lost", "fields", "quantum:regime:<symbol>",
        unit("writer", '''
            def publish(symbol):
                r.hset(f"quantum:regime:{symbol}", mapping={"p_trend": "0.5", "p_chop": "0.5", "ts_timestamp": "1"})

            publish(input())
            '''),
        unit("reader", '''
            def load(symbol):
                state = r.hgetall(f"quantum:regime:{symbol}")
                return float(state.get("regime_probs", 0)), float(state["p_trend"])

            load(input())
            ''')),
    sick("oneof", "fields", "quantum:account:equity",
        unit("writer", 'r.hset("quantum:account:equity", mapping={"equity": "1", "peak": "2"})\n'),
        unit("reader", 'print(r.hget("quantum:account:equity", "drawdown"))\n')),
    sick("several", "fields", "quantum:spread:<symbol>",
        unit("writer", '''
            def put(symbol):
                r.hset("quantum:spread:" + symbol, mapping=dict(bid="1", ask="2"))

            put(input())
            '''),
        unit("reader", '''
            def get(symbol):
                return r.hmget(f"quantum:spread:{symbol}", "bid", "ask", "spread_bps")

            get(input())
            ''')),
    sick("entries", "fields", "quantum:stream:fills.done",
        unit("writer", 'r.xadd("quantum:stream:fills.done", {"event_type": "fill", "payload": "{}"}, maxlen=100)\n'),
        unit("reader", '''
            last_id = "$"
            while True:
                for stream, messages in r.xread({"quantum:stream:fills.done": last_id}, block=1000):
                    for last_id, data in messages:
                        print(data["symbol"], data.get("realized_pnl"))
            ''')),
    sick("renamed", "fields", "quantum:quote:<symbol>",
        unit("writer", '''
            FIELDS = ("mark_price", "index_price")

            def put(symbol, values):
                r.hset(f"quantum:quote:{symbol}", mapping={"mark_price": values[0], "index_price": values[1]})

            put(input(), [1, 2])
            '''),
        unit("reader", '''
            def price(symbol):
                quote = r.hgetall(f"quantum:quote:{symbol}")
                return quote["markPrice"]

            price(input())
            ''')),
)  # fmt: skip
