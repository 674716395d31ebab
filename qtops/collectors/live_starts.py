"""What the next start of a unit that systemd knows would meet, and which of its files changed since its process began."""

import os
import posixpath
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from qtops.collectors.credentials import credentials
from qtops.collectors.imports import Predictor
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import FoundUnit, UnitFiles, bounded, dropin
from qtops.collectors.unit_starts import Looker
from qtops.facts.preflight import ImportFacts, PathFact, StartFacts
from qtops.facts.service import ChangedFile
from qtops.facts.unit import UnitState
from qtops.imports.files import Files
from qtops.unitfile.environment import effective
from qtops.unitfile.names import LOOKUP_PATH, UnitName, dropin_directories, in_order, parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.variables import Variable

MOST_CHANGED: Final = 50  # files named in one finding; more say nothing more
FIRST_PYC_S: Final = 1.0  # from making __pycache__ to the first file in it
PRECEDENCE: Final = (
    *("/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early"),
    *("/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached"),
    *("/run/systemd/generator", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/run/systemd/generator.late"),
)
"""Where units and their drop-ins are looked for, those made at run time included (systemd.unit(5), "UNIT FILE LOAD PATH")."""
USUAL_ENVIRONMENTS: Final = ("venv", ".venv", "env")


class LiveStart(NamedTuple):
    """A start, and what else its files tell. ``environment`` is in the clear: it stays within the collectors."""

    start: StartFacts | None  # None: nothing is known of any file of it
    environment: Mapping[str, Variable]
    unit_files: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()  # as written: with - where one may be missing
    credentials: tuple[tuple[str, str], ...] = ()  # names and values, in the clear as well

    @property
    def known(self) -> list[tuple[str, str]]:
        """Names and values of all that the processes are given, in the clear."""
        return [*((variable.name, variable.value.reveal()) for variable in self.environment.values()), *self.credentials]

    @property
    def own(self) -> dict[str, str]:
        """What the unit's own lines set, in the clear; without what systemd sets, and what the files say."""
        return {name: v.value.reveal() for name, v in self.environment.items() if v.origin.path in self.unit_files}


class LiveUnits:
    """States of the units that others require, as systemd has them."""

    def __init__(self, units: Iterable[UnitState]) -> None:
        self._states = {related.unit: related.load_state for unit in units for related in unit.related}

    def state(self, name: str) -> str:
        """``found``, ``masked``, ``missing`` or ``unknown``."""
        return {"not-found": "missing", "masked": "masked", "": "unknown"}.get(self._states.get(name, ""), "found")


class LiveStarts:
    """Looks at the files of units; what several of them share is read once. ``source``: a folder where the project is, besides;
    ``tree``: the host's, or one that is to be taken for it.
    """

    def __init__(self, units: Sequence[UnitState], source: str = "", tree: RootedTree | None = None) -> None:
        self._tree = RootedTree("/") if tree is None else tree
        self._files = Files(self._tree)
        predictor = Predictor(self._files, environments=tuple(_environments(source)), sources=(source,) if source else ())
        self._looker = Looker(self._tree, self._files, LiveUnits(units), predictor)

    def look(self, unit: UnitState) -> LiveStart:
        """The start of one unit, from the files that systemd has it from."""
        name = parse_name(unit.name)
        if name is None or not unit.fragment_path:
            return LiveStart(StartFacts(subject=unit.name, loads=False, paths=tuple(self._links(unit.name))), {})
        return self._look(self._found(unit, name), name)

    def _links(self, name: str) -> Iterator[PathFact]:
        """Links in place of its unit file that lead nowhere."""
        facts = (self._tree.fact("unit file", "", f"{folder}/{name}") for folder in LOOKUP_PATH)
        yield from (fact for fact in facts if fact.state == "broken_link")

    def look_on_disk(self, full_name: str) -> LiveStart | None:
        """The same where systemd cannot be asked, from the files that it would take; None where there is none."""
        found = self._on_disk(full_name)
        return None if found is None else self._look(found, found.name)

    def environment(self, unit: UnitState) -> Mapping[str, Variable]:
        """What the processes of a unit get, in the clear, without a look at the rest of its start."""
        return self._given(unit).environment

    def environment_files(self, unit: UnitState) -> tuple[str, ...]:
        """The files that more of it comes from, as written."""
        return self._given(unit).environment_files

    def known(self, unit: UnitState) -> list[tuple[str, str]]:
        """Names and values of all that they are given, credentials as well."""
        return self._given(unit).known

    def _given(self, unit: UnitState) -> LiveStart:
        name = parse_name(unit.name)
        found = self._found(unit, name) if name is not None and unit.fragment_path else self._on_disk(unit.name)
        return LiveStart(None, {}) if found is None or found.masked or not found.data else self._read(found)

    def _on_disk(self, full_name: str) -> FoundUnit | None:
        name = parse_name(full_name)
        names = [full_name, f"{name.prefix}@.{name.type}"] if name and name.instance else [full_name]
        for folder in LOOKUP_PATH:
            for path in (f"{folder}/{known}" for known in names):
                if name is not None and _is_there(path, self._tree):
                    (found,) = UnitFiles(self._tree, "/", [path]).services
                    return replace(found, name=name)
        return None

    def _look(self, found: FoundUnit, name: UnitName) -> LiveStart:
        start = self._looker.look(found, str(name))
        return LiveStart(start, {}) if found.masked or not found.data else self._read(found)._replace(start=start)

    def _read(self, found: FoundUnit) -> LiveStart:
        """All but the start itself."""
        service = read(found.name, (found.shown, found.data), found.dropins)
        files = tuple(item.value for item in service.environment_files)
        unit_files = (found.shown, *(path for path, _ in found.dropins))
        loaded, texts = (item.value for item in service.load_credential), (found.data, *(data for _, data in found.dropins))
        given = tuple(credentials(str(found.name), loaded, texts, self._tree))
        return LiveStart(None, effective(service, self._tree).variables, unit_files, files, given)

    def _found(self, unit: UnitState, name: UnitName) -> FoundUnit:
        if unit.load_state == "masked":
            return FoundUnit(name, unit.fragment_path, masked=True)
        try:
            data = bounded(self._tree, unit.fragment_path)
            dropins = tuple((path, dropin(self._tree, path)) for path in unit.drop_ins)
        except OSError as error:
            return FoundUnit(name, unit.fragment_path, trouble=f"{error.filename}: {error.strerror or 'it cannot be read'}")
        return FoundUnit(name, unit.fragment_path, data, dropins)


def changed_since(began_s: float, unit: UnitState, live: LiveStart) -> tuple[ChangedFile, ...]:
    """Files of a running service that changed after its process began, the newest first."""
    places = [("code", path) for path in _code(live.start.imports if live.start else None)]
    places += [("unit", path) for path in (unit.fragment_path, *unit.drop_ins) if path]
    places += [("environment", path.removeprefix("-")) for path in live.environment_files]
    changed = [ChangedFile(kind, path, at_s) for kind, path in places if (at_s := _changed_s(path)) is not None and at_s > began_s]  # type: ignore[arg-type]
    return tuple(sorted(changed, key=lambda file: -file.changed_s)[:MOST_CHANGED])


def unread_dropins(unit: UnitState) -> tuple[ChangedFile, ...]:
    """Drop-ins that are on disk, and that systemd has not read."""
    name = parse_name(unit.name)
    if not unit.need_daemon_reload or name is None:
        return ()
    paths = in_order(_files_in(dropin_directories(name), RootedTree("/")))
    found = [ChangedFile("unit", path, at_s) for path in paths if path not in unit.drop_ins and (at_s := _changed_s(path))]
    return tuple(found[:MOST_CHANGED])


def reloaded(unit: UnitState, tree: RootedTree) -> UnitState:
    """The unit with the drop-ins that systemd will have read after its next daemon-reload: those on disk, in its order."""
    name = parse_name(unit.name)
    if name is None:
        return unit
    folders = dropin_directories(name, PRECEDENCE)
    ranks = {folder: rank for rank, folder in enumerate(folders)}
    ranks |= {folder.removeprefix("/usr"): rank for folder, rank in ranks.items()}  # /lib, as some systemd spells it
    known = [path for path in unit.drop_ins if _is_there(path, tree)]  # first, for their spelling
    paths = sorted([*known, *_files_in(folders, tree)], key=lambda path: ranks.get(posixpath.dirname(path), len(ranks)))
    return replace(unit, drop_ins=in_order(paths))


def _files_in(folders: Iterable[str], tree: RootedTree) -> Iterator[str]:
    for folder in folders:
        try:
            yield from (posixpath.join(folder, file) for file in tree.names(folder))
        except OSError:
            continue


def _is_there(path: str, tree: RootedTree) -> bool:
    try:
        return tree.is_linked(path) or tree.kind(path) is not None
    except OSError:
        return False


def source_changed_s(unit: UnitState, live: LiveStart) -> float | None:
    """When the newest of the files, folders and links that the prediction rests on changed; None where there are none."""
    imports = live.start.imports if live.start else None
    files = _code(imports)
    entries = [entry.entry for entry in imports.path if entry.entry.startswith("/")] if imports else []
    folders = dict.fromkeys([*entries, *(posixpath.dirname(path) for path in files)])
    named = [*entries, unit.working_directory, *((imports.script, imports.interpreter) if imports else ())]
    moments = [*map(_changed_s, files), *map(_folder_changed_s, folders), *map(_links_changed_s, named)]
    return max((moment for moment in moments if moment is not None), default=None)


def _code(imports: ImportFacts | None) -> tuple[str, ...]:
    """The project's files that a prediction rests on: those that were followed, and those that it failed at."""
    if imports is None:
        return ()
    failed = (path for failure in imports.failures for path in (failure.importer, failure.resolved_to))
    files = (imports.script, *imports.followed, *failed)
    return tuple(dict.fromkeys(path for path in files if path.startswith("/")))


def _changed_s(path: str) -> float | None:
    """The later of mtime and ctime: copying keeps the former, nothing but the clock sets the latter."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return max(status.st_mtime, status.st_ctime)


def _folder_changed_s(path: str) -> float | None:
    """The same of a folder, but for what an interpreter itself puts into it: its __pycache__, at its first import from there."""
    changed_s = _changed_s(path)
    try:
        written = [entry.stat().st_mtime for entry in os.scandir(posixpath.join(path, "__pycache__"))]
    except (OSError, ValueError):
        written = []
    return None if changed_s is not None and written and abs(min(written) - changed_s) <= FIRST_PYC_S else changed_s


def _links_changed_s(path: str) -> float | None:
    """When the newest of the links on the way to a path was made: a release is switched so."""
    moments = []
    for place in (path, *map(str, Path(path).parents)) if path.startswith("/") else ():
        try:
            status = os.lstat(place)
        except (OSError, ValueError):
            continue
        moments += [status.st_ctime] if stat.S_ISLNK(status.st_mode) else []
    return max(moments, default=None)


def _environments(source: str) -> Iterator[str]:
    if source:
        yield from (posixpath.join(source, name) for name in USUAL_ENVIRONMENTS)
