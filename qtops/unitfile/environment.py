"""The environment that a service's processes get, put together as systemd does it (systemd.exec(5), "ENVIRONMENT").

Later sources win: systemd's own variables, PassEnvironment=, Environment=, the files of EnvironmentFile= in order; then
UnsetEnvironment= takes away.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qtops.unitfile import environment_file
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.environment_file import NEWEST
from qtops.unitfile.service import ServiceUnit, Setting, Texts
from qtops.unitfile.variables import Secret, Variable
from qtops.unitfile.wildcards import Files, has_wildcard, matching

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH as systemd sets it where /sbin and /usr/sbin are two directories (Debian, Ubuntu)."""
RUN_TIME_NAMES = frozenset(
    {
        *("INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MAINPID", "MANAGERPID", "CREDENTIALS_DIRECTORY", "LANG", "TERM"),
        *(
            "NOTIFY_SOCKET",
            "WATCHDOG_PID",
            "WATCHDOG_USEC",
            "LISTEN_FDS",
            "LISTEN_PID",
            "LISTEN_FDNAMES",
            "REMOTE_ADDR",
            "REMOTE_PORT",
        ),
        *("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "LOG_NAMESPACE"),
        *("TRIGGER_UNIT", "TRIGGER_PATH", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_TIMER_MONOTONIC_USEC"),
    }
)
"""What systemd or the host may add when the service starts; no file tells their values."""
_SYSTEMD = Origin("systemd", 0)
_NO_SHELLS = frozenset({"nologin", "false", "true"})


@dataclass(frozen=True, slots=True)
class Account:
    """A line of passwd(5): what User= leads to."""

    name: str
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class Environment:
    """What a service's processes get, as far as files tell."""

    variables: Mapping[str, Variable]
    passed: tuple[str, ...] = ()
    """Names of PassEnvironment= that nothing else sets: they are set when systemd itself has them."""
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: Diagnostic | None = None
    """Set: the service does not start (Result=resources), because a required file cannot be used."""
    assignments: tuple[Variable, ...] = field(default=(), repr=False)
    """Every assignment of the unit and its files in order, overridden ones included."""

    def reveal(self) -> dict[str, str]:
        """Names and values, in the clear. For the process that is to be started or predicted, not for eyes."""
        return {name: variable.value.reveal() for name, variable in self.variables.items()}


def effective(unit: ServiceUnit, files: Files, account: Account | None = None, version: int = NEWEST) -> Environment:
    """Put the environment of a service together. ``account`` is the one of User=, where the caller knows it."""
    found = _Sources(files, version)
    for named in unit.environment_files:
        found.add(named)
    assignments = (*unit.environment, *found.variables)
    variables = {variable.name: variable for variable in (*_own(unit, account), *assignments)}
    for taken in unit.unset_environment:
        name, is_assignment, value = taken.value.partition("=")
        if name in variables and (not is_assignment or variables[name].value == Secret(value)):
            del variables[name]
    passed = tuple(item.value for item in unit.pass_environment if item.value not in variables)
    return Environment(variables, passed, (*found.diagnostics, *_overridden(assignments)), found.failure, assignments)


def _own(unit: ServiceUnit, account: Account | None) -> Iterator[Variable]:
    """What systemd sets itself."""
    yield _set("PATH", SEARCH_PATH)
    if unit.user and account:
        if account.home.startswith("/") and account.home.strip("/"):
            yield _set("HOME", account.home, unit.user.origin)
        yield _set("LOGNAME", account.name, unit.user.origin)
        yield _set("USER", account.name, unit.user.origin)
        if account.shell.startswith("/") and account.shell.rpartition("/")[2] not in _NO_SHELLS:
            yield _set("SHELL", account.shell, unit.user.origin)
    for name, root, directories in (
        ("RUNTIME_DIRECTORY", "/run", unit.runtime_directory),
        ("STATE_DIRECTORY", "/var/lib", unit.state_directory),
        ("CACHE_DIRECTORY", "/var/cache", unit.cache_directory),
        ("LOGS_DIRECTORY", "/var/log", unit.logs_directory),
        ("CONFIGURATION_DIRECTORY", "/etc", unit.configuration_directory),
    ):
        if directories:
            yield _set(name, _joined(root, directories), directories[-1].origin)
    if unit.exec_search_path:
        yield _set("PATH", ":".join(item.value for item in unit.exec_search_path), unit.exec_search_path[-1].origin)


def _set(name: str, value: str, origin: Origin | None = None) -> Variable:
    return Variable(name, Secret(value), origin or _SYSTEMD)


def _joined(root: str, directories: Texts) -> str:
    paths = {f"{root}/{item.value}" for item in directories}
    return ":".join(sorted(paths, key=lambda path: path.split("/")))


class _Sources:
    """Reads the files of EnvironmentFile= one after the other, as long as systemd would."""

    def __init__(self, files: Files, version: int) -> None:
        self._files, self._version = files, version
        self.variables: list[Variable] = []
        self.diagnostics: list[Diagnostic] = []
        self.failure: Diagnostic | None = None

    def add(self, named: Setting[str]) -> None:
        if self.failure:
            return
        pattern = named.value.removeprefix("-")
        optional, origin = pattern != named.value, named.origin or _SYSTEMD
        if named.unknown:
            self.diagnostics.append(Diagnostic(origin, Effect.UNKNOWN, f"no file tells which environment file {pattern} is"))
            return
        paths = matching(pattern, self._files) if has_wildcard(pattern) else [pattern]
        if not paths:
            self._missing(origin, pattern, "no file matches", optional=optional)
        for path in paths:
            self._read(path, origin, optional=optional)
            if self.failure:
                return

    def _read(self, path: str, origin: Origin, *, optional: bool) -> None:
        try:
            data = self._files.read(path)
        except OSError as why:
            self._missing(origin, path, _reason(why), optional=optional)
            return
        text = environment_file.parse(path, data, self._version)
        if text.failure:
            self._missing(text.diagnostics[0].origin, path, text.failure, optional=optional)
            return
        self.diagnostics += text.diagnostics
        self.variables += text.variables

    def _missing(self, origin: Origin, path: str, why: str, *, optional: bool) -> None:
        effect = Effect.IGNORED if optional else Effect.REFUSED
        found = Diagnostic(origin, effect, f"environment file {path}: {why}")
        self.diagnostics.append(found)
        if not optional:
            self.failure = found


def _reason(why: OSError) -> str:
    """What the kernel said, also where whoever raised it gave no number."""
    numbers = {FileNotFoundError: errno.ENOENT, PermissionError: errno.EACCES, IsADirectoryError: errno.EISDIR}
    number = numbers.get(type(why))
    return why.strerror or (os.strerror(number) if number else type(why).__name__)


def _overridden(assignments: tuple[Variable, ...]) -> Iterator[Diagnostic]:
    """Variables that are set twice with different values."""
    before: dict[str, Variable] = {}
    for variable in assignments:
        first = before.get(variable.name)
        if first and first.value != variable.value:
            yield Diagnostic(variable.origin, Effect.NOTED, f"{variable.name} overrides another value, set at {first.origin}")
        before[variable.name] = variable
