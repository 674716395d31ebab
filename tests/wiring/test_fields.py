"""Fields that are written, and fields that are looked for in what was read."""

# ruff: noqa: E501

import pytest

from qtops.facts.wiring import End
from tests.wiring.reading import ends

WRITES = {
    "a dict": ('r.xadd("k", {"x": 1, "y": 2})', {"x", "y"}),
    "a dict in a variable": ('d = {"x": 1}\nr.xadd("k", d)', {"x"}),
    "a dict that grows": ('d = {"x": 1}\nd["y"] = 2\nr.xadd("k", d)', {"x", "y"}),
    "a dict that may grow": ('def f(z):\n    d = {"x": 1}\n    if z:\n        d["y"] = 2\n    r.xadd("k", d)', {"x", "y"}),
    "update": ('d = {"x": 1}\nd.update({"y": 2})\nr.xadd("k", d)', {"x", "y"}),
    "update by keyword": ('d = {"x": 1}\nd.update(y=2)\nr.xadd("k", d)', {"x", "y"}),
    "spread": ('b = {"x": 1}\nr.xadd("k", {**b, "y": 2})', {"x", "y"}),
    "merged": ('b = {"x": 1}\nr.xadd("k", b | {"y": 2})', {"x", "y"}),
    "dict()": ('r.xadd("k", dict(x=1, y=2))', {"x", "y"}),
    "bytes": ('r.xadd("k", {b"x": 1})', {"x"}),
    "made into text": ('d = {"x": 1, "y": 2}\nr.xadd("k", {k: str(v) for k, v in d.items()})', {"x", "y"}),
    "a function that makes it": ('def event():\n    return {"x": 1}\nr.xadd("k", event())', {"x"}),
    "a method that makes it": (
        'class E:\n    def to_dict(self):\n        return {"x": 1}\nr.xadd("k", E().to_dict())',
        {"x"},
    ),
    "a dataclass": ('from dataclasses import asdict, dataclass\n@dataclass\nclass E:\n    x: int\n    y: int\nr.xadd("k", asdict(E(1, 2)))', {"x", "y"}),
    "a model": ('from pydantic import BaseModel\nclass E(BaseModel):\n    x: int\nr.xadd("k", E(x=1).model_dump())', {"x"}),
    "a payload": ('import json\nr.xadd("k", {"data": json.dumps({"x": 1})})', {"data"}),
    "hset one": ('r.hset("k", "x", 1)', {"x"}),
    "hset mapping": ('r.hset("k", mapping={"x": 1, "y": 2})', {"x", "y"}),
    "hset both": ('r.hset("k", "x", 1, mapping={"y": 2})', {"x", "y"}),
    "hmset": ('r.hmset("k", {"x": 1})', {"x"}),
    "hincrby": ('r.hincrby("k", "x", 1)', {"x"}),
    "raw": ('r.execute_command("HSET", "k", "x", 1, "y", 2)', {"x", "y"}),
    "raw to a stream": ('r.execute_command("XADD", "k", "MAXLEN", "~", 5, "*", "x", 1, "y", 2)', {"x", "y"}),
    "raw to a stream, exactly": ('r.execute_command("XADD", "k", "NOMKSTREAM", "MAXLEN", 5, "1-0", "x", 1)', {"x"}),
    "a constant for a field": ('F = "x"\nr.hset("k", F, 1)', {"x"}),
    "given to a helper": ('def send(d):\n    r.xadd("k", d)\nsend({"x": 1})', {"x"}),
}  # fmt: skip


def only(source: str, direction: str) -> End:
    (found,) = (end for end in ends(source) if end.direction == direction)
    return found


@pytest.mark.parametrize(("source", "fields"), WRITES.values(), ids=WRITES)
def test_fields_that_are_written(source: str, fields: set[str]) -> None:
    end = only(source, "write")
    assert (set(end.fields), end.fields_known) == (fields, True)


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ('def f(d):\n    r.xadd("k", d)', set()),
        ('def f(d):\n    r.xadd("k", {**d, "x": 1})', {"x"}),
        ('def f(d):\n    r.hset("k", mapping=dict(d, x=1))', {"x"}),
        ('def f(name):\n    r.hset("k", name, 1)', set()),
        ('def f(n):\n    r.hset("k", f"at_{n}", 1)', {"at_<n>"}),
        ('def f(more):\n    d = {"x": 1}\n    d.update(more)\n    r.xadd("k", d)', {"x"}),
        ('def f(words):\n    r.execute_command("HSET", "k", "x", 1, *words)', {"x"}),
    ],
)
def test_fields_that_are_not_all_known(source: str, fields: set[str]) -> None:
    end = only(source, "write")
    assert (set(end.fields), end.fields_known) == (fields, False)


def test_fields_go_with_the_name_they_are_given_with():
    found = ends('def send(k, d):\n    r.xadd(k, d)\nsend("a:b", {"x": 1})\nsend("c:d", {"y": 1})')
    assert [(end.name, end.fields) for end in found] == [("a:b", ("x",)), ("c:d", ("y",))]


READS = {
    "hget": ('v = r.hget("k", "x")', {"x"}),
    "hmget": ('v = r.hmget("k", "x", "y")', {"x", "y"}),
    "hmget of a list": ('F = ["x", "y"]\nv = r.hmget("k", F)', {"x", "y"}),
    "raw hmget": ('v = link.run([(b"HMGET", "k", *("x", "y"))])', {"x", "y"}),
}


@pytest.mark.parametrize(("source", "fields"), READS.values(), ids=READS)
def test_fields_that_are_asked_for(source: str, fields: set[str]) -> None:
    end = only(source, "read")
    assert (set(end.fields), end.fields_known) == (fields, True)


ACCESSES = {
    "an item": ('d = r.hgetall("k")\nprint(d["x"], d.get("y"), d.get("z", 0))', {"x", "y", "z"}),
    "bytes": ('d = r.hgetall("k")\nprint(d[b"x"], float(d.get(b"y") or 0))', {"x", "y"}),
    "either": ('d = r.hgetall("k")\nprint(d.get("x") or d.get("y"))', {"x", "y"}),
    "at once": ('print(r.hgetall("k")["x"])', {"x"}),
    "awaited": ('async def f():\n    d = await r.hgetall("k")\n    return d["x"]', {"x"}),
    "or nothing": ('d = r.hgetall("k") or {}\nprint(d.get("x"))', {"x"}),
    "decoded": ('d = {k.decode(): v.decode() for k, v in r.hgetall("k").items()}\nprint(d["x"])', {"x"}),
    "entries of a stream": ('for i, f in r.xrange("k"):\n    print(f["x"])', {"x"}),
    "the newest entry": ('e = r.xrevrange("k", count=1)\nif e:\n    i, f = e[0]\n    print(f["x"])', {"x"}),
    "the newest entry by index": ('e = r.xrevrange("k", count=1)\nprint(e[0][1]["x"])', {"x"}),
    "xread": ('for s, m in r.xread({"k": "$"}):\n    for i, f in m:\n        print(f["x"])', {"x"}),
    "xread by index": ('m = r.xread({"k": "$"}, block=5)\nfor i, f in m[0][1]:\n    print(f["x"])', {"x"}),
    "xreadgroup": (
        'while True:\n    m = r.xreadgroup("g", "c", {"k": ">"})\n    for s, es in m or []:\n        for i, f in es:\n            print(f.get("x"))',
        {"x"},
    ),
    "xreadgroup items": ('m = r.xreadgroup("g", "c", {"k": ">"})\nfor s, es in m.items():\n    for i, f in es:\n        print(f["x"])', {"x"}),
    "claimed": ('n, es, _ = r.xautoclaim("k", "g", "c", 1000)\nfor i, f in es:\n    print(f["x"])', {"x"}),
    "in a function that it is handed to": (
        'def handle(f):\n    print(f["x"])\nfor s, m in r.xread({"k": "$"}):\n    for i, f in m:\n        handle(f)',
        {"x"},
    ),
    "in a method that it is handed to": (
        'class C:\n    def run(self):\n        for s, m in r.xread({"k": "$"}):\n            for i, f in m:\n                self.on(i, f)\n'
        '    def on(self, i, data):\n        print(data.get("x"))\nC().run()',
        {"x"},
    ),
    "where it is handed back": ('def load():\n    return r.hgetall("k")\nd = load()\nprint(d["x"])', {"x"}),
    "in a loop over names": ('d = r.hgetall("k")\nfor n in ("x", "y"):\n    print(d[n])', {"x", "y"}),
    "not within a payload": ('import json\nd = r.hgetall("k")\np = json.loads(d["data"])\nprint(p["x"])', {"data"}),
    "not of another dict": ('d = r.hgetall("k")\ne = {"y": 1}\nprint(d["x"], e["y"])', {"x"}),
}  # fmt: skip


@pytest.mark.parametrize(("source", "fields"), ACCESSES.values(), ids=ACCESSES)
def test_fields_that_are_looked_for(source: str, fields: set[str]) -> None:
    assert set(only(source, "read").fields) == fields


def test_fields_of_two_streams_are_not_told_apart():
    found = ends('for s, m in r.xread({"a:b": "$", "c:d": "$"}):\n    for i, f in m:\n        print(f["x"])')
    assert [end.fields for end in found] == [(), ()]
