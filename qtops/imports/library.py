"""The part of the standard library that shapes paths, as plain functions over the imagined process."""

import posixpath
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qtops.imports.places import absolute, expand_user, expand_variables, here, home, kind_at, real, text_of
from qtops.imports.tree import Kind
from qtops.imports.values import Maybe, Unknown, Value, doubt_in

if TYPE_CHECKING:
    from qtops.imports.state import State

_LONGEST_RANGE = 4096


def environment_value(state: "State", name: Value, default: Value = None) -> Value:
    """os.environ.get."""
    if name not in state.environment and state.variables_unknown:
        return Unknown(state.variables_unknown)
    value = state.environment.get(name, default)
    return Unknown(value.why) if isinstance(value, Maybe) else value


def _extend_path(state: "State", path: list[str], name: str) -> Value:
    """pkgutil.extend_path: the portions of a package on all of sys.path."""
    if any(entry.text is None or entry.doubt for entry in state.path) or "." in name:
        return Unknown(f"the __path__ of {name} is extended by directories that are not known")
    directory = here(state)
    places = [posixpath.join(directory, entry.text or "") for entry in state.path if not entry.ignored]
    portions = [place for found in state.finder.offers(name, [(place, None) for place in places]) for place in found.search or ()]
    return list(dict.fromkeys([*path, *portions]))


def _range(_: "State", *bounds: Value) -> Value:
    numbers = range(*bounds)
    return list(numbers) if len(numbers) <= _LONGEST_RANGE else Unknown("a long range")


def _listed(_: "State", items: Value = ()) -> Value:
    return list(items)


def _relative_to(path: str, start: str) -> str:
    return posixpath.relpath(path, start)


Known = Callable[..., Value]

FUNCTIONS: Mapping[str, Known] = {
    "os.path.dirname": lambda _, p: posixpath.dirname(text_of(p)),
    "os.path.basename": lambda _, p: posixpath.basename(text_of(p)),
    "os.path.join": lambda _, *parts: posixpath.join(*map(text_of, parts)),
    "os.path.abspath": absolute,
    "os.path.realpath": real,
    "os.path.normpath": lambda _, p: posixpath.normpath(text_of(p)),
    "os.path.normcase": lambda _, p: text_of(p),
    "os.path.exists": lambda s, p: kind_at(s, p) is not None,
    "os.path.lexists": lambda s, p: True if kind_at(s, p) is not None else Unknown("a link may be there"),
    "os.path.isdir": lambda s, p: kind_at(s, p) is Kind.DIRECTORY,
    "os.path.isfile": lambda s, p: kind_at(s, p) is Kind.FILE,
    "os.path.isabs": lambda _, p: text_of(p).startswith("/"),
    "os.path.split": lambda _, p: posixpath.split(text_of(p)),
    "os.path.splitext": lambda _, p: posixpath.splitext(text_of(p)),
    "os.path.relpath": lambda s, p, start=".": _relative_to(absolute(s, p), absolute(s, start)),
    "os.path.commonpath": lambda _, paths: posixpath.commonpath([text_of(p) for p in paths]),
    "os.path.expanduser": expand_user,
    "os.path.expandvars": expand_variables,
    "os.getcwd": here,
    "platform.system": lambda _: "Linux",
    "os.fspath": lambda _, p: text_of(p),
    "os.getenv": environment_value,
    "os.environ.get": environment_value,
    "pathlib.Path.cwd": lambda s: PurePosixPath(here(s)),
    "pathlib.Path.home": lambda s: PurePosixPath(home(s)),
    "pkgutil.extend_path": _extend_path,
    "builtins.str": lambda _, v="": (
        v if isinstance(v, str) else str(v) if isinstance(v, int | float | PurePosixPath | None) else Unknown("text of an object")
    ),
    "builtins.len": lambda _, v: len(v),
    "builtins.int": lambda _, v=0: int(v),
    "builtins.bool": lambda _, v=False: bool(v),
    "builtins.list": _listed,
    "builtins.tuple": lambda _, v=(): tuple(v),
    "builtins.set": _listed,
    "builtins.reversed": lambda _, v: list(v)[::-1],
    "builtins.enumerate": lambda _, v, start=0: list(enumerate(v, start)),
    "builtins.zip": lambda _, *v: [tuple(pair) for pair in zip(*v, strict=False)],
    "builtins.range": _range,
    "builtins.sorted": lambda _, v: sorted(v),
    "builtins.any": lambda _, v: any(v),
    "builtins.all": lambda _, v: all(v),
    "builtins.print": lambda *_: None,
    **{f"pathlib.{name}": lambda _, *parts: PurePosixPath(*parts) for name in ("Path", "PurePath", "PosixPath", "PurePosixPath")},
}
"""Functions by their full name; each is given the state first."""

_DOUBT_TOLERATED = frozenset({"os.getenv", "os.environ.get", "builtins.print", "builtins.list", "builtins.tuple", "builtins.len"})

_WRONG = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    LookupError,
    OSError,
    MemoryError,
)


def evaluate_function(state: "State", name: str, positional: list[Value], named: dict[str, Value], where: str) -> Value:
    """A call of a library function; Unknown where it is not one of ours or something in it is not known."""
    function = FUNCTIONS.get(name)
    if function is None:
        return Unknown(f"the result of {name} at {where} is not known")
    if name not in _DOUBT_TOLERATED and (why := doubt_in(*positional, *named.values())) is not None:
        return Unknown(why)
    return tried(lambda: function(state, *positional, **named), f"{name} at {where}")


def tried(function: Callable[[], Value], what: str) -> Value:
    """The result of a function; Unknown where it raises."""
    try:
        return function()
    except _WRONG as error:
        return Unknown(f"{what}: {error}")
