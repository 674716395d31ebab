"""Loading modules: where a dotted name comes from, sys.modules, packages before their submodules, bodies executed once."""

import ast
import posixpath
from abc import abstractmethod

from qtops.imports.calls import Calls
from qtops.imports.files import Source
from qtops.imports.finders import Mapping
from qtops.imports.modules import LoadedModule, Party, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.path import Entry
from qtops.imports.resolve import Found, Resolution
from qtops.imports.values import External, Scope, Unknown, Value

_INSTALLED = "taken to be installed"
NOT_SOURCE = "a shared library, whose names cannot be read"


class Loading(Calls):
    """Finds and executes modules."""

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

    def resolve(self, name: str, above: LoadedModule | None) -> Resolution:
        """Where a module comes from: built-in, frozen, then the path search, then the hooks of editable installs."""
        resolution = self._resolved(name, above)
        why = self.claims.get(name.partition(".")[0])
        winner = resolution.winner
        if why is not None and (winner is None or self.party_of(winner) == "first"):
            return Resolution(winner, resolution.doubt or why)
        return resolution

    def _resolved(self, name: str, above: LoadedModule | None) -> Resolution:
        interpreter = self.interpreter
        if name == "os.path":
            return Resolution(Found("built-in"))
        if above is not None:
            return self._below(name, above)
        loaded = interpreter.loaded_at_start(self.launch.flags.no_site)
        if name in interpreter.built_in or name in interpreter.frozen or name in loaded:
            return Resolution(Found("built-in"))
        return self._with_hooks(name, self.finder.search(name, self.places()))

    def _below(self, name: str, above: LoadedModule) -> Resolution:
        self.look_for_arrangement(above)
        search = self.search_of(above)
        if search is None:
            return Resolution(None, above.opaque or (self.hooks[0] if self.hooks else None))
        resolution = self.finder.search(name, [(place, None) for place in search])
        if above.opaque is not None and (resolution.winner is None or "__path__" in above.opaque):
            return Resolution(resolution.winner if above.party == "first" else None, above.opaque)
        return self._with_hooks(name, resolution)

    def search_of(self, module: LoadedModule) -> tuple[str, ...] | None:
        """Where a module's submodules are looked for: its ``__path__`` as it stands now; None when it is no package."""
        if module.party != "first" or "__path__" not in module.names:
            return module.found.search
        search = module.names["__path__"]
        if isinstance(search, list | tuple) and all(isinstance(place, str) for place in search):
            return tuple(search)
        module.opaque = module.opaque or f"the __path__ of {module.name} is not known"
        return module.found.search or ()

    def _with_hooks(self, name: str, resolution: Resolution) -> Resolution:
        if resolution.winner is not None or resolution.doubt is not None:
            return resolution
        for mapping in self.mappings:
            answer = self._mapped(name, mapping)
            if answer is not None:
                return answer
        if self.interpreter.trouble is not None and "." not in name:
            known = name in self.interpreter.stdlib_names
            return Resolution(Found("built-in")) if known else Resolution(None, self.interpreter.trouble)
        return Resolution(None, self.hooks[0] if self.hooks else None)

    def _mapped(self, name: str, mapping: Mapping) -> Resolution | None:
        """What the hook of an editable install answers: PLACE/__init__.py, PLACE.py and its kin, or what is below a place."""
        places = dict(mapping.names)
        parent = name.rpartition(".")[0]
        if name not in places:
            below = parent in places and not mapping.exact
            resolution = self.finder.search(name, [(places[parent], None)]) if below else Resolution(None)
            return resolution if resolution.winner is not None or resolution.doubt is not None else None
        place = places[name]
        stem = posixpath.splitext(place)[0]
        kinds = [("/__init__.py", place), (".py", stem), (".pyc", stem), *((suffix, stem) for suffix in self.finder.extensions)]
        for path in [place] if mapping.exact else [base + suffix for suffix, base in kinds]:
            try:
                if self.files.is_file(path):
                    return Resolution(_as_found(path))
            except OSError as error:
                return Resolution(None, f"{path} could not be read: {error.strerror or error}")
        return Resolution(None, f"{mapping.file} maps {name} to {place}, where it is not") if mapping.exact else None

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

    def party_of(self, found: Found) -> Party:
        """Whose code it is: the project's, a distribution's, or the standard library's."""
        place = f"{found.place}/"
        if found.kind == "built-in":
            return "standard"
        if "/site-packages/" in place or "/dist-packages/" in place:
            return "third"
        archive, library, _ = self.interpreter.core_path
        return "standard" if place.startswith((f"{archive}/", f"{library}/")) else "first"

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
        try:
            fits = not (module.file or "").endswith(".pyc") and self.files.read(module.file or "")[:4] == b"\x7fELF"
        except OSError:
            fits = False
        if not fits:
            self._in_doubt(module, site, f"whether {module.file} can be loaded is not known")

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

    def look_for_arrangement(self, module: LoadedModule) -> None:
        """Before a submodule of code of others is looked for: whether that can be told at all."""
        if module.party != "first" and not module.looked_through:
            module.looked_through = True
            module.opaque = module.opaque or self._own_arrangement(module.found)

    def _own_arrangement(self, found: Found) -> str | None:
        """Why the submodules of code of others cannot be told: it changes sys.modules or its own ``__path__``."""
        if found.kind == "built-in" or found.file is None:
            return None
        try:
            text = self.files.read(found.file) if found.kind in {"package", "module"} else b"sys.modules"
        except OSError:
            return f"{found.file} could not be read"
        if any(word in text for word in (b"sys.modules", b"__path__", b"meta_path", b"lazy")):
            return f"{found.file} arranges its own submodules"
        return None

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


def _as_found(path: str) -> Found:
    """A file as spec_from_file_location sees it."""
    folder, name = posixpath.split(path)
    if name.startswith("__init__."):
        return Found("package", path, (folder,))
    return Found("module" if name.endswith(".py") else "bytecode" if name.endswith(".pyc") else "extension", path)
