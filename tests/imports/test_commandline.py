"""What a command line starts."""
# ruff: noqa: E501  (one tree per line: a table is read across)

import pytest

from qtops.imports.commandline import parse
from qtops.imports.context import Unparsed
from qtops.imports.launch import Application, Code, Flags, GunicornOptions, Launch, Module, Script, Target

from .builders import APP, PYTHON, host

VENV = f"{APP}/.venv"
TREE = host(
    {
        "/usr/bin/env": b"\x7fELF",
        "/usr/bin/bash": b"\x7fELF",
        "/bin/sh": b"\x7fELF",
        "/usr/bin/python3": b"\x7fELF",
        "main.py": "#!/usr/bin/env python3\n",
        "flags.py": "#!/usr/bin/env -S python3 -I\n",
        "dos.py": b"#!/usr/bin/env python3\r\n",
        "none.py": "x = 1\n",
        ".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n",
        ".venv/bin/python": b"\x7fELF",
        ".venv/bin/uvicorn": f"#!{VENV}/bin/python\nimport sys\n",
        ".venv/bin/tool": f"#!/bin/sh\n'''exec' {VENV}/bin/python \"$0\" \"$@\"\n' '''\nimport sys\n",
        "run.sh": '#!/bin/bash\n# don\'t stop\nset -euo pipefail\ncd /home/qt/app # here\nexport MODE=live\nsource .venv/bin/activate\nexec python -u main.py "$@"\n',
        "here.sh": '#!/bin/sh\ncd "$(dirname "$0")" || exit 1\n. ./settings\nmkdir -p log\n$PY $OPTS main.py --mode "${MODE:-test}" >> log/out 2>&1\n',
        "settings": "PY=/usr/bin/python3\nOPTS=\n",
        "clever.sh": "#!/bin/sh\nif [ -f x ]; then exec python3 a.py; fi\n",
        "own.py": "#!/usr/bin/env python3\n# /// script\n# dependencies = ['x']\n# ///\n",
    },
    {f"{APP}/link": "main.py"},
)
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def started(*argv: str) -> Launch:
    found = parse(argv, TREE, APP, ENVIRONMENT)
    assert isinstance(found, Launch), found
    return found


@pytest.mark.parametrize(
    ("argv", "interpreter", "target"),
    [
        ([PYTHON, f"{APP}/main.py", "--once"], PYTHON, Script(f"{APP}/main.py")),
        (["python3", "-m", "pkg.run"], "/usr/bin/python3", Module("pkg.run")),
        (["python3", "-mpkg"], "/usr/bin/python3", Module("pkg")),
        (["python3", "-uc", "import x"], "/usr/bin/python3", Code("import x")),
        (["python3", "-W", "error", "-Xdev", "-X", "utf8", "main.py"], "/usr/bin/python3", Script("main.py")),
        (["/usr/bin/env", "-u", "X", "A=1", "python3", "main.py"], "/usr/bin/python3", Script("main.py")),
        (["nice", "-n", "5", "timeout", "-k", "5", "30", "python3", "main.py"], "/usr/bin/python3", Script("main.py")),
        ([f"{APP}/main.py"], "/usr/bin/python3", Script(f"{APP}/main.py")),
        ([f"{APP}/link"], "/usr/bin/python3", Script(f"{APP}/link")),
        ([f"{VENV}/bin/tool"], f"{VENV}/bin/python", Script(f"{VENV}/bin/tool")),
        ([f"{VENV}/bin/uvicorn", "--host", "0.0.0.0", "app.main:app"], f"{VENV}/bin/python", Application(f"{VENV}/bin/uvicorn", "app.main", "app", ("",))),
        (["python3", "-m", "uvicorn", "main:create", "--factory", "--app-dir", "src"], "/usr/bin/python3", Application("uvicorn", "main", "create", ("src",))),
        (["python3", "-m", "gunicorn", "-w", "4", "--chdir", "/srv", "--pythonpath=a,b", "web.wsgi"], "/usr/bin/python3", Application("gunicorn", "web.wsgi", "application", gunicorn=GunicornOptions(chdir="/srv", pythonpath="a,b"))),
        (["python3", "-m", "gunicorn", "-w4", "-cetc/conf.py"], "/usr/bin/python3", Application("gunicorn", "", "application", gunicorn=GunicornOptions("etc/conf.py"))),
        (["python3", "-m", "celery", "-A", "proj.tasks", "worker", "-l", "info"], "/usr/bin/python3", Application("celery", "proj", "tasks", (APP,))),
        (["python3", "-m", "hypercorn", "web:app", "--bind", "0:1"], "/usr/bin/python3", Application("hypercorn", "web", "app", (APP,))),
        (["uv", "run", "main.py"], f"{VENV}/bin/python", Script("main.py")),
        (["uv", "run", "--frozen", "--extra", "x", "python", "-m", "pkg"], f"{VENV}/bin/python", Module("pkg")),
        (["poetry", "run", "tool"], f"{VENV}/bin/python", Script(f"{VENV}/bin/tool")),
        (["bash", "-c", f"cd {APP} && source .venv/bin/activate && exec python main.py"], f"{VENV}/bin/python", Script("main.py")),
        (["bash", "-lc", "X=1 python3 main.py"], "/usr/bin/python3", Script("main.py")),
        ([f"{APP}/run.sh", "a"], f"{VENV}/bin/python", Script("main.py")),
        ([f"{APP}/here.sh"], "/usr/bin/python3", Script("main.py")),
        (["sh", "-e", "here.sh"], "/usr/bin/python3", Script("main.py")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_the_interpreter_and_its_target(argv: list[str], interpreter: str, target: Target) -> None:
    found = started(*argv)
    assert (found.interpreter, found.target) == (interpreter, target)


def test_flags_in_one_word_and_apart() -> None:
    assert started("python3", "-IBu", "-E", "-sSP", "main.py").flags == Flags(True, True, True, True, True)
    assert started(f"{APP}/flags.py").flags.isolated


def test_arguments_follow_the_target() -> None:
    assert started("python3", "main.py", "-m", "x").arguments == ("-m", "x")
    assert started(f"{APP}/run.sh", "a b").arguments == ("a b",)
    assert started(f"{APP}/here.sh").arguments == ("--mode", "test")


def test_a_shell_hands_on_its_exports_and_its_directory() -> None:
    found = started(f"{APP}/run.sh")
    assert found.environment["MODE"] == "live"
    assert found.environment["VIRTUAL_ENV"] == VENV
    assert "PY" not in started(f"{APP}/here.sh").environment
    assert started("bash", "-c", "cd sub; export A=1; A=2 python3 x.py").directory == f"{APP}/sub"
    assert started("bash", "-c", "export A=1; A=2 python3 x.py").environment["A"] == "2"


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        ([], "empty"),
        (["nothing-here"], "not there"),
        (["/usr/bin/bash"], "without a script"),
        (["python3"], "without a program"),
        (["python3", "-"], "standard input"),
        (["bash", "-c", "python3 -"], "standard input"),
        (["bash", "-c", "cd /srv; nice python3 -V"], "version"),
        (["python3", "-V"], "version"),
        (["python3", "-m"], "without its value"),
        ([f"{APP}/dos.py"], "carriage return"),
        ([f"{APP}/none.py"], "no #! line"),
        ([f"{APP}/clever.sh"], "'if'"),
        (["bash", "-c", "exec python3 $(cat which)"], "output of a command"),
        (["bash", "-c", "echo 'unclosed"], "could not be read"),
        (["bash", "-c", "true"], "starts no Python"),
        (["uv", "sync"], "starts no program"),
        (["uv", "run", "--with", "x", "main.py"], "environment of its own"),
        (["uv", "run", "own.py"], "its own requirements"),
        (["python3", "-m", "uvicorn", "--workers", "4"], "no application"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_understood_says_why(argv: list[str], word: str) -> None:
    found = parse(argv, TREE, APP, ENVIRONMENT)
    assert isinstance(found, Unparsed)
    assert word in found.why


def test_wrappers_that_lead_in_a_circle_end() -> None:
    tree = host({"a.sh": f"#!/bin/sh\nexec {APP}/a.sh\n", "/bin/sh": b"\x7fELF"})
    assert isinstance(parse([f"{APP}/a.sh"], tree, APP), Unparsed)
