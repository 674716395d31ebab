"""What systemd says of one unit, now: its properties under systemd's own names, times in seconds since the epoch.

Classified on properties alone, which are the same in systemd 252, 255 and 257; the texts of its log are not. No value of an
environment variable is among them.
"""

from typing import Literal

import msgspec

ExitCode = Literal["", "exited", "killed", "dumped"]
"""How a process ended: with a status, by a signal, or by a signal with a core dump. Empty: it has not, or never ran."""


class ConditionFact(msgspec.Struct, frozen=True):
    """One ``Condition…=`` or ``Assert…=`` line as it was last tried. ``met`` is None where it never was."""

    kind: str
    argument: str
    negated: bool = False
    trigger: bool = False
    met: bool | None = None


class ControlCommand(msgspec.Struct, frozen=True):
    """An ``ExecStartPre=``, ``ExecStartPost=``, ``ExecCondition=`` … that ran, and how it ended."""

    setting: str
    program: str
    code: ExitCode
    status: int
    ignored: bool = False  # a failure of it is none of the unit


class RelatedUnit(msgspec.Struct, frozen=True):
    """A unit that this one names, or that names this one (``TriggeredBy``, ``WantedBy``), and how it is."""

    setting: str
    unit: str
    load_state: str = ""  # empty where it could not be asked
    active_state: str = ""
    result: str = ""  # of a service: why it failed
    unit_file_state: str = ""  # of a timer, socket or path that is inactive: whether it is to be


class UnitState(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of the service manager."""

    name: str  # Id=: the full name, aliases resolved
    description: str = ""
    load_state: str = "loaded"  # loaded, not-found, bad-setting, error, masked
    load_error: str = ""  # systemd's own words
    active_state: str = "active"
    sub_state: str = "running"
    result: str = "success"
    unit_file_state: str = "enabled"  # empty for a unit without a file
    fragment_path: str = ""
    drop_ins: tuple[str, ...] = ()
    need_daemon_reload: bool = False
    type: str = "simple"
    restart: str = "no"
    restart_s: float | None = 0.1
    interval_s: float | None = 10.0  # StartLimitIntervalSec= as in force; 0: no limit
    burst: int = 5
    remain_after_exit: bool = False
    success_statuses: tuple[int, ...] = ()  # SuccessExitStatus=, besides 0
    main_pid: int = 0
    exec_main_code: ExitCode = ""
    exec_main_status: int = 0  # a status, or the number of the signal
    n_restarts: int = 0  # since it was last started by a job; `systemctl reset-failed` and a manual start set it to 0
    invocation_id: str = ""
    state_changed_s: float | None = None  # None: never, as with all that follow
    inactive_exit_s: float | None = None  # the start began
    active_enter_s: float | None = None
    active_exit_s: float | None = None
    inactive_enter_s: float | None = None
    exec_main_start_s: float | None = None
    exec_main_exit_s: float | None = None
    condition_result: bool = True
    condition_s: float | None = None
    assert_result: bool = True
    assert_s: float | None = None
    conditions: tuple[ConditionFact, ...] = ()
    asserts: tuple[ConditionFact, ...] = ()
    control_commands: tuple[ControlCommand, ...] = ()
    related: tuple[RelatedUnit, ...] = ()  # Requires, BindsTo, PartOf, Conflicts, WantedBy, TriggeredBy, OnFailure …
    job: str = ""  # a job that waits or runs: start, stop, restart …
    user: str = ""
    group: str = ""
    working_directory: str = ""
    watchdog_s: float = 0.0
    timeout_start_s: float | None = 90.0
    timeout_stop_s: float | None = 90.0
    memory_bytes: int | None = None
    memory_max_bytes: int | None = None  # None: no limit
    memory_peak_bytes: int | None = None  # None: not told; systemd tells it from 254 on
    cpu_s: float | None = None  # used by all processes of it since its start; None: not counted
    tasks: int | None = None  # threads in its control group; None: not counted
    tasks_max: int | None = None  # None: no limit
    status_text: str = ""  # what the service told by sd_notify

    def named(self, *settings: str) -> tuple[RelatedUnit, ...]:
        """Related units of these settings."""
        return tuple(unit for unit in self.related if unit.setting in settings)
