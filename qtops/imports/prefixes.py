"""Programs that start another one: env, nohup and their like, ``uv run`` and its kin. What they start, and where."""

import posixpath
from dataclasses import replace

from qtops.imports.context import USUAL_PATH, Context, Unparsed
from qtops.imports.tree import Kind

Inner = tuple[list[str], Context]
_PREFIXES = {
    "nohup": 0,
    "setsid": 0,
    "nice": 0,
    "ionice": 0,
    "stdbuf": 0,
    "timeout": 1,
    "exec": 0,
    "catchsegv": 0,
    "tini": 0,
    "dumb-init": 0,
}
_OPTION_WITH_VALUE = frozenset({"-n", "-c", "-u", "-k", "-s", "-o", "-e", "-i", "--signal", "--kill-after"})
_RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "rye"})
_RUNNER_VALUES = frozenset(
    {"-p", "--python", "--project", "--directory", "--env-file", "--extra", "--group", "--package", "-C", "-P", "--index-url"}
)


def unwrapped(name: str, argv: list[str], context: Context) -> Inner | Unparsed | None:
    """The command line inside, with its surroundings; None where ``name`` is no program that starts another one."""
    if name == "env":
        return _env(argv, context)
    if name in _PREFIXES:
        return _without_options(argv)[_PREFIXES[name] :], context
    return _runner(name, argv, context) if name in _RUNNERS else None


def _without_options(argv: list[str]) -> list[str]:
    while argv and argv[0].startswith("-"):
        if argv[0] == "--":
            return argv[1:]
        argv = argv[2:] if argv[0] in _OPTION_WITH_VALUE else argv[1:]
    return argv


def _env(argv: list[str], context: Context) -> Inner | Unparsed:
    """env(1): variables set and unset, then the command."""
    environment = dict(context.environment)
    while argv:
        word = argv[0]
        if word in {"-i", "-", "--ignore-environment"}:
            environment = {}
        elif word in {"-u", "--unset"}:
            environment.pop(argv[1] if len(argv) > 1 else "", None)
            argv = argv[1:]
        elif word in {"-S", "--split-string"}:
            argv = [word, *" ".join(argv[1:2]).split(), *argv[2:]]
        elif word in {"-C", "--chdir"} and len(argv) > 1:
            context = replace(context, directory=posixpath.join(context.directory, argv[1]))
            argv = argv[1:]
        elif word.startswith("-") and word != "--":
            return Unparsed(f"env {word} is not understood")
        elif "=" in word:
            variable, _, value = word.partition("=")
            environment[variable] = value
        elif word != "--":
            break
        argv = argv[1:]
    return argv, replace(context, environment=environment)


def _runner(name: str, argv: list[str], context: Context) -> Inner | Unparsed:
    """``uv run``, ``poetry run`` and their like: the command in the project's environment."""
    directory = context.directory
    while argv and argv[0].startswith("-"):
        if argv[0] in {"--directory", "-C", "--project"} and len(argv) > 1:
            directory = posixpath.join(directory, argv[1])
        argv = argv[2:] if argv[0] in _RUNNER_VALUES else argv[1:]
    if not argv or argv[0] != "run":
        return Unparsed(f"{name} {argv[0] if argv else ''} starts no program")
    argv = argv[1:]
    module = False
    while argv and argv[0].startswith("-") and argv[0] != "--":
        if argv[0] in {"--with", "--with-editable", "--with-requirements", "--isolated", "--no-project"}:
            return Unparsed(f"{name} run {argv[0]} makes an environment of its own")
        module = module or argv[0] in {"-m", "--module"}
        argv = argv[2:] if argv[0] in _RUNNER_VALUES else argv[1:]
    argv = argv[1:] if argv[:1] == ["--"] else argv
    venv = _project_venv(directory, context)
    if venv is None or not argv:
        return Unparsed(f"the environment that {name} run uses is not known: no .venv at or above {directory}")
    path = f"{venv}/bin:{context.environment.get('PATH', USUAL_PATH)}"
    inside = replace(context, environment={**context.environment, "VIRTUAL_ENV": venv, "PATH": path})
    if module:
        return [f"{venv}/bin/python", "-m", *argv], inside
    if name == "uv" and argv[0].endswith(".py"):
        script = posixpath.join(context.directory, argv[0])
        if context.tree.kind(script) is Kind.FILE and b"\n# /// script" in b"\n" + context.tree.read(script):
            return Unparsed(f"{script} names its own requirements: uv makes an environment for it")
        return [f"{venv}/bin/python", *argv], inside
    return argv, inside


def _project_venv(directory: str, context: Context) -> str | None:
    """The .venv of the nearest project."""
    named = context.environment.get("UV_PROJECT_ENVIRONMENT", ".venv")
    while True:
        venv = posixpath.join(directory, named)
        if context.tree.kind(posixpath.join(venv, "pyvenv.cfg")) is Kind.FILE:
            return venv
        if directory == "/":
            return None
        directory = posixpath.dirname(directory)
