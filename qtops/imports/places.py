"""Paths as the imagined process sees them: its working directory, its home, its environment."""

import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qtops.imports.tree import Kind
from qtops.imports.values import Value

if TYPE_CHECKING:
    from qtops.imports.state import State

_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})", re.ASCII)


def text_of(value: Value) -> str:
    """A path as text."""
    return str(value) if isinstance(value, PurePosixPath) else value


def here(state: "State") -> str:
    """The working directory. Raises LookupError where it is not known."""
    if state.directory is None:
        raise LookupError("the working directory is not known here")
    return state.directory


def absolute(state: "State", path: Value) -> str:
    """os.path.abspath."""
    text = text_of(path)
    return posixpath.normpath(text if text.startswith("/") else posixpath.join(here(state), text))


def joined(state: "State", path: Value) -> str:
    """An absolute path, not tidied."""
    text = text_of(path)
    return text if text.startswith("/") else posixpath.join(here(state), text)


def real(state: "State", path: Value) -> str:
    """os.path.realpath."""
    return state.files.tree.resolve(joined(state, path))


def kind_at(state: "State", path: Value) -> Kind | None:
    """What is at a path; nothing at an empty one."""
    return state.files.tree.kind(joined(state, path)) if text_of(path) else None


def home(state: "State") -> str:
    """The home directory of the process. Raises LookupError."""
    home = state.environment.get("HOME") or state.launch.home
    if isinstance(home, str):
        return home
    raise LookupError("the home directory of the process is not known")


def expand_user(state: "State", path: Value) -> str:
    """os.path.expanduser."""
    text: str = text_of(path)
    if not text.startswith("~"):
        return text
    name, slash, rest = text[1:].partition("/")
    if name:
        raise LookupError(f"the home directory of {name} is not known")
    return home(state).rstrip("/") + slash + rest


def expand_variables(state: "State", path: Value) -> str:
    """os.path.expandvars."""

    def replaced(match: re.Match[str]) -> str:
        return str(state.environment.get(match[1].strip("{}"), match[0]))

    return _VARIABLE.sub(replaced, text_of(path))
