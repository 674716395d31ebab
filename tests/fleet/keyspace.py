"""Keys that stay, patterns that catch too much, streams that grow: what becomes of Redis over months."""

from tests.fleet.case import sick, unit, well

FILL = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', KEYS[1] .. i, '1') end"
GROW = "for i = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'n', i) end"
CUT = GROW.replace("'*'", "'MAXLEN', '=', '1000', '*'")


def filled(start: str, count: int) -> tuple[str, ...]:
    """A command that makes so many keys."""
    return ("EVAL", FILL, "1", start, str(count))


def grown(stream: str, count: int, script: str = GROW) -> tuple[str, ...]:
    """A command that adds so many entries."""
    return ("EVAL", script, "1", stream, str(count))


BOOK = unit(
    "book",
    """
    def put(symbol):
        r.hset(f"quantum:holding:{symbol}", "qty", "1")
        r.hset(f"quantum:holding:snapshot:{symbol}", "qty", "1")
        r.hset(f"quantum:holding:ledger:{symbol}", "sum", "1")

    def get(symbol):
        return [r.hgetall(f"quantum:holding:{kind}{symbol}") for kind in ("", "snapshot:", "ledger:")]

    put(input())
    get(input())
    """,
)
CASES = (
    sick("endlesspermit", "stays", "quantum:permit:<plan_id>",
        unit("gate", '''
            def permit(plan_id):
                r.set(f"quantum:permit:{plan_id}", "1")

            permit(input())
            '''),
        unit("apply", 'def may(plan_id):\n    return r.get(f"quantum:permit:{plan_id}")\n\nmay(input())\n')),
    sick("droppedend", "stays", "quantum:cooldown:<symbol>",
        unit("entry", 'def wait(symbol):\n    r.set(f"quantum:cooldown:{symbol}", "1", ex=300)\n\nwait(input())\n'),
        unit("exit", '''
            def again(symbol):
                r.set(f"quantum:cooldown:{symbol}", "stopped out")
                return r.get(f"quantum:cooldown:{symbol}")

            again(input())
            '''), also=("two writers",)),
    sick("counted", "too wide", "quantum:holding:*", BOOK,
        unit("apply", 'print(len(list(r.scan_iter(match="quantum:holding:*"))))\n')),
    sick("cleaned", "too wide", "quantum:heatmark:*",
        unit("heat", '''
            def put(symbol):
                r.hset(f"quantum:heatmark:{symbol}", "at", "1")
                return r.hgetall(f"quantum:heatmark:{symbol}")

            def clean():
                keys = r.keys("quantum:heatmark:*")
                if keys:
                    r.delete(*keys)

            clean()
            put(input())
            '''),
        unit("audit", '''
            def note(symbol):
                r.hset(f"quantum:heatmark:ledger:{symbol}", "sum", "1")
                return r.hgetall(f"quantum:heatmark:ledger:{symbol}")

            note(input())
            ''')),
    sick("unlinked", "too wide", "quantum:lot:*",
        unit("lots", '''
            PREFIX = "quantum:lot:"

            def put(symbol):
                r.hset(f"{PREFIX}{symbol}", "qty", "1")
                r.hset(f"{PREFIX}closed:{symbol}", "qty", "1")
                return r.hgetall(PREFIX + symbol), r.hgetall(f"{PREFIX}closed:{symbol}")

            for key in r.scan_iter(PREFIX + "*"):
                r.unlink(key)
            put(input())
            ''')),
)  # fmt: skip
WELL = (
    well("endingpermit",
        unit("gate", '''
            def permit(plan_id):
                r.set(f"quantum:license:permit:{plan_id}", "1", ex=60)
                r.set(f"quantum:license:permit:{plan_id}", "2", keepttl=True)
                return r.get(f"quantum:license:permit:{plan_id}")

            permit(input())
            ''')),
    well("released",
        unit("job", '''
            def once(name):
                if r.set(f"quantum:joblock:lock:{name}", "1", nx=True):
                    r.delete(f"quantum:joblock:lock:{name}")

            once(input())
            ''')),
    well("typed",
        unit("panel", '''
            def put(symbol):
                r.hset(f"quantum:shelf:{symbol}", "qty", "1")
                r.set(f"quantum:shelf:note:{symbol}", "x")
                return r.hgetall(f"quantum:shelf:{symbol}"), r.get(f"quantum:shelf:note:{symbol}")

            put(input())
            print(len(list(r.scan_iter("quantum:shelf:*", _type="hash"))))
            ''')),
    well("oneshape",
        unit("panel", '''
            def put(symbol):
                r.hset(f"quantum:bin:{symbol}", "qty", "1")
                return r.hgetall(f"quantum:bin:{symbol}")

            put(input())
            for key in r.scan_iter("quantum:bin:*"):
                r.delete(key)
            ''')),
)  # fmt: skip


def adds(stream: str, more: str = "") -> str:
    """A program that writes to a stream, and reads it."""
    return f'while True:\n    r.xadd("{stream}", {{"n": "1"}}{more})\n    r.xread({{"{stream}": "$"}}, block=9)\n'


LIVE = (
    sick("plans", "stays", "quantum:planned:<plan_id>",
        unit("planner", '''
            def plan(plan_id):
                r.set(f"quantum:planned:{plan_id}", "1")
                return r.get(f"quantum:planned:{plan_id}")

            plan(input())
            '''),
        redis=(filled("quantum:planned:", 1200),)),
    well("fewplans",
        unit("planner", '''
            def plan(plan_id):
                r.set(f"quantum:fewer:{plan_id}", "1")
                return r.get(f"quantum:fewer:{plan_id}")

            plan(input())
            '''),
        redis=(filled("quantum:fewer:", 30),)),
    sick("hotpath", "uncapped", "quantum:stream:tape.normalized",
        unit("feed", '''
            def start():
                r.xadd("quantum:stream:tape.normalized", {"n": "1"}, maxlen=1000)

            def run():
                while True:
                    r.xadd("quantum:stream:tape.normalized", {"n": "1"})

            start()
            run()
            '''),
        unit("reader", 'while True:\n    r.xread({"quantum:stream:tape.normalized": "$"}, block=9)\n'),
        redis=(grown("quantum:stream:tape.normalized", 50_500),)),
    sick("kept", "uncapped", "quantum:stream:tape.raw",
        unit("feed", adds("quantum:stream:tape.raw")),
        redis=(grown("quantum:stream:tape.raw", 100_100), ("XTRIM", "quantum:stream:tape.raw", "MAXLEN", "=", "100050"))),
    sick("sibling", "uncapped", "quantum:tape:d",
        *(unit(name, adds(f"quantum:tape:{name}", ", maxlen=1000")) for name in "abc"),
        unit("d", adds("quantum:tape:d")),
        redis=(*(grown(f"quantum:tape:{name}", 1_200, CUT) for name in "abc"), grown("quantum:tape:d", 10_100))),
    well("short",
        unit("feed", adds("quantum:stream:tape.calm")),
        redis=(grown("quantum:stream:tape.calm", 900),)),
    well("trimmed",
        unit("feed", adds("quantum:stream:tape.trimmed")),
        unit("broom", 'r.xtrim("quantum:stream:tape.trimmed", maxlen=60000)\n'),
        redis=(grown("quantum:stream:tape.trimmed", 50_500),)),
)  # fmt: skip
