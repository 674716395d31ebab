"""What the syntax of a function or call says by itself."""

import ast


def is_parameter(function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.AST) -> bool:
    """Whether an argument is one of this very function."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return any(argument is node for argument in every)


HANDED_ON = frozenset({"partial", "submit", "to_thread", "run_in_executor", "Thread", "Process", "Timer", "add_job"})
"""What is given a function, and arguments to call it with."""


def handed_on(node: ast.Call) -> ast.Call | None:
    """``partial(f, a)`` as ``f(a)``, ``Thread(target=f, args=(a,))`` too."""
    words = {word.arg: word.value for word in node.keywords}
    given, named = list(node.args), list(node.keywords)
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if "target" in words:
        arguments = words.get("args")
        given = [words["target"], *(arguments.elts if isinstance(arguments, ast.Tuple | ast.List) else [])]
        more = words.get("kwargs")
        pairs = zip(more.keys, more.values, strict=True) if isinstance(more, ast.Dict) else ()
        named = [ast.keyword(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]
    elif called in {"run_in_executor", "Timer"}:
        given = given[1:]
    if not given or not isinstance(given[0], ast.Name | ast.Attribute):
        return None
    return ast.copy_location(ast.Call(given[0], given[1:], named), node)


def is_super(node: ast.Call) -> bool:
    """``super().method(…)``."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
            return True
    return False


def decorators(function: ast.AST) -> set[str]:
    """The names of what stands before a definition."""
    found = set()
    for node in getattr(function, "decorator_list", ()):
        inner = node.func if isinstance(node, ast.Call) else node
        found.add(inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", ""))
    return found


def is_static(function: ast.AST) -> bool:
    """Whether a method has no subject."""
    return "staticmethod" in decorators(function)


def is_classmethod(function: ast.AST) -> bool:
    """Whether a method's subject is its class."""
    return "classmethod" in decorators(function)


def is_abstract(function: ast.AST) -> bool:
    """Whether subclasses have to write a method themselves: it is declared so, or does nothing but refuse."""
    body = [
        node for node in getattr(function, "body", ()) if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    refuses = bool(body) and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0])
    return "abstractmethod" in decorators(function) or refuses


def outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    """What is evaluated where a function or class is defined."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    arguments = node.args
    return [*node.decorator_list, *arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]


def annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """What is noted of its parameters."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [argument.annotation for argument in every if argument.annotation is not None]


def start_of(node: ast.expr) -> str:
    """What a text begins with."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
