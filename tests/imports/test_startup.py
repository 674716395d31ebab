"""What runs before the program, each tree started for real: sitecustomize, usercustomize, archives, shared libraries."""
# ruff: noqa: E501  (one tree per line: a table is read across)

import _json
import io
import sysconfig
import zipfile
from pathlib import Path

import pytest

from qtops.imports.launch import Module, Script

from .builders import APP, outcome
from .cpython import Case, judge, with_witness

BOX = {"box/tool.py": "X = 1\n"}
ON_PATH = {"PYTHONPATH": "ROOT/start"}
OWN_TAG = str(sysconfig.get_config_var("EXT_SUFFIX"))
ELF = b"\x7fELF" + bytes(60)
LIBRARY = Path(_json.__file__ or "")


def archive(**files: str) -> bytes:
    """A zip archive; two underscores stand for a slash, a name that ends in one is a folder's entry."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, text in files.items():
            path = f"{name}.py" if name.startswith("_") else f"{name.replace('__', '/', 1)}.py"
            made.writestr(f"{name[:-1]}/" if name.endswith("_") and not name.endswith("__") else path, text)
    return content.getvalue()


CUSTOMIZED = {
    "edits of sys.path count": Case({**BOX, "start/sitecustomize.py": "import sys\nsys.path.insert(0, 'ROOT/box')\n", "main.py": "import tool\nimport gone\n"}, environment=ON_PATH),
    "the script's directory is put in front of them": Case({**BOX, "tool.py": "", "start/sitecustomize.py": "import sys\nsys.path.insert(0, 'ROOT/box')\n", "main.py": "from tool import X\n"}, environment=ON_PATH),
    "beside the script it is not run": Case({**BOX, "sitecustomize.py": "import sys\nsys.path.insert(0, 'ROOT/box')\n", "main.py": "import tool\n"}),
    "its failing import is passed over": Case({"start/sitecustomize.py": "import sys\nsys.path.append('ROOT/box')\nimport not_there\nsys.path.append('never')\n", **BOX, "main.py": "import tool\n"}, environment=ON_PATH),
    "its syntax error is passed over": Case({"start/sitecustomize.py": "x = = 1\n", "main.py": "import gone\n"}, environment=ON_PATH),
    "its error is passed over": Case({"start/sitecustomize.py": "import os\nos.environ['NEVER_SET']\n", "main.py": "import gone\n"}, environment=ON_PATH),
    "what it has loaded stays": Case({"start/sitecustomize.py": "import sys\nsys.path.insert(0, 'ROOT/box')\nimport tool\nsys.path.pop(0)\n", **BOX, "tool.py": "", "main.py": "from tool import X\n"}, environment=ON_PATH),
    "a package": Case({"start/sitecustomize/__init__.py": "from . import inner\n", "start/sitecustomize/inner.py": "import sys\nsys.path.append('ROOT/box')\n", **BOX, "main.py": "import tool\n"}, environment=ON_PATH),
    "not with -S": Case({**BOX, "start/sitecustomize.py": "import sys\nsys.path.append('ROOT/box')\n", "main.py": "import tool\n"}, environment=ON_PATH, flags="S"),
    "not with -I": Case({**BOX, "start/sitecustomize.py": "import sys\nsys.path.append('ROOT/box')\n", "main.py": "import tool\n"}, environment=ON_PATH, flags="I"),
    "usercustomize has no place in a virtual environment": Case({**BOX, "start/usercustomize.py": "import sys\nsys.path.append('ROOT/box')\n", "main.py": "import tool\n"}, environment=ON_PATH),
    "before a relative script its directory is gone": Case({"start/sitecustomize.py": "import os\nos.chdir('ROOT/box')\n", "box/": "", "near.py": "", "main.py": "import near\n"}, environment=ON_PATH),
    "where the working directory is another, one of that name is taken for it": Case({"start/sitecustomize.py": "import os\nos.chdir('ROOT/box')\n", **BOX, "box/main.py": "", "near.py": "", "main.py": "import tool\nimport near\n"}, environment=ON_PATH),
    "a script in a folder, from another working directory": Case({"start/sitecustomize.py": "import os\nos.chdir('ROOT/box')\n", **BOX, "box/": "", "app/near.py": "", "app/main.py": "import near\n"}, Script("app/main.py"), environment=ON_PATH),
    "a module is looked for in the working directory as it is then": Case({"start/sitecustomize.py": "import os\nos.chdir('ROOT/box')\n", **BOX, "box/job.py": "import tool, gone\n", "job.py": ""}, Module("job"), environment=ON_PATH),
    "the working directory may be changed": Case({**BOX, "start/sitecustomize.py": "import os, sys\nsys.path.append('box')\nos.chdir('/')\n", "main.py": "import tool\n"}, environment=ON_PATH),
}  # fmt: skip

PACKED = {
    "an archive on PYTHONPATH": Case({"lib.zip": archive(pkg____init__="", pkg__mod="Y = 1\n", top="X = 1\n"), "main.py": "import top, pkg.mod\nfrom pkg.mod import Z\n"}, environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "an archive by an edit": Case({"lib.egg": archive(top="X = 1\n"), "main.py": "import sys\nsys.path.insert(0, 'lib.egg')\nimport top\nimport gone\n"}),
    "a folder in an archive": Case({"lib.zip": archive(inner__top="X = 1\n"), "main.py": "import sys\nsys.path.insert(0, 'ROOT/lib.zip/inner')\nfrom top import gone\n"}),
    "an archive wins over what comes later": Case({"lib.zip": archive(top="X = 1\n"), "lib/top.py": "", "main.py": "from top import X\n"}, environment={"PYTHONPATH": "ROOT/lib.zip:ROOT/lib"}),
    "a namespace over archive and folder": Case({"lib.zip": archive(ns__a="A = 1\n"), "ns/b.py": "B = 1\n", "main.py": "import ns.a, ns.b\nimport ns.gone\n"}, environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "a namespace in an archive with entries for its folders": Case({"lib.zip": archive(ns_="", ns__a="A = 1\n"), "ns/b.py": "B = 1\n", "main.py": "import ns.a, ns.b\nimport ns.gone\n"}, environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "a syntax error in an archive": Case({"lib.zip": archive(top="x = = 1\n"), "main.py": "import top\n"}, environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "a zipapp": Case({"app.pyz": archive(_____main__="import beside\nimport gone\n", beside="")}, Script("app.pyz")),
    "a zipapp with a first line": Case({"app.pyz": b"#!/usr/bin/env python3\n" + archive(_____main__="import beside, gone\n", beside="")}, Script("app.pyz")),
    "a zipapp without main": Case({"app.pyz": archive(beside="")}, Script("app.pyz")),
    "a cut archive": Case({"lib.zip": archive(top="X = 1\n")[:-30], "main.py": "import top\n"}, environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "a module of an archive": Case({"lib.zip": archive(pkg____init__="", pkg____main__="import pkg.gone\n")}, Module("pkg"), environment={"PYTHONPATH": "ROOT/lib.zip"}),
    "a shared library that fits": Case({LIBRARY.name: LIBRARY.read_bytes(), "main.py": "import _json\nimport gone\n"}),
    "a shared library of another name": Case({f"mod{OWN_TAG}": LIBRARY.read_bytes(), "main.py": "import mod\n"}),
    "a shared library that is cut short": Case({LIBRARY.name: LIBRARY.read_bytes()[:5000], "main.py": "import _json\n"}),
    "a shared library for another machine": Case({f"mod{OWN_TAG}": ELF, "main.py": "import mod\n"}),
    "another version's tag": Case({"mod.cpython-38-x86_64-linux-gnu.so": ELF, "main.py": "import mod\n"}),
    "another system's tag": Case({"mod.cp311-win_amd64.pyd": ELF, "main.py": "import mod\n"}),
    "another version's tag beside a source": Case({"mod.cpython-38-x86_64-linux-gnu.so": ELF, "mod.py": "X = 1\n", "main.py": "from mod import Y\n"}),
    "the stable tag before the source": Case({"mod.abi3.so": b"", "mod.py": "X = 1\n", "main.py": "import mod\n"}),
    "another version's tag in a package": Case({"pkg/__init__.py": "from . import _fast\n", "pkg/_fast.cpython-38-x86_64-linux-gnu.so": ELF, "main.py": "import pkg\n"}),
}  # fmt: skip
ALL = {**CUSTOMIZED, **PACKED}
NOT_TOLD = {
    name
    for name in ALL
    if name.startswith(("a shared library of", "a shared library that is", "a shared library for", "the stable tag"))
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_the_prediction_is_what_happens(name: str, python: str, tmp_path: Path) -> None:
    answer, shown = judge(python, tmp_path, with_witness(ALL[name]))
    assert answer == ("unknown" if name in NOT_TOLD else "equal"), shown


def test_what_fails_in_sitecustomize_is_told_as_a_feature_that_is_off() -> None:
    files = {"/opt/start/sitecustomize.py": "import tracing\n", "main.py": "import json\n"}
    found = outcome(files, environment={"HOME": "/home/qt", "PYTHONPATH": "/opt/start"})
    assert found.verdict == "ok"
    assert [(one.module, str(one.site), one.switched_off) for one in found.guarded] == [
        ("tracing", "/opt/start/sitecustomize.py:1", ("sitecustomize",))
    ]
    assert found.files == ("/opt/start/sitecustomize.py", f"{APP}/main.py")


def test_usercustomize_runs_outside_of_virtual_environments() -> None:
    files = {"/home/qt/.local/lib/python3.11/site-packages/usercustomize.py": "", "main.py": "import gone\n"}
    edit = {"/opt/usercustomize.py": "import sys\nsys.path.append('/opt/lib')\n", "/opt/lib/gone.py": "", **files}
    environment = {"HOME": "/home/qt", "PYTHONPATH": "/opt"}
    assert outcome(edit, environment=environment).verdict == "ok"
    assert outcome(edit, environment={**environment, "PYTHONNOUSERSITE": "1"}).verdict == "missing"


def test_an_edit_in_sitecustomize_can_be_the_root() -> None:
    files = {
        "/opt/sitecustomize.py": "import sys\nsys.path.insert(0, '/opt/old')\n",
        "/opt/old/pkg/__init__.py": "",
        f"{APP}/lib/pkg/__init__.py": "",
        f"{APP}/lib/pkg/risk.py": "",
        "main.py": "import pkg.risk\n",
    }
    found = outcome(files, environment={"HOME": "/home/qt", "PYTHONPATH": f"/opt:{APP}/lib"})
    assert found.verdict == "shadowed"
    assert str(found.resolves_without) == "/opt/sitecustomize.py:2"
