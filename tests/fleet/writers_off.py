"""A writer that does not run: inactive, disabled, failed, masked, its timer off."""

from tests.fleet.case import DISABLED, FAILED, MASKED, STOPPED, sick, unit


def reader(stream: str) -> str:
    """A program that reads a stream in a group, which it makes."""
    return f'''
STREAM = "{stream}"
r.xgroup_create(STREAM, "readers", mkstream=True)
while True:
    r.xreadgroup("readers", "one", {{STREAM: ">"}}, block=1000)
'''


CASES = (
    sick("unfed", "writer off", "quantum:stream:model.tune",
        unit("tuner", 'r.xadd("quantum:stream:model.tune", {"model": "x"})\n', state=DISABLED),
        unit("worker", reader("quantum:stream:model.tune")),
        redis=(("XGROUP", "CREATE", "quantum:stream:model.tune", "readers", "0", "MKSTREAM"),),
        verdicts={"quantum:stream:model.tune": "unfed"}),
    sick("crashed", "writer off", "quantum:stream:basis.ticks",
        unit("feed", 'while True:\n    r.xadd("quantum:stream:basis.ticks", {"p": "1"}, maxlen=100)\n', state=FAILED),
        unit("worker", reader("quantum:stream:basis.ticks")),
        verdicts={"quantum:stream:basis.ticks": "unfed"}),
    sick("stopped", "writer off", "quantum:ticker:<symbol>",
        unit("feed", '''
            def put(symbol):
                r.hset(f"quantum:ticker:{symbol}", "last", "1")

            put(input())
            ''', state=STOPPED),
        unit("reader", 'def get(symbol):\n    return r.hget(f"quantum:ticker:{symbol}", "last")\n\nget(input())\n')),
    sick("masked", "writer off", "quantum:vault:rates",
        unit("writer", 'r.hset("quantum:vault:rates", "usd", "1")\n', state=MASKED),
        unit("reader", 'print(r.hget("quantum:vault:rates", "usd"))\n')),
    sick("bothoff", "writer off", "quantum:stream:arb.signals",
        unit("one", 'r.xadd("quantum:stream:arb.signals", {"a": "1"}, maxlen=10)\n', state=FAILED),
        unit("two", 'r.xadd("quantum:stream:arb.signals", {"a": "1"}, maxlen=10)\n', state=DISABLED),
        unit("worker", reader("quantum:stream:arb.signals")), also=("two writers",)),
    sick("pusher", "writer off", "quantum:queue:payouts",
        unit("api", 'def pay(who):\n    r.lpush("quantum:queue:payouts", who)\n\npay(input())\n', state=FAILED),
        unit("worker", 'while True:\n    r.brpop("quantum:queue:payouts", timeout=5)\n')),
    sick("switched", "no writer", "quantum:stream:heat.decision",
        unit("gate", '''
            OUT = os.environ.get("OUT_STREAM", "quantum:stream:heat.decision")
            r.xadd(OUT, {"level": "1"}, maxlen=10)
            ''',
            "Environment=OUT_STREAM=quantum:stream:apply.heat"),
        unit("reader", reader("quantum:stream:heat.decision")),
        unit("applier", reader("quantum:stream:apply.heat")), also=("near miss",)),
    sick("fileover", "no writer", "quantum:stream:universe.top",
        unit("picker", '''
            import os
            from config import settings
            import redis

            redis.Redis().xadd(settings["stream"], {"s": "1"}, maxlen=9)
            ''',
            "EnvironmentFile={folder}/picker.env"),
        unit("reader", reader("quantum:stream:universe.top")),
        unit("other", reader("quantum:stream:candidates")),
        files={
            "config.py": '''
            import os

            settings = {"stream": os.getenv("TOP_STREAM") or "quantum:stream:universe.top"}
            ''',
            "picker.env": "# moved\nTOP_STREAM=quantum:stream:candidates\n",
        }),
    sick("prefixover", "no writer", "quantum:sizing:<symbol>",
        unit("writer", '''
            NAMESPACE = os.getenv("NAMESPACE", "quantum")

            def put(symbol):
                r.hset(f"{NAMESPACE}:sizing:{symbol}", "qty", "1")

            put(input())
            ''', "Environment=NAMESPACE=paper"),
        unit("reader", 'def get(symbol):\n    return r.hget(f"quantum:sizing:{symbol}", "qty")\n\nget(input())\n'),
        also=("near miss", "no reader")),
)  # fmt: skip
