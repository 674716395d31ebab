"""What the source of units says of Redis: from the unit files to the programs that they start, and the names these speak of.

Nothing is executed.
"""

import posixpath
from collections.abc import Mapping
from typing import Final, NamedTuple

from qtops.collectors.accounts import Accounts
from qtops.collectors.imports import Predictor
from qtops.collectors.launches import Started, launch_of
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import FoundUnit
from qtops.collectors.unit_starts import FOLLOWED, INSTANCE
from qtops.facts.preflight import ImportFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState
from qtops.facts.wiring import UnitWiring
from qtops.imports.files import Files
from qtops.imports.launch import Application, Launch, Module, Script
from qtops.imports.path import absolute
from qtops.unitfile.environment import Environment, effective
from qtops.unitfile.names import UnitName
from qtops.unitfile.reader import read
from qtops.unitfile.service import ServiceUnit
from qtops.unitfile.starting import processes_in
from qtops.unitfile.variables import Variable, is_secret_like
from qtops.wiring.source import Cache, Read, Unit, read_unit
from qtops.wiring.source import Variable as Known

VERSION: Final = (3, 11)  # where the interpreter is not in the tree


class Wired(NamedTuple):
    """A unit, and its environment in the clear: that stays within the collectors."""

    unit: UnitWiring
    environment: Mapping[str, Variable]
    starts_python: bool = True


class UnitSources:
    """Reads units of one tree; what several of them share is read once."""

    def __init__(self, tree: RootedTree) -> None:
        self._tree, self._files, self._cache = tree, Files(tree), Cache()
        self._accounts = Accounts(tree)
        self._predictor = Predictor(self._files, assume_installed=True)

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
        script, reads = "", list[Read]()
        followed = [process for process in processes_in(unit, environment, account) if process.setting in FOLLOWED]
        launches = [launch for process in followed if (launch := launch_of(self._files, process))]
        for launch in launches:
            if isinstance(launch, Started):
                facts = self._predictor.predict(launch.launch)
                script = _script(launch.launch, facts) or script
                reads.append(read_unit(self._files, _unit(name, launch.launch, facts, environment), self._cache))
            else:
                missing.append(launch)
        return Wired(_joined(name, unit, script, reads, missing), environment.variables, starts_python=bool(launches))


def _joined(name: str, unit: ServiceUnit, script: str, reads: list[Read], missing: list[str]) -> UnitWiring:
    """One unit of what its programs say."""
    return UnitWiring(
        unit=name,
        description=unit.description.value if unit.description else "",
        script=script,
        files=len({file for read in reads for file in read.files}),
        ends=tuple(dict.fromkeys(end for read in reads for end in read.ends)),
        unresolved=tuple(dict.fromkeys(item for read in reads for item in read.unresolved)),
        missing=tuple(printable(text) for text in dict.fromkeys((*missing, *(text for read in reads for text in read.missing)))),
    )


def _unit(name: str, launch: Launch, facts: ImportFacts, environment: Environment) -> Unit:
    """A program as the reader of names wants it. A secret value, and the instance of a template, stay open."""
    known = {
        key: Known(f"<{key}>" if is_secret_like(key) else _opened(variable), printable(f"{key} at {variable.origin}"))
        for key, variable in environment.variables.items()
    }
    target = launch.target
    module = target.module if isinstance(target, Application) else target.name if isinstance(target, Module) else ""
    numbers = tuple(map(int, facts.version.split(".")[:2])) if facts.version else VERSION
    path = dict.fromkeys(absolute(entry.entry, launch.directory) for entry in facts.path if not entry.entry.startswith("?"))
    return Unit(
        name=name,
        script=_script(launch, facts),
        path=tuple(path),
        own=facts.own_folders,
        environment=known,
        version=(numbers[0], numbers[1]),
        module=module,
    )


def _opened(variable: Variable) -> str:
    """The value of a variable; what only the instance of a template has is left open."""
    return "<value>" if variable.unknown else variable.value.reveal().replace(INSTANCE, "<instance>")


def _script(launch: Launch, facts: ImportFacts) -> str:
    """The file that a program begins with; of a server there is none that would be the project's own."""
    if isinstance(launch.target, Script):
        return posixpath.normpath(posixpath.join(launch.directory, launch.target.path))
    return posixpath.normpath(facts.script) if facts.script and isinstance(launch.target, Module) else ""


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
