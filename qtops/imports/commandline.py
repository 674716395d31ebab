"""From a command line to a launch, through env, servers, venv scripts, ``uv run`` and shells; or why it is not known."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qtops.imports.applications import SERVERS, application
from qtops.imports.launch import Code, Flags, Launch, Module, Script, Target
from qtops.imports.shell import Command, read_shell
from qtops.imports.tree import Kind, Tree

_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")
_LONG_SHEBANG = re.compile(
    rb"#!/bin/sh\n'''exec' (?P<q>\"?)(?P<python>[^\"\n]+?)(?P=q) \"\$0\" \"\$@\""
)  # pip's way round the kernel's limit
_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
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
_FIRST_LINE = 256
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A command line that does not tell what Python runs, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Context:
    """Where a command line is executed."""

    tree: Tree
    directory: str
    environment: Mapping[str, str] = field(default_factory=dict)
    home: str | None = None
    depth: int = 0


def parse(
    argv: Sequence[str], tree: Tree, directory: str, environment: Mapping[str, str] | None = None, home: str | None = None
) -> Launch | Unparsed:
    """The launch that a command line stands for. Never raises for what the tree holds."""
    try:
        return _parse(list(argv), Context(tree, directory, dict(environment or {}), home))
    except OSError as error:
        return Unparsed(f"{argv[0] if argv else 'the command'} could not be read: {error.strerror or error}")


def _parse(argv: list[str], context: Context) -> Launch | Unparsed:
    if not argv:
        return Unparsed("the command line is empty")
    if context.depth > _DEEPEST:
        return Unparsed(f"{argv[0]} leads through too many wrappers")
    name = posixpath.basename(argv[0])
    deeper = replace(context, depth=context.depth + 1)
    if name == "env":
        return _env(argv[1:], deeper)
    if name in _PREFIXES:
        return _parse(_without_options(argv[1:])[_PREFIXES[name] :], deeper)
    if name in _RUNNERS:
        return _runner(name, argv[1:], deeper)
    program = find_program(argv[0], context)
    if program is None:
        return Unparsed(f"{argv[0]} is not there")
    if _PYTHON.fullmatch(name):
        return _python(program, argv[1:], context)
    if name in _SHELLS:
        return _shell(argv[1:], deeper)
    return _file(program, argv[1:], deeper)


def find_program(name: str, context: Context) -> str | None:
    """The file of a command, by PATH where it is no path."""
    if "/" in name:
        path = posixpath.join(context.directory, name)
        return path if context.tree.kind(path) is Kind.FILE else None
    for folder in context.environment.get("PATH", _USUAL_PATH).split(":"):
        path = posixpath.join(context.directory, folder, name)
        if context.tree.kind(path) is Kind.FILE:
            return path
    return None


def _without_options(argv: list[str]) -> list[str]:
    while argv and argv[0].startswith("-"):
        if argv[0] == "--":
            return argv[1:]
        argv = argv[2:] if argv[0] in _OPTION_WITH_VALUE else argv[1:]
    return argv


def _env(argv: list[str], context: Context) -> Launch | Unparsed:
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
    return _parse(argv, replace(context, environment=environment))


def _python(interpreter: str, argv: list[str], context: Context) -> Launch | Unparsed:
    """The interpreter's own options (``Python/getopt.c``), then the target."""
    letters: set[str] = set()
    target: Target | None = None
    while argv and target is None:
        word, argv = argv[0], argv[1:]
        if word == "-":
            return Unparsed("the program comes from standard input")
        if word.startswith("--"):
            argv = argv[1:] if word == "--check-hash-based-pycs" else argv
        elif not word.startswith("-"):
            target = Script(word)
        else:
            found, argv = _letters(word[1:], argv, letters)
            if isinstance(found, Unparsed):
                return found
            target = found
    if target is None:
        return Unparsed("an interpreter without a program")
    flags = Flags("I" in letters, "E" in letters, "s" in letters, "S" in letters, "P" in letters)
    launch = Launch(interpreter, target, context.directory, context.environment, flags, tuple(argv), home=context.home)
    if isinstance(target, Module) and target.name in SERVERS:
        return _served(launch, target.name, target.name, argv)
    return launch


def _letters(word: str, rest: list[str], letters: set[str]) -> tuple[Target | Unparsed | None, list[str]]:
    for index, letter in enumerate(word):
        attached = word[index + 1 :]
        if letter in "cmWX":
            if not attached and not rest:
                return Unparsed(f"-{letter} without its value"), rest
            value = attached or rest[0]
            rest = rest if attached else rest[1:]
            return (Code(value) if letter == "c" else Module(value) if letter == "m" else None), rest
        if letter in "hV?":
            return Unparsed("an interpreter that only shows its version or help"), rest
        letters.add(letter)
    return None, rest


def _served(launch: Launch, server: str, entry: str, argv: list[str]) -> Launch | Unparsed:
    found = application(server, entry, argv, launch.directory)
    if isinstance(found, str):
        return Unparsed(found)
    target, directory = found
    return replace(launch, target=target, directory=directory)


def _file(path: str, argv: list[str], context: Context) -> Launch | Unparsed:
    """A program that is a file: what its first line says."""
    contents = context.tree.read(path)
    if contents[:4] == b"\x7fELF":
        return Unparsed(f"{path} is a program of its own, not Python")
    line = contents[:_FIRST_LINE].partition(b"\n")[0]
    if long := _LONG_SHEBANG.match(contents):
        line = b"#!" + long["python"]
    if not line.startswith(b"#!"):
        return Unparsed(f"{path} has no #! line")
    if line.endswith(b"\r"):
        return Unparsed(f"the #! line of {path} ends in a carriage return")
    words = line[2:].decode("utf-8", "replace").split(None, 1)
    if not words:
        return Unparsed(f"the #! line of {path} is empty")
    program = words[0]
    if posixpath.basename(program) in _SHELLS:
        return _script(path, contents, argv, context)
    options = words[1:] if posixpath.basename(program) != "env" else " ".join(words[1:]).split()
    launch = _parse([program, *options, path, *argv], context)
    if isinstance(launch, Launch) and isinstance(launch.target, Script) and posixpath.basename(path) in SERVERS:
        return _served(launch, posixpath.basename(path), path, argv)
    return launch


def _shell(argv: list[str], context: Context) -> Launch | Unparsed:
    """``bash -c TEXT`` or ``bash FILE``."""
    while argv and argv[0].startswith("-"):
        if "c" in argv[0].lstrip("-") and not argv[0].startswith("--"):
            return _commands(argv[1] if len(argv) > 1 else "", "bash -c", argv[2:], context)
        argv = argv[1:]
    if not argv:
        return Unparsed("a shell without a script")
    path = posixpath.join(context.directory, argv[0])
    return _script(path, context.tree.read(path), argv[1:], context)


def _script(path: str, contents: bytes, argv: list[str], context: Context) -> Launch | Unparsed:
    if b"\r\n" in contents:
        return Unparsed(f"{path} has DOS line ends: a shell stumbles over them")
    return _commands(contents.decode("utf-8", "replace"), path, [path, *argv], context)


def _commands(text: str, name: str, arguments: list[str], context: Context) -> Launch | Unparsed:
    """The command that a shell text ends in."""
    found = read_shell(text, name, arguments, context.directory, context.environment, context.tree)
    if isinstance(found, str):
        return Unparsed(found)
    last: Launch | Unparsed = Unparsed(f"{name} starts no Python")
    for command in found:
        launch = _run_by_shell(command, context)
        if isinstance(launch, Launch) or command.final:
            last = launch
    return last


def _run_by_shell(command: Command, context: Context) -> Launch | Unparsed:
    return _parse(list(command.argv), replace(context, directory=command.directory, environment=command.environment))


def _runner(name: str, argv: list[str], context: Context) -> Launch | Unparsed:
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
    path = f"{venv}/bin:{context.environment.get('PATH', _USUAL_PATH)}"
    inside = replace(context, environment={**context.environment, "VIRTUAL_ENV": venv, "PATH": path})
    if module:
        return _parse([f"{venv}/bin/python", "-m", *argv], inside)
    if name == "uv" and argv[0].endswith(".py"):
        script = posixpath.join(context.directory, argv[0])
        if context.tree.kind(script) is Kind.FILE and b"\n# /// script" in b"\n" + context.tree.read(script):
            return Unparsed(f"{script} names its own requirements: uv makes an environment for it")
        return _parse([f"{venv}/bin/python", *argv], inside)
    return _parse(argv, inside)


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
