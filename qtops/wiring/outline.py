"""What one source file holds, found in one pass: scopes, imports, calls by name, and what may speak to Redis."""

import ast
from collections import defaultdict
from dataclasses import dataclass, field

from qtops.wiring.clients import is_client_module
from qtops.wiring.commands import AMBIGUOUS, METHODS, is_raw_command

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SIGNS = {*METHODS, "pipeline", "pubsub", "from_url"} - AMBIGUOUS
_REDIS_CLI = "redis-cli"


@dataclass(eq=False, slots=True)
class Scope:
    """A module, a class body or a function. Lambdas and comprehensions belong to the scope that they stand in."""

    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    module: "Outline"
    outer: "Scope | None" = None
    mentions: set[str] = field(default_factory=set)
    """Every name and attribute that is spoken of here: what may be called from here."""
    calls: list[ast.Call] = field(default_factory=list)
    suspects: list[ast.expr] = field(default_factory=list)
    """Calls, tuples and lists that may be commands for Redis."""
    global_names: set[str] = field(default_factory=set)
    inner: "dict[str, list[Scope]]" = field(default_factory=dict)
    """Functions and classes that are defined here."""

    @property
    def name(self) -> str:
        """Its name; empty for a module."""
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
    dynamic: bool = False
    """Attributes are looked up by names that are made at run time."""

    @property
    def top(self) -> Scope:
        """The module itself."""
        return self.scopes[0]


def outline(path: str, tree: ast.Module) -> Outline:
    """Look through a file once."""
    found = Outline(path, tree)
    found.scopes.append(Scope(tree, found))
    for scope in found.scopes:  # grows meanwhile
        _walk(scope, found)
    found.has_client = found.has_client or not _SIGNS.isdisjoint(found.called)
    for calls in found.called.values():
        calls.sort(key=lambda call: call[1].lineno)
    return found


def _walk(scope: Scope, found: Outline) -> None:  # noqa: C901, PLR0912  (one pass, one loop)
    pending: list[ast.AST] = list(scope.node.body)
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef) and scope.outer is not None:
        pending += [note for note in _annotations(scope.node) if not isinstance(note, ast.Constant)]
    mention, push = scope.mentions.add, pending.append
    while pending:
        node = pending.pop()
        kind = node.__class__
        if kind is ast.Name:
            mention(node.id)  # type: ignore[attr-defined]
            continue
        if kind is ast.Attribute:
            mention(node.attr)  # type: ignore[attr-defined]
            push(node.value)  # type: ignore[attr-defined]
            continue
        if kind is ast.Constant:
            continue
        if isinstance(node, ast.Call):
            _note_call(node, scope, found)
        elif isinstance(node, ast.Tuple | ast.List):
            if len(node.elts) > 1 and _is_command(node.elts[0]):
                scope.suspects.append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _enter(node, scope, found)
            pending += _outside(node)
            continue
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.imports.append(node)
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found.has_client = found.has_client or any(map(is_client_module, modules))
            scope.mentions.update(alias.name for alias in node.names)
            for alias in node.names:
                if alias.asname:
                    found.aliases[alias.name].add(alias.asname)
            continue
        elif isinstance(node, ast.Global):
            scope.global_names.update(node.names)
            for name in node.names:
                found.global_scopes[name].append(scope)
            continue
        for value in node.__dict__.values():
            if value.__class__ is list:
                pending += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                push(value)


def _note_call(node: ast.Call, scope: Scope, found: Outline) -> None:
    called = node.func
    scope.suspects += _handed_over(node)
    if isinstance(called, ast.Attribute):
        name = called.attr
        if name in METHODS or name == "execute_command" or any(keyword.arg == "keys" for keyword in node.keywords):
            scope.suspects.append(node)
    elif isinstance(called, ast.Name):
        name = called.id
        if any(keyword.arg == "keys" for keyword in node.keywords):
            scope.suspects.append(node)
    else:
        return
    scope.calls.append(node)
    found.called[name].append((scope, node))
    if node.args:
        first = node.args[0]
        text = first.values[0] if isinstance(first, ast.JoinedStr) and first.values else first
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            if text.value.startswith(f"{_REDIS_CLI} "):
                scope.suspects.append(node)
            elif name in {"import_module", "__import__"}:
                found.loaded.append(text.value)
    if name == "getattr" and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
        found.dynamic = True
    elif name == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
        scope.mentions.add(str(node.args[1].value))


def _handed_over(node: ast.Call) -> list[ast.Call]:
    """Calls that somebody else is to make: ``to_thread(r.xadd, name, …)``, ``partial(r.xadd, name)``, ``retry(r.xadd, name)``."""
    methods = [(at, word) for at, word in enumerate(node.args[:-1], 1) if isinstance(word, ast.Attribute) and word.attr in METHODS]
    return [ast.copy_location(ast.Call(word, node.args[at:], node.keywords), node) for at, word in methods]


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


def _outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    """What is evaluated where a function or class is defined."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    arguments = node.args
    return [*node.decorator_list, *arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [argument.annotation for argument in every if argument.annotation is not None]
