"""Hand-written trees, each started for real: the prediction is equal to what happened, or says that it cannot tell."""
# ruff: noqa: E501  (one tree per line: a table is read across)

from pathlib import Path

import pytest

from qtops.imports.launch import Code, Module, Script

from .cpython import Case, judge, with_witness

HERE = "import os, sys\nfrom pathlib import Path\n"
LIB = {"lib/inner/__init__.py": "", "lib/inner/tool.py": "VALUE = 1\n"}


def edit(statement: str, **more: str) -> Case:
    """A main.py that edits sys.path, then imports what only the edit can find."""
    return Case({**LIB, "main.py": f"{HERE}{statement}\nimport inner.tool\n", **more})


FORMS = {
    "insert dirname abspath": edit("sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))"),
    "insert literal": edit("sys.path.insert(0, 'ROOT/lib')"),
    "insert relative": edit("sys.path.insert(0, 'lib')"),
    "insert dot": edit("sys.path.insert(0, '.')\nsys.path.insert(0, '')\nsys.path.insert(0, './lib')"),
    "insert windows": edit("sys.path.insert(0, r'C:\\code\\lib')"),
    "insert parent chain": edit("sys.path.insert(0, str(Path(__file__).resolve().parent / 'lib'))"),
    "insert parents[0]": edit("sys.path.insert(0, str(Path(__file__).parents[0].joinpath('lib')))"),
    "a Path object is passed over": edit("sys.path.insert(0, Path(__file__).resolve().parent / 'lib')"),
    "join with ..": edit("sys.path.append(os.path.join(os.path.dirname(__file__), 'lib', '..', 'lib'))"),
    "join dirname .. abspath": edit(
        "sys.path.append(os.path.abspath(os.path.join(os.path.dirname(__file__), '..', os.getcwd(), 'lib')))"
    ),
    "via variable": edit("ROOT_DIR = Path(__file__).parent\nLIB = ROOT_DIR / 'lib'\nsys.path.append(str(LIB))"),
    "environment": Case({**LIB, "main.py": f"{HERE}sys.path.insert(0, os.environ.get('LIB', '/nowhere'))\nimport inner.tool\n"}),
    "environment set": Case(
        {**LIB, "main.py": f"{HERE}sys.path.insert(0, os.getenv('LIB'))\nimport inner.tool\n"}, environment={"LIB": "ROOT/lib"}
    ),
    "environment subscript unset": edit("sys.path.insert(0, os.environ['LIB_HOME'])"),
    "expandvars": edit("sys.path.append(os.path.expandvars('$HOME/lib'))\nsys.path.append(os.path.expanduser('~/lib'))"),
    "in try": edit("try:\n    sys.path.insert(0, 'lib')\nexcept Exception:\n    pass"),
    "in function": edit("def setup(base):\n    sys.path.insert(0, os.path.join(base, 'lib'))\nsetup(os.path.dirname(__file__))"),
    "in function not called": edit("def setup():\n    sys.path.insert(0, 'lib')"),
    "function result": edit("def root():\n    return Path(__file__).parent\nsys.path.insert(0, str(root() / 'lib'))"),
    "not in sys.path": edit(
        "p = os.path.abspath('lib')\nif p not in sys.path:\n    sys.path.insert(0, p)\nif p not in sys.path:\n    1/0"
    ),
    "if exists": edit("for p in ('nope', 'lib'):\n    if os.path.isdir(p):\n        sys.path.insert(0, p)"),
    "in loop": edit(
        "for part in ['a', 'b', 'lib']:\n    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), part))"
    ),
    "in class": edit("class Setup:\n    base = 'lib'\n    sys.path.append(base)"),
    "in constructor": edit(
        "class Setup:\n    def __init__(self, d):\n        self.d = d\n        self.add()\n    def add(self):\n        sys.path.append(self.d)\nSetup('lib')"
    ),
    "in except": edit("try:\n    import inner.tool\nexcept ImportError:\n    sys.path.append('lib')\n    import inner.tool"),
    "assign list": edit("sys.path = ['lib'] + sys.path"),
    "assign list()": edit("sys.path = list(sys.path) + ['lib']"),
    "assign slice": edit("sys.path[:] = ['lib', *sys.path]"),
    "insert by slice": edit("sys.path[0:0] = ['lib']\nsys.path[1] = sys.path[1]"),
    "augmented": edit("sys.path += ['lib']"),
    "extend": edit("sys.path.extend(['nope', 'lib'])"),
    "remove": Case(
        {"main.py": f"{HERE}sys.path.remove(os.path.dirname(os.path.abspath(__file__)))\nimport other\n", "other.py": ""}
    ),
    "remove not there": edit("sys.path.remove('not there')"),
    "pop": Case({"main.py": f"{HERE}sys.path.pop(0)\nimport other\n", "other.py": ""}),
    "del": Case({"main.py": f"{HERE}del sys.path[0]\nimport other\n", "other.py": ""}),
    "comprehension": Case({"main.py": f"{HERE}sys.path[:] = [p for p in sys.path if 'ROOT' != p]\nimport other\n", "other.py": ""}),
    "clear": edit("sys.path.clear()\nsys.path.append('lib')"),
    "chdir": edit("os.chdir('lib')\nsys.path.insert(0, '')"),
    "from sys import path": Case({**LIB, "main.py": "from sys import path\npath.insert(0, 'lib')\nimport inner.tool\n"}),
    "alias of sys": Case(
        {**LIB, "main.py": "import sys as s, os.path as p\ns.path.append(p.join(p.dirname(__file__), 'lib'))\nimport inner\n"}
    ),
    "alias of path": edit("paths = sys.path\npaths.append('lib')"),
    "addsitedir": edit(
        "import site\nsite.addsitedir('lib')", **{"lib/more.pth": "deep\n# no\n\nnot there\n", "lib/deep/below.py": ""}
    ),
    "edit in an imported module": Case(
        {**LIB, "setup_path.py": "import sys\nsys.path.append('lib')\n", "main.py": "import setup_path\nimport inner.tool\n"}
    ),
    "edit in the main guard": Case(
        {**LIB, "main.py": f"{HERE}if __name__ == '__main__':\n    sys.path.append('lib')\n    import inner.tool\n"}
    ),
    "f-string": edit("base = os.path.dirname(os.path.abspath(__file__))\nsys.path.insert(0, f'{base}/lib')"),
    "percent and format": edit("sys.path.insert(0, '%s/%s' % ('.', 'nope'))\nsys.path.insert(0, '{}/lib'.format(os.getcwd()))"),
    "relpath": edit("sys.path.insert(0, os.path.relpath('lib', os.getcwd()))"),
    "while": edit(
        "d = os.path.abspath(__file__)\nwhile not os.path.isdir(os.path.join(d, 'lib')):\n    d = os.path.dirname(d)\nsys.path.append(d + '/lib')"
    ),
    "walk up by parents": edit(
        "for p in Path(__file__).resolve().parents:\n    if (p / 'lib').exists():\n        sys.path.insert(0, str(p / 'lib'))\n        break"
    ),
    "map and lambda": edit("add = lambda d: sys.path.append(d)\nadd('lib')"),
    "conditional expression": edit("sys.path.append('lib' if os.path.exists('lib') else 'nope')"),
    "walrus": edit("if (d := Path('lib')).is_dir():\n    sys.path.append(str(d))"),
    "unpacking": edit("a, (b, c) = 'x', ('y', 'lib')\nsys.path.append(c)"),
    "sys.argv[0]": edit("sys.path.append(os.path.join(os.path.dirname(sys.argv[0]), 'lib'))"),
    "sys.path[0]": edit("sys.path.append(os.path.join(sys.path[0], 'lib'))"),
}

PACKAGE = {"pkg/__init__.py": "", "pkg/mod.py": "NAME = 1\n"}
RESOLUTION = {
    "package before module": Case({"main.py": "import both\nfrom both import only_here\n", "both.py": "", "both/__init__.py": "only_here = 1"}),
    "module before namespace": Case({"main.py": "from both import only_here\n", "both.py": "only_here = 1", "both/x.py": ""}),
    "module hides folder's files": Case({"main.py": "import both.x\n", "both.py": "only_here = 1", "both/x.py": ""}),
    "namespace portions merge": Case({"main.py": "import ns.a, ns.b\n", "ns/a.py": "", "lib/ns/b.py": ""}, environment={"PYTHONPATH": "ROOT/lib"}),
    "later package beats portion": Case({"main.py": "import ns.a\n", "ns/a.py": "", "lib/ns/__init__.py": ""}, environment={"PYTHONPATH": "ROOT/lib"}),
    "empty folder is a namespace": Case({"main.py": "import empty\nimport empty.x\n", "empty/": ""}),
    "from namespace import nothing": Case({"main.py": "from empty import x\n", "empty/": ""}),
    "case matters": Case({"main.py": "import Mod\n", "mod.py": ""}),
    "missing top": Case({"main.py": "import nothing_there\n"}),
    "missing below": Case({"main.py": "import pkg.nothing\n", **PACKAGE}),
    "missing deep": Case({"main.py": "import pkg.mod.deep.er\n", **PACKAGE}),
    "missing in from": Case({"main.py": "from pkg import nothing\n", **PACKAGE}),
    "missing name": Case({"main.py": "from pkg.mod import nothing\n", **PACKAGE}),
    "submodule by from": Case({"main.py": "from pkg import mod\nfrom pkg.mod import NAME\n", **PACKAGE}),
    "attribute before submodule": Case({"main.py": "from pkg import mod\n", "pkg/__init__.py": "mod = 1", "pkg/mod.py": "import nothing_there"}),
    "re-export": Case({"main.py": "from pkg import NAME\n", "pkg/__init__.py": "from .mod import NAME", "pkg/mod.py": "NAME = 1"}),
    "re-export missing": Case({"main.py": "import pkg\n", "pkg/__init__.py": "from .mod import OTHER", "pkg/mod.py": "NAME = 1"}),
    "star": Case({"main.py": "from pkg.mod import *\nfrom pkg.again import NAME\n", **PACKAGE, "pkg/again.py": "from pkg.mod import *"}),
    "star leaves private": Case({"main.py": "from again import _x\n", "again.py": "from base import *", "base.py": "_x = 1"}),
    "star with __all__": Case({"main.py": "from again import _x\n", "again.py": "from base import *", "base.py": "__all__ = ['_x']\n_x = 1"}),
    "star with a wrong __all__": Case({"main.py": "from base import *\n", "base.py": "__all__ = ['gone']\n_x = 1"}),
    "star over a package": Case({"main.py": "from pkg import *\nmod.NAME\n", "pkg/__init__.py": "__all__ = ['mod']", "pkg/mod.py": "NAME = 1"}),
    "relative beyond top": Case({"main.py": "import pkg.mod\n", "pkg/__init__.py": "", "pkg/mod.py": "from .. import x"}),
    "relative without parent": Case({"main.py": "from . import x\n"}),
    "relative in top module": Case({"main.py": "import mod\n", "mod.py": "from .x import y\n"}),
    "relative sibling": Case({"main.py": "import pkg.a.b\n", "pkg/__init__.py": "", "pkg/a/__init__.py": "", "pkg/a/b.py": "from ..c import X\nfrom ... import y", "pkg/c.py": "X = 1"}),
    "relative missing": Case({"main.py": "import pkg.a\n", "pkg/__init__.py": "", "pkg/a.py": "from .gone import X"}),
    "circular name": Case({"main.py": "import a\n", "a.py": "from b import B\nA = 1", "b.py": "from a import A\nB = 1"}),
    "circular module only": Case({"main.py": "import a\n", "a.py": "import b\nA = 1", "b.py": "import a\nB = 1"}),
    "circular attribute": Case({"main.py": "import a\n", "a.py": "import b\nA = 1", "b.py": "import a\nprint(a.A)\nB = 1"}),
    "circular package": Case({"main.py": "import pkg\n", "pkg/__init__.py": "from .a import A", "pkg/a.py": "from pkg import b\nA = 1", "pkg/b.py": "from pkg import A"}),
    "circular submodule": Case({"main.py": "import pkg.a\n", "pkg/__init__.py": "", "pkg/a.py": "from pkg import b\nA = 1", "pkg/b.py": "from pkg import a\nB = 1"}),
    "main imported again": Case({"main.py": "import b\nX = 1\n", "b.py": "from main import X\n"}),
    "guarded": Case({"main.py": "try:\n    import nothing_there\n    HAVE = True\nexcept ImportError:\n    HAVE = False\nimport main2\n", "main2.py": ""}),
    "guarded wrongly": Case({"main.py": "try:\n    import nothing_there\nexcept (ValueError, KeyError):\n    pass\n"}),
    "guarded and raised again": Case({"main.py": "try:\n    import nothing_there\nexcept ImportError as e:\n    print(e)\n    raise\n"}),
    "guarded from-import": Case({"main.py": "try:\n    from pkg.mod import GONE\nexcept ModuleNotFoundError:\n    pass\n", **PACKAGE}),
    "suppressed": Case({"main.py": "import contextlib\nwith contextlib.suppress(ImportError):\n    import nothing_there\nimport gone_too\n"}),
    "finally": Case({"main.py": "import sys\ntry:\n    import nothing_there\nfinally:\n    sys.path.append('x')\n"}),
    "raise from": Case({"main.py": "try:\n    import nothing_there\nexcept ImportError as e:\n    raise ImportError('install it') from e\n"}),
    "exit in handler": Case({"main.py": "import sys\ntry:\n    import nothing_there\nexcept ImportError:\n    print('no')\n    sys.exit(1)\n"}),
    "type checking": Case({"main.py": "from typing import TYPE_CHECKING\nimport typing as t\nif TYPE_CHECKING:\n    import nothing_there\nif t.TYPE_CHECKING:\n    import gone\n"}),
    "failed module is retried": Case({"main.py": "try:\n    import bad\nexcept ImportError:\n    pass\nimport bad\n", "bad.py": "import nothing_there\n"}),
    "failed submodule leaves the parent": Case({"main.py": "try:\n    import pkg.bad\nexcept ImportError:\n    pass\nimport pkg\nfrom pkg import ok\n", "pkg/__init__.py": "ok = 1", "pkg/bad.py": "import nothing_there"}),
    "import_module": Case({"main.py": "import importlib\nimportlib.import_module('pkg.mod')\nimportlib.import_module('pkg.gone')\n", **PACKAGE}),
    "dunder import": Case({"main.py": "m = __import__('pkg.mod')\n__import__('gone')\n", **PACKAGE}),
    "find_spec": Case({"main.py": "import importlib.util\nif importlib.util.find_spec('gone'):\n    import gone\nif importlib.util.find_spec('pkg'):\n    import pkg.gone\n", **PACKAGE}),
    "after sys.exit": Case({"main.py": "import sys\nsys.exit(0)\nimport nothing_there\n"}),
    "in main()": Case({"main.py": "def main():\n    import nothing_there\nif __name__ == '__main__':\n    main()\n"}),
    "in async main": Case({"main.py": "import asyncio\nasync def go():\n    import nothing_there\nasync def main():\n    await go()\nasyncio.run(main())\n"}),
    "name deleted": Case({"main.py": "from mod import X\n", "mod.py": "X = 1\ndel X"}),
    "name in a loop": Case({"main.py": "from mod import X, i, f, g\n", "mod.py": "for i in range(3):\n    X = i\nwith open(__file__) as f: pass\n[g := 1]"}),
    "name by globals()": Case({"main.py": "from mod import X\n", "mod.py": "globals()['X'] = 1"}),
    "name by __getattr__": Case({"main.py": "from mod import X\n", "mod.py": "def __getattr__(name):\n    return 1"}),
    "name by exec": Case({"main.py": "from mod import X\n", "mod.py": "exec('X = 1')"}),
    "name by setattr": Case({"main.py": "from mod import X\n", "mod.py": "import sys\nsetattr(sys.modules[__name__], 'X', 1)"}),
    "name by a global statement": Case({"main.py": "from mod import X\n", "mod.py": "def f():\n    global X\n    X = 1\nf()"}),
    "name by match": Case({"main.py": "from mod import X\n", "mod.py": "match (1, 2):\n    case (_, X):\n        pass"}),
    "name of the other branch": Case({"main.py": "from mod import X\n", "mod.py": "import sys\nif sys.version_info < (3, 0):\n    X = 1"}),
    "sys.modules trick": Case({"main.py": "import sys, types\nsys.modules['fake'] = types.ModuleType('fake')\nimport fake\n"}),
    "module replaces itself": Case({"main.py": "import mod\nfrom mod import anything\n", "mod.py": "import sys\nclass M:\n    anything = 1\nsys.modules[__name__] = M()"}),
    "__path__ edit": Case({"main.py": "import pkg.extra\n", "pkg/__init__.py": "import os\n__path__.append(os.path.join(os.path.dirname(__file__), 'more'))", "pkg/more/extra.py": ""}),
    "extend_path": Case({"main.py": "import pkg.extra\n", "pkg/__init__.py": "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)", "lib/pkg/__init__.py": "", "lib/pkg/extra.py": ""}, environment={"PYTHONPATH": "ROOT/lib"}),
    "meta_path hook": Case({"main.py": "import sys\nclass F:\n    @staticmethod\n    def find_spec(name, path, target=None):\n        return None\nsys.meta_path.append(F)\nimport gone\n"}),
    "syntax error": Case({"main.py": "import bad\n", "bad.py": "def f(:\n    pass\n"}),
    "syntax error in main": Case({"main.py": "import os\nx = = 1\n"}),
    "unclosed bracket": Case({"main.py": "import bad\n", "bad.py": "x = (1,\n"}),
    "indentation": Case({"main.py": "import bad\n", "bad.py": "def f():\npass\n"}),
    "tabs": Case({"main.py": "import bad\n", "bad.py": "if 1:\n        x = 1\n\ty = 2\n"}),
    "conflict markers": Case({"main.py": "import bad\n", "bad.py": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n"}),
    "guarded syntax error": Case({"main.py": "try:\n    import bad\nexcept SyntaxError:\n    pass\nimport gone\n", "bad.py": "x = = 1"}),
    "crlf": Case({"main.py": "import mod\nimport gone\n", "mod.py": b"X = 1\r\nif X:\r\n    Y = 2\r\n"}),
    "bom": Case({"main.py": "from mod import X\n", "mod.py": b"\xef\xbb\xbfX = 1\n"}),
    "latin-1 cookie": Case({"main.py": "from mod import X\n", "mod.py": b"# -*- coding: latin-1 -*-\nX = '\xe9'\n"}),
    "no cookie": Case({"main.py": "from mod import X\n", "mod.py": b"X = '\xe9'\n"}),
    "unknown cookie": Case({"main.py": "from mod import X\n", "mod.py": b"# coding: nonsense\nX = 1\n"}),
    "nul": Case({"main.py": "import mod\n", "mod.py": b"X = 1\0\n"}),
    "deep nesting": Case({"main.py": "import mod\n", "mod.py": "x = " + "(" * 5000 + ")" * 5000}),
    "deep unary": Case({"main.py": "import mod\n", "mod.py": "x = " + "-" * 5000 + "1"}),
    "return outside function": Case({"main.py": "import mod\n", "mod.py": "return 1\n"}),
    "warning at parse": Case({"main.py": "import mod\n", "mod.py": "x = '\\d'\ny = 1 is 1\n"}),
    "pyc alone is no source": Case({"main.py": "import mod\n", "mod.pyc": b"not bytecode"}),
    "not an extension": Case({"main.py": "import mod\n", "mod.so": b"", "mod.py": ""}),
    "extension for another version": Case({"main.py": "import mod\n", "mod.cpython-38-x86_64-linux-gnu.so": b""}),
    "stdlib shadowed by a package": Case({"main.py": "import json\nfrom json import gone\n", "json/__init__.py": ""}),
    "queue shadowed, name missing": Case({"main.py": "from queue import Queue\n", "queue.py": "X = 1"}),
    "queue shadowed, met inside the library": Case({"main.py": "import concurrent.futures.thread\n", "queue.py": "X = 1"}),
    "logging shadowed for a library": Case({"main.py": "import concurrent.futures\n", "logging.py": "X = 1"}),
    "built-in cannot be shadowed": Case({"main.py": "import time\ntime.sleep(0)\nfrom time import monotonic\n", "time.py": "import gone"}),
    "frozen cannot be shadowed": Case({"main.py": "import os, io, site, codecs\n", "os.py": "import gone", "io.py": "import gone"}),
    "name that the library lacks": Case({"main.py": "from queue import gone_for_ever\n"}),
    "names of the library": Case({"main.py": "from datetime import UTC\nfrom typing import Self\nfrom enum import StrEnum\nfrom re import A\nfrom signal import SIGTERM\nfrom socket import AF_INET\nfrom http import HTTPStatus\nfrom ssl import PROTOCOL_TLS\n"}),
    "a similar name": Case({"main.py": "from pkg.mod import NAMES\n", **PACKAGE}),
    "a similar attribute": Case({"main.py": "import a\n", "a.py": "VALUE = 1\nimport b", "b.py": "import a\na.VALUES"}),
    "stdlib submodule missing": Case({"main.py": "import json.gone\n"}),
    "stdlib module is no package": Case({"main.py": "import queue.gone\n"}),
    "os.path": Case({"main.py": "import os.path\nimport xml.etree.ElementTree\nfrom os import path\nfrom concurrent.futures import thread\nimport collections.abc\n"}),
    "windows module": Case({"main.py": "import winreg\n"}),
    "future": Case({"main.py": "from __future__ import annotations\nimport gone\n"}),
    "zip on the path": Case({"main.py": "import sys\nsys.path.insert(0, 'not.zip')\nimport gone\n", "not.zip": b"no archive"}),
    "file on the path": Case({"main.py": "import sys\nsys.path.insert(0, 'main.py')\nimport gone\n"}),
    "parent loaded, child edited away": Case({"main.py": "import pkg\nimport sys\nsys.path.clear()\nimport pkg.mod\n", **PACKAGE}),
    "decorated main": Case({"main.py": "import functools\ndef deco(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n    return inner\n@deco\ndef main():\n    import gone\nmain()\n"}),
    "generator is not run": Case({"main.py": "def g():\n    import gone\n    yield 1\ng()\n"}),
    "generator is run": Case({"main.py": "def g():\n    import gone\n    yield 1\nlist(g())\n"}),
    "thread is elsewhere": Case({"main.py": "def f():\n    import pkg.mod\nf()\n", **PACKAGE}),
    "property": Case({"main.py": "class C:\n    @property\n    def p(self):\n        import gone\nC()\n"}),
    "property read": Case({"main.py": "class C:\n    @property\n    def p(self):\n        import gone\nC().p\n"}),
    "undecided condition": Case({"main.py": "import time\nif time.time() > 0:\n    import gone\n"}),
    "undecided edit": Case({"main.py": "import time, sys\nif time.time() > 0:\n    sys.path.insert(0, 'lib')\nimport inner.tool\n", **LIB}),
    "undecided edit of no effect": Case({"main.py": "import time, sys\nif time.time() > 0:\n    sys.path.insert(0, 'lib')\nimport gone\n", **LIB}),
    "unknown edit": Case({"main.py": "import sys\nsys.path.insert(0, open('where').read())\nimport inner.tool\n", "where": "lib", **LIB}),
    "metaclass and call": Case({"main.py": "class Meta(type):\n    def __call__(cls, *a):\n        import gone\nclass C(metaclass=Meta):\n    pass\nC()\n"}),
    "dataclass post init": Case({"main.py": "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 1\n    def __post_init__(self):\n        import gone\nC()\n"}),
    "context manager of the project": Case({"main.py": "class C:\n    def __enter__(self):\n        import gone\n    def __exit__(self, *a):\n        return True\nwith C():\n    pass\n"}),
    "context manager swallows": Case({"main.py": "class C:\n    def __enter__(self):\n        pass\n    def __exit__(self, *a):\n        return True\nwith C():\n    import gone\n"}),
}  # fmt: skip

STARTS = {
    "module": Case({"pkg/__init__.py": "", "pkg/run.py": "from .gone import x"}, Module("pkg.run")),
    "package": Case({"pkg/__init__.py": "", "pkg/__main__.py": "from .mod import x", "pkg/mod.py": ""}, Module("pkg")),
    "package without main": Case({"pkg/__init__.py": "", "pkg/mod.py": ""}, Module("pkg")),
    "namespace without main": Case({"pkg/mod.py": ""}, Module("pkg")),
    "namespace with main": Case({"pkg/__main__.py": "import gone"}, Module("pkg")),
    "no module": Case({}, Module("gone")),
    "no submodule": Case(PACKAGE, Module("pkg.gone")),
    "no parent": Case({}, Module("gone.mod")),
    "module as parent": Case(PACKAGE, Module("pkg.mod.deep")),
    "parent fails": Case({"pkg/__init__.py": "import gone", "pkg/mod.py": ""}, Module("pkg.mod")),
    "parent imports itself": Case({"pkg/__init__.py": "from pkg import gone", "pkg/mod.py": ""}, Module("pkg.mod")),
    "code": Case(PACKAGE, Code("import pkg.mod, pkg.gone")),
    "code isolated": Case(PACKAGE, Code("import pkg.mod"), flags="I"),
    "code with an error": Case({}, Code("import = 1")),
    "script missing": Case({}),
    "script missing by absolute path": Case({}, Script("ROOT/gone/main.py")),
    "safe path": Case({"main.py": "import other", "other.py": ""}, flags="P"),
    "safe path by environment": Case({"main.py": "import other", "other.py": ""}, environment={"PYTHONSAFEPATH": "1"}),
    "isolated": Case({"main.py": "import other", "other.py": ""}, flags="I", environment={"PYTHONPATH": "ROOT"}),
    "environment ignored": Case({"main.py": "import inner", **LIB}, flags="E", environment={"PYTHONPATH": "ROOT/lib"}),
    "no site": Case({"main.py": "import inner", **LIB}, flags="S", environment={"PYTHONPATH": "lib"}),
    "relative PYTHONPATH": Case({"main.py": "import inner.tool", **LIB}, environment={"PYTHONPATH": "lib"}),
    "relative PYTHONPATH elsewhere": Case({"main.py": "import inner.tool", **LIB, "sub/": ""}, Script("../main.py"), "sub", {"PYTHONPATH": "lib"}),
    "empty PYTHONPATH entry": Case({"app/main.py": "import inner.tool", **LIB}, Script("../app/main.py"), "lib", {"PYTHONPATH": ":/nope"}),
    "symlinked script": Case({"app/main.py": "import beside", "app/beside.py": ""}, Script("run.py"), links={"run.py": "app/main.py"}),
    "symlinked script uses __file__": Case({"app/main.py": "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/lib')\nimport inner", **LIB}, Script("run.py"), links={"run.py": "app/main.py"}),
    "symlinked script uses resolve": Case({"app/main.py": "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'lib'))\nimport inner", **LIB}, Script("run.py"), links={"run.py": "app/main.py"}),
    "link loop": Case({}, Script("a.py"), links={"a.py": "b.py", "b.py": "a.py"}),
    "dangling link": Case({}, Script("a.py"), links={"a.py": "gone.py"}),
    "directory": Case({"app/__main__.py": "import beside, gone", "app/beside.py": ""}, Script("app")),
    "directory without main": Case({"app/beside.py": ""}, Script("app")),
    "shadow in the working directory": Case({"app/main.py": "import json\njson.dumps({})", "json.py": ""}, Script("app/main.py")),
    "bad main encoding": Case({"main.py": b"x = '\xe9'\n"}),
}  # fmt: skip


@pytest.mark.slow  # two hundred interpreters
@pytest.mark.parametrize("case", [*FORMS.values(), *RESOLUTION.values(), *STARTS.values()], ids=[*FORMS, *RESOLUTION, *STARTS])
def test_the_prediction_is_what_happens(case: Case, python: str, tmp_path: Path) -> None:
    answer, shown = judge(python, tmp_path, with_witness(case))
    assert answer != "wrong", shown
