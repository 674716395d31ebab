"""What only Redis tells: a type that is left over, a writer or a reader that no source here explains."""

from tests.fleet.case import sick, unit, well

CASES = (
    sick("leftover", "wrong type", "quantum:throttle:state",
        unit("writer", 'r.hset("quantum:throttle:state", "level", "1")\n'),
        unit("reader", 'print(r.hget("quantum:throttle:state", "level"))\n'),
        redis=(("SET", "quantum:throttle:state", "old"),)),
    sick("oldlist", "wrong type", "quantum:stream:snapshots.daily",
        unit("writer", 'r.xadd("quantum:stream:snapshots.daily", {"a": "1"}, maxlen=9)\n'),
        unit("reader", 'while True:\n    r.xread({"quantum:stream:snapshots.daily": "$"}, block=9)\n'),
        redis=(("RPUSH", "quantum:stream:snapshots.daily", "old"),)),
    sick("oldfamily", "wrong type", "quantum:quoted:<symbol>",
        unit("writer", 'def put(symbol):\n    r.hset(f"quantum:quoted:{symbol}", "bid", "1")\n\nput(input())\n'),
        unit("reader", 'def get(symbol):\n    return r.hget(f"quantum:quoted:{symbol}", "bid")\n\nget(input())\n'),
        redis=(("SET", "quantum:quoted:BTCUSDT", "old"), ("SET", "quantum:quoted:ETHUSDT", "old"))),
    well("elsewhere",  # its writer is on another host: it moves
        unit("reader", 'while True:\n    r.xread({"quantum:stream:depth.remote": "$"}, block=9)\n'),
        redis=(("XADD", "quantum:stream:depth.remote", "*", "bid", "1"),)),
    well("renewed",  # somebody whom no source here explains keeps it alive
        unit("reader", 'print(r.hget("quantum:remote:status", "state"))\n'),
        redis=(("HSET", "quantum:remote:status", "state", "ok"), ("EXPIRE", "quantum:remote:status", "90"))),
    well("grouped",  # a group waits on it whose consumer is no unit of this host
        unit("writer", 'while True:\n    r.xadd("quantum:stream:export.rows", {"a": "1"}, maxlen=9)\n'),
        redis=(
            ("XADD", "quantum:stream:export.rows", "*", "a", "1"),
            ("XGROUP", "CREATE", "quantum:stream:export.rows", "lake", "$"),
        )),
    well("specific",  # the key that matches the family is another's, who says more of it
        unit("writer", '''
            def put(symbol):
                r.hset(f"quantum:orders:{symbol}", "id", "1")

            put(input())
            r.incr("quantum:orders:count")
            '''),
        unit("reader", '''
            def get(symbol):
                return r.hget(f"quantum:orders:{symbol}", "id")

            get(input())
            print(r.get("quantum:orders:count"))
            '''),
        redis=(("INCR", "quantum:orders:count"),)),
)  # fmt: skip
