"""From a process that a unit starts to a Python launch, also where the given tree does not hold its program."""

import posixpath
import re
from typing import Final, NamedTuple

from qtops.imports import commandline
from qtops.imports.applications import SERVERS
from qtops.imports.files import Files
from qtops.imports.launch import Launch
from qtops.imports.tree import Kind, Tree
from qtops.unitfile.starting import Process

PYTHON: Final = re.compile(r"python(\d+(\.\d+)?)?")
PYTHONIC: Final = re.compile(rb"python|\.py\b|/activate\b|\b(uv|poetry|pdm|pipenv|uvicorn|gunicorn|hypercorn|celery)\b")
LONGEST_SCRIPT: Final = 256 * 1024  # bytes of a wrapper script that are looked through
NOT_PYTHON: Final = (  # what the parser says of programs that start no Python, or that other checks speak of
    "is a program of its own, not Python", "has no #! line", "is empty", "starts no Python", "starts no program", "is not there",
    "ends in a carriage return", "only shows its version or help", "stumbles over them", "a shell without a script",
)  # fmt: skip


class Started(NamedTuple):
    """A Python start."""

    launch: Launch


def launch_of(files: Files, process: Process) -> Started | str:
    """The launch; otherwise why it is not known, or nothing where no Python is started."""
    program = _as_python_sees_itself(files, process)
    argv = [program, *process.argv[1:]]
    tree: Tree = files.tree
    name = posixpath.basename(program)
    if _is_absent(tree, program):
        if name in SERVERS:
            program = posixpath.join(posixpath.dirname(program), "python")
            argv = [program, "-m", name, *argv[1:]]
        if PYTHON.fullmatch(posixpath.basename(program)):
            tree = _WithProgram(tree, program)
    home = process.environ.get("HOME") or process.home
    parsed = commandline.parse(argv, tree, process.cwd or "/", process.environ, home)
    if isinstance(parsed, Launch):
        return Started(parsed)
    return parsed.why if not parsed.why.endswith(NOT_PYTHON) and _speaks_of_python(files, argv, process.cwd or "/") else ""


def _as_python_sees_itself(files: Files, process: Process) -> str:
    """The program; of a Python that is started by its name alone, the one that it finds on PATH and takes for itself, whichever
    systemd started (``Modules/getpath.py``).
    """
    name = process.argv[0] if process.argv else ""
    if "/" in name or not PYTHON.fullmatch(name):
        return process.executable
    folders = [folder for folder in process.environ.get("PATH", "").split(":") if folder.startswith("/")]
    return next((path for folder in folders if files.is_file(path := posixpath.join(folder, name))), process.executable)


def _speaks_of_python(files: Files, argv: list[str], directory: str) -> bool:
    """Whether a command that could not be followed, or a script that it names, has anything to do with Python."""
    if any(PYTHONIC.search(word.encode("utf-8", "surrogateescape")) for word in argv):
        return True
    for word in argv[:2]:
        try:
            if PYTHONIC.search(files.read(posixpath.join(directory, word))[:LONGEST_SCRIPT]):
                return True
        except (OSError, ValueError):
            continue
    return False


def _is_absent(tree: Tree, path: str) -> bool:
    try:
        return path.startswith("/") and tree.kind(path) is None
    except OSError:
        return False


class _WithProgram:
    """A tree in which one more program is there: what it would be given can be read without it."""

    def __init__(self, tree: Tree, program: str) -> None:
        self._tree, self._program = tree, program

    def kind(self, path: str) -> Kind | None:
        return Kind.FILE if path == self._program else self._tree.kind(path)

    def names(self, path: str) -> frozenset[str]:
        return self._tree.names(path)

    def read(self, path: str) -> bytes:
        return b"\x7fELF" if path == self._program else self._tree.read(path)

    def resolve(self, path: str) -> str:
        return path if path == self._program else self._tree.resolve(path)

    def stamp(self, path: str) -> tuple[int, int] | None:
        return None if path == self._program else self._tree.stamp(path)
