"""Changes of sys.path and of the working directory: each becomes a recorded edit, or is left out to see what would happen then."""

import ast
import posixpath
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import PurePosixPath

from qtops.imports.evaluate import Expressions
from qtops.imports.outcome import Edit, Site
from qtops.imports.path import Entry, Origin, absolute
from qtops.imports.tree import Kind
from qtops.imports.values import External, Unknown, Value, doubt_in

_LONGEST_PATH = 1_000  # entries


class Edits(Expressions):
    """Carries out changes of sys.path."""

    def edit_by_call(self, node: ast.Call, name: str, positional: list[Value]) -> Value:
        """``sys.path.insert(…)`` and its kin, ``site.addsitedir(…)``."""
        operation = name.rpartition(".")[2]
        site = self.at(node)
        if operation in {"index", "count", "copy", "__contains__"}:
            return Unknown(f"the result of {name} at {site} is not evaluated")
        if site in self.without:
            return None
        before = self.path
        result = self._changed(operation, positional, site)
        self._record(site, operation, before)
        return result

    def _changed(self, operation: str, positional: list[Value], site: Site) -> Value:
        entries = list(self.path)
        given = positional[-1] if positional else None
        match operation, positional:
            case "insert", [int(index), _]:
                entries.insert(index, self._entry(given, site))
            case "append", [_]:
                entries.append(self._entry(given, site))
            case "extend", [list() | tuple()]:
                entries += [self._entry(item, site) for item in positional[0]]
            case "addsitedir", [str() | PurePosixPath(), *_]:
                self._add_site(str(positional[0]), site)
                return None
            case "remove", [str()] if all(entry.text is not None and not entry.doubt for entry in entries):
                position = next((i for i, entry in enumerate(entries) if entry.text == given and not entry.ignored), None)
                if position is None:
                    self.raise_error("ValueError", "list.remove(x): x not in list", site)
                else:
                    del entries[position]
            case "pop", [] | [int()] if entries and not any(entry.doubt for entry in entries):
                popped = entries.pop(*positional)
                self.path = tuple(entries)
                return popped.text
            case "reverse", []:
                entries.reverse()
            case "clear", []:
                entries.clear()
            case _:
                entries = self._unknown_edit(doubt_in(*positional) or f"sys.path.{operation} at {site} is not understood", site)
        self._put(entries, site)
        return None

    def _put(self, entries: Sequence[Entry], site: Site) -> None:
        if len(entries) > _LONGEST_PATH:
            entries = self._unknown_edit(f"sys.path has more than {_LONGEST_PATH:,} entries at {site}", site)[:1]
        self.path = tuple(entries)

    def raise_error(self, kind: str, message: str, site: Site) -> None:
        """Raise an exception of the program."""
        from qtops.imports.modules import Raised

        raise Raised(kind, message, site)

    def assign_path(self, value: Value, node: ast.stmt, operation: str = "assign") -> None:
        """``sys.path = …``, ``sys.path[:] = …``, ``sys.path += …``: known entries keep their origin."""
        site = self.at(node)
        if site in self.without:
            return
        before = self.path
        if not isinstance(value, list | tuple):
            self.path = tuple(self._unknown_edit(doubt_in(value) or f"the value at {site} is not known", site))
        else:
            self._put(self._kept(value, site), site)
        self._record(site, operation, before)

    def assign_part(self, target: ast.Subscript, value: Value, node: ast.stmt) -> None:
        """``sys.path[a:b] = …`` and ``sys.path[i] = …``."""
        index = self.value(target.slice)
        texts = self.concrete(External("sys.path"))
        try:
            texts[index] = value
        except (TypeError, ValueError, IndexError):
            texts = Unknown(doubt_in(index, value) or f"the change at {self.at(node)} is not understood")
        self.assign_path(texts, node, "slice")

    def delete_part(self, target: ast.Subscript, node: ast.stmt) -> None:
        """``del sys.path[i]``."""
        index = self.value(target.slice)
        texts = self.concrete(External("sys.path"))
        try:
            del texts[index]
        except (TypeError, IndexError):
            texts = Unknown(doubt_in(index) or f"the change at {self.at(node)} is not understood")
        self.assign_path(texts, node, "delete")

    def change_directory(self, value: Value) -> None:
        """os.chdir: where relative paths lead from now on; not known where it may fail."""
        known = isinstance(value, str | PurePosixPath) and self.directory is not None and str(value)
        there = self.files.tree.resolve(absolute(str(value), self.directory or "/")) if known else None
        try:
            self.directory = there if there is not None and self.files.tree.kind(there) is Kind.DIRECTORY else None
        except OSError:
            self.directory = None

    def _kept(self, values: Sequence[Value], site: Site) -> list[Entry]:
        known: dict[Value, list[Entry]] = {}
        for entry in self.path:
            key = entry.text if not (entry.text is None or entry.doubt) else Unknown(entry.doubt or "not known")
            known.setdefault(key, []).append(entry)
        kept = []
        for value in values:
            same = known.get(value) if isinstance(value, str | Unknown) else None
            kept.append(same.pop(0) if same else self._entry(value, site))
        return kept

    def _entry(self, value: Value, site: Site) -> Entry:
        origin = Origin("edit", site.file, site.line)
        if isinstance(value, str):
            return Entry(value, origin)
        if isinstance(value, PurePosixPath):
            return Entry(str(value), origin, ignored=True)
        return Entry(None, origin, doubt_in(value) or f"what is added at {site} is not known")

    def _unknown_edit(self, why: str, site: Site) -> list[Entry]:
        """After a change that is not understood every entry is in doubt, and others may be there."""
        origin = Origin("edit", site.file, site.line)
        return [Entry(None, origin, why), *(Entry(e.text, e.origin, e.doubt or why, e.ignored) for e in self.path)]

    @abstractmethod
    def add_site(self, directory: str, known: set[str], origin: Origin) -> None:
        """site.addsitedir: a directory, then what its .pth files name and run."""

    def _add_site(self, path: str, site: Site) -> None:
        known = {absolute(entry.text, self.directory or "/") for entry in self.path if entry.text is not None}
        if self.directory is None and not path.startswith("/"):
            self.path = tuple(self._unknown_edit("the working directory is not known", site))
        else:
            self.add_site(absolute(path, self.directory or "/"), known, Origin("edit", site.file, site.line))

    def _record(self, site: Site, operation: str, before: tuple[Entry, ...]) -> None:
        if self.path != before:
            known = frozenset(before)
            self.edits.append(Edit(site, operation, tuple(entry for entry in self.path if entry not in known)))

    def _anchored(self, directory: str, text: str) -> str:
        """A relative entry as the finder makes it absolute."""
        if text in {"", "."}:
            return directory
        return posixpath.join(directory, text.removeprefix("./") if self.interpreter.version >= (3, 12) else text)

    def places(self) -> list[tuple[str, Entry | None]]:
        """The directories of sys.path as the import system searches them."""
        found: list[tuple[str, Entry | None]] = []
        for entry in self.path:
            if entry.ignored:
                continue
            text = entry.text
            if text is None:
                found.append(("", entry))
            elif text.startswith("/") or text in self.finder.namespaces:
                found.append((text, entry))
            elif self.directory is None:
                found.append(("", Entry(None, entry.origin, "the working directory is not known here")))
            else:
                found.append((self._anchored(self.directory, text), entry))
        return found
