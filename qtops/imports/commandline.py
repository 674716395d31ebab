"""From a command line to a launch, through env, servers, venv scripts, ``uv run`` and shells; or why it is not known."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qtops.imports.applications import SERVERS, application
from qtops.imports.context import Context, Unparsed, find_program
from qtops.imports.launch import Code, Flags, Launch, Module, Script, Target
from qtops.imports.prefixes import unwrapped
from qtops.imports.shell import Command, read_shell
from qtops.imports.tree import Tree

_PYTHON = re.compile(r"python(\d+(\.\d+)?)?")
_LONG_SHEBANG = re.compile(
    rb"#!/bin/sh\n'''exec' (?P<q>\"?)(?P<python>[^\"\n]+?)(?P=q) \"\$0\" \"\$@\""
)  # pip's way round the kernel's limit
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_OTHERS = ("is not there", "is a program of its own, not Python", "starts no Python")  # of commands on the way to the service
_FIRST_LINE = 256
_DEEPEST = 6


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
    inner = unwrapped(name, argv[1:], deeper)
    if inner is not None:
        return inner if isinstance(inner, Unparsed) else _parse(*inner)
    program = find_program(argv[0], context)
    if program is None:
        return Unparsed(f"{argv[0]} is not there")
    if _PYTHON.fullmatch(name):
        return _python(program, argv[1:], context)
    if name in _SHELLS:
        return _shell(argv[1:], deeper)
    return _file(program, argv[1:], deeper)


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
    found = application(server, entry, argv, launch.directory, launch.environment)
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
        if isinstance(launch, Launch) or command.final or not (isinstance(last, Launch) or launch.why.endswith(_OTHERS)):
            last = launch
    return last


def _run_by_shell(command: Command, context: Context) -> Launch | Unparsed:
    return _parse(list(command.argv), replace(context, directory=command.directory, environment=command.environment))
