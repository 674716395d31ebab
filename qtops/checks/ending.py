"""How a service's last run ended, told by systemd's properties (systemd.exec(5), "Process exit codes")."""

from typing import Final, Literal

import msgspec

from qtops.facts.journal import JournalFacts
from qtops.facts.unit import ExitCode, UnitState

Kind = Literal[
    "none",  # nothing has ended: it runs, or has never been started
    "not loaded", "condition", "resources", "step", "control", "status", "signal", "oom", "watchdog", "timeout", "protocol",
    "clean",
]  # fmt: skip
STEPS: Final = range(200, 246)  # statuses that systemd gives a child whose set-up fails: 200/CHDIR … 244/BPF in systemd 252
NAMES: Final = {
    200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS", 206: "OOM_ADJUST", 207: "SIGNAL_MASK",
    208: "STDIN", 209: "STDOUT", 210: "CHROOT", 211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER",
    215: "CPUAFFINITY", 216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM", 222: "STDERR",
    224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES", 228: "SECCOMP", 229: "SELINUX_CONTEXT",
    230: "PERSONALITY", 231: "APPARMOR", 232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY", 235: "CHOWN",
    236: "SMACK_PROCESS_LABEL", 237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY",
    241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS", 244: "BPF",
}  # fmt: skip
BY_RESULT: Final[dict[str, Kind]] = {
    "resources": "resources", "oom-kill": "oom", "watchdog": "watchdog", "timeout": "timeout", "protocol": "protocol",
}  # fmt: skip
"""Results that say by themselves how a run ended."""
_EXPLAINS: Final[dict[str, set[Kind]]] = {"exit-code": {"status", "step"}, "signal": {"signal"}, "core-dump": {"signal"}}
"""Which end of the main process goes with a result; where it was another, some other command of the unit failed."""


class Ending(msgspec.Struct, frozen=True):
    """The end of one run. ``status`` is an exit status, or the number of a signal."""

    kind: Kind
    code: ExitCode = ""
    status: int = 0
    command: str = ""  # the setting whose process it was: ExecStart, ExecStartPre …

    @property
    def step(self) -> str:
        """The step that failed, as systemd calls it: ``203/EXEC``."""
        return f"{self.status}/{NAMES.get(self.status, '?')}"


def ending(unit: UnitState, journal: JournalFacts | None = None) -> Ending:
    """How the last run ended, whatever has been tried since: a start limit that was hit hides the reason, and is none itself.

    The journal is asked for the one thing that properties do not tell: who chose a status between 200 and 245.
    """
    if unit.load_state not in {"loaded", "merged"}:
        return Ending("not loaded")
    if unit.result == "exec-condition":
        return Ending("condition", "exited", 1, "ExecCondition")
    for tried_s, result in ((unit.condition_s, unit.condition_result), (unit.assert_s, unit.assert_result)):
        if tried_s is not None and not result and unit.active_state in {"inactive", "failed"}:
            return Ending("condition")
    if unit.result in BY_RESULT:
        return Ending(BY_RESULT[unit.result], unit.exec_main_code, unit.exec_main_status, "ExecStart")
    main = _main(unit, journal)
    explained = main.kind in _EXPLAINS.get(unit.result, {main.kind})
    failed = next((c for c in unit.control_commands if _failed(c.code, c.status) and not c.ignored), None)
    if failed is not None and (main.kind == "none" or not explained):
        return Ending("control", failed.code, failed.status, failed.setting)
    return main if explained else Ending("control")


def _main(unit: UnitState, journal: JournalFacts | None) -> Ending:
    code, status = unit.exec_main_code, unit.exec_main_status
    if code == "exited":
        if not status or (status in unit.success_statuses and unit.result != "exit-code"):
            return Ending("clean", code, status, "ExecStart")
        is_step = status in STEPS and not _said_something(unit, journal)
        return Ending("step" if is_step else "status", code, status, "ExecStart")
    if code:
        is_end = unit.result in {"success", "start-limit-hit"} or unit.active_state in {"active", "reloading"}
        return Ending("clean" if is_end else "signal", code, status, "ExecStart")
    return Ending("none")


def _said_something(unit: UnitState, journal: JournalFacts | None) -> bool:
    """Whether the program itself wrote a line: then it ran, and no step before it failed."""
    if journal is None or any(event.kind == "spawn_failed" for event in journal.events):
        return False
    since_s = unit.exec_main_start_s or 0.0  # before that ExecStartPre= speaks
    return any(line.source == "service" and line.at_s >= since_s for line in journal.lines)


def _failed(code: ExitCode, status: int) -> bool:
    return code in {"killed", "dumped"} or (code == "exited" and status != 0)


class Policy(msgspec.Struct, frozen=True):
    """Which endings a ``Restart=`` starts the service again after (the table in systemd.service(5))."""

    clean: bool
    status: bool
    signal: bool
    timeout: bool
    watchdog: bool


POLICIES: Final = {
    "always": Policy(True, True, True, True, True),
    "on-success": Policy(True, False, False, False, False),
    "on-failure": Policy(False, True, True, True, True),
    "on-abnormal": Policy(False, False, True, True, True),
    "on-abort": Policy(False, False, True, False, False),
    "on-watchdog": Policy(False, False, False, False, True),
}


def is_restarted(unit: UnitState, end: Ending) -> bool:
    """Whether ``Restart=`` of the unit has systemd start it again after such an end."""
    policy = POLICIES.get(unit.restart)
    if policy is None:
        return False
    match end.kind:
        case "clean":
            return policy.clean
        case "status" | "step":
            return policy.status
        case "control":
            return policy.signal if end.code in {"killed", "dumped"} else policy.status
        case "signal":
            return policy.signal
        case "timeout" | "oom" | "protocol" | "resources":  # to systemd all of these are abnormal, and no signal
            return policy.timeout
        case "watchdog":
            return policy.watchdog
        case _:
            return False
