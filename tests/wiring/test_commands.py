"""Commands: which way data goes, what kind it is, and what each says besides its name."""

import pytest

from qtops.facts.wiring import End
from qtops.wiring.commands import AMBIGUOUS, COMMANDS, METHODS, is_raw_command
from tests.wiring.reading import ends, read, spoken

WAYS = [
    ('r.xadd("k", {"x": 1})', "XADD", "write", "stream"),
    ('r.xread({"k": "$"})', "XREAD", "read", "stream"),
    ('r.xreadgroup("g", "c", {"k": ">"})', "XREADGROUP", "read", "stream"),
    ('r.xrange("k")', "XRANGE", "read", "stream"),
    ('r.xrevrange("k", count=1)', "XREVRANGE", "read", "stream"),
    ('r.xautoclaim("k", "g", "c", 1000)', "XAUTOCLAIM", "read", "stream"),
    ('r.xlen("k")', "XLEN", "touch", "stream"),
    ('r.xack("k", "g", "1-0")', "XACK", "touch", "stream"),
    ('r.xgroup_create("k", "g", mkstream=True)', "XGROUP CREATE", "touch", "stream"),
    ('r.xinfo_stream("k")', "XINFO STREAM", "touch", "stream"),
    ('r.xtrim("k", maxlen=5)', "XTRIM", "touch", "stream"),
    ('r.hset("k", "x", 1)', "HSET", "write", "hash"),
    ('r.geoadd("k", (1, 2, "x"))', "GEOADD", "write", "zset"),
    ('r.pfcount("k")', "PFCOUNT", "read", "string"),
    ('r.hmset("k", {"x": 1})', "HMSET", "write", "hash"),
    ('r.hincrby("k", "x", 1)', "HINCRBY", "write", "hash"),
    ('r.hget("k", "x")', "HGET", "read", "hash"),
    ('r.hgetall("k")', "HGETALL", "read", "hash"),
    ('r.hdel("k", "x")', "HDEL", "touch", "hash"),
    ('r.set("k", 1)', "SET", "write", "string"),
    ('r.setex("k", 5, 1)', "SETEX", "write", "string"),
    ('r.incr("k")', "INCR", "write", "string"),
    ('r.get("k")', "GET", "read", "string"),
    ('r.mset({"k": 1})', "MSET", "write", "string"),
    ('r.lpush("k", 1)', "LPUSH", "write", "list"),
    ('r.brpop("k", 5)', "BRPOP", "read", "list"),
    ('r.blpop(["k"], timeout=5)', "BLPOP", "read", "list"),
    ('r.lrange("k", 0, -1)', "LRANGE", "read", "list"),
    ('r.ltrim("k", 0, 9)', "LTRIM", "touch", "list"),
    ('r.sadd("k", 1)', "SADD", "write", "set"),
    ('r.smembers("k")', "SMEMBERS", "read", "set"),
    ('r.zadd("k", {"m": 1})', "ZADD", "write", "zset"),
    ('r.zrangebyscore("k", 0, 1)', "ZRANGEBYSCORE", "read", "zset"),
    ('r.publish("k", "x")', "PUBLISH", "write", "channel"),
    ('p = r.pubsub()\np.subscribe("k")', "SUBSCRIBE", "read", "channel"),
    ('p = r.pubsub()\np.subscribe(**{"k": print})', "SUBSCRIBE", "read", "channel"),
    ('r.delete("k")', "DEL", "touch", "any"),
    ('r.exists("k")', "EXISTS", "touch", "any"),
    ('r.expire("k", 5)', "EXPIRE", "touch", "any"),
    ('r.ttl("k")', "TTL", "touch", "any"),
    ('r.keys("k")', "KEYS", "touch", "any"),
    ('r.scan(0, match="k")', "SCAN", "touch", "any"),
    ('r.eval("return 1", 1, "k", "x")', "EVAL", "write", "any"),
    ('f = r.register_script("return 1")\nf(keys=["k"], args=[1])', "EVALSHA", "write", "any"),
    ('r.execute_command("XADD", "k", "*", "x", 1)', "XADD", "write", "stream"),
    ('r.execute_command("XGROUP CREATE", "k", "g", "$")', "XGROUP CREATE", "touch", "stream"),
    ('r.execute_command("XREADGROUP", "GROUP", "g", "c", "STREAMS", "k", ">")', "XREADGROUP", "read", "stream"),
    ('link.run([(b"HMGET", "k", "x")], ["k"])', "HMGET", "read", "hash"),
    ('link.run([("XADD", "k", "*", "x", "1")])', "XADD", "write", "stream"),
    ('link.run([[b"GET", b"k"]])', "GET", "read", "string"),
    ('link.run([(b"EVALSHA", SHA, b"1", "k", b"x")])', "EVALSHA", "write", "any"),
    ('import subprocess\nsubprocess.run(["redis-cli", "-p", "6400", "XADD", "k", "*", "x", "1"])', "XADD", "write", "stream"),
    ('import os\nos.system("redis-cli -n 1 HSET k x 1")', "HSET", "write", "hash"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "command", "direction", "kind"), WAYS, ids=[row[0][:40] for row in WAYS])
def test_ways(source: str, command: str, direction: str, kind: str) -> None:
    (end,) = ends(source)
    assert (end.name, end.command, end.direction, end.kind) == ("k", command, direction, kind)


def one(source: str) -> End:
    (found,) = (end for end in ends(source) if end.direction != "touch")
    return found


def test_two_streams_of_one_read():
    assert spoken('A = "a:b"\nr.xread({A: "$", "c:d": "0"}, block=5)') == {"XREAD a:b", "XREAD c:d"}


def test_streams_of_a_list():
    assert spoken('S = ["a:b", "c:d"]\nr.xreadgroup("g", "c", {s: ">" for s in S})') == {"XREADGROUP a:b", "XREADGROUP c:d"}
    assert spoken('S = ["a:b", "c:d"]\nr.xread(dict.fromkeys(S, "$"))') == {"XREAD a:b", "XREAD c:d"}


def test_streams_that_are_collected():
    assert spoken('s = {}\ns["a:b"] = "$"\ns["c:d"] = "$"\nr.xread(s)') == {"XREAD a:b", "XREAD c:d"}


def test_a_move_reads_one_and_writes_the_other():
    found = ends('r.rpoplpush("a:b", "c:d")')
    assert [(end.name, end.direction) for end in found] == [("a:b", "read"), ("c:d", "write")]


def test_groups():
    assert one('r.xreadgroup("g", "c", {"k": ">"})').group == "g"
    assert one('r.xreadgroup(groupname="g", consumername="c", streams={"k": ">"})').group == "g"
    assert one('G = "g"\ndef f(name):\n    r.xreadgroup(f"{G}-{name}", "c", {"k": ">"})').group == "g-<name>"
    assert ends('r.xack("k", "g", "1-0")')[0].group == "g"


def test_groups_that_differ_are_not_mixed_up():
    source = 'def f(x):\n    g = "one"\n    if x:\n        g = "two"\n    r.xreadgroup(g, "c", {"k": ">"})'
    assert one(source).group == "<group>"
    assert one('def f(name):\n    r.xreadgroup(name, "c", {"k": ">"})').group == "<name>"


def test_a_pattern_does_not_stand_beside_the_names_it_is_for():
    source = """
        class Bus:
            def __init__(self):
                self.handlers = {}
            def subscribe(self, topic, handler):
                self.handlers[topic] = handler
            def run(self):
                for topic, handler in self.handlers.items():
                    r.xreadgroup("g", "c", {f"a:{topic}": ">"})
        bus = Bus()
        bus.subscribe("b", print)
        bus.subscribe("c", print)
        bus.run()
    """
    assert spoken(source) == {"XREADGROUP a:b", "XREADGROUP a:c"}


@pytest.mark.parametrize(
    ("source", "creates"),
    [
        ('r.xgroup_create("k", "g", id="0", mkstream=True)', True),
        ('r.xgroup_create("k", "g", "$", True)', True),
        ('r.xgroup_create("k", "g", mkstream=False)', False),
        ('r.xgroup_create("k", "g")', False),
        ('r.execute_command("XGROUP", "CREATE", "k", "g", "$", "MKSTREAM")', True),
    ],
)
def test_what_makes_a_stream(source: str, creates: bool) -> None:
    (end,) = ends(source)
    assert (end.creates, end.group) == (creates, "g")


@pytest.mark.parametrize(
    ("source", "capped"),
    [
        ('r.xadd("k", {})', False),
        ('r.xadd("k", {}, maxlen=100)', True),
        ('r.xadd("k", {}, maxlen=None)', False),
        ('r.xadd("k", {}, minid="1-0")', True),
        ('r.xadd("k", {}, "*", 100)', True),
        ('N = 5\nr.xadd("k", {}, maxlen=N, approximate=True)', True),
        ('def f(**more):\n    r.xadd("k", {}, **more)', None),
        ('r.xadd("k", {})\nr.xtrim("k", maxlen=5)', True),
        ('r.execute_command("XADD", "k", "MAXLEN", "~", "5", "*", "x", "1")', True),
        ('r.execute_command("XADD", "k", "*", "x", "1")', False),
    ],
)
def test_caps(source: str, capped: bool | None) -> None:
    assert one(source).capped is capped


@pytest.mark.parametrize(
    ("source", "expires"),
    [
        ('r.set("k", 1)', False),
        ('r.set("k", 1, ex=5)', True),
        ('r.set("k", 1, 5)', True),
        ('r.set("k", 1, px=5)', True),
        ('r.set("k", 1, ex=None)', False),
        ('r.set("k", 1, keepttl=True)', None),  # as whoever wrote before has set it
        ('r.execute_command("SET", "k", "1", "KEEPTTL")', None),
        ('r.setex("k", 5, 1)', True),
        ('r.hset("k", "x", 1)', False),
        ('r.hset("k", "x", 1)\nr.expire("k", 5)', True),
        ('r.execute_command("SET", "k", "1", "EX", "5")', True),
        ('def f(s):\n    r.hset(f"k:{s}", "x", 1)\n    r.expire(f"k:{s}", 5)', True),
        ('def f():\n    r.hset("k", "x", 1)\ndef g():\n    r.expire("k", 5)', None),
        ('r.publish("k", 1)', None),
        ('r.eval("x", 1, "k")', None),
    ],
)
def test_expiry(source: str, expires: bool | None) -> None:
    assert one(source).expires is expires


def test_a_text_for_the_shell_with_a_hole():
    assert spoken('import os\ndef f(symbol):\n    os.system(f"redis-cli HGETALL a:{symbol}")') == {"HGETALL a:<symbol>"}


def test_a_pattern_matches_any():
    assert spoken('p = r.pubsub()\np.psubscribe("a:*")') == {"PSUBSCRIBE a:<any>"}


def test_every_command_is_known_by_its_method():
    assert all(name.partition(" ")[0] in COMMANDS for name in METHODS.values())
    assert set(METHODS) >= AMBIGUOUS
    assert is_raw_command(b"XADD")
    assert not is_raw_command("xadd")


def test_what_is_never_reached_says_nothing():
    files = {
        "main.py": "from lib import load\nload()\n",
        "lib.py": 'import redis\nr = redis.Redis()\ndef load():\n    return r.get("a:b")\ndef save():\n    r.set("a:b", 1)\n',
    }
    assert spoken(files) == {"GET a:b"}
    assert read(files).unresolved == ()


@pytest.mark.parametrize(
    "source",
    [
        'r.sunionstore("to", "a", "b")',
        'r.sunionstore("to", ["a", "b"])',
        'r.zunionstore("to", ["a", "b"])',
        'r.zinterstore("to", {"a": 1, "b": 2}, aggregate="MAX")',
        'r.execute_command("ZUNIONSTORE", "to", 2, "a", "b", "WEIGHTS", 1, 2)',
        'r.execute_command("PFMERGE", "to", "a", "b")',
    ],
)
def test_what_is_made_of_others_is_written_and_the_others_are_read(source):
    assert {(end.name, end.direction) for end in ends(source)} == {("to", "write"), ("a", "read"), ("b", "read")}


def test_a_target_that_is_not_known_makes_no_writer_of_its_source():
    assert {(end.name, end.direction) for end in ends('def f(x):\n    r.sunionstore(x, ["a"])\n    r.copy("b", x)')} == {
        ("a", "read"),
        ("b", "read"),
    }


@pytest.mark.parametrize(
    "source", ['r.mget(["a", x])', 'r.xread({"a": "$", x: "$"})', 'r.sunionstore(x, ["a"])', 'r.copy("a", x)', 'r.delete("a", x)']
)
def test_of_several_names_one_that_is_not_known_is_said(source):
    found = read(f"def f(x):\n    {source}")
    assert [end.name for end in found.ends] == ["a"]
    assert len(found.unresolved) == 1


@pytest.mark.parametrize(
    ("source", "command"),
    [
        ('r.scan_iter("app:k:*")', "SCAN"),
        ('r.scan_iter("app:k:*", _type="hash")', "SCAN TYPE"),
        ('r.scan(0, match="app:k:*", _type="hash")', "SCAN TYPE"),
        ('r.execute_command("SCAN", 0, "MATCH", "app:k:*", "TYPE", "hash")', "SCAN TYPE"),
    ],
)
def test_a_search_that_asks_for_one_type_says_so(source: str, command: str) -> None:
    assert {end.command for end in ends(source)} == {command}
