"""What one source file holds, found in one pass: scopes, imports, calls by name, and what may speak to Redis."""

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from qtops.wiring.bindings import MUTATIONS, Flow
from qtops.wiring.clients import is_client_module
from qtops.wiring.commands import AMBIGUOUS, METHODS, is_raw_command
from qtops.wiring.functions import annotations, outside, start_of
from qtops.wiring.handed import call_of, handed_over, looked_up, of_module, target

_SIGNS = {*METHODS, "pipeline", "pubsub", "from_url"} - AMBIGUOUS
_SPECIAL = frozenset(
    {ast.Tuple, ast.List, ast.Subscript, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom,
     ast.Global, ast.Assign}
)  # fmt: skip
_LEAVES = frozenset({ast.Constant, ast.Load, ast.Store, ast.Del, ast.Pass, ast.Add, ast.And, ast.Or, str, int, type(None)})
_REDIS_CLI = "redis-cli"


@dataclass(eq=False, slots=True)
class Scope:
    """A module, a class body or a function. Lambdas and comprehensions belong to the scope that they stand in."""

    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    module: "Outline"
    outer: "Scope | None" = None
    mentions: set[str] = field(default_factory=set)
    """Every name and attribute that is spoken of here: what may be called from here."""
    suspects: list[ast.expr] = field(default_factory=list)
    """Calls, tuples and lists that may be commands for Redis."""
    stores: set[str] = field(default_factory=set)
    """Attributes that are assigned to, or grow."""
    global_names: set[str] = field(default_factory=set)
    inner: "dict[str, list[Scope]]" = field(default_factory=dict)
    """Functions and classes that are defined here."""

    @property
    def name(self) -> str:
        """Empty for a module."""
        return "" if isinstance(self.node, ast.Module) else self.node.name

    @property
    def is_function(self) -> bool:
        """Neither a module nor a class body."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef)

    @property
    def owner(self) -> "Scope | None":
        """The class whose method this is."""
        outer = self.outer
        return outer if self.is_function and outer is not None and isinstance(outer.node, ast.ClassDef) else None


@dataclass(eq=False, slots=True)
class Outline:
    """One file."""

    path: str
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    scopes: list[Scope] = field(default_factory=list)
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    """Names that ``importlib.import_module`` or ``__import__`` is given."""
    global_scopes: dict[str, list[Scope]] = field(default_factory=lambda: defaultdict(list))
    """Functions that bind a name of the module, by that name."""
    called: dict[str, list[tuple[Scope, ast.Call]]] = field(default_factory=lambda: defaultdict(list))
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What imported names are called here, where they are called otherwise."""
    has_client: bool = False
    """It imports a module of clients, or calls what only they have."""
    flows: "dict[Scope, Flow]" = field(default_factory=dict)
    """What is known already of its scopes."""
    called_so: set[int] = field(default_factory=set)
    """Attributes that are called, or of which the calls are known: while the file is looked through."""
    named: dict[str, list[tuple[Scope, ast.expr]]] = field(default_factory=lambda: defaultdict(list))
    """Methods of clients that have a name of their own: ``add = r.xadd``."""
    stands: dict[ast.expr, Scope] = field(default_factory=dict)
    """Where these stand: not where they are called."""
    dynamic: bool = False
    """Attributes are looked up by names that are made at run time."""

    @property
    def top(self) -> Scope:
        """The module itself."""
        return self.scopes[0]

    def forget(self) -> None:
        """Let go of everything: scopes lead in circles, and a collector of garbage would look through them again and again."""
        for flow in self.flows.values():
            for bindings in flow.every.values():
                for binding in bindings:
                    binding.before.clear()
        for scope in self.scopes:
            scope.inner.clear()
        for part in (self.flows, self.scopes, self.called, self.global_scopes, self.imports, self.named, self.stands):
            part.clear()


def outline(path: str, tree: ast.Module) -> Outline:
    """Look through a file once."""
    found = Outline(path, tree)
    found.scopes.append(Scope(tree, found))
    for scope in found.scopes:  # grows meanwhile
        _walk(scope, found)
    _note_named(found)
    found.called_so.clear()
    found.has_client = found.has_client or not _SIGNS.isdisjoint(found.called)
    for calls in found.called.values():
        calls.sort(key=lambda call: call[1].lineno)
    return found


def _walk(scope: Scope, found: Outline) -> None:
    pending: list[ast.AST] = list(scope.node.body)
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef) and scope.outer is not None:
        pending += [note for note in annotations(scope.node) if not isinstance(note, ast.Constant)]
    mention, push, pop = scope.mentions.add, pending.append, pending.pop
    while pending:
        node = pop()
        kind = node.__class__
        if kind in _LEAVES:
            continue
        if kind is ast.Name:
            mention(node.id)  # type: ignore[attr-defined]
            continue
        if kind is ast.Attribute:
            _note_attribute(node, scope, found)  # type: ignore[arg-type]
            push(node.value)  # type: ignore[attr-defined]
            continue
        if kind is ast.Call:
            _note_call(node, scope, found)  # type: ignore[arg-type]
        elif kind in _SPECIAL and _note_special(node, scope, found, pending):
            continue
        attributes = node.__dict__
        for name in kind._fields:
            value: Any = attributes.get(name)
            if value.__class__ is list:
                pending += value
            elif value.__class__ not in _LEAVES:
                push(value)


def _note_attribute(node: ast.Attribute, scope: Scope, found: Outline) -> None:
    scope.mentions.add(node.attr)
    if node.ctx.__class__ is ast.Store:
        scope.stores.add(node.attr)
    elif node.attr in METHODS and id(node) not in found.called_so:
        scope.suspects.append(node)


def _note_named(found: Outline) -> None:
    """Calls of methods by the names that they were given."""
    for name, methods in found.named.items():
        for scope, method in methods:
            found.stands[method] = scope
            calls = found.called.get(name, ())
            scope.suspects += [] if calls else [method]
            for caller, call in calls:
                caller.suspects.append(call_of(method, call, call.args))


def _note_special(node: ast.AST, scope: Scope, found: Outline, pending: list[ast.AST]) -> bool:
    """What is more than its parts. Returns whether its parts are dealt with."""
    match node:
        case ast.Tuple(elts=[first, _, *_]) | ast.List(elts=[first, _, *_]):
            if _is_command(first):
                scope.suspects.append(node)
        case ast.Assign(value=ast.Attribute(attr=name) as method) if name in METHODS:
            found.named[target(node)].append((scope, method))
            found.called_so.add(id(method))
        case ast.Subscript(value=ast.Attribute(attr=name), ctx=ast.Store()):
            scope.stores.add(name)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            _enter(node, scope, found)
            pending += outside(node)
            return True
        case ast.Import() | ast.ImportFrom():
            _note_import(node, scope, found)
            return True
        case ast.Global(names=names):
            scope.global_names.update(names)
            for name in names:
                found.global_scopes[name].append(scope)
            return True
    return False


def _note_import(node: ast.Import | ast.ImportFrom, scope: Scope, found: Outline) -> None:
    found.imports.append(node)
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    found.has_client = found.has_client or any(map(is_client_module, modules))
    for alias in node.names:
        scope.mentions.add(alias.name)
        if alias.asname:
            found.aliases[alias.name].add(alias.asname)


def _note_call(node: ast.Call, scope: Scope, found: Outline) -> None:
    called = node.func
    found.called_so.add(id(called))
    if len(node.args) > 1:
        given = handed_over(node)
        scope.suspects += given
        found.called_so.update(id(call.func) for call in given)
    if isinstance(called, ast.Attribute):
        name = called.attr
        if name in MUTATIONS and isinstance(called.value, ast.Attribute):
            scope.stores.add(called.value.attr)
        if name in METHODS or name == "execute_command" or of_module(node) or any(word.arg == "keys" for word in node.keywords):
            scope.suspects.append(node)
    elif isinstance(called, ast.Name):
        name = called.id
        if any(keyword.arg == "keys" for keyword in node.keywords):
            scope.suspects.append(node)
    else:
        scope.suspects += filter(None, [looked_up(node)])
        return
    found.called[name].append((scope, node))
    if name == "getattr" and len(node.args) > 1:
        _note_getattr(node.args[1], scope, found)
    elif node.args and (start := start_of(node.args[0])):
        if start.startswith(f"{_REDIS_CLI} "):
            scope.suspects.append(node)
        elif name in {"import_module", "__import__"}:
            found.loaded.append(start)


def _note_getattr(name: ast.expr, scope: Scope, found: Outline) -> None:
    if isinstance(name, ast.Constant):
        scope.mentions.add(str(name.value))
    else:
        found.dynamic = True


def _is_command(first: ast.expr) -> bool:
    return (
        isinstance(first, ast.Constant)
        and isinstance(first.value, str | bytes)
        and (first.value == _REDIS_CLI or is_raw_command(first.value))
    )


def _enter(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope, found: Outline) -> None:
    inner = Scope(node, found, scope)
    scope.inner.setdefault(node.name, []).append(inner)
    found.scopes.append(inner)
