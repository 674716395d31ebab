"""What a service starts: for each command its argument vector, environment and working directory, as files tell them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qtops.unitfile.command_lines import Command
from qtops.unitfile.environment import Account, Environment, effective
from qtops.unitfile.environment_file import NEWEST
from qtops.unitfile.service import ServiceUnit
from qtops.unitfile.wildcards import Files


@dataclass(frozen=True, slots=True)
class Process:
    """One process that a start runs."""

    setting: str
    """``ExecStart``, ``ExecStartPre``, …"""
    command: Command
    executable: str
    """As written: absolute, or a name that systemd looks up."""
    argv: list[str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    """In the clear: it is for predicting the process, not for eyes."""
    cwd: str | None
    """None when it is a home directory that nobody told."""
    unknown: tuple[str, ...] = ()
    """Specifiers in the command that no file tells."""
    home: str | None = None
    """The home directory of who runs it, which HOME need not name: of a service without User= it is root's."""


def processes(unit: ServiceUnit, files: Files, account: Account | None = None, version: int = NEWEST) -> list[Process]:
    """The processes of a start and a stop, in the order in which they run."""
    return processes_in(unit, effective(unit, files, account, version), account)


def processes_in(unit: ServiceUnit, environment: Environment, account: Account | None = None) -> list[Process]:
    """The same, where the environment is already known."""
    home = account.home if account else None if unit.user or unit.dynamic_user.value else "/root"
    environ, cwd = environment.reveal(), unit.directory(home)
    return [
        Process(setting, command, command.path, command.arguments(environ), environ, cwd, command.unknown, home)
        for setting, command in unit.commands()
    ]
