"""Which Redis names the source of one unit writes and reads, without running it."""

from collections.abc import Mapping
from typing import NamedTuple

from qtops.facts.wiring import End, Unresolved
from qtops.imports.files import Files
from qtops.wiring.closure import Cache, Closure
from qtops.wiring.ends import Ends
from qtops.wiring.evaluate import Evaluator
from qtops.wiring.reaching import reached

__all__ = ("Cache", "Read", "Unit", "Variable", "read_unit")


class Variable(NamedTuple):
    """A variable of a unit's effective environment."""

    value: str
    origin: str
    """"STREAM_IN at /etc/app.env:3"."""


class Unit(NamedTuple):
    """One unit: what it starts, and where its modules are looked for."""

    name: str
    script: str
    path: tuple[str, ...]
    """The absolute folders of sys.path, in order."""
    own: tuple[str, ...]
    """Folders whose files are the project's own: only these are followed."""
    environment: Mapping[str, Variable]
    version: tuple[int, int] = (3, 11)
    module: str = ""
    """For ``-m`` and ``module:attribute`` targets."""


class Read(NamedTuple):
    """What the source of one unit says."""

    ends: tuple[End, ...]
    unresolved: tuple[Unresolved, ...]
    files: tuple[str, ...]
    missing: tuple[str, ...]


def read_unit(files: Files, unit: Unit, cache: Cache | None = None) -> Read:
    """Read the entry script of a unit and all of the project's own that it imports. Never raises for what the tree holds."""
    cache = cache if cache is not None else Cache()
    closure = Closure(files, unit.path, unit.own, unit.version, cache)
    closure.start(unit.script, unit.module)
    evaluator = Evaluator(closure, unit.environment)
    evaluator.reached = reached(closure)
    ends = Ends(unit.name, evaluator)
    found = ends.collect()
    files_read = tuple(outline.path for outline in closure.outlines)
    cache.trim()
    return Read(tuple(found), tuple(ends.unresolved), files_read, tuple(dict.fromkeys([*closure.missing, *ends.missing])))
