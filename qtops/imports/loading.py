"""Loading modules: sys.modules, packages before their submodules, bodies executed once."""

import ast
from abc import abstractmethod

from qtops.imports.files import Source
from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.path import Entry
from qtops.imports.resolve import Found, Resolution
from qtops.imports.resolving import Resolving
from qtops.imports.shared import objection
from qtops.imports.values import External, Scope, Unknown, Value

_INSTALLED = "taken to be installed"
NOT_SOURCE = "a shared library, whose names cannot be read"


class Loading(Resolving):
    """Executes modules."""

    @abstractmethod
    def missing(self, name: str, above: LoadedModule | None, site: Site) -> Raised:
        """The ModuleNotFoundError for a name that nothing answers."""

    @abstractmethod
    def loaded(self, module: LoadedModule) -> None:
        """Code of others has been imported."""

    def load(self, name: str, site: Site) -> LoadedModule:
        """Import a dotted name and give its module, as ``importlib._bootstrap._gcd_import`` does."""
        if name in self.modules:
            return self.modules[name]
        parent, _, tail = name.rpartition(".")
        above: LoadedModule | None = None
        if parent:
            above = self.load(parent, site)
            if name in self.modules:
                return self.modules[name]
        resolution = self.resolve(name, above)
        if resolution.winner is None and self._taken_to_be_installed(name, above):
            module = LoadedModule(name, Found("namespace", search=()), "third", complete=True, opaque=_INSTALLED)
            self.modules[name] = module
        elif resolution.doubt is not None:
            module = self._doubtful(name, resolution, site)
        elif resolution.winner is None:
            raise self.missing(name, above, site)
        else:
            module = self._start(name, resolution.winner, site)
        if above is not None and above.party == "first":
            above.names[tail] = self.seen(module)
        return module

    def _taken_to_be_installed(self, name: str, above: LoadedModule | None) -> bool:
        return name in self.launch.installed if above is None else above.opaque == _INSTALLED

    def _doubtful(self, name: str, resolution: Resolution, site: Site) -> LoadedModule:
        """It cannot be told what happens here: go on as if it worked, with the best guess followed in doubt."""
        why = resolution.doubt or ""
        self.unclear_import(name, site, why)
        guess = resolution.winner
        if guess is None or self.party_of(guess) != "first":
            module = LoadedModule(name, guess or Found("namespace", search=()), "third", opaque=why, complete=True)
            self.modules[name] = module
            return module
        self.doubts.append(why)
        try:
            return self._start(name, guess, site)
        finally:
            self.doubts.remove(why)

    def _start(self, name: str, found: Found, site: Site) -> LoadedModule:
        """Put the module into sys.modules and execute it if it is the project's."""
        party = self.party_of(found)
        module = LoadedModule(name, found, party, file=found.file)
        module.package = name if found.search is not None else name.rpartition(".")[0]
        self.modules[name] = module
        if party != "first":
            module.complete = True
            self._check_shadows(module, site)
            self.loaded(module)
            return module
        module.names.update(__name__=name, __package__=module.package, __doc__=None, __spec__=Unknown("the module's spec"))
        if found.file is not None:
            module.names["__file__"] = found.file
        if found.search is not None:
            module.names["__path__"] = list(found.search)
        if found.file is not None and not found.file.endswith(".py"):
            self._load_binary(module, site)
        elif found.file is not None:
            self._follow(module, site)
        module.complete = True
        return self.modules.get(name, module)

    def _load_binary(self, module: LoadedModule, site: Site) -> None:
        module.opaque = NOT_SOURCE
        path = module.file or ""
        try:
            contents = b"" if path.endswith(".pyc") or self.files.in_archive(path) else self.files.read(path)
            own = self.files.read(self.launch.interpreter)
        except OSError as error:
            self._in_doubt(module, site, f"whether {path} can be loaded is not known: {error.strerror or error}")
            return
        if (why := objection(contents, module.name, own)) is not None:
            self._in_doubt(module, site, f"whether {path} can be loaded is not known: {why}")

    def _follow(self, module: LoadedModule, site: Site) -> None:
        body = self.body_of(module, site)
        if body is None:
            return
        try:
            with self.inside(Scope(module.names, module)):
                self.run_body(body)
        except Raised:
            self.modules.pop(module.name, None)
            raise

    def body_of(self, module: LoadedModule, site: Site) -> list[ast.stmt] | None:
        """The parsed body of a module; None when it cannot be told. Raises Raised for a syntax error."""
        path = module.file or ""
        try:
            source = self.files.source(path, self.interpreter.version)
        except OSError as error:
            self._in_doubt(module, site, f"{path} could not be read: {error.strerror or error}")
            return None
        return self.judge_source(module, source, site)

    def judge_source(self, module: LoadedModule, source: Source, site: Site) -> list[ast.stmt] | None:
        """See body_of."""
        path = module.file or ""
        if source.error is not None:
            self.modules.pop(module.name, None)
            words = source.error if source.exact else None
            failed = Import(module.name, site, ImportVerdict.SYNTAX_ERROR, resolved_to=path, message=words, path=self.path)
            kind, _, message = source.error.partition(": ")
            raise Raised(kind, message if source.exact else None, Site(path, source.line or 1), self.fail(failed))
        if source.module is None:
            self._in_doubt(module, site, source.doubt or f"{path} could not be parsed")
            return None
        self.followed.append(path)
        return source.module.body

    def _in_doubt(self, module: LoadedModule, site: Site, why: str) -> None:
        module.opaque = why
        self.unclear_import(module.name, site, why, module.file)

    def _check_shadows(self, module: LoadedModule, site: Site) -> None:
        """Code of others is not followed: it is in doubt where it would meet a file of the project in place of the library's."""
        shadows = self._shadows()
        if not shadows or module.name in shadows:
            return
        mine = {entry.text for entry in shadows.values()}
        tops = self.reach.top_names(
            module.name, module.found, [(place, entry) for place, entry in self.places() if place not in mine]
        )
        met = sorted(shadows.keys() & tops) if tops is not None else sorted(shadows)
        met = [name for name in met if name not in self.modules or self.modules[name].party == "first"]
        if met:
            why = f"{module.name} imports {met[0]}, which {shadows[met[0]].text} offers before the standard library"
            self._in_doubt(module, site, why)

    def _shadows(self) -> dict[str, Entry]:
        """Names of the standard library that an entry before it offers."""
        if self.path not in self.shadows_by_path:
            found: dict[str, Entry] = {}
            interpreter = self.interpreter
            fixed = interpreter.built_in | interpreter.frozen | interpreter.loaded_at_start(self.launch.flags.no_site)
            for place, entry in self.places():
                if entry is None or entry.origin.kind == "standard library":
                    break
                for name in self._offered(place) - fixed:
                    found.setdefault(name, entry)
            self.shadows_by_path[self.path] = found
        return self.shadows_by_path[self.path]

    def _offered(self, place: str) -> frozenset[str]:
        try:
            names = self.files.stems(place) & self.interpreter.stdlib_names if place else frozenset()
            offers = {name: self.finder.offer(place, name) for name in names}
        except OSError:
            return frozenset()
        return frozenset(name for name, offer in offers.items() if offer is not None and offer.kind != "namespace")

    def seen(self, module: LoadedModule) -> Value:
        """A module as a value."""
        return module if module.party == "first" else External(module.name)
