"""Servers that are given an application as ``module:attribute``: what each puts on sys.path before it imports."""

import posixpath
from collections.abc import Sequence

from qtops.imports.launch import Application

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
_DIRECTORY = {"gunicorn": "--chdir", "celery": "--workdir", "granian": "--working-dir"}


def application(server: str, entry: str, argv: Sequence[str], directory: str) -> tuple[Application, str] | str:
    """The application and the directory that the server works in; or why they are not known."""
    options, words = _split(argv)
    directory = posixpath.normpath(posixpath.join(directory, options.get(_DIRECTORY.get(server, ""), "")))
    first: tuple[str, ...] = (directory,)
    if server == "uvicorn":
        first = (options.get("--app-dir", ""),)
    if server == "gunicorn":
        named = [name for name in options.get("--pythonpath", "").split(",") if name]
        first = (*(posixpath.normpath(posixpath.join(directory, name)) for name in reversed(named)), directory)
    if server == "celery":
        named_app = options.get("-A") or options.get("--app")
        words = [named_app] if named_app else []
    target = next((word for word in words if word), None)
    if target is None:
        return f"{server} is given no application on its command line"
    module, _, attribute = target.partition(":")
    if not module.replace(".", "").replace("_", "").isalnum():
        return f"{server} is given {target!r}, which is no module"
    attribute = attribute.partition("(")[0]
    if server == "celery" and not attribute and "." in module:
        module, _, attribute = module.rpartition(".")
    if server in {"gunicorn", "hypercorn"} and not attribute:
        attribute = "application" if server == "gunicorn" else "app"
    return Application(entry, module, attribute, first), directory


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
        elif word in _FLAGS or not pending:
            options[word] = ""
        else:
            options[word] = pending.pop()
    return options, words
