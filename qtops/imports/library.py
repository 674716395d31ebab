"""The part of the standard library that shapes paths, as plain functions over the imagined process."""

import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qtops.imports.tree import Kind
from qtops.imports.values import External, Maybe, Unknown, Value, doubt_in, is_plain

if TYPE_CHECKING:
    from qtops.imports.state import State

_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})", re.ASCII)
_WIDE = re.compile(r"\d{4}")
_LONGEST_RANGE = 4096


def constant(name: str, state: "State") -> Value:
    """The value of a name of the standard library, where it is known."""
    interpreter, launch = state.interpreter, state.launch
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name == "sys.version_info":
        micro = Unknown("the micro version") if interpreter.micro is None else interpreter.micro
        return (*interpreter.version, micro, "final", 0) if not interpreter.trouble or launch.version else External(name)
    if name in {"sys.version_info.major", "sys.version_info.minor"}:
        return interpreter.version[name.endswith("minor")]
    if name == "sys.executable":
        return launch.interpreter
    if name in {"sys.prefix", "sys.exec_prefix"}:
        return interpreter.prefix
    if name in {"sys.base_prefix", "sys.base_exec_prefix"}:
        return interpreter.base_prefix
    if name == "sys.argv":
        return [getattr(launch.target, "path", "-c"), *launch.arguments]
    return External(name)


_CONSTANTS: dict[str, Value] = {
    "typing.TYPE_CHECKING": False,
    "typing_extensions.TYPE_CHECKING": False,
    "builtins.__debug__": True,
    "os.sep": "/",
    "os.path.sep": "/",
    "os.pathsep": ":",
    "os.path.pathsep": ":",
    "os.curdir": ".",
    "os.pardir": "..",
    "os.path.curdir": ".",
    "os.path.pardir": "..",
    "os.name": "posix",
    "os.linesep": "\n",
    "sys.platform": "linux",
    "sys.implementation.name": "cpython",
    "builtins.True": True,
}


def _text(value: Value) -> str:
    return str(value) if isinstance(value, PurePosixPath) else value


def _here(state: "State") -> str:
    if state.directory is None:
        raise LookupError("the working directory is not known here")
    return state.directory


def _absolute(state: "State", path: Value) -> str:
    text = _text(path)
    return posixpath.normpath(text if text.startswith("/") else posixpath.join(_here(state), text))


def _joined(state: "State", path: Value) -> str:
    text = _text(path)
    return text if text.startswith("/") else posixpath.join(_here(state), text)


def _real(state: "State", path: Value) -> str:
    return state.files.tree.resolve(_joined(state, path))


def _kind(state: "State", path: Value) -> Kind | None:
    return state.files.tree.kind(_joined(state, path)) if _text(path) else None


def _home(state: "State") -> str:
    home = state.environment.get("HOME") or state.launch.home
    if isinstance(home, str):
        return home
    raise LookupError("the home directory of the process is not known")


def _expand_user(state: "State", path: Value) -> str:
    text: str = _text(path)
    if not text.startswith("~"):
        return text
    name, slash, rest = text[1:].partition("/")
    if name:
        raise LookupError(f"the home directory of {name} is not known")
    return _home(state).rstrip("/") + slash + rest


def _expand_variables(state: "State", path: Value) -> str:
    def replaced(match: re.Match[str]) -> str:
        return str(state.environment.get(match[1].strip("{}"), match[0]))

    return _VARIABLE.sub(replaced, _text(path))


def environment_value(state: "State", name: Value, default: Value = None) -> Value:
    """os.environ.get."""
    value = state.environment.get(name, default)
    return Unknown(value.why) if isinstance(value, Maybe) else value


def _extend_path(state: "State", path: list[str], name: str) -> Value:
    """pkgutil.extend_path: the portions of a package on all of sys.path."""
    if any(entry.text is None or entry.doubt for entry in state.path) or "." in name:
        return Unknown(f"the __path__ of {name} is extended by directories that are not known")
    here = _here(state)
    places = [posixpath.join(here, entry.text or "") for entry in state.path if not entry.ignored]
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
    "os.path.dirname": lambda _, p: posixpath.dirname(_text(p)),
    "os.path.basename": lambda _, p: posixpath.basename(_text(p)),
    "os.path.join": lambda _, *parts: posixpath.join(*map(_text, parts)),
    "os.path.abspath": _absolute,
    "os.path.realpath": _real,
    "os.path.normpath": lambda _, p: posixpath.normpath(_text(p)),
    "os.path.normcase": lambda _, p: _text(p),
    "os.path.exists": lambda s, p: _kind(s, p) is not None,
    "os.path.lexists": lambda s, p: True if _kind(s, p) is not None else Unknown("a link may be there"),
    "os.path.isdir": lambda s, p: _kind(s, p) is Kind.DIRECTORY,
    "os.path.isfile": lambda s, p: _kind(s, p) is Kind.FILE,
    "os.path.isabs": lambda _, p: _text(p).startswith("/"),
    "os.path.split": lambda _, p: posixpath.split(_text(p)),
    "os.path.splitext": lambda _, p: posixpath.splitext(_text(p)),
    "os.path.relpath": lambda s, p, start=".": _relative_to(_absolute(s, p), _absolute(s, start)),
    "os.path.commonpath": lambda _, paths: posixpath.commonpath([_text(p) for p in paths]),
    "os.path.expanduser": _expand_user,
    "os.path.expandvars": _expand_variables,
    "os.getcwd": _here,
    "os.fspath": lambda _, p: _text(p),
    "os.getenv": environment_value,
    "os.environ.get": environment_value,
    "pathlib.Path.cwd": lambda s: PurePosixPath(_here(s)),
    "pathlib.Path.home": lambda s: PurePosixPath(_home(s)),
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

PATH_METHODS: Mapping[str, Known] = {
    "resolve": lambda s, p, **_: PurePosixPath(_real(s, p)),
    "absolute": lambda s, p: PurePosixPath(_joined(s, p)),
    "expanduser": lambda s, p: PurePosixPath(_expand_user(s, p)),
    "exists": lambda s, p: _kind(s, p) is not None,
    "is_dir": lambda s, p: _kind(s, p) is Kind.DIRECTORY,
    "is_file": lambda s, p: _kind(s, p) is Kind.FILE,
    "joinpath": lambda _, p, *parts: p.joinpath(*parts),
    "as_posix": lambda _, p: p.as_posix(),
    "__str__": lambda _, p: str(p),
    "__fspath__": lambda _, p: str(p),
    "with_name": lambda _, p, name: p.with_name(name),
    "with_suffix": lambda _, p, suffix: p.with_suffix(suffix),
    "relative_to": lambda _, p, other: p.relative_to(other),
    "is_absolute": lambda _, p: p.is_absolute(),
    "samefile": lambda s, p, other: _real(s, p) == _real(s, other),
}
_TEXT_METHODS = frozenset(
    [
        "startswith",
        "endswith",
        "split",
        "rsplit",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "join",
        "format",
        "lower",
        "upper",
        "removeprefix",
        "removesuffix",
        "partition",
        "rpartition",
        "splitlines",
        "find",
        "rfind",
        "isdigit",
        "count",
        "title",
    ]
)
_CONTAINER_METHODS = frozenset({"get", "keys", "values", "items", "index", "count", "copy"})
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
    return _tried(lambda: function(state, *positional, **named), f"{name} at {where}")


def evaluate_method(
    state: "State", subject: Value, name: str, positional: list[Value], named: dict[str, Value], where: str
) -> Value:
    """A call of a method of a text, a path or a container."""
    if (why := doubt_in(*positional, *named.values())) is not None:
        return Unknown(why)
    if isinstance(subject, PurePosixPath) and name in PATH_METHODS:
        return _tried(lambda: PATH_METHODS[name](state, subject, *positional, **named), f"{name} at {where}")
    known = (isinstance(subject, str) and name in _TEXT_METHODS) or (
        isinstance(subject, list | tuple | dict) and name in _CONTAINER_METHODS
    )
    if not known:
        return Unknown(doubt_in(subject) or f"the result of {name} at {where} is not known")
    if name in {"format", "join"} and (_WIDE.search(subject) or not is_plain([*positional, *named.values()])):
        return Unknown(f"the text at {where} is not evaluated")
    result = _tried(lambda: getattr(subject, name)(*positional, **named), f"{name} at {where}")
    return list(result) if name in {"keys", "values", "items"} and not isinstance(result, Unknown) else result


def _tried(function: Callable[[], Value], what: str) -> Value:
    try:
        return function()
    except _WRONG as error:
        return Unknown(f"{what}: {error}")
