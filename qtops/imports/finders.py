"""Import hooks whose answers can be read from their text: those of editable installs, and those that concern some names alone."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADS = re.compile(r"if fullname in MAPPING:|for pkg, pkg_path in reversed\(list\(MAPPING\.items\(\)\)\):")


@dataclass(frozen=True, slots=True)
class Mapping:
    """An editable install's hook: names and the paths they are taken from. Asked after sys.path."""

    file: str
    names: tuple[tuple[str, str], ...]
    exact: bool = False
    """The paths are files; otherwise packages, or modules without their suffix."""
    namespaces: tuple[tuple[str, tuple[str, ...]], ...] = ()
    placeholder: str = ""
    """The entry of sys.path at which the namespaces are found."""


def mapping_of(module: ast.Module, file: str) -> Mapping | None:
    """The mapping of a finder that setuptools generated, or of a module for the ``editables`` distribution."""
    return _generated(module, file) or _redirected(module, file)


def _generated(module: ast.Module, file: str) -> Mapping | None:
    """setuptools: a module of constants and two classes, the first of which looks into MAPPING."""
    found: dict[str, object] = {}
    for name, value in _constants(module):
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, RecursionError):
            found[name] = _concatenated(value)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    functions = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    known = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.ClassDef, ast.FunctionDef, ast.Expr)
    names, spaces = found.get("MAPPING"), found.get("NAMESPACES", {})
    if not (classes and functions == ["install"] and all(isinstance(node, known) for node in module.body)):
        return None
    if any(isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant) for node in module.body):
        return None
    if not (isinstance(names, dict) and isinstance(spaces, dict) and _looks_into_mapping(classes[0])):
        return None
    namespaces = tuple((name, tuple(places or [names[name]] if name in names else places)) for name, places in spaces.items())
    placeholder = found.get("PATH_PLACEHOLDER")
    if namespaces and not isinstance(placeholder, str):
        return None
    return Mapping(file, tuple(names.items()), namespaces=namespaces, placeholder=str(placeholder or ""))


def _constants(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.Assign(targets=[ast.Name(id=name)], value=value)
            ):
                yield name, value


def _concatenated(node: ast.expr) -> str | None:
    match node:
        case ast.BinOp(left=ast.Constant(value=str(left)), op=ast.Add(), right=ast.Constant(value=str(right))):
            return left + right
    return None


def _looks_into_mapping(finder: ast.ClassDef) -> bool:
    body = next((node.body for node in finder.body if isinstance(node, ast.FunctionDef) and node.name == "find_spec"), [])
    return any(_HEADS.match(ast.unparse(node)) for node in body)


def _redirected(module: ast.Module, file: str) -> Mapping | None:
    """``editables``: its finder is installed and given one name after another, nothing else."""
    names: list[tuple[str, str]] = []
    finder = ""
    for node in module.body:
        match node:
            case ast.ImportFrom(module="editables.redirector", names=[ast.alias(name="RedirectingFinder") as alias], level=0):
                finder = alias.asname or alias.name
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="install"), args=[])) if name == finder:
                continue
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=of), attr="map_module"),
                    args=[ast.Constant(value=str(name)), ast.Constant(value=str(place))],
                )
            ) if of == finder:
                names.append((name, place))
            case _:
                return None
    return Mapping(file, tuple(names), exact=True) if names else None


def concerned(module: ast.Module) -> frozenset[str]:
    """The top-level names that the finders of a module may answer, where their shape tells; empty where it does not.

    Two shapes are known: setuptools' hook for distutils (a method ``spec_for_NAME`` for each name) and virtualenv's (``if fullname
    in CONSTANT``, nothing else).
    """
    if any(_is_more_than_a_finder(node) for node in ast.walk(module)):
        return frozenset()
    finders = [node for node in module.body if isinstance(node, ast.ClassDef) and _method(node, "find_spec") is not None]
    constants = dict(_constants(module))
    names: set[str] = set()
    for finder in finders:
        own = _by_method(finder) or _by_membership(finder, constants)
        if not own:
            return frozenset()
        names |= own
    return frozenset(name.partition(".")[0] for name in names)


def _method(of: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((node for node in of.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _by_method(finder: ast.ClassDef) -> set[str]:
    method = _method(finder, "find_spec")
    if method is None or "'spec_for_{fullname}'.format(**locals())" not in ast.unparse(method):
        return set()
    last = method.body[-1]
    if not (isinstance(last, ast.Return) and isinstance(last.value, ast.Call)):
        return set()
    methods = [node.name for node in finder.body if isinstance(node, ast.FunctionDef)]
    named = {name.removeprefix("spec_for_") for name in methods if name.startswith("spec_for_")}
    lists = [node.value for node in finder.body if isinstance(node, ast.Assign)]
    added = {part.value for value in lists for part in ast.walk(value) if isinstance(part, ast.Constant)}
    return named | {name for name in added if isinstance(name, str)}


def _by_membership(finder: ast.ClassDef, constants: dict[str, ast.expr]) -> set[str]:
    """``if fullname in NAMES …: …`` and then ``return None``; NAMES may be looked up in a ``try`` first."""
    method = _method(finder, "find_spec")
    aliases: dict[str, str] = {}
    tests: list[ast.expr] = []
    for node in method.body if method is not None else []:
        match node:
            case ast.Try(body=[ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name(id=name))]) if not node.finalbody:
                aliases[alias] = name
            case ast.If(test=ast.BoolOp(op=ast.And(), values=[test, *_]), orelse=[]) | ast.If(test=test, orelse=[]):
                tests.append(test)
            case ast.Return(value=value) if value is None or (isinstance(value, ast.Constant) and value.value is None):
                continue
            case ast.Expr(value=ast.Constant()):
                continue
            case _:
                return set()
    match tests:
        case [ast.Compare(left=ast.Name(id="fullname"), ops=[ast.In()], comparators=[ast.Name(id=name)])]:
            try:
                listed = ast.literal_eval(constants[aliases.get(name, name)])
            except (KeyError, ValueError):
                return set()
            return set(listed) if isinstance(listed, tuple | list) else set()
    return set()


def _is_more_than_a_finder(node: ast.AST) -> bool:
    """Whether something of the import system other than sys.meta_path is touched, or may be."""
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr="path") | ast.Name(id="exec" | "eval" | "globals" | "__import__"):
            return True
        case ast.Attribute(attr="path_hooks" | "path_importer_cache" | "addsitedir"):
            return True
        case ast.ImportFrom(module="sys" | "builtins" | "site"):
            return True
    return False
