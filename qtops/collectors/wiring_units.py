"""What the source of units says of Redis: from the unit files to the programs that they start, and the names these speak of.

Nothing is executed.
"""

import dataclasses
import posixpath
import re
from collections.abc import Hashable, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from qtops.collectors.accounts import Accounts
from qtops.collectors.imports import Predictor
from qtops.collectors.launches import Started, launch_of
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import FoundUnit
from qtops.collectors.unit_starts import DENIED, FOLLOWED, INSTANCE
from qtops.facts.preflight import ImportFacts, PathEntry
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.facts.wiring import UnitWiring, Unresolved
from qtops.imports.files import Files
from qtops.imports.launch import Application, Code, Launch, Module, Script
from qtops.imports.path import absolute
from qtops.unitfile.environment import Environment, effective
from qtops.unitfile.names import UnitName
from qtops.unitfile.reader import read
from qtops.unitfile.service import ServiceUnit
from qtops.unitfile.starting import processes_in
from qtops.unitfile.variables import Variable, is_secret_like
from qtops.wiring.source import Cache, Read, Unit, read_unit
from qtops.wiring.source import Variable as Known
from qtops.wiring.typed import typed

TYPED: Final = "it is typed to redis-cli in the unit's own command line, which is not read"
VERSION: Final = (3, 11)  # where the interpreter is not in the tree
_NOTHING: Final = re.compile(r"<[^<>]*>")
_EDIT: Final = re.compile(rb"sys\s*\.\s*path\b|import\s+path\b|addsitedir")


class Wired(NamedTuple):
    """A unit, and its environment in the clear: that stays within the collectors."""

    unit: UnitWiring
    environment: Mapping[str, Variable]
    starts_python: bool = True  # or speaks to Redis by itself


class UnitSources:
    """Reads units of one tree; what several of them share is read once."""

    def __init__(self, tree: RootedTree) -> None:
        self._tree, self._files, self._cache = tree, Files(tree), Cache()
        self._accounts = Accounts(tree)
        self._predictor = Predictor(self._files, assume_installed=True)
        self._starts: dict[tuple[Hashable, ...], ImportFacts] = {}
        self._edits: dict[str, bool] = {}

    def read(self, found: FoundUnit, name: str) -> Wired:
        """One unit, and every Python program of its start."""
        if found.masked:
            return Wired(UnitWiring(unit=name, load_state="masked", unit_file_state="masked"), {}, starts_python=False)
        if found.trouble and not found.data:
            return Wired(UnitWiring(unit=name, missing=(found.trouble,)), {})
        instance = UnitName(found.name.prefix, INSTANCE, "service") if found.name.is_template else found.name
        unit = read(instance, (found.shown, found.data), found.dropins)
        account = (self._accounts.users or {}).get(unit.user.value if unit.user else "")
        environment = effective(unit, self._tree, account)
        missing = [found.trouble] if found.trouble else []
        missing += [environment.failure.text] if environment.failure else []
        missing += [told.text for told in environment.diagnostics if told.text.endswith(DENIED)]
        followed = [process for process in processes_in(unit, environment, account) if process.setting in FOLLOWED]
        launches = [launch for process in followed if (launch := launch_of(self._files, process))]
        started = [launch.launch for launch in launches if isinstance(launch, Started)]
        missing += [launch for launch in launches if isinstance(launch, str)]
        reads = [self._read(name, launch, environment) for launch in started]
        missing += [why for launch, read in zip(started, reads, strict=True) if (why := self._not_found(launch, read))]
        script = next((script for launch, read in zip(started, reads, strict=True) if (script := _script(launch, read))), "")
        wired = _joined(name, unit, script, reads, missing)
        shell = [Unresolved(name, command, found.shown, TYPED) for process in followed for command in typed(process.argv)]
        wired = replace(wired, unresolved=(*wired.unresolved, *dict.fromkeys(shell)))
        return Wired(wired, environment.variables, starts_python=bool(launches or shell))

    def _read(self, name: str, launch: Launch, environment: Environment) -> Read:
        """One program. Only where source edits sys.path is its start walked: that takes forty times as long as to parse it."""
        at_start = None if isinstance(launch.target, Application) else self._at_start(launch)
        if at_start is not None:
            read = read_unit(self._files, _unit(name, launch, at_start, environment), self._cache)
            if not any(map(self._edits_path, read.files)):
                return read
        return read_unit(self._files, _unit(name, launch, self._predictor.predict(launch), environment), self._cache)

    def _at_start(self, launch: Launch) -> ImportFacts:
        """What is known of sys.path before the first line of a program: what nothing executed has it, but for its first entry."""
        python = tuple(sorted(item for item in launch.environment.items() if item[0] == "HOME" or item[0].startswith("PYTHON")))
        key = (launch.interpreter, launch.directory, launch.flags, launch.home, python)
        if key not in self._starts:
            nothing = dataclasses.replace(launch, target=Code("pass"), arguments=())
            self._starts[key] = self._predictor.predict(nothing)
        facts, target = self._starts[key], launch.target
        if not isinstance(target, Script) or launch.safe_path:
            return facts
        script = self._tree.resolve(posixpath.normpath(posixpath.join(launch.directory, target.path)))
        first = PathEntry(posixpath.dirname(script), "script directory")
        return replace(facts, path=(first, *facts.path[1:]), own_folders=(first.entry, *facts.own_folders))

    def _not_found(self, launch: Launch, read: Read) -> str:
        """Why nothing was read of a module; nothing where it is a distribution's, which is none of the project."""
        module = _module(launch)
        if not module or read.files or read.missing:
            return ""
        top, facts = module.partition(".")[0], self._at_start(launch)
        places = [absolute(entry.entry, launch.directory) for entry in facts.path]
        others = [place for place in places if place not in facts.own_folders]
        if any(self._files.is_file(f"{place}/{top}.py") or self._files.is_directory(f"{place}/{top}") for place in others):
            return ""
        return f"{module}: no such module in {launch.directory}, and none on sys.path"

    def _edits_path(self, file: str) -> bool:
        if file not in self._edits:
            try:
                self._edits[file] = _EDIT.search(self._files.read(file)) is not None
            except OSError:
                self._edits[file] = False
        return self._edits[file]


def _joined(name: str, unit: ServiceUnit, script: str, reads: list[Read], missing: list[str]) -> UnitWiring:
    """One unit of what its programs say. A name of which nothing is known, as its variable is not, is none."""
    ends = dict.fromkeys(end for read in reads for end in read.ends)
    empty = [end for end in ends if _NOTHING.fullmatch(end.name)]
    unresolved = [Unresolved(name, end.command, end.where, f"the name is {end.origin}, which is not known here") for end in empty]
    return UnitWiring(
        unit=name,
        description=unit.description.value if unit.description else "",
        script=script,
        files=len({file for read in reads for file in read.files}),
        ends=tuple(end for end in ends if end not in empty),
        unresolved=tuple(dict.fromkeys([*(item for read in reads for item in read.unresolved), *unresolved])),
        missing=tuple(printable(text) for text in dict.fromkeys((*missing, *(text for read in reads for text in read.missing)))),
    )


def _unit(name: str, launch: Launch, facts: ImportFacts, environment: Environment) -> Unit:
    """A program as the reader of names wants it. A secret value, and the instance of a template, stay open."""
    known = {
        key: Known(f"<{key}>" if is_secret_like(key) else _opened(variable), printable(f"{key} at {variable.origin}"))
        for key, variable in environment.variables.items()
    }
    known |= {key: Known(f"<{key}>", f"{key} of PassEnvironment=") for key in environment.passed}
    numbers = tuple(map(int, facts.version.split(".")[:2])) if facts.version else VERSION
    path = dict.fromkeys(absolute(entry.entry, launch.directory) for entry in facts.path if not entry.entry.startswith("?"))
    library = [entry.entry for entry in facts.path if entry.origin == "standard library"]
    return Unit(
        name=name,
        script=_script(launch),
        path=tuple(path),
        own=tuple(own for own in facts.own_folders if not any(f"{place}/".startswith(f"{own.rstrip('/')}/") for place in library)),
        environment=known,
        version=(numbers[0], numbers[1]),
        module=_module(launch),
    )


def _opened(variable: Variable) -> str:
    """The value of a variable; what only the instance of a template has is left open."""
    return "<value>" if variable.unknown else variable.value.reveal().replace(INSTANCE, "<instance>")


def _script(launch: Launch, read: Read | None = None) -> str:
    """The file that a program begins with; of a module the one that was read for it."""
    if isinstance(launch.target, Script):
        return posixpath.normpath(posixpath.join(launch.directory, launch.target.path))
    path = _module(launch).replace(".", "/")
    ends = (f"/{path}.py", f"/{path}/__main__.py", f"/{path}/__init__.py")
    return next((file for end in ends for file in (read.files if read else ()) if file.endswith(end)), "")


def _module(launch: Launch) -> str:
    target = launch.target
    return target.module if isinstance(target, Application) else target.name if isinstance(target, Module) else ""


def of_state(state: UnitState) -> dict[str, object]:
    """What systemd itself says of a unit."""
    return {
        "load_state": state.load_state,
        "active_state": state.active_state,
        "sub_state": state.sub_state,
        "unit_file_state": state.unit_file_state,
        "result": state.result,
        "since_s": state.state_changed_s,
        "main_pid": state.main_pid,
        "triggered_by": tuple(unit.unit for unit in state.named("TriggeredBy")),
    }
