"""sys.path at the start, against the real interpreters of this machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qtops.imports.interpreter import read_interpreter
from qtops.imports.launch import Code, Flags, Launch, Module, Script, Target
from qtops.imports.predict import predict
from qtops.imports.tree import HostTree

from .builders import APP, PYTHON, host, launch, outcome

SHOW = "import sys, json; print(json.dumps(sys.path))"
INTERPRETERS = [path for path in (sys.executable, "/usr/bin/python3") if Path(path).exists()]
FLAGS = {
    "": Flags(),
    "-I": Flags(isolated=True),
    "-E": Flags(ignore_environment=True),
    "-S": Flags(no_site=True),
    "-P": Flags(safe_path=True),
}
ENVIRONMENTS = [{}, {"PYTHONPATH": "ROOT/lib::../lib:.:ROOT/gone:./x/../y:ROOT/lib"}, {"PYTHONPATH": ":"}, {"PYTHONSAFEPATH": "1"}]


@pytest.mark.slow
@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("base", INTERPRETERS)
def test_it_is_the_interpreters_own(base: str, flag: str, python: str, tmp_path: Path) -> None:
    app = tmp_path / "app"
    (app / "pkg").mkdir(parents=True)
    for name in ("main.py", "pkg/__init__.py", "pkg/__main__.py"):
        (app / name).write_text(SHOW if name != "pkg/__init__.py" else "")
    (tmp_path / "link.py").symlink_to("app/main.py")
    interpreter = base if base != sys.executable else python
    starts: list[tuple[Target, list[str], Path]] = [
        (Script("main.py"), ["main.py"], app),
        (Script("link.py"), ["link.py"], tmp_path),
        (Script("pkg"), ["pkg"], app),
    ]
    starts += [(Module("pkg"), ["-m", "pkg"], app), (Code(SHOW), ["-c", SHOW], app)]
    for variables in ENVIRONMENTS:
        environment = {"HOME": str(tmp_path)} | {name: text.replace("ROOT", str(tmp_path)) for name, text in variables.items()}
        for target, argv, directory in starts:
            given = Launch(interpreter, target, str(directory), environment, FLAGS[flag])
            done = subprocess.run(
                [interpreter, *flag.split(), *argv], cwd=directory, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                continue  # -m with nothing to find it on
            found = predict(HostTree(), given)
            assert [entry.text for entry in found.path] == json.loads(done.stdout)


SITE = f"{APP}/.venv/lib/python3.11/site-packages"
VENV = {f"{APP}/.venv/bin/python": "", f"{APP}/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n", f"{SITE}/lib.py": ""}
IN_VENV = {"interpreter": f"{APP}/.venv/bin/python"}


def test_a_venv_has_its_own_site_packages_alone() -> None:
    found = outcome({"main.py": "import lib\nimport nothing", **VENV}, **IN_VENV)
    assert [entry.text for entry in found.path if entry.origin.kind == "site"] == [SITE]
    assert found.third_party_missing == ("nothing",)


def test_pth_lines_are_appended_where_they_lead_somewhere() -> None:
    files = {**VENV, f"{SITE}/a.pth": "# note\n/home/qt/more\nnowhere\n", "/home/qt/more/own.py": "", "main.py": "import own"}
    found = outcome(files, **IN_VENV)
    assert found.verdict == "ok"
    assert str(found.path[-1].origin) == f"pth {SITE}/a.pth:2"


def test_code_in_a_pth_makes_what_is_missing_uncertain_and_nothing_else() -> None:
    files = {**VENV, f"{SITE}/hook.pth": "import sys; sys.meta_path.append(1)", "main.py": "import lib"}
    assert outcome(files, **IN_VENV).verdict == "ok"
    found = outcome({**files, "main.py": "import gone"}, **IN_VENV)
    assert (found.verdict, found.reason) == ("unknown", f"sys.meta_path.append at {SITE}/hook.pth:1 may answer imports")


def test_without_the_interpreter_only_the_project_is_known() -> None:
    files = {"main.py": "import own\nimport json\nimport requests", "own.py": ""}
    found = outcome(files, interpreter="/opt/gone/bin/python3")
    assert found.verdict == "unknown"
    assert found.reason == "no interpreter at /opt/gone/bin/python3"
    assert (
        outcome({**files, "own.py": "from own2 import x", "own2.py": ""}, interpreter="/opt/gone/bin/python3").verdict
        == "name_missing"
    )


def test_the_library_of_the_interpreter_is_found_through_its_links() -> None:
    tree = host({"main.py": "import json"}, {"/opt/python": PYTHON})
    assert read_interpreter(tree, launch(interpreter="/opt/python")).library == "/usr/lib/python3.11"
