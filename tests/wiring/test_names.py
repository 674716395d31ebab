"""What a name is, however it is put together."""

# ruff: noqa: E501

import pytest

from tests.wiring.reading import ends, read, spoken

SHAPES = {
    "a literal": ('r.get("a:b")', {"GET a:b"}),
    "bytes": ('r.get(b"a:b")', {"GET a:b"}),
    "a keyword": ('r.xadd(name="a:b", fields={})', {"XADD a:b"}),
    "a constant of the module": ('KEY = "a:b"\nr.get(KEY)', {"GET a:b"}),
    "a constant that is annotated": ('KEY: str = "a:b"\nr.get(KEY)', {"GET a:b"}),
    "a local variable": ('def f():\n    key = "a:b"\n    r.get(key)\nf()', {"GET a:b"}),
    "an f-string": ('def f(symbol):\n    r.get(f"a:{symbol}")\n', {"GET a:<symbol>"}),
    "an f-string of a constant": ('P = "a"\nr.get(f"{P}:b")', {"GET a:b"}),
    "an f-string of an attribute": ('def f(trade):\n    r.get(f"a:{trade.symbol}:x")', {"GET a:<symbol>:x"}),
    "an f-string of an item": ('def f(trade):\n    r.get(f"a:{trade[\'symbol\']}")', {"GET a:<symbol>"}),
    "an f-string of a call": ('def f(trade):\n    r.get(f"a:{trade.get(\'side\').lower()}")', {"GET a:<side>"}),
    "an f-string with a format": ('def f(now):\n    r.get(f"a:{now:%Y-%m-%d}")', {"GET a:<now>"}),
    "a sum": ('P = "a:"\nr.get(P + "b")', {"GET a:b"}),
    "a sum with what is not known": ('def f(symbol):\n    r.get("a:" + symbol)', {"GET a:<symbol>"}),
    "a sum of three": ('def f(symbol):\n    r.get("a:" + symbol + ":b")', {"GET a:<symbol>:b"}),
    "percent": ('def f(symbol):\n    r.get("a:%s:%d" % (symbol, 5))', {"GET a:<symbol>:5"}),
    "percent of one": ('def f(symbol):\n    r.get("a:%s" % symbol)', {"GET a:<symbol>"}),
    "percent of a dict": ('def f(s):\n    r.get("a:%(symbol)s" % {"symbol": s})', {"GET a:<s>"}),
    "format": ('def f(symbol):\n    r.get("a:{}:{}".format(symbol, "b"))', {"GET a:<symbol>:b"}),
    "format by name": ('def f(s):\n    r.get("a:{symbol}".format(symbol=s))', {"GET a:<s>"}),
    "format of a constant": ('T = "a:{symbol}"\ndef f(symbol):\n    r.get(T.format(symbol=symbol))', {"GET a:<symbol>"}),
    "join": ('r.get(":".join(["a", "b", "c"]))', {"GET a:b:c"}),
    "join with what is not known": ('def f(symbol):\n    r.get(":".join(("a", symbol)))', {"GET a:<symbol>"}),
    "methods of text": ('r.get(" A:B ".strip().lower())', {"GET a:b"}),
    "upper of what is not known": ('def f(symbol):\n    r.get(f"a:{symbol.upper()}")', {"GET a:<symbol>"}),
    "removeprefix": ('r.get("quantum:a:b".removeprefix("quantum:"))', {"GET a:b"}),
    "replace": ('r.get("a.b".replace(".", ":"))', {"GET a:b"}),
    "encode": ('r.get("a:b".encode())', {"GET a:b"}),
    "decode": ('r.get(b"a:b".decode("utf-8"))', {"GET a:b"}),
    "str": ('r.get(str("a:b"))', {"GET a:b"}),
    "an item of a dict": ('S = {"p": "a:b", "q": "c:d"}\nr.get(S["p"])', {"GET a:b"}),
    "an item of a nested dict": ('S = {"p": {"in": "a:b"}}\nr.get(S["p"]["in"])', {"GET a:b"}),
    "get of a dict": ('S = {"p": "a:b"}\nr.get(S.get("p", "x:y"))', {"GET a:b"}),
    "get of a dict with a default": ('S = {"p": "a:b"}\nr.get(S.get("q", "x:y"))', {"GET x:y"}),
    "any item of a dict": ('S = {"p": "a:b", "q": "c:d"}\ndef f(k):\n    r.get(S[k])', {"GET a:b", "GET c:d"}),
    "an item of a list": ('S = ["a:b", "c:d"]\nr.get(S[1])', {"GET c:d"}),
    "the last of a list that grew": ('k = ["a:b"]\nk.append("c:d")\nr.get(k[-1])', {"GET c:d"}),
    "a loop over a list": ('for k in ["a:b", "c:d"]:\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "a loop over a constant": ('S = ("a", "b")\nfor s in S:\n    r.get(f"k:{s}")', {"GET k:a", "GET k:b"}),
    "a loop over values": ('S = {"p": "a:b", "q": "c:d"}\nfor k in S.values():\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "a loop over items": ('S = {"p": "a:b"}\nfor n, k in S.items():\n    r.get(k)', {"GET a:b"}),
    "pairs are not mixed": (
        'for a, b in (("x", "1"), ("y", "2")):\n    r.get(f"k:{a}:{b}")',
        {"GET k:x:1", "GET k:y:2"},
    ),
    "one name twice is one name": ('for a in ("x", "y"):\n    r.get(f"k:{a}:{a}")', {"GET k:x:x", "GET k:y:y"}),
    "a comprehension": ('x = [r.get(f"k:{s}") for s in ("a", "b")]', {"GET k:a", "GET k:b"}),
    "a list made by a comprehension": ('K = [f"k:{s}" for s in ("a", "b")]\nfor k in K:\n    r.get(k)', {"GET k:a", "GET k:b"}),
    "enumerate": ('for n, k in enumerate(["a:b", "c:d"]):\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "zip": ('for n, k in zip("12", ["a:b", "c:d"]):\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "a namespace": ('from types import SimpleNamespace\ncfg = SimpleNamespace(out="a:b")\nr.get(cfg.out)', {"GET a:b"}),
    "JSON in a variable": ('import json, os\nfor k in json.loads(os.environ.get("KEYS_IN", \'["a:b", "c:d"]\')):\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "JSON of a dict": ('import json\nC = json.loads(\'{"out": {"name": "a:b"}}\')\nr.get(C["out"]["name"])', {"GET a:b"}),
    "a property that subclasses write": (
        "class A:\n    @property\n    @abstractmethod\n    def key(self): ...\n    def run(self):\n        r.get(self.key)\n"
        'class B(A):\n    @property\n    def key(self):\n        return "a:b"\nB().run()',
        {"GET a:b"},
    ),
    "a method that subclasses write": (
        "class A:\n    def key(self):\n        raise NotImplementedError\n    def run(self):\n        r.get(self.key())\n"
        'class B(A):\n    def key(self):\n        return "a:b"\nclass C(A):\n    def key(self):\n        return "c:d"\nB().run()\nC().run()',
        {"GET a:b", "GET c:d"},
    ),
    "a long list is a pattern": (f"S = {[f's{n}' for n in range(40)]}\nfor s in S:\n    r.get(f'k:{{s}}')", {"GET k:<s>"}),
    "a conditional expression": ('def f(x):\n    r.get("a:b" if x else "c:d")', {"GET a:b", "GET c:d"}),
    "or": ('def f(k=None):\n    r.get(k or "a:b")\nf()', {"GET a:b"}),
    "or of what is given": ('def f(k=None):\n    r.get(k or "a:b")\nf("c:d")', {"GET c:d"}),
    "a walrus": ('if (k := "a:b"):\n    r.get(k)', {"GET a:b"}),
    "the assignment before counts": ('k = "a:b"\nr.get(k)\nk = "c:d"\nr.set(k, 1)', {"GET a:b", "SET c:d"}),
    "branches are kept apart": (
        'def f(x):\n    if x:\n        k = "a:b"\n        r.get(k)\n    else:\n        k = "c:d"\n        r.set(k, 1)',
        {"GET a:b", "SET c:d"},
    ),
    "branches meet": ('def f(x):\n    k = "a:b"\n    if x:\n        k = "c:d"\n    r.get(k)', {"GET a:b", "GET c:d"}),
    "a branch that returns does not": (
        'def f(x):\n    k = "a:b"\n    if x:\n        k = "c:d"\n        return\n    r.get(k)',
        {"GET a:b"},
    ),
    "what a loop leaves": ('def f():\n    k = "a:b"\n    while True:\n        r.get(k)\n        k = "c:d"', {"GET a:b", "GET c:d"}),
    "try and except": (
        'try:\n    k = "a:b"\nexcept ValueError:\n    k = "c:d"\nr.get(k)',
        {"GET a:b", "GET c:d"},
    ),
    "added to": ('k = "a"\nk += ":b"\nr.get(k)', {"GET a:b"}),
    "taken apart": ('a, b = "a:b", "c:d"\nr.get(b)', {"GET c:d"}),
    "a split constant": ('for s in "A,B".split(","):\n    r.get(f"k:{s}")', {"GET k:A", "GET k:B"}),
    "match": ('def f(x):\n    match x:\n        case 1:\n            k = "a:b"\n        case _:\n            k = "c:d"\n    r.get(k)',
              {"GET a:b", "GET c:d"}),
    "a key that a scan found": ('for k in r.scan_iter(match="a:*"):\n    r.hgetall(k)', {"SCAN a:<any>", "HGETALL a:<key>"}),
    "several names": ('r.delete("a:b", "c:d")', {"DEL a:b", "DEL c:d"}),
    "a list of names": ('K = ["a:b", "c:d"]\nr.mget(K)', {"MGET a:b", "MGET c:d"}),
    "names spread": ('K = ["a:b", "c:d"]\nr.delete(*K)', {"DEL a:b", "DEL c:d"}),
    "a global that a function sets": (
        'KEY = None\ndef setup():\n    global KEY\n    KEY = "a:b"\ndef f():\n    r.get(KEY)',
        {"GET a:b"},
    ),
    "a closure": ('def f(s):\n    key = f"a:{s}"\n    def g():\n        r.get(key)\n    g()', {"GET a:<s>"}),
    "getattr of a constant": ('class C:\n    K = "a:b"\nr.get(getattr(C, "K"))', {"GET a:b"}),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), SHAPES.values(), ids=SHAPES)
def test_names(source: str, expected: set[str]) -> None:
    assert spoken(source) == expected


HELPERS = {
    "a function that publishes": (
        'def publish(stream, data):\n    r.xadd(stream, data)\npublish("a:b", {})\npublish(stream="c:d", data={})',
        {"XADD a:b", "XADD c:d"},
    ),
    "a default": ('def publish(data, stream="a:b"):\n    r.xadd(stream, data)\npublish({})', {"XADD a:b"}),
    "a default that is never left out": (
        'def publish(data, stream="a:b"):\n    r.xadd(stream, data)\npublish({}, "c:d")',
        {"XADD c:d"},
    ),
    "a function that makes keys": ('def key(s):\n    return f"a:{s}"\ndef f(symbol):\n    r.get(key(symbol))', {"GET a:<symbol>"}),
    "a function that makes keys of constants": ('def key(s):\n    return f"a:{s}"\nr.get(key("b"))', {"GET a:b"}),
    "functions within functions": (
        'def prefix(*p):\n    return ":".join(("q", *p))\ndef key(s):\n    return prefix("a", s)\nr.get(key("b"))',
        {"GET q:a:b"},
    ),
    "a lambda": ('key = lambda s: f"a:{s}"\ndef f(symbol):\n    r.get(key(symbol))', {"GET a:<symbol>"}),
    "a closure that makes keys": (
        'def maker(prefix):\n    def key(s):\n        return f"{prefix}:{s}"\n    return key\nk = maker("a")\nr.get(k("b"))',
        {"GET a:b"},
    ),
    "through two functions": (
        'def send(k, d):\n    r.xadd(k, d)\ndef emit(name, d):\n    send(f"a:{name}", d)\nemit("b", {})\nemit("c", {})',
        {"XADD a:b", "XADD a:c"},
    ),
    "called in a loop": ('def load(k):\n    r.get(k)\nfor k in ("a:b", "c:d"):\n    load(k)', {"GET a:b", "GET c:d"}),
    "partial": (
        'from functools import partial\ndef send(k, d):\n    r.xadd(k, d)\nemit = partial(send, "a:b")\nemit({})',
        {"XADD a:b"},
    ),
    "map": ('def key(s):\n    return f"a:{s}"\nfor k in map(key, ["b", "c"]):\n    r.get(k)', {"GET a:b", "GET a:c"}),
    "a client that is given": ('def save(db, key):\n    db.hset(key, "x", 1)\nsave(r, "a:b")', {"HSET a:b"}),
    "async": (
        'async def emit(k):\n    await r.xadd(k, {})\nasync def main():\n    await emit("a:b")\nimport asyncio\nasyncio.run(main())',
        {"XADD a:b"},
    ),
    "keywords spread": ('def send(k, d):\n    r.xadd(k, d)\no = {"k": "a:b", "d": {}}\nsend(**o)', {"XADD a:b"}),
    "mutual recursion": (
        'def f(k, n):\n    r.get(k)\n    g(k, n)\ndef g(k, n):\n    f(k, n - 1)\nf("a:b", 3)',
        {"GET a:b"},
    ),
}


@pytest.mark.parametrize(("source", "expected"), HELPERS.values(), ids=HELPERS)
def test_functions(source: str, expected: set[str]) -> None:
    assert spoken(source) == expected


CLASSES = {
    "an attribute of the class": ('class C:\n    K = "a:b"\n    def f(self):\n        r.get(self.K)\nC().f()', {"GET a:b"}),
    "of the class by its name": ('class C:\n    K = "a:b"\nr.get(C.K)', {"GET a:b"}),
    "set in __init__": (
        'class C:\n    def __init__(self):\n        self.k = "a:b"\n    def f(self):\n        r.get(self.k)\nC().f()',
        {"GET a:b"},
    ),
    "given to __init__": (
        'class C:\n    def __init__(self, k):\n        self.k = k\n    def f(self):\n        r.get(self.k)\nC("a:b").f()\nC(k="c:d")',
        {"GET a:b", "GET c:d"},
    ),
    "given to __init__ of the base": (
        "class B:\n    def __init__(self, k):\n        self.k = k\n    def f(self):\n        r.get(self.k)\n"
        'class C(B):\n    def __init__(self):\n        super().__init__("a:b")\nC().f()',
        {"GET a:b"},
    ),
    "overridden by subclasses": (
        'class B:\n    K = ""\n    def f(self):\n        r.get(self.K)\nclass C(B):\n    K = "a:b"\nclass D(B):\n    K = "c:d"\nC().f()',
        {"GET a:b", "GET c:d"},
    ),
    "a method that makes keys": (
        'class C:\n    P = "a"\n    def key(self, s):\n        return f"{self.P}:{s}"\n    def f(self):\n        r.get(self.key("b"))\nC().f()',
        {"GET a:b"},
    ),
    "a static method": ('class C:\n    @staticmethod\n    def key(s):\n        return f"a:{s}"\nr.get(C.key("b"))', {"GET a:b"}),
    "a class method": (
        'class C:\n    P = "a"\n    @classmethod\n    def key(cls, s):\n        return f"{cls.P}:{s}"\nr.get(C.key("b"))',
        {"GET a:b"},
    ),
    "a property": (
        'class C:\n    @property\n    def key(self):\n        return "a:b"\n    def f(self):\n        r.get(self.key)\nC().f()',
        {"GET a:b"},
    ),
    "an object of another class": (
        'class K:\n    def __init__(self, p):\n        self.p = p\n    def of(self, s):\n        return f"{self.p}:{s}"\n'
        'keys = K("a")\nr.get(keys.of("b"))',
        {"GET a:b"},
    ),
    "an enumeration": (
        'from enum import Enum\nclass S(str, Enum):\n    P = "a:b"\n    Q = "c:d"\nr.get(S.P)\nr.set(S.Q.value, 1)',
        {"GET a:b", "SET c:d"},
    ),
    "a loop over an enumeration": (
        'from enum import StrEnum\nclass S(StrEnum):\n    P = "a:b"\n    Q = "c:d"\nfor s in S:\n    r.get(s)',
        {"GET a:b", "GET c:d"},
    ),
    "a dataclass": (
        'from dataclasses import dataclass\n@dataclass\nclass C:\n    k: str = "a:b"\nc = C()\nr.get(c.k)',
        {"GET a:b"},
    ),
    "a dataclass that is told otherwise": (
        'from dataclasses import dataclass\n@dataclass\nclass C:\n    k: str = "a:b"\nc = C(k="c:d")\nr.get(c.k)',
        {"GET c:d"},
    ),
    "a field's default": (
        'from dataclasses import dataclass, field\n@dataclass\nclass C:\n    k: str = field(default="a:b")\n'
        "def f(c: C):\n    r.get(c.k)\nf(C())",
        {"GET a:b"},
    ),
    "a field's default factory": (
        'from dataclasses import dataclass, field\n@dataclass\nclass C:\n    k: str = field(default_factory=lambda: "a:b")\nr.get(C().k)',
        {"GET a:b"},
    ),
    "a named tuple": ('from typing import NamedTuple\nclass C(NamedTuple):\n    k: str\nr.get(C("a:b").k)', {"GET a:b"}),
    "a dict that is an attribute": (
        'class C:\n    def __init__(self):\n        self.s = {"p": "a:b"}\n    def f(self):\n        r.get(self.s["p"])\nC().f()',
        {"GET a:b"},
    ),
}


@pytest.mark.parametrize(("source", "expected"), CLASSES.values(), ids=CLASSES)
def test_classes(source: str, expected: set[str]) -> None:
    assert spoken(source) == expected


UNKNOWN = {
    "a parameter": ("def publish(stream):\n    r.xadd(stream, {})", "parameter stream of publish()"),
    "called with what is not known": (
        "import sys\ndef publish(stream):\n    r.xadd(stream, {})\npublish(sys.argv[1])",
        "parameter stream of publish()",
    ),
    "a variable that is not set": ('r.get(os.environ["KEY"])', "KEY is not set in the unit's environment"),
    "read from Redis": ('r.get(r.get("a:b"))', "read from Redis (GET)"),
    "colons alone": ('def f(a, b):\n    r.get(f"{a}:{b}")', "<a>"),
    "a secret": ('r.get(os.getenv("API_TOKEN", "x"))', "API_TOKEN is a secret"),
}


@pytest.mark.parametrize(("source", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_is_said(source: str, why: str) -> None:
    (found,) = read(source).unresolved
    assert why in found.why


def test_the_end_of_a_helper_is_where_it_is_called():
    found = ends('def send(k):\n    r.xadd(k, {})\nsend("a:b")\nsend("c:d")\n')
    assert [(end.name, end.where) for end in found] == [("a:b", "/srv/app/main.py:5"), ("c:d", "/srv/app/main.py:6")]


def test_the_end_of_a_pattern_is_where_the_command_is():
    (end,) = ends('def load(s):\n    return r.get(f"a:{s}")\ndef f(x, y):\n    load(x.s)\n    load(y.s)\n')
    assert (end.name, end.where, end.exact) == ("a:<s>", "/srv/app/main.py:4", False)


def test_what_is_left_out_is_said():
    calls = "".join(f'send("a:{number}")\n' for number in range(60))
    found = read(f"def send(k):\n    r.xadd(k, {{}})\n{calls}")
    assert 30 <= len(found.ends) <= 33
    assert "the others are left out" in found.unresolved[0].why


def test_some_callers_known_and_some_not():
    found = read('import sys\ndef send(k):\n    r.xadd(k, {})\nsend("a:b")\nsend(sys.argv[1])\n')
    assert [end.name for end in found.ends] == ["a:b"]
    assert [gap.where for gap in found.unresolved] == ["/srv/app/main.py:7"]
