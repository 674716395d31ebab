"""A service as its files describe it: typed, frozen, each value with the line it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from qtops.unitfile.command_lines import Command
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.names import UnitName
from qtops.unitfile.values import INFINITY
from qtops.unitfile.variables import Variable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it was set; without an origin it is systemd's default."""

    value: T
    origin: Origin | None = None
    unknown: tuple[str, ...] = ()
    """Specifiers left in the value, because no file tells what they stand for."""


Text = Setting[str]
Texts = tuple[Setting[str], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """``ConditionPathExists=|!/x``; ``kind`` is the name of the setting."""

    kind: str
    argument: str
    negated: bool = False
    trigger: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """A working directory: a path, or None for the home of the user; ``optional`` when it may be missing."""

    path: str | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ServiceUnit:
    """One service, its drop-ins merged. Times are microseconds, INFINITY for none; sizes are bytes.

    Defaults are those of systemd itself: system.conf of a host may set others (DefaultTimeoutStartSec= and its like).
    """

    name: UnitName
    path: str
    """The unit file."""
    dropins: tuple[str, ...] = ()
    """Paths, in the order read."""
    diagnostics: tuple[Diagnostic, ...] = ()

    description: Text | None = None
    requires: Texts = ()
    requisite: Texts = ()
    wants: Texts = ()
    binds_to: Texts = ()
    part_of: Texts = ()
    upholds: Texts = ()
    conflicts: Texts = ()
    after: Texts = ()
    before: Texts = ()
    on_failure: Texts = ()
    on_success: Texts = ()
    conditions: tuple[Setting[Condition], ...] = ()
    asserts: tuple[Setting[Condition], ...] = ()
    default_dependencies: Setting[bool] = Setting(True)
    start_limit_interval_usec: Setting[int] = Setting(10_000_000)
    start_limit_burst: Setting[int] = Setting(5)
    success_action: Text = Setting("none")

    type: Text = Setting("simple")
    bus_name: Text | None = None
    exec_condition: tuple[Command, ...] = ()
    exec_start_pre: tuple[Command, ...] = ()
    exec_start: tuple[Command, ...] = ()
    exec_start_post: tuple[Command, ...] = ()
    exec_reload: tuple[Command, ...] = ()
    exec_stop: tuple[Command, ...] = ()
    exec_stop_post: tuple[Command, ...] = ()
    remain_after_exit: Setting[bool] = Setting(False)
    pid_file: Text | None = None
    notify_access: Text | None = None
    sockets: Texts = ()
    restart: Text = Setting("no")
    restart_usec: Setting[int] = Setting(100_000)
    restart_force_exit_status: Text | None = None
    timeout_start_usec: Setting[int] = Setting(90_000_000)
    timeout_stop_usec: Setting[int] = Setting(90_000_000)
    runtime_max_usec: Setting[int] = Setting(INFINITY)
    watchdog_usec: Setting[int] = Setting(0)

    working_directory: Setting[Directory] = Setting(Directory("/"))
    root_directory: Text | None = None
    root_image: Text | None = None
    user: Text | None = None
    group: Text | None = None
    supplementary_groups: Texts = ()
    dynamic_user: Setting[bool] = Setting(False)
    permissions_start_only: Setting[bool] = Setting(False)
    """All commands but ExecStart= run as root; no longer documented, and honoured to this day."""
    ambient_capabilities: Texts = ()
    standard_input: Text = Setting("null")
    standard_output: Text = Setting("journal")
    standard_error: Text = Setting("inherit")
    environment: tuple[Variable, ...] = field(default=(), repr=False)
    """Every assignment in force, the later of one name counts. ``environment.effective`` puts all sources together."""
    environment_files: Texts = ()
    """Paths as written, ``-`` first where the file may be missing; they may hold wildcards."""
    pass_environment: Texts = ()
    unset_environment: Texts = field(default=(), repr=False)
    exec_search_path: Texts = ()
    runtime_directory: Texts = ()
    state_directory: Texts = ()
    cache_directory: Texts = ()
    logs_directory: Texts = ()
    configuration_directory: Texts = ()

    read_write_paths: Texts = ()
    """Paths with their prefixes, ``-`` for "may be missing" before ``+`` for "below RootDirectory="; the next four as well."""
    read_only_paths: Texts = ()
    inaccessible_paths: Texts = ()
    exec_paths: Texts = ()
    no_exec_paths: Texts = ()
    bind_paths: Texts = ()
    bind_read_only_paths: Texts = ()
    temporary_file_system: Texts = ()
    protect_home: Text = Setting("no")
    protect_system: Text = Setting("no")
    private_tmp: Setting[bool] = Setting(False)
    private_users: Setting[bool] = Setting(False)
    private_network: Setting[bool] = Setting(False)
    no_new_privileges: Setting[bool] = Setting(False)
    load_credential: Texts = ()
    memory_max: Setting[int] = Setting(INFINITY)
    memory_high: Setting[int] = Setting(INFINITY)
    kill_mode: Text = Setting("control-group")

    wanted_by: Texts = ()
    required_by: Texts = ()
    also: Texts = ()
    alias: Texts = ()

    @property
    def refused(self) -> Diagnostic | None:
        """Why systemd will not start it, whatever the host is like (LoadState bad-setting or error); None when it would try."""
        return next((found for found in self.diagnostics if found.effect is Effect.REFUSED), None)

    def commands(self) -> Iterator[tuple[str, Command]]:
        """Every command with the name of its setting, in the order in which a start and a stop run them."""
        for setting in _EXEC:
            name = "".join(part.capitalize() for part in setting.split("_"))
            yield from ((name, command) for command in getattr(self, setting))

    def directory(self, home: str | None = None) -> str | None:
        """The working directory; None when it is the home of the user and the caller does not know that."""
        path = self.working_directory.value.path
        return home if path is None else path


_EXEC = ("exec_condition", "exec_start_pre", "exec_start", "exec_start_post", "exec_reload", "exec_stop", "exec_stop_post")
