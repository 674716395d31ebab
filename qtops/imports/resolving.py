"""Where a dotted name comes from: the interpreter itself, sys.path, a package's own folders, or the hooks of editable installs."""

import posixpath

from qtops.imports.calls import Calls
from qtops.imports.finders import Mapping
from qtops.imports.modules import LoadedModule, Party
from qtops.imports.resolve import Found, Resolution


class Resolving(Calls):
    """Finds modules; loads nothing."""

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

    def party_of(self, found: Found) -> Party:
        """Whose code it is: the project's, a distribution's, or the standard library's."""
        place = f"{found.place}/"
        if found.kind == "built-in":
            return "standard"
        if "/site-packages/" in place or "/dist-packages/" in place:
            return "third"
        archive, library, _ = self.interpreter.core_path
        return "standard" if place.startswith((f"{archive}/", f"{library}/")) else "first"

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


def _as_found(path: str) -> Found:
    """A file as spec_from_file_location sees it."""
    folder, name = posixpath.split(path)
    if name.startswith("__init__."):
        return Found("package", path, (folder,))
    return Found("module" if name.endswith(".py") else "bytecode" if name.endswith(".pyc") else "extension", path)
