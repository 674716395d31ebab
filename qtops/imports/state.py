"""The process as the walk imagines it: sys.path, sys.modules, the working directory, the environment, and how sure we are."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from qtops.imports.files import Files
from qtops.imports.finders import Mapping
from qtops.imports.interpreter import Interpreter
from qtops.imports.launch import Launch
from qtops.imports.modules import Left, LoadedModule, LoopLeft, Raised, Returned, Runs
from qtops.imports.outcome import Edit, Import, ImportVerdict, Site
from qtops.imports.path import Entry, Start
from qtops.imports.resolve import Finder
from qtops.imports.shadows import Reach
from qtops.imports.values import Maybe, Scope, Unknown, Value

_STEPS = 200_000  # statements; a service has a few thousand on its way to the first loop
_CALLS = 4_000


@dataclass(frozen=True, slots=True)
class _Moment:
    """What differs between the arms of an undecided branch."""

    path: tuple[Entry, ...]
    directory: str | None
    environment: dict[str, Value]
    scopes: tuple[tuple[Scope, dict[str, Value]], ...]


class State:
    """The bottom layer of the walk: state, and the bookkeeping of branches that could not be decided."""

    def __init__(self, files: Files, launch: Launch, interpreter: Interpreter, start: Start, without: frozenset[Site]) -> None:
        self.files = files
        self.launch = launch
        self.interpreter = interpreter
        self.finder = Finder(files, interpreter.extension_suffixes, interpreter.version)
        self.mappings: tuple[Mapping, ...] = ()
        """Import hooks of editable installs, in the order in which they were put up."""
        self.claims: dict[str, str] = {}
        """Top-level names that a hook may answer before sys.path is asked, and which hook."""
        self.blind: str | None = None
        """Why sys.path and the loaded modules may be others than those that are known."""
        self.start = start
        self.path = (*start.first, *start.core)
        self.directory: str | None = launch.directory
        self.environment: dict[str, Value] = dict(launch.environment)
        self.variables_unknown = ""  # who may have set variables of any name; empty where nobody has
        self.variables_doubted = ""  # the last call of a distribution, which may have set some: not likely, and not impossible
        self.modules: dict[str, LoadedModule] = {}
        self.hooks: list[str] = list(start.doubts)
        """Why any import may end differently: hooks that are not understood."""
        self.without = without
        """Edits that are left out, to see what would happen then."""
        self.imports: list[Import] = []
        self.edits: list[Edit] = []
        self.assumptions: list[str] = []
        self.followed: list[str] = []
        self.doubts: list[str] = []
        """Why it is not certain that the present statement is reached at all; empty when it is."""
        self.try_doubts: list[str | None] = []
        """For each try statement around us: why something in it may fail."""
        self.steps = _STEPS
        self.calls_left = _CALLS
        self.active: dict[ast.AST, int] = {}
        """Functions that are being executed, and how often each: recursion."""
        self.given_up: str | None = None
        self.reach = Reach(files, self.finder, interpreter.version)
        self.shadows_by_path: dict[tuple[Entry, ...], dict[str, Entry]] = {}
        self.depth = 0
        self.closed_texts: dict[str, bytes | None] = {}
        self.generators: set[ast.AST] = set()
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        """The namespace in which the present statement runs."""
        if self._scope is None:
            raise LookupError("nothing is being executed")
        return self._scope

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        """Execute in another namespace; what is doubtful only in there is forgotten at the end."""
        before, doubts = self._scope, len(self.doubts)
        self._scope = scope
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            self._scope = before
            del self.doubts[doubts:]

    def at(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> Site:
        """Where a piece of the source stands."""
        return Site(self.scope.module.file or "<string>", node.lineno)

    def branch(self, arms: Sequence[Callable[[], None]], why: str) -> None:
        """Walk all arms of a branch that could not be decided, each from the same moment, and keep what they agree on."""
        before = self._moment()
        ends: list[tuple[_Moment, Left | None]] = []
        for arm in arms:
            self._restore(before)
            self.doubts.append(why)
            mark = len(self.doubts)
            left: Left | None = None
            try:
                arm()
            except Left as error:
                left = error
            del self.doubts[mark - 1 :]
            ends.append((self._moment(), left))
        self._merge(ends, why)

    def _merge(self, ends: list[tuple[_Moment, Left | None]], why: str) -> None:
        live = [moment for moment, left in ends if left is None]
        gone = [left for _, left in ends if left is not None]
        if not live:
            self._restore(ends[-1][0])
            self.doubts.append(why)
            raise next((left for left in gone if not isinstance(left, Raised)), gone[0])
        self._restore(live[0])
        for other in live[1:]:
            self._join(other, why)
        if any(isinstance(left, Raised | Runs) for left in gone) and why not in self.assumptions:
            self.assumptions.append(why)
        if any(isinstance(left, Returned | LoopLeft) for left in gone):
            self.doubts.append(why)

    def _join(self, other: _Moment, why: str) -> None:
        self.path = _joined_path(self.path, other.path, why)
        if self.directory != other.directory:
            self.directory = None
        self.environment = _joined_names(self.environment, other.environment, why)
        mine = {id(scope): scope for scope, _ in self._moment().scopes}
        for scope, names in other.scopes:
            if id(scope) in mine:
                joined = _joined_names(scope.names, names, why)
                scope.names.clear()
                scope.names.update(joined)

    def _moment(self) -> _Moment:
        scopes: list[tuple[Scope, dict[str, Value]]] = []
        scope: Scope | None = self._scope
        while scope is not None:
            scopes.append((scope, dict(scope.names)))
            scope = scope.outer
        return _Moment(self.path, self.directory, dict(self.environment), tuple(scopes))

    def _restore(self, moment: _Moment) -> None:
        self.path, self.directory = moment.path, moment.directory
        self.environment = dict(moment.environment)
        for scope, names in moment.scopes:
            scope.names.clear()
            scope.names.update(names)

    def fail(self, failed: Import) -> Import:
        """Put an import that fails on record, with the doubt whether it is reached at all."""
        if self.doubts or self.blind is not None:
            failed = replace(failed, reason=self.doubts[-1] if self.doubts else self.blind)
        self.imports.append(failed)
        return failed

    def unclear_import(self, module: str, site: Site, why: str, resolved_to: str | None = None, name: str | None = None) -> None:
        """Put an import on record of which it cannot be told how it ends."""
        self.imports.append(Import(module, site, ImportVerdict.UNKNOWN, resolved_to, name=name, reason=why, path=self.path))
        self.suspect(why)

    def suspect(self, why: str) -> None:
        """Tell the try statements around us that something in them may fail."""
        for index, known in enumerate(self.try_doubts):
            self.try_doubts[index] = known or why


def _joined_names(mine: dict[str, Value], other: dict[str, Value], why: str) -> dict[str, Value]:
    joined: dict[str, Value] = {}
    for name in {**mine, **other}:
        if name not in mine or name not in other:
            joined[name] = Maybe(why)
        elif mine[name] is other[name] or _same(mine[name], other[name]):
            joined[name] = mine[name]
        elif isinstance(mine[name], Maybe) or isinstance(other[name], Maybe):
            joined[name] = Maybe(why)
        else:
            joined[name] = Unknown(why)
    return joined


def _same(mine: Value, other: Value) -> bool:
    return type(mine) is type(other) and bool(mine == other)


def _joined_path(mine: tuple[Entry, ...], other: tuple[Entry, ...], why: str) -> tuple[Entry, ...]:
    """Entries of both ways in their order; those of one way alone are doubtful."""
    if mine == other:
        return mine
    shared = [entry for entry in mine if entry in other]
    joined: list[Entry] = []
    position = 0
    for entry in mine:
        if entry not in other:
            joined.append(_doubtful(entry, why))
            continue
        while position < len(other) and other[position] != entry:
            if other[position] not in shared:
                joined.append(_doubtful(other[position], why))
            position += 1
        position += 1
        joined.append(entry)
    joined += [_doubtful(entry, why) for entry in other[position:] if entry not in shared]
    return tuple(joined)


def _doubtful(entry: Entry, why: str) -> Entry:
    return Entry(entry.text, entry.origin, entry.doubt or why, entry.ignored)
