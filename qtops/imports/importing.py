"""The import statements, and CPython's own words when one fails."""

import ast
import re

from qtops.imports.bindings import binds, exported
from qtops.imports.loading import NOT_SOURCE, Loading
from qtops.imports.modules import LoadedModule, Raised
from qtops.imports.outcome import Import, ImportVerdict, Site
from qtops.imports.resolve import Found, Resolution
from qtops.imports.values import Class, External, Instance, Maybe, Scope, Unknown, Value

_ADDED = {("datetime", "UTC"): (3, 11)}  # the text of the older module mentions the name
_OPEN_ENDED = (b"import *", b"globals()", b"__getattr__", b"sys.modules", b"exec(", b"setattr(", b"vars()", b"_convert_")


class Imports(Loading):
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
            if self._surely_lacks(module, name):
                raise self._no_name(module, name, site)
            return External(f"{module.name}.{name}")
        why = module.opaque or self._bound_elsewhere(module, name)
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

    def _bound_elsewhere(self, module: LoadedModule, name: str) -> str | None:
        """A name that the text binds although the walk did not see it happen is in doubt, unless the module is half loaded."""
        if module.file is None:
            return None
        if not module.complete:
            return f"{module.file} has a __getattr__" if "__getattr__" in module.names else None
        source = self.files.source(module.file, self.interpreter.version)
        if source.module is not None and binds(source.module, name):
            return f"{module.file} binds {name}, on a way that was not followed"
        return None

    def _surely_lacks(self, module: LoadedModule, name: str) -> bool:
        """Whether the text of a module of the standard library cannot bind a name: it came with a later version."""
        if module.party != "standard" or module.file is None or module.found.kind not in {"module", "package"}:
            return False
        if module.name.partition(".")[0] in self.claims:
            return False
        since = _ADDED.get((module.name, name))
        if since is not None:
            return self.interpreter.version < since
        text = self._closed_text(module.file)
        if text is None:
            return False
        word = name.encode()
        if any(usual in text for usual in (b"def " + word + b"(", b"class " + word, b"\n" + word + b" = ")):
            return False
        word = re.escape(word)
        if re.search(
            rb"^\s*(?:class|def|async def)?\s*" + word + rb"\s*[=:(,]|import\b[^\n]*\b" + word + rb"\b", text, re.MULTILINE
        ):
            return False
        source = self.files.source(module.file, self.interpreter.version)
        return source.module is not None and not binds(source.module, name)

    def _closed_text(self, path: str) -> bytes | None:
        """The text of a module whose names all stand in it; None when it makes some up, or cannot be read."""
        if path not in self.closed_texts:
            try:
                text = self.files.read(path)
            except OSError:
                text = b""
            closed = text.strip() != b"" and not any(word in text for word in _OPEN_ENDED)
            self.closed_texts[path] = text if closed else None
        return self.closed_texts[path]

    def _no_name(self, module: LoadedModule, name: str, site: Site) -> Raised:
        circular = not module.complete
        half = "partially initialized module " if circular else ""
        why = " (most likely due to a circular import)" if circular else ""
        message = f"cannot import name {name!r} from {half}{module.name!r}{why} ({module.file or 'unknown location'})"
        rivals = () if circular else tuple(found.place for found in self.rivals(module.name) if self._serves(found, name))
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

    def _serves(self, found: Found, name: str) -> bool:
        if any(self.finder.offer(place, name) is not None for place in found.search or ()):
            return True
        if found.file is None or found.kind not in {"package", "module"}:
            return False
        source = self.files.source(found.file, self.interpreter.version)
        return source.module is not None and binds(source.module, name)

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
            why = module.opaque or self._bound_elsewhere(module, name)
            if why is None:
                message = f"module {module.name!r} has no attribute {name!r}"
                raise self._no_attribute(module, name, site, message, ImportVerdict.NAME_MISSING)
            self.unclear_import(module.name, site, why, module.file, name)
        return found
