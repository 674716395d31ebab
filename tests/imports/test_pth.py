"""Code in .pth files, each tree started for real: what is harmless leaves the verdict alone, what is understood is evaluated, the rest is unknown."""
# ruff: noqa: E501  (one tree per line: a table is read across)

from collections.abc import Mapping
from pathlib import Path

import pytest

from .cpython import judge, with_witness
from .environment import in_venv
from .samples import (
    COVERAGE,
    COVERAGE_5,
    DISTUTILS,
    DISTUTILS_HACK,
    EDITABLES,
    NAMESPACE,
    NAMESPACE_BELOW,
    NAMESPACE_OF_OLD,
    PYTEST_COV,
    SETUPTOOLS,
    VIRTUALENV,
)

GONE = "import gone\n"


def finder(mapping: dict[str, str], *namespaces: str) -> str:
    """The module that setuptools generates."""
    found = SETUPTOOLS.replace("{mapping!r}", repr(mapping))
    return found.replace("{namespaces!r}", repr({name: [] for name in namespaces}))


OWN = {"ROOT/src/own/__init__.py": "VALUE = 1\n", "ROOT/src/own/part.py": "", "ROOT/src/single.py": "X = 1\n"}
FINDER = finder({"own": "ROOT/src/own", "single": "ROOT/src/single"})
SPACES = finder({"ns.deep.own": "ROOT/src/own", "ns.single": "ROOT/src/single"}, "ns", "ns.deep")
INSTALL = "import __editable___own_finder; __editable___own_finder.install()"
BOX = {"ROOT/box/tool.py": ""}

HARMLESS: dict[str, tuple[Mapping[str, str], str]] = {
    "only standard modules": ({"a.pth": "import os, sys; x = os.environ.get('A')"}, GONE),
    "exec of a constant": (
        {"a.pth": "import os; exec('try:\\n import certifi\\n p = certifi.where()\\nexcept Exception: pass\\n')"},
        GONE,
    ),
    "exec of a constant that finds its module": (
        {
            "a.pth": "import os; exec('try:\\n import certifi\\n p = certifi.where()\\nexcept Exception: pass\\n')",
            "certifi/__init__.py": "from .core import where\n",
            "certifi/core.py": "import os\ndef where():\n    return os.path.dirname(__file__)\n",
        },
        GONE,
    ),
    "distutils-precedence": ({"distutils-precedence.pth": DISTUTILS, "_distutils_hack/__init__.py": DISTUTILS_HACK}, GONE),
    "distutils-precedence, switched off": ({"distutils-precedence.pth": DISTUTILS}, GONE),
    "virtualenv": ({"_virtualenv.pth": "import _virtualenv", "_virtualenv.py": VIRTUALENV}, GONE),
    "coverage, not asked for": ({"a1_coverage.pth": COVERAGE, "coverage.py": "raise SystemExit(9)\n"}, GONE),
    "coverage of old, not asked for": (
        {
            "coverage.pth": COVERAGE_5,
            "coverage.py": "import os, sys\ndef process_startup():\n    if os.environ.get('COVERAGE_PROCESS_START') is None:\n        return None\n    return _start()\ndef _other():\n    sys.path.insert(0, '')\ndef _start():\n    return 1\n",
        },
        GONE,
    ),
    "pytest-cov": ({"pytest-cov.pth": PYTEST_COV}, GONE),
    "a module that only sets things up": (
        {
            "a.pth": "import setup_log; setup_log.begin()",
            "setup_log.py": "import logging, sys\ndef begin():\n    sys.setrecursionlimit(900)\n    logging.getLogger('x')\nif __name__ == '__main__':\n    sys.path.append('x')\n",
        },
        GONE,
    ),
    "a function that is not called": (
        {"a.pth": "import quiet", "quiet.py": "import sys\ndef loud():\n    sys.path.insert(0, 'x')\n"},
        GONE,
    ),
    "asks what is loaded": ({"a.pth": "import sys; x = 'json' in sys.modules or 'x' in sys.path"}, GONE),
    "syntax error ends the file": ({"a.pth": "import = 1\nROOT/box\n", **BOX}, "import tool\n"),
    "a missing module ends the file": ({"a.pth": "import not_there\nROOT/box\n", **BOX}, "import tool\n"),
    "a leftover of an editable install": ({"__editable__.own.pth": INSTALL}, "import own\n"),
    "namespace": ({"google-nspkg.pth": NAMESPACE, "google/cloud/x.py": ""}, "import google.cloud.x\nimport gone\n"),
    "namespaces below one another": (
        {"google-nspkg.pth": NAMESPACE + NAMESPACE_BELOW, "google/cloud/x.py": ""},
        "import google.cloud.x\nfrom google import cloud\nimport gone\n",
    ),
    "namespace of old": ({"zope-nspkg.pth": NAMESPACE_OF_OLD, "zope/x.py": ""}, "import zope.x\nimport gone\n"),
}
EVALUATED: dict[str, tuple[Mapping[str, str], str]] = {
    "append": ({"a.pth": "import sys; sys.path.append('ROOT/box')", **BOX}, "import tool\nimport gone\n"),
    "insert": (
        {"a.pth": "import sys; sys.path.insert(0, 'ROOT/box')", "ROOT/box/json.py": "", **BOX},
        "import tool, json\nimport json.decoder\n",
    ),
    "insert before plain lines": (
        {"a.pth": "import sys; sys.path.insert(0, 'ROOT/box')\nROOT/src\n", **BOX, **OWN},
        "import tool, own\nfrom own import gone\n",
    ),
    "edit beside the file": (
        {"a.pth": "import sys, os; sys.path.append(os.path.join(sitedir, 'inner'))", "inner/tool.py": ""},
        "import tool\nimport gone\n",
    ),
    "edit under a condition": (
        {"a.pth": 'import sys, os; exec(\'if os.environ.get("BOX"):\\n sys.path.append("ROOT/box")\')', **BOX},
        "import tool\n",
    ),
    "edit in exec": (
        {
            "a.pth": 'import sys; exec(\'for p in ("ROOT/box", "ROOT/src"):\\n if p not in sys.path: sys.path.append(p)\')',
            **BOX,
            **OWN,
        },
        "import tool, own\n",
    ),
    "exec under another name": ({"a.pth": "import sys; e = exec; e('sys.path.append(\"ROOT/box\")')", **BOX}, "import tool\n"),
    "edit by a module of the project": (
        {"a.pth": "ROOT/box\nimport edits\n", "ROOT/box/edits.py": "import sys\nsys.path.append('ROOT/src')\n", **OWN},
        "import own\nimport gone\n",
    ),
    "setuptools finder": (
        {"e.pth": INSTALL, "__editable___own_finder.py": FINDER, **OWN},
        "import own.part, single\nfrom own import VALUE\nimport own.gone\n",
    ),
    "setuptools finder, top level": ({"e.pth": INSTALL, "__editable___own_finder.py": FINDER, **OWN}, "import own\nimport gone\n"),
    "setuptools finder comes last": (
        {"e.pth": INSTALL, "__editable___own_finder.py": FINDER, **OWN, "ROOT/own.py": ""},
        "import own\nimport own.part\n",
    ),
    "setuptools finder, source moved away": ({"e.pth": INSTALL, "__editable___own_finder.py": FINDER}, "import own\n"),
    "setuptools namespaces": (
        {"e.pth": INSTALL, "__editable___own_finder.py": SPACES, **OWN},
        "import ns.deep.own.part, ns.single\nfrom ns import single\nimport ns.gone\n",
    ),
    "setuptools namespaces merge": (
        {"e.pth": INSTALL, "__editable___own_finder.py": SPACES, **OWN, "ROOT/ns/here.py": "", "ROOT/ns/deep/low.py": ""},
        "import ns.here, ns.single, ns.deep.low, ns.deep.own\nimport ns.deep.gone\n",
    ),
    "setuptools namespace loses to a package": (
        {"e.pth": INSTALL, "__editable___own_finder.py": SPACES, **OWN, "ROOT/ns/__init__.py": ""},
        "import ns.single\nimport ns.deep.own\n",
    ),
    "setuptools link tree": ({"__editable__.own.pth": "ROOT/src\n", **OWN}, "import own.part\nfrom own import gone\n"),
    "editables": (
        {
            "own.pth": "import _own",
            "_own.py": "from editables.redirector import RedirectingFinder as F\nF.install()\nF.map_module('own', 'ROOT/src/own/__init__.py')\n",
            "editables/__init__.py": "",
            "editables/redirector.py": EDITABLES,
            **OWN,
        },
        "import own.part\nimport own.gone\n",
    ),
    "editables is not there": (
        {
            "own.pth": "import _own",
            "_own.py": "from editables.redirector import RedirectingFinder as F\nF.install()\nF.map_module('own', 'ROOT/src/own/__init__.py')\n",
            **OWN,
        },
        "import own\n",
    ),
}
UNKNOWN: dict[str, tuple[Mapping[str, str], str]] = {
    "a finder": ({"a.pth": "import sys; sys.meta_path.append(type('F', (), {'find_spec': staticmethod(lambda *a: None)}))"}, GONE),
    "a finder in front, by slice": ({"a.pth": "import sys; sys.meta_path[:0] = [type('F', (), {'find_spec': staticmethod(lambda *a: None)})]"}, GONE),
    "a finder of a module": ({"a.pth": "import hook", "hook.py": "import sys\nclass F:\n    def find_spec(self, name, path=None, target=None):\n        return None\nsys.meta_path.append(F())\n"}, GONE),
    "a finder that answers more than it seems": ({"a.pth": "import hook", "hook.py": "import sys\nNAMES = ('distutils',)\nclass F:\n    def find_spec(self, fullname, path=None, target=None):\n        if fullname in NAMES or fullname == 'gone':\n            return None\n        return None\nsys.meta_path.append(F())\n"}, GONE),
    "a finder that also edits": ({"a.pth": "import hook", "hook.py": "import sys\nNAMES = ('distutils',)\nclass F:\n    def find_spec(self, fullname, path=None, target=None):\n        if fullname in NAMES:\n            return None\n        return None\nsys.meta_path.append(F())\nsys.path.append('ROOT/box')\n", **BOX}, "import tool\n"),
    "an edit in a called function": ({"a.pth": "import quiet; quiet.loud()", "quiet.py": "import sys\ndef loud():\n    _louder()\ndef _louder():\n    sys.path.insert(0, 'ROOT/box')\n", **BOX}, "import tool\n"),
    "an edit two modules away": ({"a.pth": "import first", "first.py": "from second import f\nf()\n", "second.py": "import sys as s\nclass C:\n    def edit(self):\n        s.path.append('ROOT/box')\ndef f():\n    C().edit()\n", **BOX}, "import tool\n"),
    "by getattr": ({"a.pth": "import sys; getattr(sys, 'pa' + 'th').append('ROOT/box')", **BOX}, "import tool\n"),
    "by the module's dictionary": ({"a.pth": "import sys; sys.__dict__['path'].append('ROOT/box')", **BOX}, "import tool\n"),
    "by vars": ({"a.pth": "import sys; vars(sys)['path'].append('ROOT/box')", **BOX}, "import tool\n"),
    "by way of another module": ({"a.pth": "import os; os.sys.path.append('ROOT/box')", **BOX}, "import tool\n"),
    "by sys.modules": ({"a.pth": "import sys; sys.modules['sys'].path.append('ROOT/box')", **BOX}, "import tool\n"),
    "by a loaded module": ({"a.pth": "import sys; [m for m in sys.modules.values() if m.__name__ == 'sys'][0].path.append('ROOT/box')", **BOX}, "import tool\n"),
    "__import__ under another name": ({"a.pth": "import sys; i = __import__; i('quiet')", "quiet.py": "import sys\nsys.path.append('ROOT/box')\n", **BOX}, "import tool\n"),
    "exec of what is not constant": ({"a.pth": "import sys; exec(open('ROOT/code').read())", "ROOT/code": "sys.path.append('ROOT/box')", **BOX}, "import tool\n"),
    "eval": ({"a.pth": "import sys; eval('sys.path').append('ROOT/box')", **BOX}, "import tool\n"),
    "handed on": ({"a.pth": "import sys, bisect; bisect.insort(sys.path, 'ROOT/box')", **BOX}, "import tool\n"),
    "__import__ is replaced": ({"a.pth": "import builtins; builtins.__import__ = lambda *a, o=builtins.__import__: o(*a)"}, GONE),
    "a namespace hides a folder of the project": ({"google-nspkg.pth": NAMESPACE, "google/cloud/x.py": "", "ROOT/google/own.py": ""}, "import google.own\n"),
    "a loaded module is put there": ({"a.pth": "import sys, types; sys.modules['gone'] = types.ModuleType('gone')"}, "import gone.part\n"),
    "a shadow that only the edit finds": ({"a.pth": "import quiet; quiet.loud()", "quiet.py": "import sys\ndef loud():\n    sys.path.insert(0, 'ROOT/box')\n", "ROOT/box/own.py": "X = 1\n"}, "import sys\nsys.path.append('lib')\nfrom own import X\n"),
    "distutils' hook and a file of that name": ({"distutils-precedence.pth": DISTUTILS, "_distutils_hack/__init__.py": DISTUTILS_HACK, "ROOT/distutils/__init__.py": ""}, "import distutils.gone\n"),
    "coverage, asked for": ({"a1_coverage.pth": COVERAGE, "coverage.py": "import sys\ndef process_startup(slug):\n    sys.path.append('ROOT/box')\n", **BOX}, "import os\nimport tool\n"),
}  # fmt: skip
ASKED = {
    "coverage, asked for": {"COVERAGE_PROCESS_START": "x"},
    "distutils-precedence, switched off": {"SETUPTOOLS_USE_DISTUTILS": "stdlib"},
}


def answer(name: str, tree: tuple[Mapping[str, str], str], folder: Path) -> tuple[str, str]:
    case = in_venv(*tree, environment=ASKED.get(name))
    return judge(str(folder / "venv/bin/python"), folder, with_witness(case))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*HARMLESS, *EVALUATED])
def test_what_is_understood_is_as_certain_as_without_it(name: str, tmp_path: Path) -> None:
    found, shown = answer(name, {**HARMLESS, **EVALUATED}[name], tmp_path)
    assert found == "equal", shown


@pytest.mark.slow
@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_understood_is_said(name: str, tmp_path: Path) -> None:
    found, shown = answer(name, UNKNOWN[name], tmp_path)
    assert found == "unknown", shown
    assert ".pth:" in shown or "distutils" in shown
