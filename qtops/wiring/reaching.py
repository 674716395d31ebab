"""Which code of a closure can be run at all: what is imported along with a module and never spoken of does nothing here."""

import ast
from collections import defaultdict

from qtops.wiring.closure import Closure
from qtops.wiring.functions import decorators
from qtops.wiring.outline import Outline, Scope

_QUIET = frozenset(
    [
        "property", "staticmethod", "classmethod", "abstractmethod", "cached_property", "lru_cache", "cache",
        "contextmanager", "asynccontextmanager", "dataclass", "overload", "wraps", "override", "final", "setter",
    ]
)  # fmt: skip
"""Decorators that do not give a function to anybody who would call it."""


def reached(closure: Closure) -> set[Scope]:
    """Module-level code, what the entry defines, what is decorated, and whatever these speak of by name, and so on."""
    outlines = closure.outlines
    found: set[Scope] = set()
    waiting: dict[str, list[Scope]] = defaultdict(list)
    pending: list[Scope] = []
    for outline in outlines:
        for scope in outline.scopes:
            if _is_open(scope, outline, entry=outline is outlines[0]):
                pending.append(scope)
            else:
                waiting[scope.name].append(scope)
    spoken: set[str] = set()
    while pending:
        scope = pending.pop()
        if scope in found:
            continue
        found.add(scope)
        for name in scope.mentions - spoken:
            spoken.add(name)
            pending += waiting.pop(name, ())
    return found


def _is_open(scope: Scope, outline: Outline, *, entry: bool) -> bool:
    """Whether it is run, or may be run, without being spoken of."""
    if entry or not scope.is_function or outline.dynamic:
        return True
    if scope.name.startswith("__") and scope.name.endswith("__"):
        return True  # whether an object is ever made is told by what its other methods are asked for
    return bool(decorators(scope.node) - _QUIET) or _overrides(scope)


def _overrides(scope: Scope) -> bool:
    """Whether a method may be called by a class of others that it derives from: ``run`` of a thread."""
    owner = scope.owner
    if owner is None or not isinstance(owner.node, ast.ClassDef):
        return False
    known = {other.name for other in scope.module.scopes if isinstance(other.node, ast.ClassDef)}
    names = {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in owner.node.bases}
    return bool(names & {"Thread", "Process", "Protocol", "Handler", "BaseHTTPRequestHandler", "Task"} - known) and scope.name in {
        "run", "emit", "handle", "do_GET", "do_POST",
    }  # fmt: skip
