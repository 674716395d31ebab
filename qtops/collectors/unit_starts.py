"""One service unit as facts: what it says, and what the tree holds of what it names."""

import errno
import os
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal, NamedTuple, Protocol, cast

import msgspec

from qtops.collectors.accounts import Accounts
from qtops.collectors.conditions import unmet_condition
from qtops.collectors.hiding import hidden
from qtops.collectors.imports import Predictor
from qtops.collectors.launches import Started, launch_of
from qtops.collectors.rights import Denials, Rights
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import FoundUnit
from qtops.collectors.unit_settings import log_facts, restart_facts, setting_facts, variable_facts
from qtops.facts.preflight import AccountFact, CommandFact, ImportFacts, PathFact, StartFacts, UnitReference
from qtops.imports.files import Files
from qtops.imports.launch import Application, Script
from qtops.unitfile.environment import SEARCH_PATH, effective
from qtops.unitfile.names import UnitName
from qtops.unitfile.reader import read
from qtops.unitfile.service import ServiceUnit, Setting
from qtops.unitfile.starting import Process, processes_in

INSTANCE: Final = "INSTANCE-of-the-template"  # stands for %i of a template; what holds it is not known
GUARDED_PATHS: Final = ("read_write_paths", "read_only_paths", "inaccessible_paths", "exec_paths", "no_exec_paths")
FOLLOWED: Final = ("ExecStartPre", "ExecStart")  # a Python program that fails in one of these keeps the unit down

DENIED: Final = os.strerror(errno.EACCES)  # to whoever looks; systemd reads an environment file as root


class Units(Protocol):
    """Knows which units there are."""

    def state(self, name: str, /) -> str:
        """``found``, ``masked``, ``missing`` or ``unknown``."""


class _Predicted(NamedTuple):
    """A Python start: what becomes of its imports, and its script. ``opened_by``: who opens that by its path, if anybody;
    ``is_served``: a server imports it, and stays when it has.
    """

    facts: ImportFacts | None = None
    script: str = ""
    opened_by: tuple[Process, ...] = ()
    is_served: bool = False


class Looker:
    """Looks at units in one tree; what several of them share is read once."""

    def __init__(self, tree: RootedTree, files: Files, units: Units, predictor: Predictor) -> None:
        self._tree, self._files, self._units, self._predictor = tree, files, units, predictor
        self._accounts = Accounts(tree)
        self._rights = Rights(tree, self._accounts)

    def look(self, found: FoundUnit, subject: str) -> StartFacts:
        """Everything that its files tell."""
        if found.masked:
            return StartFacts(subject=subject, unit_file=found.shown, loads=False, outside=("it is masked: nothing starts it",))
        if found.trouble and not found.data:
            return StartFacts(subject=subject, unit_file=found.shown, missing=(found.trouble,))
        name = UnitName(found.name.prefix, INSTANCE, "service") if found.name.is_template else found.name
        unit = read(name, (found.shown, found.data), found.dropins)
        if unmet := unmet_condition(unit, self._tree):
            return StartFacts(subject=subject, unit_file=found.shown, settings=setting_facts(unit), loads=False, outside=(unmet,))
        return self._unit(unit, found, subject)

    def _unit(self, unit: ServiceUnit, found: FoundUnit, subject: str) -> StartFacts:
        user = unit.user.value if unit.user else ""
        account = (self._accounts.users or {}).get(user)
        environment = effective(unit, self._files.tree, account)
        started = [self._located(process, unit) for process in processes_in(unit, environment, account)]
        own_root = unit.root_directory or unit.root_image
        commands = () if own_root else tuple(map(self._command, started))
        paths = () if own_root else tuple(self._paths(unit))
        imports, script, opener, is_served = _Predicted() if own_root else self._imports(started)
        if script and imports is not None:
            where = str(unit.exec_start[0].origin) if unit.exec_start else ""
            paths = (*paths, self._tree.fact("script", where, script))
        bound = tuple(_target(item.value) for item in (*unit.bind_paths, *unit.bind_read_only_paths))
        if not own_root and (identity := self._accounts.identity(unit)):
            denials = Denials(self._rights, identity, unit, bound)
            commands = tuple(map(denials.command, commands, started))
            paths = tuple(denials.path(fact, started if fact.setting == "WorkingDirectory" else opener) for fact in paths)
            paths += tuple(denials.code((*imports.followed, *imports.distributions), started)) if imports else ()
        log_file, log_silent = log_facts(unit)
        missing = [found.trouble] if found.trouble else []
        missing += [f"{shown.setting}={shown.path}: {shown.detail}" for shown in paths if shown.state == "unreadable"]
        missing += [told.text for told in environment.diagnostics if told.text.endswith(DENIED)]
        if own_root:
            missing.append(f"RootDirectory= or RootImage= at {own_root.origin}: its own file system is not looked into")
        return StartFacts(
            subject=subject,
            unit_file=found.shown,
            script=script,
            type=unit.type.value,
            commands=commands,
            paths=paths,
            imports=imports,
            accounts=tuple(self._users(unit)),
            references=tuple(self._references(unit)),
            variables=variable_facts(unit, environment),
            environment_files=tuple(item.value for item in unit.environment_files),
            settings=setting_facts(unit, environment),
            restart=restart_facts(unit),
            on_failure=tuple(item.value for item in unit.on_failure),
            protect_home=unit.protect_home.value,
            protect_home_where=str(unit.protect_home.origin or ""),
            exits_at_once=self._predictor.end_of_definitions(script, imports) if script and imports and not is_served else "",
            hidden=tuple(hidden(unit)),
            log_file=log_file,
            log_silent=log_silent,
            bound=bound,
            missing=tuple(missing),
            outside=tuple(_outside(commands, paths)),
        )

    def _command(self, process: Process) -> CommandFact:
        where, prefixes = str(process.command.origin), process.command.prefixes
        fact = self._tree.command(process.setting, where, known(process.executable), ignore_failure=prefixes.ignore_failure)
        return msgspec.structs.replace(fact, unconfined=prefixes.privileged)

    def _located(self, process: Process, unit: ServiceUnit) -> Process:
        """The process with the path of its program, as systemd looks for it: in folders of its own, not in PATH."""
        name = process.executable
        if "/" in name:
            return process
        search = [item.value for item in unit.exec_search_path] or SEARCH_PATH.split(":")
        candidates = [posixpath.join(folder, name) for folder in search]
        return replace(process, executable=next(filter(self._files.is_file, candidates), f"/usr/bin/{name}"))

    def _paths(self, unit: ServiceUnit) -> Iterator[PathFact]:
        made = {f"{root}/{item.value}" for root, items in _made(unit) for item in items}
        for setting, item, path in _named(unit):
            fact = self._tree.fact(setting, str(item.origin or ""), known(path))
            yield msgspec.structs.replace(fact, made=any(f"{path}/".startswith(f"{place}/") for place in made))

    def _imports(self, started: list[Process]) -> "_Predicted":
        """The first Python program of a start that fails; else that of ExecStart=."""
        best = _Predicted()
        for process in started:
            if process.setting not in FOLLOWED or INSTANCE in " ".join([process.executable, *process.argv[:2], process.cwd or ""]):
                continue
            predicted = self._predicted(process)
            if predicted is None or predicted.facts is None:
                continue
            if predicted.facts.failures or predicted.facts.script_missing:
                return predicted
            best = predicted if process.setting == "ExecStart" or best.facts is None else best
        return best

    def _predicted(self, process: Process) -> "_Predicted | None":
        launch = launch_of(self._files, process)
        if isinstance(launch, Started):
            facts = self._predictor.predict(launch.launch)
            target = launch.launch.target
            if isinstance(target, Script):
                return _Predicted(facts, posixpath.normpath(posixpath.join(launch.launch.directory, target.path)), (process,))
            script = posixpath.normpath(facts.script) if facts.script else ""
            return _Predicted(facts, script, is_served=isinstance(target, Application))
        return _Predicted(ImportFacts(interpreter="", unknown=launch)) if launch else None

    def _users(self, unit: ServiceUnit) -> Iterator[AccountFact]:
        if unit.dynamic_user.value:
            return
        for setting, item in (("User", unit.user), ("Group", unit.group)):
            if item is not None and not item.value.isdigit() and not item.unknown and INSTANCE not in item.value:
                accounts = self._accounts.users if setting == "User" else self._accounts.groups
                yield AccountFact(setting, str(item.origin or ""), item.value, None if accounts is None else item.value in accounts)

    def _references(self, unit: ServiceUnit) -> Iterator[UnitReference]:
        for setting, items in (("Requires", unit.requires), ("BindsTo", unit.binds_to), ("Requisite", unit.requisite)):
            for item in items:
                state = "unknown" if item.unknown or INSTANCE in item.value else self._units.state(item.value)
                yield UnitReference(
                    setting, str(item.origin or ""), item.value, cast("Literal['found', 'missing', 'masked', 'unknown']", state)
                )


def known(path: str) -> str:
    """The path, or one that is in doubt where only an instance of the template has it."""
    return path.replace(INSTANCE, "%i")


def _made(unit: ServiceUnit) -> Iterator[tuple[str, tuple[Setting[str], ...]]]:
    """Folders that systemd itself makes before the start."""
    yield from (("/run", unit.runtime_directory), ("/var/lib", unit.state_directory), ("/var/cache", unit.cache_directory))
    yield from (("/var/log", unit.logs_directory), ("/etc", unit.configuration_directory))


def _named(unit: ServiceUnit) -> Iterator[tuple[str, Setting[str], str]]:
    """Paths that a start needs, with the settings that name them."""
    directory = unit.working_directory
    if directory.value.path is not None and not directory.value.optional and directory.origin is not None:
        yield "WorkingDirectory", Setting("", directory.origin), directory.value.path
    for item in unit.environment_files:
        if not item.value.startswith("-") and not any(character in item.value for character in "*?["):
            yield "EnvironmentFile", item, item.value
    for setting, output in (("StandardOutput", unit.standard_output), ("StandardError", unit.standard_error)):
        kind, _, path = output.value.partition(":")
        if kind in {"append", "file", "truncate"}:
            yield setting, output, posixpath.dirname(path)
    for field in GUARDED_PATHS:
        setting = "".join(part.capitalize() for part in field.split("_"))
        yield from (
            (setting, item, item.value.removeprefix("+")) for item in getattr(unit, field) if not item.value.startswith("-")
        )
    for setting, items in (("BindPaths", unit.bind_paths), ("BindReadOnlyPaths", unit.bind_read_only_paths)):
        yield from ((setting, item, item.value.partition(":")[0]) for item in items if not item.value.startswith("-"))


def _target(bind: str) -> str:
    parts = bind.removeprefix("-").split(":")
    return parts[1] if len(parts) > 1 and parts[1] else parts[0]


def _outside(commands: tuple[CommandFact, ...], paths: tuple[PathFact, ...]) -> Iterator[str]:
    """What the given tree does not hold, each once."""
    facts = [*(command.program for command in commands), *paths]
    yield from dict.fromkeys(f"{fact.setting}={fact.path}" for fact in facts if fact.state in {"outside", "unknown"})


def unique_subjects(units: list[FoundUnit]) -> list[str]:
    """Names of units; paths where two files have one name."""
    names = [str(unit.name) for unit in units]
    return [name if names.count(name) == 1 else unit.shown for name, unit in zip(names, units, strict=True)]
