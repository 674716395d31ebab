"""What of the import system a piece of code can touch, told from its text. What is not plainly harmless is named."""

import ast
from collections.abc import Callable, Iterator

_OF_SYS = frozenset(  # what may be read or set of the module sys without any effect on imports
    """abiflags api_version argv base_exec_prefix base_prefix byteorder copyright displayhook dont_write_bytecode exc_info
    excepthook exec_prefix executable flags float_info getdefaultencoding getfilesystemencoding getrecursionlimit getrefcount
    getsizeof hash_info hexversion implementation int_info intern is_finalizing maxsize maxunicode orig_argv platform platlibdir
    prefix pycache_prefix setrecursionlimit stderr stdin stdlib_module_names stdout thread_info unraisablehook version
    version_info warnoptions winver _xoptions __excepthook__ __stderr__ __stdout__""".split()  # noqa: SIM905
)
_WHOLE = frozenset(  # modules through which everything can be reached
    (
        *("builtins", "code", "ctypes", "_ctypes", "gc", "imp", "_imp", "marshal", "pdb", "pkgutil", "runpy", "site", "unittest"),
        *("zipimport", "_frozen_importlib", "_frozen_importlib_external"),
    )
)
_NAMES = frozenset(
    (
        *("__builtins__", "__import__", "__loader__", "__path__", "__spec__", "compile", "delattr", "eval", "exec", "globals"),
        *("setattr", "vars"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *(
            "__builtins__",
            "__dict__",
            "__globals__",
            "__import__",
            "__loader__",
            "__path__",
            "__subclasses__",
            "_exit",
            "_getframe",
        ),
        *("addsitedir", "addsitepackages", "builtins", "chdir", "exec_module", "execl", "execle", "execlp", "execv", "execve"),
        *("execvp", "execvpe", "f_back", "f_globals", "f_locals", "fchdir", "load_module", "meta_path", "module_from_spec"),
        *("modules", "path_hooks", "path_importer_cache", "reload", "run_module", "run_path", "spec_from_file_location", "sys"),
    )
)
_LOOKS_ONLY = frozenset(
    {"all", "any", "bool", "enumerate", "len", "list", "print", "repr", "reversed", "set", "sorted", "str", "tuple"}
)
_READS = frozenset({"get", "values", "items", "copy", "__getitem__"})
_MACHINERY = frozenset({"meta_path", "modules", "path", "path_hooks", "path_importer_cache"})


def touched(nodes: list[ast.AST], aliases: dict[str, str]) -> Iterator[tuple[str, int]]:
    """What of the import system some code touches, or may touch, and where. ``aliases`` are the modules behind names."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and is_main_guard(node):
            continue
        look = _LOOKS.get(type(node))
        if look is not None and (what := look(node, aliases)) is not None:
            yield what, getattr(node, "lineno", 1)
        pending += _inside(node, aliases)


def _inside(node: ast.AST, aliases: dict[str, str]) -> list[ast.AST]:
    """The parts of a node that are to be looked at."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[box]) if _is_machinery(box, aliases):
            return [node.left]  # whether a module is loaded may be asked
        case ast.Attribute(value=ast.Name()):
            return []
        case ast.Call(func=ast.Name(id="exec" | "__import__")):
            return [*node.args, *node.keywords]
    return list(ast.iter_child_nodes(node))


def _attribute(node: ast.Attribute, aliases: dict[str, str]) -> str | None:
    module = aliases.get(node.value.id) if isinstance(node.value, ast.Name) else None
    if isinstance(node.value, ast.Name) and node.value.id in _NAMES:
        return node.value.id
    if module == "sys":
        return None if node.attr in _OF_SYS else f"sys.{node.attr}"
    if node.attr in _ATTRIBUTES or (module is not None and not isinstance(node.ctx, ast.Load)):
        return f"{module}.{node.attr}" if module else node.attr
    return None


def _name(node: ast.Name, aliases: dict[str, str]) -> str | None:
    return f"{node.id} itself" if aliases.get(node.id) == "sys" or node.id in _NAMES else None


def _call(node: ast.Call, aliases: dict[str, str]) -> str | None:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function in {"getattr", "hasattr"} and len(node.args) > 1:
        name = node.args[1]
        return None if isinstance(name, ast.Constant) and name.value not in _ATTRIBUTES else function
    if isinstance(node.func, ast.Attribute) and node.func.attr in _READS and _is_machinery(node.func.value, aliases):
        return "what is in sys.modules or its kin"
    if function == "exec":
        return function
    if called_import(node, aliases) == "":
        return "an import of a name that is not constant"
    if function not in _LOOKS_ONLY and any(_is_machinery(argument, aliases) for argument in node.args):
        return "what is handed a part of sys"
    return None


def _subscript(node: ast.Subscript, aliases: dict[str, str]) -> str | None:
    is_read = isinstance(node.ctx, ast.Load) and _is_machinery(node.value, aliases)
    return "what is in sys.modules or its kin" if is_read and not _is_machinery(node.value, aliases, "path") else None


def _import(node: ast.Import, _: dict[str, str]) -> str | None:
    return next((one.name for one in node.names if one.name.partition(".")[0] in _WHOLE), None)


def _import_from(node: ast.ImportFrom, _: dict[str, str]) -> str | None:
    module = node.module or ""
    if node.level:
        return None
    if module.partition(".")[0] in _WHOLE:
        return module
    if any(one.name == "import_module" and one.asname for one in node.names):
        return "import_module under another name"
    for name in (one.name for one in node.names):
        if (module == "sys" and name not in _OF_SYS) or name in _ATTRIBUTES or (name == "*" and module in {"sys", "os"}):
            return f"{module}.{name}"
    return None


_LOOKS: dict[type[ast.AST], Callable[..., str | None]] = {
    ast.Attribute: _attribute,
    ast.Name: _name,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}


def is_main_guard(node: ast.If) -> bool:
    """``if __name__ == …``: not taken in what is imported."""
    return isinstance(node.test, ast.Compare) and isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"


def _is_machinery(node: ast.expr, aliases: dict[str, str], *only: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            return aliases.get(name) == "sys" and attr in (only or _MACHINERY)
        case ast.Name(id=name):
            return aliases.get(name, "").removeprefix("sys.") in (only or _MACHINERY)
    return False


def called_import(node: ast.Call, aliases: dict[str, str]) -> str | None:
    """The module that ``__import__`` or ``import_module`` is given: empty when it is not constant, None for other calls."""
    match node.func:
        case ast.Name(id="__import__" | "import_module"):
            pass
        case ast.Attribute(value=ast.Name(id=name), attr="import_module") if aliases.get(name) == "importlib":
            pass
        case _:
            return None
    match node.args:
        case [ast.Constant(value=str(wanted)), *_] if not wanted.startswith("."):
            return wanted
    return ""
