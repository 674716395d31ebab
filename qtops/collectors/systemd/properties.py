"""From the properties of a unit to its state. The same properties come over D-Bus and in the text of ``systemctl show``."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from qtops.facts.host import FailedUnit
from qtops.facts.text import printable
from qtops.facts.unit import ConditionFact, ControlCommand, ExitCode, RelatedUnit, UnitState
from qtops.unitfile.values import INFINITY

Kind = Literal[
    "text", "words", "truth", "number", "code", "amount", "work", "span", "moment", "commands", "conditions", "statuses",
    "id", "error", "job",
]  # fmt: skip
Properties = dict[str, Any]
"""Values by property: str, tuple[str, …], bool, int (µs for spans, and for moments since the epoch; ns for work;
INFINITY for none at all), tuple[int, …], tuple[Command, …], tuple[ConditionFact, …]. What is not there is as if it were empty."""

RELATED: Final = (
    "Requires", "Requisite", "BindsTo", "PartOf", "Conflicts", "ConflictedBy", "WantedBy", "RequiredBy", "UpheldBy", "TriggeredBy",
    "OnFailure",
)  # fmt: skip
EVERYBODY_S: Final = frozenset({"shutdown.target"})  # each service conflicts with it
TRIGGERS: Final = frozenset({"timer", "socket", "path"})
CONTROL: Final = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost")
_FIELDS: Final[dict[Kind, dict[str, str]]] = {  # every property that is read, and the field that it becomes as it is
    "text": {
        "Id": "name", "LoadState": "load_state", "ActiveState": "active_state", "SubState": "sub_state", "Result": "result",
        "UnitFileState": "unit_file_state", "FragmentPath": "fragment_path", "Type": "type", "Restart": "restart",
        "User": "user", "Group": "group", "WorkingDirectory": "working_directory", "StatusText": "status_text",
        "Description": "description",
    },
    "words": {"DropInPaths": "drop_ins", **dict.fromkeys(RELATED, "")},
    "truth": {
        "NeedDaemonReload": "need_daemon_reload", "RemainAfterExit": "remain_after_exit", "ConditionResult": "condition_result",
        "AssertResult": "assert_result",
    },
    "number": {
        "StartLimitBurst": "burst", "MainPID": "main_pid", "ExecMainStatus": "exec_main_status", "NRestarts": "n_restarts",
    },
    "code": {"ExecMainCode": "exec_main_code"},
    "amount": {
        "MemoryCurrent": "memory_bytes", "MemoryMax": "memory_max_bytes", "MemoryPeak": "memory_peak_bytes",
        "TasksCurrent": "tasks", "TasksMax": "tasks_max",
    },
    "work": {"CPUUsageNSec": "cpu_s"},
    "span": {
        "RestartUSec": "restart_s", "StartLimitIntervalUSec": "interval_s", "WatchdogUSec": "watchdog_s",
        "TimeoutStartUSec": "timeout_start_s", "TimeoutStopUSec": "timeout_stop_s",
    },
    "moment": {
        "StateChangeTimestamp": "state_changed_s", "InactiveExitTimestamp": "inactive_exit_s",
        "ActiveEnterTimestamp": "active_enter_s", "ActiveExitTimestamp": "active_exit_s",
        "InactiveEnterTimestamp": "inactive_enter_s", "ExecMainStartTimestamp": "exec_main_start_s",
        "ExecMainExitTimestamp": "exec_main_exit_s", "ConditionTimestamp": "condition_s", "AssertTimestamp": "assert_s",
    },
    "commands": dict.fromkeys(CONTROL, ""),
    "conditions": {"Conditions": "conditions", "Asserts": "asserts"},
    "statuses": {"SuccessExitStatus": "success_statuses"},
    "id": {"InvocationID": "invocation_id"},
    "error": {"LoadError": "load_error"},
    "job": {"Job": "job"},
}  # fmt: skip
KINDS: Final[dict[str, Kind]] = {name: kind for kind, fields in _FIELDS.items() for name in fields}
"""Every property that is read. ``Environment`` is not among them."""
CODES: Final[dict[int, ExitCode]] = {0: "", 1: "exited", 2: "killed", 3: "dumped"}  # CLD_… of waitid(2)


class Command(NamedTuple):
    """A command of a unit and how its last process ended; ``code`` is 0 where none did."""

    program: str
    ignored: bool
    code: int
    status: int


class Brief(NamedTuple):
    """The least that is said of a unit. ``result`` is why it failed; empty where it did not."""

    load_state: str = ""
    active_state: str = ""
    result: str = ""
    unit_file_state: str = ""


def state(found: Properties, related: Mapping[str, Brief]) -> UnitState:
    """A unit from its properties, and from what is known of the units that it names."""
    fields: dict[str, Any] = {}
    for kind, names in _FIELDS.items():
        fields |= {field: _READ[kind](found.get(name)) for name, field in names.items() if field}
    fields["watchdog_s"] = fields["watchdog_s"] or 0.0
    fields["working_directory"] = fields["working_directory"].removeprefix("!")  # it may be missing
    fields["control_commands"] = tuple(_control_commands(found))
    fields["related"] = tuple(_related(found, related))
    return UnitState(**fields)


def related_names(found: Properties) -> set[str]:
    """The units that it names, or that name it."""
    return {name for setting in RELATED for name in found.get(setting, ())} - EVERYBODY_S


def is_trigger_at_rest(name: str, active_state: str) -> bool:
    """Whether a unit of some name is one that starts others, and does not now."""
    return active_state == "inactive" and name.rpartition(".")[2] in TRIGGERS


def brief(found: Properties) -> Brief:
    """The least of a unit whose properties are known."""
    load, active, result = (found.get(name, "") for name in ("LoadState", "ActiveState", "Result"))
    file_state = found.get("UnitFileState", "") if is_trigger_at_rest(found.get("Id", ""), active) else ""
    return Brief(load, active, result if active == "failed" else "", file_state)


def failed_unit(found: Properties) -> FailedUnit:
    """A unit that failed, from the little that is asked of one."""
    name, told, result = (_text(found.get(name)) for name in ("Id", "Description", "Result"))
    return FailedUnit(name, told, result, _moment(found.get("StateChangeTimestamp")))


def _control_commands(found: Properties) -> Iterator[ControlCommand]:
    for setting in CONTROL:
        for command in found.get(setting, ()):
            if code := CODES.get(command.code, ""):
                yield ControlCommand(setting, printable(command.program), code, command.status, command.ignored)


def _related(found: Properties, states: Mapping[str, Brief]) -> Iterator[RelatedUnit]:
    for setting in RELATED:
        for name in sorted({*found.get(setting, ())} - EVERYBODY_S):
            yield RelatedUnit(setting, printable(name), *map(printable, states.get(name, Brief())))


def _text(value: str | None) -> str:
    return printable(value or "")


def _number(value: int | None) -> int | None:
    return None if value in {None, INFINITY} else value


def _seconds(value: int | None) -> float | None:
    return None if value == INFINITY else (value or 0) / 1e6


def _moment(value: int | None) -> float | None:
    return value / 1e6 if value and value != INFINITY else None


def _conditions(value: tuple[ConditionFact, ...] | None) -> tuple[ConditionFact, ...]:
    cleaned = (ConditionFact(_text(c.kind), _text(c.argument), c.negated, c.trigger, c.met) for c in value or ())
    return tuple(sorted(cleaned, key=lambda c: (c.kind, c.argument, c.negated, c.trigger)))  # systemd has them backwards


_READ: Final[dict[Kind, Callable[[Any], Any]]] = {
    **dict.fromkeys(("text", "id", "error", "job"), _text),
    "words": lambda value: tuple(map(printable, value or ())),
    "truth": bool,
    "number": lambda value: value or 0,
    "code": lambda value: CODES.get(value or 0, ""),
    "amount": _number,
    "work": lambda value: None if value in {None, INFINITY} else value / 1e9,
    "span": _seconds,
    "moment": _moment,
    "conditions": _conditions,
    "statuses": lambda value: tuple(sorted(value or ())),
}
