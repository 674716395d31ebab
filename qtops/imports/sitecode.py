"""Lines of code in .pth files, followed like the program itself.

The distributions that they import are looked through as well, since that is where import hooks are put up.
"""

import ast
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qtops.imports.effects import touched
from qtops.imports.files import parse
from qtops.imports.finders import concerned, mapping_of
from qtops.imports.modules import Left, LoadedModule, Raised
from qtops.imports.outcome import ImportVerdict, Site
from qtops.imports.path import Entry, Origin
from qtops.imports.pth import PthLine
from qtops.imports.resolve import Found
from qtops.imports.statements import Statements
from qtops.imports.survey import Survey
from qtops.imports.values import External, Scope, Value

_FOLLOWED = frozenset(  # what the walk itself understands when it stands in a .pth file
    {"sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "exec"}
)
_NAMESPACE = re.compile(  # setuptools' namespace packages of old, the same line in every one of them
    r"import sys, ?types, ?os;.*f_locals\['sitedir'\], \*\([^)]*\)\).*"
    r"sys\.modules\.setdefault\('(?P<name>[\w.]+)', types\.ModuleType\('(?P=name)'\)\);"
    r".*mp\.append\(p\)[^()]*(\(sys\.modules\[[^()]*\))?"
)
ENDS = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit"})  # not caught by site.py
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Assert, ast.Delete, ast.Expr, ast.Import, ast.ImportFrom, ast.Raise)


@dataclass(frozen=True, slots=True)
class _Running:
    """A line of a .pth file that is being followed."""

    line: PthLine
    directory: str

    @property
    def place(self) -> str:
        """FILE:LINE."""
        return f"{self.line.file}:{self.line.number}"


class SiteCode(Statements):
    """Carries out lines of code in .pth files."""

    running: _Running | None = None

    def run_line(self, line: PthLine, directory: str) -> bool:
        """Follow one line; False where it raises, so that site.py passes over what comes after it."""
        outer, mark = self.running, len(self.imports)
        self.running = _Running(line, directory)
        try:
            return self._run_text(line.text)
        finally:
            for found in self.imports[mark:]:
                if found.verdict is ImportVerdict.UNKNOWN or found.reason is not None:
                    self._obscure(found.reason or "")
            del self.imports[mark:]
            self.running = outer

    def _run_text(self, text: str) -> bool:
        if self.running is None:
            return False
        file, directory = self.running.line.file, self.running.directory
        if (namespace := _NAMESPACE.fullmatch(text.strip())) is not None:
            self._load_namespace(namespace["name"], directory)
            return True
        body = self._parsed(text)
        if body is None:
            return False
        module = LoadedModule("site", Found("module", file), "third", file=file, complete=True)
        module.names.update(__name__="site", sitedir=directory)
        try:
            with self.inside(Scope(module.names, module)):
                self.run_body(body)
        except Raised as raised:
            if raised.kind in ENDS:
                raise
            return False
        except Left:
            return True
        return True

    def _parsed(self, text: str) -> list[ast.stmt] | None:
        """A text of the running line, each part of it at the place of the line."""
        if self.running is None:
            return None
        source = parse(text.strip().encode("utf-8", "surrogateescape"), self.running.line.file, self.interpreter.version)
        if source.module is None:
            if source.doubt is not None:
                self._obscure(source.doubt)
            return None
        for node in ast.walk(source.module):
            if isinstance(node, ast.stmt | ast.expr | ast.ExceptHandler):
                node.lineno = self.running.line.number
        return source.module.body

    def _obscure(self, what: str) -> None:
        """Something of the running line is not understood: nothing that fails later is certain."""
        if self.running is not None:
            why = f"{self.running.place} runs code whose effect on imports is not known: {what}"
            self.hooks.append(why)
            self.blind = self.blind or why

    def _load_namespace(self, name: str, directory: str) -> None:
        """A package that is put into sys.modules with one folder; other folders of its name are never looked at."""
        place = posixpath.join(directory, *name.split("."))
        before = self.modules.get(name)
        search = tuple(dict.fromkeys((*(before.found.search or () if before is not None else ()), place)))
        why = f"{self.running.place if self.running else directory} puts {name} into sys.modules"
        self.modules[name] = LoadedModule(name, Found("namespace", None, search), "third", opaque=why, complete=True)

    def run_body(self, body: list[ast.stmt]) -> None:
        """See Functions. In a .pth file each statement is looked at first."""
        if self.running is None or self.scope.module.name != "site":
            super().run_body(body)
            return
        for statement in body:
            aliases = {name: value.name for name, value in self._visible() if isinstance(value, External)}
            for what, _ in touched(list(_header(statement)), aliases):
                if what not in _FOLLOWED:
                    self._obscure(f"it touches {what}")
            super().run_body([statement])

    def _visible(self) -> Iterator[tuple[str, Value]]:
        scope: Scope | None = self.scope
        while scope is not None:
            yield from scope.names.items()
            scope = scope.outer

    def call_external(self, node: ast.Call, name: str, positional: list[Value], named: dict[str, Value]) -> Value:
        """See Calls."""
        if self.running is None or self.scope.module.name != "site":
            return super().call_external(node, name, positional, named)
        if name == "builtins.exec" and len(positional) == 1 and isinstance(positional[0], str):
            body = self._parsed(positional[0])
            if body is None:
                self.raise_error("SyntaxError", "invalid syntax", self.at(node))
            else:
                self.run_body(body)
            return None
        module = self._module_of(name)
        if module is not None and module.party == "third":
            self._look_through(module, name.removeprefix(f"{module.name}.").partition(".")[0])
        return super().call_external(node, name, positional, named)

    def _module_of(self, name: str) -> LoadedModule | None:
        """The loaded module that a dotted name of something begins with."""
        while "." in name:
            name = name.rpartition(".")[0]
            if name in self.modules:
                return self.modules[name]
        return None

    def loaded(self, module: LoadedModule) -> None:
        """See Loading. Other people's code that a .pth file imports is looked through."""
        if self.running is None or module.party != "third" or self.scope.module.name != "site":
            return
        source = None
        if module.file is not None and module.found.kind in {"package", "module"}:
            try:
                source = self.files.source(module.file, self.interpreter.version).module
            except OSError:
                source = None
        if source is not None and (mapping := mapping_of(source, module.file or "")) is not None:
            if mapping.exact and self.find_at_start("editables.redirector") is None:
                self.raise_error("ModuleNotFoundError", "No module named 'editables'", Site(module.file or "", 1))
            self.mappings = (*self.mappings, mapping)
            if mapping.placeholder:
                names = {name: (*places, mapping.placeholder) for name, places in mapping.namespaces}
                self.finder.namespaces[mapping.placeholder] = names
                origin = Origin("pth", self.running.line.file, self.running.line.number)
                if names and not any(entry.text == mapping.placeholder for entry in self.path):
                    self.path = (*self.path, Entry(mapping.placeholder, origin))
            module.opaque = _UNDERSTOOD
        elif source is not None and (names_claimed := concerned(source)):
            why = f"{module.file} answers for {', '.join(sorted(names_claimed))}"
            self.claims.update(dict.fromkeys(names_claimed, why))
            module.opaque = _UNDERSTOOD
        else:
            self._look_through(module, None)

    def _look_through(self, module: LoadedModule, called: str | None) -> None:
        if module.opaque == _UNDERSTOOD:
            return
        key = (module.file or module.name, called, self.path)
        known = self.files.objections
        if key not in known:
            known[key] = self.survey(self._is_library).objection(module.name, module.found, called)
        if (why := known[key]) is not None:
            self._obscure(why)

    def survey(self, is_library: Callable[[Found], bool]) -> Survey:
        """A look through code of others, with the modules that sys.path offers now."""
        return Survey(self.files, self.interpreter.version, self.find_at_start, is_library, self._is_known)

    def _is_known(self, name: str) -> bool:
        return name.partition(".")[0] in self.interpreter.stdlib_names

    def _is_library(self, found: Found) -> bool:
        return self.party_of(found) == "standard"

    def find_at_start(self, name: str) -> Found | None:
        """The file that answers a dotted name; None also for what is inside the interpreter."""
        top = name.partition(".")[0]
        interpreter = self.interpreter
        if top in interpreter.built_in or top in interpreter.frozen or top in interpreter.loaded_at_start(no_site=False):
            return None
        return self.finder.find(name, self.places())


_UNDERSTOOD = "an import hook that is understood"


def _header(node: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated in any case; bodies are looked at when they are run."""
    if isinstance(node, _SIMPLE):
        yield node
        return
    for name in ("test", "iter", "items", "subject", "decorator_list", "bases", "keywords"):
        part = getattr(node, name, None)
        yield from part if isinstance(part, list) else [part] if isinstance(part, ast.AST) else []
