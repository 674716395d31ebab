"""Whatever stands in a file, the answer is an answer."""

# ruff: noqa: E501

import ast
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.imports.files import Files
from qtops.imports.tree import MemoryTree
from qtops.wiring.closure import Cache
from qtops.wiring.source import Unit, read_unit
from tests.imports.odd_sources import DEEP, SOURCES
from tests.wiring.reading import APP, CLIENT, read, spoken

HOSTILE = {
    "a NUL": b"x = 1\x00",
    "no UTF-8": b'x = "\xff"',
    "nested deeply": b"x = " + b"(" * 500 + b")" * 500,
    "a long sum": b"import redis\nr = redis.Redis()\nr.get(" + b"+".join([b'"a"'] * 900) + b")",
    "a long chain": b"import redis\nr = redis.Redis()\nr" + b'.get("a:b")' * 300,
    "many branches": b"if a:\n    pass\n" + b"elif b:\n    k = 1\n" * 900,
    "a long list": b"import redis\nr = redis.Redis()\nL = [" + b'"a",' * 50_000 + b']\nfor k in L:\n    r.get(f"k:{k}")',
    "a huge dict": b"import redis\nr = redis.Redis()\nD = {" + b"".join(b'"k%d": 1,' % n for n in range(9_000)) + b'}\nr.xread(D)',
    "dicts that ask for one another": (
        b"import redis\nr = redis.Redis()\ndef f(k):\n    return C[k]\ndef g(k):\n    return D[k]\n"
        b"C = {" + b"".join(b'"c%d": g(k%d),' % (n, n) for n in range(60)) + b"}\n"
        b"D = {" + b"".join(b'"d%d": f(k%d),' % (n, n) for n in range(60)) + b"}\ndef h(k):\n    r.get(f(k))\n    r.get(g(k))\n"
    ),
    "a class of itself": b"class A(A):\n    pass\nimport redis\nredis.Redis().get(A.x)",
    "classes in a circle": b"class A(B):\n    pass\nclass B(A):\n    pass\nimport redis\nredis.Redis().get(A().x)",
    "functions in a circle": b'import redis\nr = redis.Redis()\ndef f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nr.get(f("a"))',
    "a name of itself": b"import redis\nr = redis.Redis()\nk = k + k\nr.get(k)",
    "much that grows": b"import redis\nr = redis.Redis()\nk = []\n" + b'k.append("a:b")\n' * 500 + b"r.get(k[-1])",
    "doubling": b"import redis\nr = redis.Redis()\nk = 'a'\n" + b"k = k + k\n" * 60 + b"r.get(k)",
    "alternatives that multiply": (
        b"import redis\nr = redis.Redis()\nL = ['" + b"','".join(b"%d" % n for n in range(30)) + b"']\n"
        b"for a in L:\n for b in L:\n  for c in L:\n   for d in L:\n    r.get(f'{a}:{b}:{c}:{d}:k')"
    ),
    "loops in loops": b"".join(b" " * n + b"for x in y:\n" for n in range(18)) + b" " * 18 + b"pass",
    "a decorator of anything": b"@x[1](2)\ndef f(): pass\n@f\n@f\nclass C: pass",
    "all of the syntax": (
        b"import redis\nr = redis.Redis()\nasync def f(a, /, b=1, *c, d=2, **e):\n    async with a as b, c: pass\n"
        b"    async for x, *y in z: yield x\n    del a, b.c, d[0]\n    global G\n    x: int\n    a.b: int = 1\n    a[0] += 1\n"
        b"    assert a, b\n    raise a from b\n    match a:\n        case {'x': [1, *r], **k} | C(x=1): pass\n"
        b"    lambda *a, b=1, **k: (yield)\n    print(*a, **b, end='')\n    r.get(*a)\n    r.xadd(**b)\n    r.xread()\n    r.hset()\n"
        b"    r.execute_command()\n    r.execute_command(*a)\n    (b'XADD', *a)\n    (b'XREAD', b'STREAMS')\n    [b'EVALSHA', x]\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files(source: bytes) -> None:
    found = read({"main.py": source, "other.py": CLIENT})
    assert found.files or found.missing


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_odd_sources(source: bytes) -> None:
    found = read({"main.py": source})
    assert found.files or found.missing


EXPRESSION = st.recursive(
    st.sampled_from(['"a:b"', "k", "s", "self.k", "D", "L", "f(s)", "C.K", "C(s)", "None", "1", 'os.getenv("X")', "r", "__name__", "..."]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"{two[0]} + {two[1]}"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]}, *{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"{{{two[0]}: {two[1]}, **{two[1]}}}"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]})[{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} if {two[1]} else s)"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]} for s in {two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}).join({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) % ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"(lambda s: {two[0]})({two[1]})"),
        inner.map(lambda one: f"str({one}).strip()"),
        inner.map(lambda one: f"f({one})"),
        inner.map(lambda one: f"r.hgetall({one})"),
        inner.map(lambda one: f"({one}).items()"),
        inner.map(lambda one: f"(k := {one})"),
    ),
    max_leaves=6,
)  # fmt: skip
STATEMENT = st.one_of(
    EXPRESSION.map(lambda one: f"r.get({one})"),
    EXPRESSION.map(lambda one: f'r.xadd({one}, {{"x": {one}}})'),
    EXPRESSION.map(lambda one: f"r.xread({one})"),
    EXPRESSION.map(lambda one: f"r.delete(*{one})"),
    EXPRESSION.map(lambda one: f"(b'HMGET', {one})"),
    EXPRESSION.map(lambda one: f"k = {one}"),
    EXPRESSION.map(lambda one: f"k, s = {one}"),
    EXPRESSION.map(lambda one: f"D[{one}] = {one}"),
    EXPRESSION.map(lambda one: f"L.append({one})"),
    EXPRESSION.map(lambda one: f"for s in {one}:\n    r.get(s)"),
    EXPRESSION.map(lambda one: f"while {one}:\n    k = {one}"),
    EXPRESSION.map(lambda one: f"def f(s=None):\n    return {one}"),
    EXPRESSION.map(lambda one: f"class C:\n    K = {one}\n    def __init__(self, k):\n        self.k = {one}"),
    EXPRESSION.map(lambda one: f"try:\n    k = {one}\nexcept E as s:\n    return_ = {one}"),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENT, min_size=1, max_size=6))
def test_arbitrary_code_is_read(statements: list[str]) -> None:
    source = CLIENT + "D, L = {}, []\n" + "\n".join(statements)
    try:
        ast.parse(source)
    except SyntaxError:
        return
    found = read({"main.py": source})
    assert found.files == (f"{APP}/main.py",)
    assert all(end.name and end.where.startswith(APP) for end in found.ends)


def test_names_are_fit_to_be_printed():
    (end,) = read('r.get("a:\\x1b[2J\\nb")').ends
    assert end.name.isprintable()


def test_what_several_units_share_is_read_once():
    reads: list[str] = []

    class Counting(MemoryTree):
        def read(self, path: str) -> bytes:
            reads.append(path)
            return super().read(path)

    tree = Counting({f"{APP}/lib.py": CLIENT, **{f"{APP}/{n}.py": "from lib import r\nr.get('a:b')" for n in range(20)}})
    files, cache = Files(tree), Cache()
    for number in range(20):
        found = read_unit(files, Unit(f"{number}", f"{APP}/{number}.py", (APP,), (APP,), {}), cache)
        assert [end.name for end in found.ends] == ["a:b"]
    assert reads.count(f"{APP}/lib.py") == 1


def test_a_loop_that_multiplies_is_a_pattern():
    source = 'L = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]\nfor a in L:\n    for b in L:\n        r.get(f"k:{a}:{b}")'
    assert all(name.startswith("GET k:") for name in spoken(source))


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP)
def test_deep_sources(make: Callable[[int], str]) -> None:
    for depth in (50, 90, 400):
        found = read({"main.py": f"{CLIENT}{make(depth)}\nr.get('a:b')\n"})
        assert found.files or found.missing
