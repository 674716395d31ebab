"""The start of one process, from the first line on."""

import ast
import posixpath

from qtops.imports.archive import is_archive
from qtops.imports.files import parse
from qtops.imports.launch import Code, Module, Script
from qtops.imports.modules import Left, LoadedModule, Raised
from qtops.imports.outcome import Ending, Site
from qtops.imports.resolve import Found
from qtops.imports.serving import Serving
from qtops.imports.startup import START
from qtops.imports.tree import Kind
from qtops.imports.values import Scope, Unknown


class NotStarted(Exception):
    """The interpreter refuses before it executes anything: what it prints on stderr."""


class Walk(Serving):
    """Follows one launch."""

    ending: Ending | None = None
    raised: Raised | None = None

    def run(self) -> None:
        """Walk to the end. Raises NotStarted; an exception of the program is kept in ``raised``."""
        target = self.launch.target
        try:
            self.start_up()
            self.variables_doubted = ""  # the calls of .pth files have been looked through
            if isinstance(target, Script):
                self._run_script(target.path)
            elif isinstance(target, Module):
                self._run_module(target.name)
            elif isinstance(target, Code):
                self._run_code(target.text)
            else:
                self.run_application(target)
        except Raised as raised:
            self.raised = raised
            if raised.cause is None:
                self.ending = Ending(raised.last_line or raised.kind, raised.site)
        except Left:
            return
        except RecursionError:
            self.doubts.clear()
            self._unclear("__main__", "something that it executes is nested too deeply to be followed")

    def _run_script(self, text: str) -> None:
        path = posixpath.join(self.launch.directory, text)
        self.script = path
        try:
            kind = self.files.tree.kind(path)
            archive = kind is Kind.FILE and is_archive(self.files.tree.read(path))
            is_loop = kind is not Kind.FILE and self._is_loop(path)
        except OSError as error:  # our own right to read says nothing of the process'
            self._unclear("__main__", f"{path} could not be read: {error.strerror or error}")
            return
        if kind is Kind.DIRECTORY or archive:
            self._run_folder(path, text)
            return
        if kind is not Kind.FILE:
            why = "[Errno 40] Too many levels of symbolic links" if is_loop else "[Errno 2] No such file or directory"
            raise NotStarted(f"{self.launch.interpreter}: can't open file {self._shown(text)!r}: {why}")
        self._run_main(Found("module", path), self._shown(text), None)

    def execute(self, module: LoadedModule, body: list[ast.stmt]) -> None:
        """Run the body of the main module."""
        with self.inside(Scope(module.names, module)):
            self.run_body(body)

    def _is_loop(self, path: str) -> bool:
        """Whether links lead round in a circle: what they end in is there, and still leads nowhere."""
        folder, name = posixpath.split(self.files.tree.resolve(path))
        return name in self.files.names(folder)

    def _shown(self, text: str) -> str:
        """A path of the command line as the interpreter names it in messages: absolute since 3.9."""
        return text if self.interpreter.version < (3, 9) else posixpath.join(self.launch.directory, text.removeprefix("./"))

    def _run_folder(self, path: str, text: str) -> None:
        try:
            found = self.finder.offer(path, "__main__")
        except OSError as error:
            self._unclear("__main__", f"{path} could not be read: {error.strerror or error}")
            return
        if found is None or found.file is None:
            raise NotStarted(f"{self.launch.interpreter}: can't find '__main__' module in {self._shown(text)!r}")
        self.script = found.file
        self._run_main(found, posixpath.join(text, posixpath.basename(found.file)), "")

    def _run_main(self, found: Found, shown: str | None, package: str | None) -> None:
        main = LoadedModule("__main__", found, "first", file=found.file, package=package or "")
        main.names.update(__name__="__main__", __doc__=None, __package__=package, __spec__=Unknown("the module's spec"))
        if shown is not None:
            main.names["__file__"] = shown
        self.modules["__main__"] = main
        body = self.body_of(main, Site(found.file or "", 1))
        if body is not None:
            self.execute(main, body)

    def _run_code(self, text: str) -> None:
        main = LoadedModule("__main__", Found("module", "<string>"), "first", file="<string>")
        main.names.update(__name__="__main__", __doc__=None, __package__=None)
        self.modules["__main__"] = main
        body = self.judge_source(main, parse(text.encode(), "<string>", self.interpreter.version), Site("<string>", 1))
        if body is not None:
            self.execute(main, body)

    def _run_module(self, name: str) -> None:
        """runpy: the packages above are imported, then the module is executed as ``__main__``."""
        parent, _, _tail = name.rpartition(".")
        above = self._package_of(name, parent) if parent else None
        resolution = self.resolve(name, above)
        if resolution.doubt is not None:
            self._unclear(name, resolution.doubt)
        found = resolution.winner
        if found is None:
            raise self.no_module(name, f"No module named {name}")
        if found.search is not None:
            self._run_package(name)
            return
        if self.party_of(found) != "first" or found.kind not in {"module", "package"} or found.file is None:
            self._unclear(name, f"{name} is not the project's source")
            return
        self.script = found.file
        self._run_main(found, found.file, parent)

    def _run_package(self, name: str) -> None:
        package = self._package_of(f"{name}.__main__", name)
        resolution = self.resolve(f"{name}.__main__", package)
        if resolution.winner is None and resolution.doubt is None:
            message = f"No module named {name}.__main__; {name!r} is a package and cannot be directly executed"
            raise self.no_module(f"{name}.__main__", message)
        found = resolution.winner
        if found is None or found.file is None or found.kind != "module" or self.party_of(found) != "first":
            self._unclear(name, resolution.doubt or f"{name} is not the project's source")
            return
        self.script = found.file
        self._run_main(found, found.file, name)

    def _package_of(self, name: str, parent: str) -> LoadedModule:
        try:
            package = self.load(parent, START)
        except Raised as raised:
            cause = raised.cause
            if (
                raised.kind not in {"ModuleNotFoundError", "ImportError"}
                or cause is None
                or not f"{parent}.".startswith(f"{cause.module}.")
            ):
                raise
            detail = f"({raised.kind}: {raised.message})"
            raise self.no_module(name, f"Error while finding module specification for {name!r} {detail}", cause) from raised
        if package.found.search is None:
            detail = f"(ModuleNotFoundError: __path__ attribute not found on {parent!r} while trying to find {name!r})"
            raise self.no_module(name, f"Error while finding module specification for {name!r} {detail}")
        return package

    def _unclear(self, name: str, why: str) -> None:
        self.unclear_import(name, START, why)
