"""Take one statement out of a Python file, and prove that nothing else was touched.

Python's own parser tells where the statement stands, libcst takes its line apart, and the bytes around it are the file's own: a
whole file that goes through libcst 1.9 loses form feeds and lone carriage returns.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from qtops.patching import CannotPatch
from qtops.patching.bound_names import bound, imported, used
from qtops.patching.logical_line import JOINED, TAIL, one_of, whole
from qtops.patching.path_edits import path_names
from qtops.patching.python_text import PythonText, declared_encoding, parsed, read

_REMOVABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)


@dataclass(frozen=True)
class Patched:
    """A file without one of its statements."""

    content: bytes
    removed: str
    """The text taken out, the comment at its end included."""
    unused: tuple[str, ...]
    """Names that the file imports for this statement alone; their imports are left alone."""


@dataclass(frozen=True)
class _Place:
    """A statement among its neighbours."""

    block: list[ast.stmt]
    index: int
    is_module: bool

    @property
    def statement(self) -> ast.stmt:
        return self.block[self.index]


def remove_statement(source: bytes, line: int) -> Patched:
    """Take out the simple statement that begins on this line, from 1; of several, the one that edits ``sys.path``.

    A line that held nothing else goes with its comment; the only statement of a block becomes ``pass``. A line inside a statement
    counts as its beginning where the edit itself begins there. Every other byte stays.

    Raises CannotPatch where there is no such statement, where it does more than can be taken away (an import, a definition, a name
    that is used elsewhere), and for a file that does not parse.
    """
    text = read(source)
    place = _place(text.tree, line)
    _refuse_more_than_an_edit(text.tree, place.statement)
    start, stop, replacement, removed = _span(text, place)
    content = text.spliced(start, stop, replacement)
    statement = place.statement
    place.block[place.index : place.index + 1] = [ast.Pass()] if replacement else []
    _prove(source, content, text.tree)
    left, needed = used(text.tree), used(statement)
    return Patched(content, removed, tuple(name for name in imported(text.tree) if name in needed and name not in left))


def _place(tree: ast.Module, line: int) -> _Place:
    """The statement that is meant. Raises CannotPatch."""
    places = list(_places(tree))
    beginning = [place for place in places if place.statement.lineno == line]
    candidates = [place for place in beginning if isinstance(place.statement, _REMOVABLE)]
    names = path_names(tree)
    if len(candidates) > 1:
        candidates = [place for place in candidates if any(names.edits(place.statement))]
        if len(candidates) != 1:
            raise CannotPatch(f"{len(candidates) or 'none'} of the statements on line {line} edit sys.path, not one")
    if not beginning:
        around = [place for place in places if isinstance(place.statement, _REMOVABLE) and _covers(place.statement, line)]
        candidates = [place for place in around if any(edit.lineno == line for edit in names.edits(place.statement))]
    if not candidates:
        there = (
            f"what begins on line {line} is {_called(beginning[0].statement)}"
            if beginning
            else f"no statement begins on line {line}"
        )
        raise CannotPatch(there)
    return candidates[0]


def _places(tree: ast.Module) -> Iterator[_Place]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield from (_Place(block, index, node is tree) for index in range(len(block)))


def _covers(statement: ast.stmt, line: int) -> bool:
    return statement.lineno < line <= (statement.end_lineno or 0)


def _called(statement: ast.stmt) -> str:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return "an import"
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return f"the definition of {statement.name}"
    return f"a statement `{type(statement).__name__.lower()}`"


def _refuse_more_than_an_edit(tree: ast.Module, statement: ast.stmt) -> None:
    """Raise CannotPatch where the program would miss something else of the statement."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        raise CannotPatch(f"the statement on line {statement.lineno} is a value on its own, which edits nothing")
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(statement)):
        raise CannotPatch(f"the statement on line {statement.lineno} also yields or awaits")
    names = bound(statement)
    if names:
        inside = {id(node) for node in ast.walk(statement)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load) and id(node) not in inside:
                raise CannotPatch(f"the statement on line {statement.lineno} also sets {node.id}, which line {node.lineno} uses")


def _span(text: PythonText, place: _Place) -> tuple[int, int, str, str]:
    """From where to where the text goes, what takes its place, and what is told of it. Raises CannotPatch."""
    block, first, last = place.block, place.index, place.index
    joined = [JOINED.fullmatch(text.utf8, text.end(a), text.start(b)) is not None for a, b in pairwise(block)]
    while first and joined[first - 1]:
        first -= 1
    while last < len(joined) and joined[last]:
        last += 1
    begin, tail = text.start(block[first]), TAIL.match(text.utf8, text.end(block[last]))
    if tail is None:
        raise CannotPatch(f"what follows the statement on line {place.statement.lineno} is not understood")
    line = text.utf8[begin : tail.end()]
    if first != last:
        cut = one_of(line, place.index - first)
        return begin + cut.start, begin + cut.stop, "", cut.removed
    cut = whole(line)
    if len(block) == 1 and not place.is_module:
        return begin, begin + cut.stop, "pass", cut.removed
    return text.line_start(begin), text.next_line(tail.end()), "", cut.removed


def _prove(source: bytes, content: bytes, expected: ast.Module) -> None:
    """Raise CannotPatch unless the result parses to the tree without the statement, in the same encoding."""
    if declared_encoding(content) != declared_encoding(source):
        raise CannotPatch("without the statement a comment would declare another encoding")
    if content.startswith(b"#!") and not source.startswith(b"#!"):
        raise CannotPatch("without the statement a comment would become the line that names an interpreter")
    try:
        same = ast.dump(parsed(content)) == ast.dump(expected)
    except RecursionError:
        raise CannotPatch("it is nested too deeply") from None
    if not same:
        raise CannotPatch("without the statement something else of the program would change")
