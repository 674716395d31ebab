"""Names that a statement binds, and imports that nothing uses once it is gone."""

import ast
import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d]\w*")


def used(tree: ast.AST) -> set[str]:
    """All names in a tree that are not being bound by an import, those in annotations written as text and in ``__all__`` too."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        for part in _with_text(node):
            texts = (inner.value for inner in ast.walk(part) if isinstance(inner, ast.Constant))
            found.update(word for text in texts if isinstance(text, str) for word in _WORD.findall(text))
    return found


def imported(tree: ast.Module) -> list[str]:
    """Names that imports bind at the top level of a module, inside ``if`` and ``try`` too, in their order."""
    found: list[str] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            pending += ast.iter_child_nodes(node)
    return list(dict.fromkeys(found))


def bound(statement: ast.stmt) -> set[str]:
    """Names that an assignment, or ``:=`` inside a statement, gives a value."""
    targets: list[ast.expr] = []
    match statement:
        case ast.Assign(targets=several):
            targets = several
        case ast.AnnAssign(target=one, value=ast.expr()):
            targets = [one]
    targets += [node.target for node in ast.walk(statement) if isinstance(node, ast.NamedExpr)]
    names = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _with_text(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.FunctionDef(returns=ast.expr() as annotation) | ast.AsyncFunctionDef(returns=ast.expr() as annotation):
            yield annotation
        case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Assign(targets=[ast.Name(id="__all__")], value=value) | ast.AugAssign(target=ast.Name(id="__all__"), value=value):
            yield value
