"""The import statements, and CPython's own words when one fails."""

import ast

from qtops.imports.bindings import binds, exported
from qtops.imports.lacking import Lacking
from qtops.imports.loading import NOT_SOURCE
from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.resolve import Resolution
from qtops.imports.values import Class, External, Instance, Maybe, Scope, Unknown, Value


class Imports(Lacking):
    """Carries out imports."""

    def import_from(self, module: LoadedModule, names: list[str], site: Site) -> dict[str, Value]:
        """``from module import names``: submodules first, then the names themselves, as CPython orders it."""
        if names == ["*"]:
            return self._star(module, site)
        if self.search_of(module) is not None:
            self.look_for_arrangement(module)
            for name in names:
                if name not in module.names and (module.opaque is None or module.party == "first"):
                    self._try_submodule(module, name, site)
        return {name: self.name_from(module, name, site) for name in names}

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
        wanted = positional[0] if positional else None
        if not isinstance(wanted, str) or wanted.startswith(".") or len(positional) > 4:
            why = f"what {name.removeprefix('builtins.')} at {site} imports is not known"
            self.unclear_import("?", site, why)
            return Unknown(why)
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

    def name_from(self, module: LoadedModule, name: str, site: Site) -> Value:
        """``from module import name``, the submodules having been tried. Raises Raised with ImportError."""
        if name in module.names:
            found = module.names[name]
            if isinstance(found, Maybe):
                self.unclear_import(module.name, site, found.why, module.file, name)
                return Unknown(found.why)
            return found
        submodule = self.modules.get(f"{module.name}.{name}")
        if submodule is not None:
            return self.seen(submodule)
        if module.party != "first" or module.opaque == NOT_SOURCE:
            if self.surely_lacks(module, name):
                raise self._no_name(module, name, site)
            return External(f"{module.name}.{name}")
        why = module.opaque or self.bound_elsewhere(module, name)
        if why is not None:
            self.unclear_import(module.name, site, why, module.file, name)
            return Unknown(why)
        raise self._no_name(module, name, site)

    def attribute_of_module(self, module: LoadedModule, name: str, node: ast.expr) -> Value:
        """See Expressions. A name that a half-loaded module does not have yet ends in AttributeError."""
        if name in module.names:
            found = module.names[name]
            return Unknown(found.why) if isinstance(found, Maybe) else found
        if module.complete or module.opaque or module.found.search is not None or self.doubts or "__getattr__" in module.names:
            return Unknown(f"{module.name} has no {name} that is known")
        message = f"partially initialized module {module.name!r} has no attribute {name!r} (most likely due to a circular import)"
        raise self._no_attribute(module, name, self.at(node), message, ImportVerdict.CIRCULAR)

    def _no_attribute(self, module: LoadedModule, name: str, site: Site, message: str, verdict: ImportVerdict) -> Raised:
        words = message if self.interpreter.version < (3, 13) or verdict is not ImportVerdict.CIRCULAR else None  # hints were added
        line = f"AttributeError: {words}" if words else None
        failed = Import(module.name, site, verdict, resolved_to=module.file, name=name, message=line, path=self.path)
        return Raised("AttributeError", words, site, self.fail(failed))

    def check_name(self, node: ast.Name) -> None:
        """See Expressions. Certain when nothing in the text of the module binds it, at whatever place."""
        module = self.scope.module
        name = node.id
        if self.doubts or module.opaque or module.file is None or name.startswith("__") or not module.file.endswith(".py"):
            return
        source = self.files.source(module.file, self.interpreter.version)
        scope: Scope | None = self.scope
        while scope is not None:  # a parameter is no assignment
            if name in scope.names:
                return
            scope = scope.outer
        if source.module is not None and (isinstance(node.ctx, ast.Del) or not binds(source.module, name)):
            raise Raised("NameError", f"name {name!r} is not defined", self.at(node))

    def missing(self, name: str, above: LoadedModule | None, site: Site) -> Raised:
        """See Loading."""
        message = f"No module named {name!r}"
        if above is not None and self.search_of(above) is None:
            message += f"; {above.name!r} is not a package"
        rivals = tuple(found.place for found in self.rivals(name)) if above is not None else ()
        top = self.modules.get(name.partition(".")[0])
        failed = Import(
            name,
            site,
            ImportVerdict.SHADOWED if rivals else ImportVerdict.MISSING,
            resolved_to=above.found.place if above is not None else None,
            won_by=top.found.entry if top is not None else None,
            shadowed=rivals,
            message=f"ModuleNotFoundError: {message}",
            path=self.path,
        )
        return Raised("ModuleNotFoundError", message, site, self.fail(failed))

    def _no_name(self, module: LoadedModule, name: str, site: Site) -> Raised:
        circular = not module.complete
        half = "partially initialized module " if circular else ""
        why = " (most likely due to a circular import)" if circular else ""
        message = f"cannot import name {name!r} from {half}{module.name!r}{why} ({module.file or 'unknown location'})"
        rivals = () if circular else tuple(found.place for found in self.rivals(module.name) if self.serves(found, name))
        top = self.modules.get(module.name.partition(".")[0])
        failed = Import(
            module.name,
            site,
            ImportVerdict.CIRCULAR if circular else ImportVerdict.SHADOWED if rivals else ImportVerdict.NAME_MISSING,
            resolved_to=module.found.place,
            won_by=top.found.entry if top is not None else None,
            shadowed=rivals,
            name=name,
            message=f"ImportError: {message}",
            path=self.path,
        )
        return Raised("ImportError", message, site, self.fail(failed))

    def _try_submodule(self, module: LoadedModule, name: str, site: Site) -> None:
        full = f"{module.name}.{name}"
        if full in self.modules:
            return
        resolution = self.resolve(full, module)
        if resolution.winner is None and (resolution.doubt is None or module.opaque is not None):
            return
        self.load(full, site)

    def _star(self, module: LoadedModule, site: Site) -> dict[str, Value]:
        here = self.scope.module
        if module.party != "first":
            here.opaque = f"import * from {module.name} at {site}"
            return {}
        here.opaque = here.opaque or module.opaque
        listed = exported(module.names.get("__all__"))
        if listed is None:
            if "__all__" in module.names:
                here.opaque = f"__all__ of {module.name} is not known"
            return {name: value for name, value in module.names.items() if not name.startswith("_")}
        found: dict[str, Value] = {}
        for name in listed:
            if name not in module.names and self.search_of(module) is not None:
                self._try_submodule(module, name, site)
            if name in module.names:
                found[name] = module.names[name]
                continue
            why = module.opaque or self.bound_elsewhere(module, name)
            if why is None:
                message = f"module {module.name!r} has no attribute {name!r}"
                raise self._no_attribute(module, name, site, message, ImportVerdict.NAME_MISSING)
            self.unclear_import(module.name, site, why, module.file, name)
        return found
