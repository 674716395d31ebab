"""Servers: what becomes of their application. Paths and words were compared with gunicorn 27, uvicorn and hypercorn."""

import pytest

from qtops.imports.launch import Application, GunicornOptions
from qtops.imports.outcome import Outcome

from .builders import APP, outcome

WEB = {"web.py": "import tool\ndef application(*_): ...\n", "lib/tool.py": ""}


def gunicorn(files: dict[str, str], config: str = "", chdir: str = "", pythonpath: str = "", module: str = "web") -> Outcome:
    target = Application("/opt/bin/gunicorn", module, "application", gunicorn=GunicornOptions(config, chdir, pythonpath))
    return outcome({"/opt/bin/gunicorn": "", **files}, target)


def first_entries(found: Outcome) -> list[tuple[str | None, str]]:
    return [(entry.text, str(entry.origin)) for entry in found.path if entry.origin.kind == "server"]


def test_gunicorn_puts_the_working_directory_first() -> None:
    found = gunicorn({"web.py": "import gone\n"})
    assert found.message == "ModuleNotFoundError: No module named 'gone'"
    assert first_entries(found) == [(APP, "server")]


@pytest.mark.parametrize("config", ["etc/conf.py", "file:etc/conf.py", f"{APP}/etc/conf.py", "python:etc.conf"])
def test_a_configuration_file_sets_the_path(config: str) -> None:
    found = gunicorn({**WEB, "etc/conf.py": "bind = ':80'\npythonpath = 'lib,more'\n"}, config)
    assert found.verdict == "ok"
    where = f"server {APP}/etc/conf.py:1"
    assert first_entries(found) == [(f"{APP}/more", where), (f"{APP}/lib", where), (APP, "server")]


def test_the_usual_configuration_file_is_read_without_being_named() -> None:
    files = {f"sub/{name}": text for name, text in WEB.items()}
    conf = "import os\nchdir = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sub')\npythonpath = 'lib'\n"
    found = gunicorn({**files, "gunicorn.conf.py": conf})
    assert found.verdict == "ok"
    assert [text for text, _ in first_entries(found)] == [f"{APP}/sub/lib", f"{APP}/sub", APP]


def test_options_win_over_the_configuration() -> None:
    assert gunicorn({**WEB, "gunicorn.conf.py": "pythonpath = 'nowhere'\n"}, pythonpath="lib").verdict == "ok"


def test_the_configuration_may_name_the_application() -> None:
    files = {**WEB, "gunicorn.conf.py": "wsgi_app = 'web:create()'\npythonpath = 'lib'\n"}
    found = gunicorn(files, module="")
    assert found.message == "gunicorn.errors.AppImportError: Failed to find attribute 'create' in 'web'."
    assert gunicorn(WEB, module="").reason == "gunicorn is given no application on its command line and in no configuration"


def test_a_configuration_is_a_program_whose_imports_can_fail() -> None:
    found = gunicorn({**WEB, "gunicorn.conf.py": "import settings\n"})
    assert found.message == "ModuleNotFoundError: No module named 'settings'"
    assert found.failing is not None
    assert str(found.failing.site) == f"{APP}/gunicorn.conf.py:1"


def test_what_a_configuration_computes_at_run_time_is_not_known() -> None:
    found = gunicorn({**WEB, "gunicorn.conf.py": "pythonpath = open('where').read()\n"})
    assert found.verdict == "unknown"
    assert "open" in (found.reason or "")


@pytest.mark.parametrize(
    ("server", "target", "message"),
    [
        ("uvicorn", "wob:app", 'ERROR:    Error loading ASGI app. Could not import module "wob".'),
        ("uvicorn", "pkg.wob:app", 'ERROR:    Error loading ASGI app. Could not import module "pkg.wob".'),
        ("uvicorn", "wob.pkg:app", "ModuleNotFoundError: No module named 'wob'"),
        ("uvicorn", "web:app.inner", 'ERROR:    Error loading ASGI app. Attribute "app.inner" not found in module "web".'),
        ("hypercorn", "wob:app", "hypercorn.utils.NoAppError: Cannot load application from 'wob:app', module not found."),
        ("hypercorn", "web:app", "hypercorn.utils.NoAppError: Cannot load application from 'web:app', application not found."),
        ("gunicorn", "wob:app", "ModuleNotFoundError: No module named 'wob'"),
        ("celery", "web:app", None),
    ],
)
def test_a_missing_application_is_told_in_the_words_of_the_server(server: str, target: str, message: str | None) -> None:
    module, _, attribute = target.partition(":")
    options = GunicornOptions() if server == "gunicorn" else None
    found = outcome({"web.py": "", "pkg/__init__.py": ""}, Application(f"/opt/{server}", module, attribute, (APP,), options))
    assert found.verdict in {"missing", "name_missing"}
    assert found.message == message


def test_an_application_of_celery_may_be_a_module_of_a_package() -> None:
    assert (
        outcome({"proj/__init__.py": "", "proj/tasks.py": ""}, Application("/opt/celery", "proj", "tasks", (APP,))).verdict == "ok"
    )
