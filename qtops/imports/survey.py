"""Code of others looked through, as far as an import or a call leads: does any of it touch the import system?"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from qtops.imports.effects import called_import, is_main_guard, touched
from qtops.imports.files import Files
from qtops.imports.resolve import Found

_FILES_AT_MOST = 80


@dataclass(slots=True)
class _Text:
    """One module's text, taken apart: what runs at its import, and what may be called."""

    package: list[str]
    body: list[ast.AST] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    """Modules without which its own import fails."""
    callable: dict[str, ast.AST] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, found: Found, module: ast.Module) -> "_Text":
        package = name.split(".") if found.search is not None else name.split(".")[:-1]
        text = cls(package)
        text.required = {name for node in module.body for name in text.imported(node)}
        pending: list[ast.AST] = [*module.body[::-1]]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                text.callable[node.name] = node
                text.body += [*node.decorator_list, *_at_definition(node)]
            elif isinstance(node, ast.If) and is_main_guard(node):
                continue
            elif isinstance(node, ast.If | ast.Try | ast.With):
                pending += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.ExceptHandler)][::-1]
                text.body += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            elif isinstance(node, ast.ExceptHandler):
                pending += [*node.body[::-1]]
            else:
                text.body.append(node)
        for part in ast.walk(module):
            if isinstance(part, ast.Import):
                for one in part.names:
                    text.aliases[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.partition(".")[0]
        return text

    def reached(self, called: str | None) -> list[ast.AST]:
        """The code that runs: of the module itself, or of one name in it."""
        if called is None:
            return self.body
        return [self.callable[called]] if called in self.callable else []

    def imported(self, node: ast.AST) -> list[str]:
        """The modules that a statement imports; what is taken from them is left aside."""
        if isinstance(node, ast.Import):
            return [one.name for one in node.names]
        return [self.absolute(node)] if isinstance(node, ast.ImportFrom) else []

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module that is imported from."""
        base = self.package[: len(self.package) - node.level + 1] if node.level else []
        return ".".join([*base, *([node.module] if node.module else [])])


def _at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.AST]:
    if not isinstance(node, ast.ClassDef):
        return [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    decorators = [decorator for method in methods for decorator in method.decorator_list]
    return [*node.bases, *decorators, *(part for part in node.body if part not in methods)]


class Survey:
    """Looks through code of others, as far as an import or a call leads."""

    def __init__(
        self,
        files: Files,
        version: tuple[int, int],
        find: Callable[[str], Found | None],
        is_library: Callable[[Found], bool],
        is_known: Callable[[str], bool],
    ) -> None:
        """``find`` looks a dotted name up; the other two tell the standard library's files and names, which are not looked at."""
        self._files = files
        self._version = version
        self._find = find
        self._is_library = is_library
        self._is_known = is_known

    def objection(self, name: str, found: Found, called: str | None = None) -> str | None:
        """What touches the import system when a module is imported, or when something in it is called; None when nothing does."""
        pending: list[tuple[str, Found, str | None]] = [(name, found, called)]
        seen = {(name, called)}
        texts: dict[str, _Text] = {}
        while pending:
            here, offer, what = pending.pop()
            if here not in texts:
                text = self._text(here, offer)
                if isinstance(text, str):
                    return text
                texts[here] = text
            if len(texts) > _FILES_AT_MOST:
                return f"{name} imports too much to be looked through"
            nodes = texts[here].reached(what)
            for why, line in touched(nodes, texts[here].aliases):
                return f"{offer.file}:{line} touches {why}"
            for wanted in self._wanted(texts[here], here, nodes):
                if (wanted[0], wanted[1]) in seen:
                    continue
                seen.add(wanted)
                target = self._find(wanted[0])
                if target is None and what is None and wanted[0] in texts[here].required and not self._is_known(wanted[0]):
                    return f"{offer.file} imports {wanted[0]}, which is not there"
                if target is not None and not self._is_library(target) and target.kind != "namespace":
                    pending.append((wanted[0], target, wanted[1]))
        return None

    def _text(self, name: str, found: Found) -> "_Text | str":
        if found.file is None or found.kind not in {"package", "module"}:
            return f"{found.place} cannot be looked through"
        try:
            source = self._files.source(found.file, self._version)
        except OSError as error:
            return f"{found.file} could not be read: {error.strerror or error}"
        return f"{found.file} could not be parsed" if source.module is None else _Text.of(name, found, source.module)

    def _wanted(self, text: _Text, here: str, nodes: list[ast.AST]) -> Iterator[tuple[str, str | None]]:
        """The modules that some code imports, and the names that it may call, there or in its own module."""
        for part in (part for node in nodes for part in ast.walk(node)):
            match part:
                case ast.Import(names=names):
                    for one in names:
                        yield from ((above, None) for above in _with_parents(one.name))
                case ast.ImportFrom(names=names):
                    base = text.absolute(part)
                    yield from ((above, None) for above in _with_parents(base))
                    for one in names:
                        yield base, one.name
                        yield f"{base}.{one.name}", None
                case ast.Call() if wanted := called_import(part, text.aliases):
                    yield from ((above, None) for above in _with_parents(wanted))
                case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in text.aliases:
                    yield text.aliases[name], attr
                case ast.Name(id=name) if name in text.callable:
                    yield here, name


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts)) if name]
