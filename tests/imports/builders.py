"""A healthy host in memory: an interpreter, a project below /home/qt/app; a test says only what is sick."""

from collections.abc import Mapping
from typing import Any

from qtops.imports.launch import Launch, Script, Target
from qtops.imports.outcome import Outcome
from qtops.imports.predict import predict
from qtops.imports.tree import MemoryTree

APP = "/home/qt/app"
PYTHON = "/usr/bin/python3.11"
LIBRARY = "/usr/lib/python3.11"
_MODULES = [
    "os",
    "site",
    "abc",
    "codecs",
    "io",
    "stat",
    "datetime",
    "json",
    "logging",
    "pathlib",
    "queue",
    "types",
    "typing",
    "contextlib",
    "importlib",
    "site",
    "random",
    "tkinter",
]
INTERPRETER = {
    PYTHON: "",
    **{f"{LIBRARY}/{name}.py": "" for name in _MODULES},
    f"{LIBRARY}/json/__init__.py": "",
    f"{LIBRARY}/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so": "",
}


def host(files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None) -> MemoryTree:
    """Files of the project (relative ones are below APP) on a host with Python 3.11."""
    placed = {path if path.startswith("/") else f"{APP}/{path}": text for path, text in files.items()}
    return MemoryTree({**INTERPRETER, **placed}, links)


def launch(target: Target | str = "main.py", **changes: Any) -> Launch:
    """``python3.11 /home/qt/app/main.py`` in /home/qt/app, with HOME alone in the environment."""
    script = Script(f"{APP}/{target}") if isinstance(target, str) else target
    given: dict[str, Any] = {"interpreter": PYTHON, "target": script, "directory": APP, "environment": {"HOME": "/home/qt"}}
    return Launch(**{**given, **changes})


def outcome(files: Mapping[str, str | bytes], target: Target | str = "main.py", **changes: Any) -> Outcome:
    """The prediction for a project."""
    return predict(host(files), launch(target, **changes))
