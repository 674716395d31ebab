"""Servers that are given an application as ``module:attribute``: what each puts on sys.path before it imports."""

import posixpath
import shlex
from collections.abc import Mapping, Sequence

from qtops.imports.launch import Application, GunicornOptions

SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "celery", "daphne", "granian"})
_FLAGS = frozenset(  # options without a value; all others are followed by one
    (
        *("--reload", "--factory", "--use-colors", "--no-use-colors", "--proxy-headers", "--no-proxy-headers", "--server-header"),
        *("--no-server-header", "--date-header", "--no-date-header", "--access-log", "--no-access-log", "--preload", "--daemon"),
        *("-D", "--capture-output", "--enable-stdio-inheritance", "--no-sendfile", "--spew", "--check-config", "--print-config"),
        *("--reuse-port", "-R", "--debug", "-E", "-B", "--without-gossip", "--without-mingle", "--without-heartbeat", "--purge"),
        *("--events", "--task-events", "--no-color", "-q", "--quiet"),
    )
)
_DIRECTORY = {"celery": "--workdir", "granian": "--working-dir"}


def application(
    server: str, entry: str, argv: Sequence[str], directory: str, environment: Mapping[str, str]
) -> tuple[Application, str] | str:
    """The application and the directory that the server works in; or why they are not known."""
    options, words = _split([*_from_environment(server, environment), *argv])
    gunicorn = None
    if server == "gunicorn":
        config = options.get("-c") or options.get("--config") or ""
        gunicorn = GunicornOptions(config, options.get("--chdir", ""), options.get("--pythonpath", ""))
    else:
        directory = posixpath.normpath(posixpath.join(directory, options.get(_DIRECTORY.get(server, ""), "")))
    if server == "celery":
        named_app = options.get("-A") or options.get("--app")
        words = [named_app] if named_app else []
    target = next((word for word in words if word), "")
    if not target and gunicorn is None:
        return f"{server} is given no application on its command line"
    module, attribute = _named(server, target)
    if not module.replace(".", "").replace("_", "").isalnum() and target:
        return f"{server} is given {target!r}, which is no module"
    first = {"uvicorn": (options.get("--app-dir", ""),), "gunicorn": ()}.get(server, (directory,))
    return Application(entry, module, attribute, first, gunicorn), directory


def _named(server: str, target: str) -> tuple[str, str]:
    """``module:attribute`` taken apart, with what the server takes where no attribute is named."""
    module, _, attribute = target.partition(":")
    attribute = attribute.partition("(")[0]
    if server == "celery" and not attribute and "." in module:
        module, _, attribute = module.rpartition(".")
    return module, attribute or {"gunicorn": "application", "hypercorn": "app"}.get(server, "")


def named_in_configuration(target: str) -> tuple[str, str]:
    """Gunicorn's ``wsgi_app`` taken apart."""
    return _named("gunicorn", target)


def _from_environment(server: str, environment: Mapping[str, str]) -> list[str]:
    """Options of GUNICORN_CMD_ARGS: they come before those of the command line, which win."""
    try:
        return shlex.split(environment.get("GUNICORN_CMD_ARGS", "")) if server == "gunicorn" else []
    except ValueError:
        return []


def _split(argv: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Options with their values, and the other words."""
    options: dict[str, str] = {}
    words: list[str] = []
    pending = list(argv)[::-1]
    while pending:
        word = pending.pop()
        if not word.startswith("-") or word == "-":
            words.append(word)
        elif "=" in word:
            name, _, value = word.partition("=")
            options[name] = value
        elif word[1] != "-" and len(word) > 2 and word[:2] not in _FLAGS:
            options[word[:2]] = word[2:]  # -w4
        elif word in _FLAGS or not pending:
            options[word] = ""
        else:
            options[word] = pending.pop()
    return options, words
