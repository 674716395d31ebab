"""What the outcome tells beside the verdict."""
# ruff: noqa: E501  (a program per line)

import pytest

from qtops.imports.launch import Application
from qtops.imports.outcome import ImportVerdict

from .builders import APP, outcome


def test_a_guarded_failure_names_what_is_switched_off() -> None:
    found = outcome(
        {"main.py": "try:\n    from lib.ownership import check\nexcept ImportError:\n    ENABLED = False\n    check = None\n"}
    )
    assert found.verdict is ImportVerdict.OK
    assert [(one.module, one.switched_off) for one in found.guarded] == [("lib", ("ENABLED", "check"))]


def test_of_two_edits_the_one_that_matters_is_named() -> None:
    edits = "sys.path.insert(0, 'harmless')\nsys.path.insert(0, 'old')\nsys.path.append('later')\n"
    main = f"import sys\n{edits}from pkg.risk import compute\n"
    found = outcome({"main.py": main, "old/pkg/__init__.py": "", "pkg/risk.py": "def compute(): ...", "pkg/__init__.py": ""})
    assert found.verdict is ImportVerdict.SHADOWED
    assert str(found.resolves_without) == f"{APP}/main.py:3"
    assert [edit.operation for edit in found.edits] == ["insert", "insert", "append"]


def test_an_edit_in_an_imported_module_can_be_the_root() -> None:
    files = {
        "main.py": "import bootstrap\nimport pkg.risk\n",
        "bootstrap.py": "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parent / 'old'))\n",
        "old/pkg.py": "",
        "pkg/risk.py": "",
    }
    found = outcome(files)
    assert found.message == "ModuleNotFoundError: No module named 'pkg.risk'; 'pkg' is not a package"
    assert str(found.resolves_without) == f"{APP}/bootstrap.py:3"


def test_an_exit_in_the_handler_still_has_the_import_as_its_cause() -> None:
    found = outcome({"main.py": "import sys\ntry:\n    import gone\nexcept ImportError:\n    sys.exit(1)\n"})
    assert found.verdict is ImportVerdict.MISSING
    assert found.message is None


def test_what_ends_the_program_otherwise_is_told() -> None:
    found = outcome({"main.py": "import os\nKEY = os.environ['API_KEY']\nimport gone\n"})
    assert found.verdict is ImportVerdict.OK
    assert found.ending is not None
    assert (found.ending.what, found.ending.site.line) == ("KeyError: 'API_KEY'", 2)


def test_a_stray_word_in_a_shared_module_is_a_name_error() -> None:
    found = outcome({"main.py": "import shared\n", "shared.py": "import os\nn\nX = 1\n"})
    assert found.ending is not None
    assert (found.ending.what, str(found.ending.site)) == ("NameError: name 'n' is not defined", f"{APP}/shared.py:2")


def test_a_condition_that_is_not_decided_and_ends_the_program_is_an_assumption() -> None:
    found = outcome({"main.py": "import time\nif time.time() < 5:\n    raise SystemExit(1)\nimport gone\n"})
    assert found.verdict is ImportVerdict.MISSING
    assert len(found.assumptions) == 1


def test_an_application_is_imported_with_the_working_directory_first() -> None:
    files = {"api/main.py": "from core import app\n", "core.py": "x = 1\n"}
    target = Application(f"{APP}/.venv/bin/uvicorn", "api.main", "app", ("",))
    found = outcome(files, target)
    assert found.message == f"ImportError: cannot import name 'app' from 'core' ({APP}/core.py)"
    assert outcome({**files, "core.py": "app = 1"}, target).verdict is ImportVerdict.OK


def test_endless_work_is_given_up_and_said() -> None:
    loop = "def f(n):\n    for i in range(500):\n        for j in range(500):\n            x = i\nf(1)\nimport gone\n"
    found = outcome({"main.py": loop})
    assert found.verdict is ImportVerdict.UNKNOWN
    assert "too many" in (found.reason or "")


def test_texts_and_lists_that_grow_without_bound_are_let_go() -> None:
    doubling = "x = [1]\nfor i in range(500):\n    x = [x, x]\n    y = '%s' % (x,)\ns = 'a'\nfor i in range(500):\n    s = s + s\nw = '%999999999d' % 1\n"
    wide = "v = '{:999999999}'.format(1)\nu = f'{1:999999999}'\n"
    assert outcome({"main.py": f"{doubling}{wide}import gone\n"}).message == "ModuleNotFoundError: No module named 'gone'"


def test_objects_of_the_program_are_never_written_out() -> None:
    main = "import sys, mod\nclass C:\n    me = sys\nc = C()\nc.me = c\nx = '%s %r' % (c, mod) + f'{c}' + '{}'.format(c)\nimport gone\n"
    assert outcome({"main.py": main, "mod.py": "import mod\n"}).verdict is ImportVerdict.MISSING


def test_recursion_ends() -> None:
    main = "def f(n, k=None):\n    if k:\n        return f(n - 1) + f(n - 2)\n    return f(n + 1, open('x')) or f(n, n)\nf(3)\nimport gone\n"
    assert outcome({"main.py": main}).failing is not None


@pytest.mark.parametrize(
    "before",
    [
        "from dotenv import load_dotenv\nload_dotenv()\n",
        "for line in open('/etc/app.env'):\n    name, _, value = line.partition('=')\n    os.environ[name] = value\n",
        "def load():\n    for name in open('/etc/app.env'):\n        os.environ[name] = '1'\nload()\n",
        "import json\nos.environ.update(json.load(open('/etc/app.json')))\n",
        "import json\nos.environ |= json.load(open('/etc/app.json'))\n",
        "import vendor\nvendor.configure()\n",
    ],
)
def test_a_variable_that_may_have_been_set_meanwhile_ends_nothing(before) -> None:
    files = {
        "main.py": f"import os\n{before}os.environ['EXCHANGE']\nimport app.gone\n",
        "app/__init__.py": "",
    }
    found = outcome(files, installed=frozenset({"dotenv", "vendor"}))
    assert found.message == "ModuleNotFoundError: No module named 'app.gone'"


@pytest.mark.parametrize("before", ["", "import json\njson.dumps({})\n", "os.environ.update({'OTHER': '1'})\n", "os.getcwd()\n"])
def test_a_variable_that_nothing_sets_ends_the_program(before) -> None:
    found = outcome({"main.py": f"import os\n{before}os.environ['EXCHANGE']\nimport gone\n"})
    assert found.ending is not None
    assert found.ending.what == "KeyError: 'EXCHANGE'"


def test_a_switch_that_a_file_may_set_decides_nothing() -> None:
    loads = "from dotenv import load_dotenv\nload_dotenv()\n"
    body = "import os\n{}if os.getenv('FEATURE'):\n    import gone\n"
    assert outcome({"main.py": body.format("")}).verdict is ImportVerdict.OK
    assert outcome({"main.py": body.format(loads)}, installed=frozenset({"dotenv"})).verdict is ImportVerdict.UNKNOWN
