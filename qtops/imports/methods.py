"""Methods of texts, paths and containers, where they give what they give at run time."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qtops.imports.library import Known, tried
from qtops.imports.places import expand_user, joined, kind_at, real
from qtops.imports.tree import Kind
from qtops.imports.values import Unknown, Value, doubt_in, is_plain

if TYPE_CHECKING:
    from qtops.imports.state import State

_WIDE = re.compile(r"\d{4}")
PATH_METHODS: Mapping[str, Known] = {
    "resolve": lambda s, p, **_: PurePosixPath(real(s, p)),
    "absolute": lambda s, p: PurePosixPath(joined(s, p)),
    "expanduser": lambda s, p: PurePosixPath(expand_user(s, p)),
    "exists": lambda s, p: kind_at(s, p) is not None,
    "is_dir": lambda s, p: kind_at(s, p) is Kind.DIRECTORY,
    "is_file": lambda s, p: kind_at(s, p) is Kind.FILE,
    "joinpath": lambda _, p, *parts: p.joinpath(*parts),
    "as_posix": lambda _, p: p.as_posix(),
    "__str__": lambda _, p: str(p),
    "__fspath__": lambda _, p: str(p),
    "with_name": lambda _, p, name: p.with_name(name),
    "with_suffix": lambda _, p, suffix: p.with_suffix(suffix),
    "relative_to": lambda _, p, other: p.relative_to(other),
    "is_absolute": lambda _, p: p.is_absolute(),
    "samefile": lambda s, p, other: real(s, p) == real(s, other),
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


def evaluate_method(
    state: "State", subject: Value, name: str, positional: list[Value], named: dict[str, Value], where: str
) -> Value:
    """A call of a method of a text, a path or a container."""
    if (why := doubt_in(*positional, *named.values())) is not None:
        return Unknown(why)
    if isinstance(subject, PurePosixPath) and name in PATH_METHODS:
        return tried(lambda: PATH_METHODS[name](state, subject, *positional, **named), f"{name} at {where}")
    known = (isinstance(subject, str) and name in _TEXT_METHODS) or (
        isinstance(subject, list | tuple | dict) and name in _CONTAINER_METHODS
    )
    if not known:
        return Unknown(doubt_in(subject) or f"the result of {name} at {where} is not known")
    if name in {"format", "join"} and (_WIDE.search(subject) or not is_plain([*positional, *named.values()])):
        return Unknown(f"the text at {where} is not evaluated")
    result = tried(lambda: getattr(subject, name)(*positional, **named), f"{name} at {where}")
    return list(result) if name in {"keys", "values", "items"} and not isinstance(result, Unknown) else result
