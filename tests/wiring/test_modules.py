"""Which files of a project are read, and names that come from other modules."""

# ruff: noqa: E501

import pytest

from tests.wiring.reading import APP, read, spoken

USE = "import redis\nr = redis.Redis()\n"

SHAPES: dict[str, tuple[dict[str, str], set[str]]] = {
    "from a module": ({"main.py": USE + "from keys import K\nr.get(K)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "of a module": ({"main.py": USE + "import keys\nr.get(keys.K)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "of a module by another name": ({"main.py": USE + "import keys as k\nr.get(k.K)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "by another name": ({"main.py": USE + "from keys import K as J\nr.get(J)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "of a package": ({"main.py": USE + "from lib import K\nr.get(K)", "lib/__init__.py": 'K = "a:b"'}, {"GET a:b"}),
    "of a module in a package": (
        {"main.py": USE + "from lib.keys import K\nr.get(K)", "lib/__init__.py": "", "lib/keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "a module from a package": (
        {"main.py": USE + "from lib import keys\nr.get(keys.K)", "lib/__init__.py": "", "lib/keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "a dotted import": (
        {"main.py": USE + "import lib.keys\nr.get(lib.keys.K)", "lib/__init__.py": "", "lib/keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "a namespace package": ({"main.py": USE + "from lib import keys\nr.get(keys.K)", "lib/keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "a dotted import of a namespace package": (
        {"main.py": USE + "import lib.keys\nr.get(lib.keys.K)", "lib/keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "handed on by a package": (
        {"main.py": USE + "from lib import K\nr.get(K)", "lib/__init__.py": "from .keys import K", "lib/keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "relative": (
        {
            "main.py": "import svc.run",
            "svc/__init__.py": "",
            "svc/run.py": USE + "from . import keys\nfrom .keys import J\nr.get(keys.K)\nr.set(J, 1)",
            "svc/keys.py": 'K = "a:b"\nJ = "c:d"',
        },
        {"GET a:b", "SET c:d"},
    ),
    "two levels up": (
        {
            "main.py": "import svc.deep.run",
            "svc/__init__.py": "",
            "svc/deep/__init__.py": "",
            "svc/deep/run.py": USE + "from ..keys import K\nr.get(K)",
            "svc/keys.py": 'K = "a:b"',
        },
        {"GET a:b"},
    ),
    "with a star": ({"main.py": USE + "from keys import *\nr.get(K)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "within a function": ({"main.py": USE + "def f():\n    from keys import K\n    r.get(K)", "keys.py": 'K = "a:b"'}, {"GET a:b"}),
    "where another is missing": (
        {"main.py": USE + "try:\n    from fast import K\nexcept ImportError:\n    from keys import K\nr.get(K)", "keys.py": 'K = "a:b"'},
        {"GET a:b"},
    ),
    "by its name as text": (
        {"main.py": "import importlib\nimportlib.import_module('svc').run()", "svc.py": USE + 'def run():\n    r.get("a:b")'},
        {"GET a:b"},
    ),
    "a function that makes keys": (
        {"main.py": USE + "from keys import key\ndef f(s):\n    r.get(key(s))", "keys.py": 'P = "a"\ndef key(symbol):\n    return f"{P}:{symbol}"'},
        {"GET a:<symbol>"},
    ),
    "a function that publishes": (
        {"main.py": USE + 'from bus import publish\npublish(r, "a:b", {})', "bus.py": "def publish(db, stream, data):\n    db.xadd(stream, data)"},
        {"XADD a:b"},
    ),
    "a function by another name": (
        {"main.py": USE + 'from bus import publish as pub\npub(r, "a:b", {})', "bus.py": "def publish(db, stream, data):\n    db.xadd(stream, data)"},
        {"XADD a:b"},
    ),
    "a class of a bus": (
        {
            "main.py": 'from bus import Bus\nimport redis\nbus = Bus(redis.Redis(), prefix="q")\nbus.publish("b", {"x": 1})',
            "bus.py": "class Bus:\n    def __init__(self, db, prefix):\n        self.db, self.prefix = db, prefix\n"
            '    def publish(self, topic, data):\n        self.db.xadd(f"{self.prefix}:stream:{topic}", data)',
        },
        {"XADD q:stream:b"},
    ),
    "a bus that is handed on": (
        {
            "main.py": "from bus import Bus\nfrom svc import Service\nService(Bus()).run()",
            "bus.py": "import redis\nclass Bus:\n    def __init__(self):\n        self.db = redis.Redis()\n"
            "    async def publish(self, topic, data):\n        await self.db.xadd(topic, data)",
            "svc.py": 'class Service:\n    def __init__(self, bus):\n        self.bus = bus\n    async def run(self):\n        await self.bus.publish("a:b", {})',
        },
        {"XADD a:b"},
    ),
    "a base class elsewhere": (
        {
            "main.py": 'from base import Service\nclass Mine(Service):\n    STREAM = "a:b"\nMine().run()',
            "base.py": USE + 'class Service:\n    STREAM = None\n    def run(self):\n        r.xadd(self.STREAM, {})',
        },
        {"XADD a:b"},
    ),
    "a client elsewhere": ({"main.py": 'from db import r\nr.get("a:b")', "db.py": USE}, {"GET a:b"}),
    "a client of a module": ({"main.py": 'import db\ndb.store.get("a:b")', "db.py": "import redis\nstore = redis.Redis()"}, {"GET a:b"}),
    "constants of constants": (
        {"main.py": USE + "from keys import K\nr.get(K)", "keys.py": 'from names import P\nK = f"{P}:b"', "names.py": 'P = "a"'},
        {"GET a:b"},
    ),
    "a class of constants": (
        {"main.py": USE + "from keys import Keys\nr.get(Keys.Stream.K)", "keys.py": 'class Keys:\n    class Stream:\n        K = "a:b"'},
        {"GET a:b"},
    ),
    "imports in a circle": (
        {"main.py": USE + "import one\nr.get(one.K)", "one.py": "import two\nK = two.P + ':b'", "two.py": "import one\nP = 'a'"},
        {"GET a:b"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), SHAPES.values(), ids=SHAPES)
def test_modules(files: dict[str, str], expected: set[str]) -> None:
    assert spoken(files) == expected


def test_the_closure_and_nothing_else():
    files = {
        "main.py": "import one\ndef f():\n    import two",
        "one.py": "import json, three",
        "two.py": "",
        "three.py": "",
        "four.py": 'import redis\nredis.Redis().get("a:b")',
    }
    assert set(read(files).files) == {f"{APP}/{name}" for name in ("main.py", "one.py", "two.py", "three.py")}


def test_what_is_installed_is_not_followed():
    files = {"main.py": "import lib", "venv/lib/python3.11/site-packages/lib.py": 'import redis\nredis.Redis().get("a:b")'}
    found = read(files, path=(APP, f"{APP}/venv/lib/python3.11/site-packages"))
    assert (found.files, found.ends) == ((f"{APP}/main.py",), ())


def test_the_first_folder_of_the_path_wins():
    files = {"main.py": USE + "from keys import K\nr.get(K)", "new/keys.py": 'K = "a:b"', "old/keys.py": 'K = "c:d"'}
    assert [end.name for end in read(files, path=(f"{APP}/old", f"{APP}/new")).ends] == ["c:d"]


def test_a_file_that_is_broken_is_said_and_the_others_are_read():
    files = {
        "main.py": USE + 'import one, two\nr.get("a:b")\ntwo.f()',
        "one.py": "def (",
        "two.py": USE + 'def f():\n    r.get("c:d")',
    }
    found = read(files)
    assert {end.name for end in found.ends} == {"a:b", "c:d"}
    assert found.missing == (f"{APP}/one.py:1: SyntaxError: invalid syntax",)


def test_an_entry_that_is_not_there():
    assert read({"other.py": ""}).missing == (f"{APP}/main.py: No such file or directory",)


def test_dash_m_of_a_package():
    files = {
        "svc/__init__.py": "",
        "svc/__main__.py": "from .run import go\ngo()",
        "svc/run.py": USE + 'def go():\n    r.get("a:b")',
    }
    assert spoken(files, script="svc/__main__.py", module="svc") == {"GET a:b"}
    assert spoken(files, script="", module="svc") == {"GET a:b"}


def test_an_application_of_a_server():
    files = {
        "svc/__init__.py": "",
        "svc/app.py": USE + 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/x")\nasync def f():\n    return r.get("a:b")',
    }
    assert spoken(files, script="", module="svc.app:app") == {"GET a:b"}


def test_a_great_many_files_are_not_all_read():
    files = {"main.py": "".join(f"import m{number}\n" for number in range(520)), **{f"m{number}.py": "" for number in range(520)}}
    found = read(files)
    assert len(found.files) == 500
    assert "more than 500 files" in found.missing[0]
