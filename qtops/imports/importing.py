"""The import statements: sys.modules, packages before their submodules, and CPython's own words when one fails."""

import ast
import posixpath
from abc import abstractmethod

from qtops.imports.bindings import binds, exported
from qtops.imports.calls import Calls
from qtops.imports.modules import LoadedModule, Party, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.path import Entry
from qtops.imports.resolve import Found, Resolution
from qtops.imports.values import Class, External, Instance, Maybe, Scope, Unknown, Value


class Imports(Calls):
    """Carries out imports."""

    @abstractmethod
    def execute(self, module: LoadedModule, body: list[ast.stmt]) -> None:
        """Run a module's body in its own namespace."""

    def load(self, name: str, site: Site) -> LoadedModule:
        """Import a dotted name and give its module, as ``importlib._bootstrap._gcd_import`` does."""
        known = self.modules.get(name)
        if known is not None:
            return known
        parent, _, tail = name.rpartition(".")
        above: LoadedModule | None = None
        if parent:
            above = self.load(parent, site)
            if name in self.modules:
                return self.modules[name]
        resolution = self.resolve(name, above)
        if resolution.doubt is not None:
            module = self._doubtful(name, resolution, site)
        elif resolution.winner is None:
            raise self._missing(name, above, site)
        else:
            module = self._start(name, resolution.winner, site)
        if above is not None and above.party == "first":
            above.names[tail] = self.seen(module)
        return module

    def resolve(self, name: str, above: LoadedModule | None) -> Resolution:
        """Where a module comes from: built-in, frozen, then the path search, then the hooks of editable installs."""
        interpreter = self.interpreter
        if above is not None:
            if above.found.search is None:
                return Resolution(
                    None, above.opaque if above.party != "first" or above.found.kind != "module" else self._hook_doubt(name)
                )
            places: list[tuple[str, Entry | None]] = [(place, None) for place in above.found.search]
            resolution = self.finder.search(name.rpartition(".")[2], places)
            if resolution.winner is None and above.opaque is not None:
                return Resolution(None, above.opaque)
            return self._with_hooks(name, resolution)
        loaded = interpreter.loaded_at_start(self.launch.flags.no_site)
        if name in interpreter.built_in or name in interpreter.frozen or name in loaded:
            return Resolution(Found("built-in"))
        return self._with_hooks(name, self.finder.search(name, self.places()))

    def _with_hooks(self, name: str, resolution: Resolution) -> Resolution:
        if resolution.winner is not None or resolution.doubt is not None:
            return resolution
        for mapping in self.mappings:
            for mapped, place in mapping.names:
                if mapped == name:
                    return self._mapped(name, place)
            if any(space == name for space, _ in mapping.namespaces):
                return Resolution(None, f"{mapping.file} may answer {name}")
        if self.interpreter.trouble is not None and "." not in name:
            if name in self.interpreter.stdlib_names:
                return Resolution(Found("built-in"))
            return Resolution(None, self.interpreter.trouble)
        return Resolution(None, self._hook_doubt(name))

    def _hook_doubt(self, _: str) -> str | None:
        return self.hooks[0] if self.hooks else None

    def _mapped(self, name: str, place: str) -> Resolution:
        """The setuptools finder: PLACE/__init__.py, or PLACE.py and its kin."""
        try:
            found = self.finder.offer(posixpath.dirname(place), posixpath.basename(place))
        except OSError as error:
            return Resolution(None, f"{place} could not be read: {error.strerror or error}")
        if found is None or found.kind == "namespace":
            return Resolution(None, f"an editable install maps {name} to {place}")
        return Resolution(found)

    def _doubtful(self, name: str, resolution: Resolution, site: Site) -> LoadedModule:
        """It cannot be told what happens here: go on as if it worked, with the best guess followed in doubt."""
        why = resolution.doubt or ""
        self.imports.append(Import(name, site, ImportVerdict.UNKNOWN, reason=why, path=self.path))
        self.suspect(why)
        guess = resolution.winner
        if guess is None or self.party_of(guess) != "first":
            module = LoadedModule(name, guess or Found("namespace", search=()), "third", opaque=why)
            self.modules[name] = module
            return module
        self.doubts.append(why)
        try:
            return self._start(name, guess, site)
        finally:
            self.doubts.pop()

    def party_of(self, found: Found) -> Party:
        """Whose code it is: the project's, a distribution's, or the standard library's."""
        place = f"{found.place}/"
        if found.kind == "built-in":
            return "standard"
        if "/site-packages/" in place or "/dist-packages/" in place:
            return "third"
        library = self.interpreter.core_path
        return "standard" if place.startswith((f"{library[0]}/", f"{library[1]}/")) else "first"

    def _start(self, name: str, found: Found, site: Site) -> LoadedModule:
        """Put the module into sys.modules and execute it if it is the project's."""
        party = self.party_of(found)
        module = LoadedModule(name, found, party, file=found.file)
        module.package = name if found.search is not None else name.rpartition(".")[0]
        self.modules[name] = module
        if party != "first":
            module.opaque = self._dynamic(found)
            module.complete = True
            return module
        module.names.update(__name__=name, __package__=module.package, __doc__=None, __spec__=Unknown("the module's spec"))
        if found.file is not None:
            module.names["__file__"] = found.file
        if found.search is not None:
            module.names["__path__"] = list(found.search)
        if found.kind in {"extension", "bytecode"}:
            module.opaque = f"{found.file} is not source"
        elif found.file is not None:
            self._follow(module, site)
        module.complete = True
        return module

    def _follow(self, module: LoadedModule, site: Site) -> None:
        body = self.body_of(module, site)
        if body is None:
            return
        try:
            self.execute(module, body)
        except Raised:
            self.modules.pop(module.name, None)
            raise

    def body_of(self, module: LoadedModule, site: Site) -> list[ast.stmt] | None:
        """The parsed body of a module; None when it cannot be told. Raises Raised for a syntax error."""
        path = module.file or ""
        try:
            source = self.files.source(path, self.interpreter.version)
        except OSError as error:
            why = f"{path} could not be read: {error.strerror or error}"
            self._in_doubt(module, site, why)
            return None
        if source.error is not None:
            self.modules.pop(module.name, None)
            place = Site(path, source.line or 1)
            failed = self._failed(module.name, site, ImportVerdict.SYNTAX_ERROR, message=source.error, resolved_to=path)
            raise Raised("SyntaxError", source.error.partition(": ")[2], place, failed)
        if source.module is None:
            self._in_doubt(module, site, source.doubt or f"{path} could not be parsed")
            return None
        self.followed.append(path)
        return source.module.body

    def _in_doubt(self, module: LoadedModule, site: Site, why: str) -> None:
        module.opaque = why
        self.imports.append(Import(module.name, site, ImportVerdict.UNKNOWN, resolved_to=module.file, reason=why, path=self.path))
        self.suspect(why)

    def _dynamic(self, found: Found) -> str | None:
        """Why the submodules of foreign code cannot be told: it changes sys.modules or its own ``__path__``."""
        if found.kind == "built-in":
            return None
        if found.file is None:
            return None
        try:
            text = self.files.read(found.file) if found.kind in {"package", "module"} else b"sys.modules"
        except OSError:
            return f"{found.file} could not be read"
        if any(word in text for word in (b"sys.modules", b"__path__", b"meta_path", b"lazy")):
            return f"{found.file} arranges its own submodules"
        return None

    def imported(self, module: LoadedModule, site: Site) -> None:
        """Keep what an import statement found, unless it is on record that it could not be told."""
        last = self.imports[-1] if self.imports else None
        if module.party != "first" or (last is not None and last.verdict is ImportVerdict.UNKNOWN and last.site == site):
            return
        top = self.modules.get(module.name.partition(".")[0], module)
        self.imports.append(Import(module.name, site, ImportVerdict.OK, module.found.place, top.found.entry))

    def import_by_call(self, node: ast.Call, name: str, positional: list[Value]) -> Value:
        """See Calls."""
        site = self.at(node)
        wanted = positional[0] if positional else Unknown("no name")
        if not isinstance(wanted, str):
            self.suspect(f"what {name} at {site} imports is not known")
            return Unknown(f"what {name} at {site} imports is not known")
        if wanted.startswith("."):
            self._unsure_import(wanted, site, f"the relative import at {site} is not evaluated")
            return Unknown(f"the relative import at {site} is not evaluated")
        if name == "importlib.util.find_spec":
            return self._spec(wanted, site)
        module = self.load(wanted, site)
        self.imported(module, site)
        return self.seen(self.modules.get(wanted.partition(".")[0], module) if name == "builtins.__import__" else module)

    def _spec(self, name: str, site: Site) -> Value:
        """importlib.util.find_spec: None where nothing is found; packages above are imported."""
        parent = name.rpartition(".")[0]
        above = self.load(parent, site) if parent else None
        resolution = self.resolve(name, above) if name not in self.modules else Resolution(self.modules[name].found)
        if resolution.doubt is not None:
            return Unknown(resolution.doubt)
        return None if resolution.winner is None else Instance(Class("ModuleSpec", {}, ()))

    def _unsure_import(self, name: str, site: Site, why: str) -> None:
        self.imports.append(Import(name, site, ImportVerdict.UNKNOWN, reason=why, path=self.path))
        self.suspect(why)

    # what fails

    def _failed(
        self,
        name: str,
        site: Site,
        verdict: ImportVerdict,
        *,
        message: str,
        resolved_to: str | None = None,
        won_by: Entry | None = None,
        shadowed: tuple[str, ...] = (),
        missing_name: str | None = None,
    ) -> Import:
        failed = Import(
            name,
            site,
            verdict,
            resolved_to=resolved_to,
            won_by=won_by,
            shadowed=shadowed,
            name=missing_name,
            message=message,
            reason=self.doubts[-1] if self.doubts else None,
            path=self.path,
        )
        self.imports.append(failed)
        return failed

    def _missing(self, name: str, above: LoadedModule | None, site: Site) -> Raised:
        message = f"No module named {name!r}"
        if above is not None and above.found.search is None:
            message += f"; {above.name!r} is not a package"
        rivals = tuple(found.place for found in self.rivals(name)) if above is not None else ()
        top = self.modules.get(name.partition(".")[0])
        failed = self._failed(
            name,
            site,
            ImportVerdict.SHADOWED if rivals else ImportVerdict.MISSING,
            message=f"ModuleNotFoundError: {message}",
            resolved_to=above.found.place if above is not None else None,
            won_by=top.found.entry if top is not None else None,
            shadowed=rivals,
        )
        return Raised("ModuleNotFoundError", message, site, failed)

    def rivals(self, name: str) -> list[Found]:
        """The other files on sys.path that would answer a dotted name if the winner of its first part were not there."""
        top, *rest = name.split(".")
        loaded = self.modules.get(top)
        found = []
        for offer in self.finder.offers(top, self.places()):
            if loaded is not None and offer.place == loaded.found.place:
                continue
            last: Found | None = offer
            for part in rest:
                last = (
                    self.finder.search(part, [(place, None) for place in (last.search or ())]).winner if last is not None else None
                )
            if last is not None and last.kind != "namespace":
                found.append(last)
        return found

    # what an import binds

    def seen(self, module: LoadedModule) -> Value:
        """A module as a value."""
        return module if module.party == "first" else External(module.name)

    def attribute_of_module(self, module: LoadedModule, name: str, node: ast.expr) -> Value:
        """See Expressions. A name that a half-loaded module does not have yet ends in AttributeError."""
        if name in module.names:
            found = module.names[name]
            return Unknown(found.why) if isinstance(found, Maybe) else found
        if module.complete or module.opaque or module.found.search is not None or self.doubts:
            return Unknown(f"{module.name} has no {name} that is known")
        where = f" from {module.file!r}" if self.interpreter.version >= (3, 13) else ""
        message = (
            f"partially initialized module {module.name!r}{where} has no attribute {name!r} (most likely due to a circular import)"
        )
        site = self.at(node)
        line = f"AttributeError: {message}"
        failed = self._failed(module.name, site, ImportVerdict.CIRCULAR, message=line, resolved_to=module.file, missing_name=name)
        raise Raised("AttributeError", message, site, failed)

    def name_from(self, module: LoadedModule, name: str, site: Site) -> Value:
        """``from module import name``, the submodules having been tried. Raises Raised with ImportError."""
        if name in module.names:
            found = module.names[name]
            if isinstance(found, Maybe):
                self._unsure(module, name, site, found.why)
                return Unknown(found.why)
            return found
        submodule = self.modules.get(f"{module.name}.{name}")
        if submodule is not None:
            return self.seen(submodule)
        if module.party != "first":
            return External(f"{module.name}.{name}")
        why = module.opaque or self._bound_elsewhere(module, name)
        if why is not None:
            self._unsure(module, name, site, why)
            return Unknown(why)
        raise self._no_name(module, name, site)

    def _unsure(self, module: LoadedModule, name: str, site: Site, why: str) -> None:
        found = Import(module.name, site, ImportVerdict.UNKNOWN, resolved_to=module.file, name=name, reason=why, path=self.path)
        self.imports.append(found)
        self.suspect(why)

    def _bound_elsewhere(self, module: LoadedModule, name: str) -> str | None:
        """A name that the text binds although the walk did not see it happen is in doubt, unless the module is half loaded."""
        if module.file is None or not module.complete:
            return None
        source = self.files.source(module.file, self.interpreter.version)
        if source.module is not None and binds(source.module, name):
            return f"{module.file} binds {name}, on a way that was not followed"
        return None

    def _no_name(self, module: LoadedModule, name: str, site: Site) -> Raised:
        where = module.file or "unknown location"
        circular = not module.complete
        half = "partially initialized module " if circular else ""
        why = " (most likely due to a circular import)" if circular else ""
        message = f"cannot import name {name!r} from {half}{module.name!r}{why} ({where})"
        rivals = [] if circular else [found.place for found in self.rivals(module.name) if self._serves(found, name)]
        top = self.modules.get(module.name.partition(".")[0])
        verdict = ImportVerdict.CIRCULAR if circular else ImportVerdict.SHADOWED if rivals else ImportVerdict.NAME_MISSING
        failed = self._failed(
            module.name,
            site,
            verdict,
            message=f"ImportError: {message}",
            resolved_to=module.found.place,
            won_by=top.found.entry if top is not None else None,
            shadowed=tuple(rivals),
            missing_name=name,
        )
        return Raised("ImportError", message, site, failed)

    def _serves(self, found: Found, name: str) -> bool:
        if any(self.finder.offer(place, name) is not None for place in found.search or ()):
            return True
        if found.file is None or found.kind not in {"package", "module"}:
            return False
        source = self.files.source(found.file, self.interpreter.version)
        return source.module is not None and binds(source.module, name)

    def import_from(self, module: LoadedModule, names: list[str], site: Site) -> dict[str, Value]:
        """``from module import names``: submodules first, then the names themselves, as CPython orders it."""
        if names == ["*"]:
            return self._star(module, site)
        if module.found.search is not None:
            for name in names:
                if name not in module.names and (module.opaque is None or module.party == "first"):
                    self._try_submodule(module, name, site)
        return {name: self.name_from(module, name, site) for name in names}

    def _try_submodule(self, module: LoadedModule, name: str, site: Site) -> None:
        full = f"{module.name}.{name}"
        if full in self.modules:
            return
        resolution = self.resolve(full, module)
        if resolution.winner is None and resolution.doubt is None:
            return
        if resolution.winner is None and module.opaque is not None:
            return
        self.load(full, site)

    def _star(self, module: LoadedModule, site: Site) -> dict[str, Value]:
        if module.party != "first":
            self.scope.module.opaque = f"import * from {module.name} at {site}"
            return {}
        if module.opaque is not None:
            self.scope.module.opaque = module.opaque
        listed = exported(module.names.get("__all__"))
        if listed is None:
            if "__all__" in module.names:
                self.scope.module.opaque = f"__all__ of {module.name} is not known"
            return {name: value for name, value in module.names.items() if not name.startswith("_")}
        found: dict[str, Value] = {}
        for name in listed:
            if name not in module.names and module.found.search is not None:
                self._try_submodule(module, name, site)
            if name in module.names:
                found[name] = module.names[name]
            elif module.opaque is None and not self._bound_elsewhere(module, name):
                message = f"module {module.name!r} has no attribute {name!r}"
                line = f"AttributeError: {message}"
                failed = self._failed(
                    module.name, site, ImportVerdict.NAME_MISSING, message=line, resolved_to=module.file, missing_name=name
                )
                raise Raised("AttributeError", message, site, failed)
            else:
                self._unsure(module, name, site, module.opaque or f"{module.file} binds {name} on a way that was not followed")
        return found

    def scope_of(self, module: LoadedModule) -> Scope:
        """The namespace in which a module's body runs."""
        return Scope(module.names, module)
