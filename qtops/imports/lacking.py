"""Whether a module certainly lacks a name, and which other files would have served."""

import re

from qtops.imports.bindings import binds
from qtops.imports.loading import Loading
from qtops.imports.modules import LoadedModule
from qtops.imports.resolve import Found

_ADDED = {("datetime", "UTC"): (3, 11)}  # the text of the older module mentions the name
_OPEN_ENDED = (b"import *", b"globals()", b"__getattr__", b"sys.modules", b"exec(", b"setattr(", b"vars()", b"_convert_")


class Lacking(Loading):
    """Looks into texts before it is claimed that a name does not exist."""

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

    def bound_elsewhere(self, module: LoadedModule, name: str) -> str | None:
        """A name that the text binds although the walk did not see it happen is in doubt, unless the module is half loaded."""
        if module.file is None:
            return None
        if not module.complete:
            return f"{module.file} has a __getattr__" if "__getattr__" in module.names else None
        source = self.files.source(module.file, self.interpreter.version)
        if source.module is not None and binds(source.module, name):
            return f"{module.file} binds {name}, on a way that was not followed"
        return None

    def surely_lacks(self, module: LoadedModule, name: str) -> bool:
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

    def serves(self, found: Found, name: str) -> bool:
        """Whether a file would offer a name."""
        if any(self.finder.offer(place, name) is not None for place in found.search or ()):
            return True
        if found.file is None or found.kind not in {"package", "module"}:
            return False
        source = self.files.source(found.file, self.interpreter.version)
        return source.module is not None and binds(source.module, name)
