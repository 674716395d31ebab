"""Methods of clients that are not simply called: they are named, handed on, looked up, or of a module that Redis loads."""

import ast

from qtops.wiring.commands import METHODS


def handed_over(node: ast.Call) -> list[ast.Call]:
    """Calls that somebody else is to make: ``to_thread(r.xadd, name, …)``, ``partial(r.xadd, name)``, ``retry(r.xadd, name)``."""
    methods = [(at, word) for at, word in enumerate(node.args[:-1], 1) if is_method(word)]
    return [call_of(word, node, node.args[at:]) for at, word in methods]


def looked_up(node: ast.Call) -> ast.Call | None:
    """``getattr(r, "xadd")(name, …)`` as ``r.xadd(name, …)``."""
    match node.func:
        case ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str(method)), *_]) if method in METHODS:
            return call_of(ast.copy_location(ast.Attribute(of, method, ast.Load()), node), node, node.args)
    return None


def is_method(node: ast.AST) -> bool:
    """Whether an attribute is called as methods of clients are."""
    return isinstance(node, ast.Attribute) and node.attr in METHODS


def call_of(method: ast.expr, node: ast.Call, arguments: list[ast.expr]) -> ast.Call:
    """A method as it is called by way of something else."""
    return ast.copy_location(ast.Call(method, arguments, node.keywords), node)


def target(node: ast.Assign) -> str:
    """The name that something is given: ``add = …``, ``self.add = …``."""
    match node.targets:
        case [ast.Name(id=name) | ast.Attribute(attr=name)]:
            return name
    return ""


_MODULES = frozenset({"json", "ts", "ft", "bf", "cf", "cms", "topk", "tdigest"})


def of_module(node: ast.Call) -> str:
    """A command of a module that Redis loads, ``JSON.SET`` of ``r.json().set(…)``; empty for any other call."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr=module), args=[], keywords=[]), attr=name) if module in _MODULES:
            return f"{module}.{name}".upper()
    return ""
