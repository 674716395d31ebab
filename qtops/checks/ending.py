"""How a service's last run ended, told by systemd's properties alone (systemd.exec(5), "Process exit codes")."""

from typing import Final, Literal

import msgspec

from qtops.facts.unit import ExitCode, UnitState

Kind = Literal[
    "none",  # nothing has ended: it runs, or has never been started
    "not loaded", "condition", "resources", "step", "control", "status", "signal", "oom", "watchdog", "timeout", "protocol",
    "clean",
]  # fmt: skip
STEPS: Final = range(200, 246)  # statuses that systemd gives a child whose set-up fails: 200/CHDIR … 245/NUMA
NAMES: Final = {
    200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS", 206: "OOM_ADJUST", 207: "SIGNAL_MASK",
    208: "STDIN", 209: "STDOUT", 210: "CHROOT", 211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER",
    215: "CPUAFFINITY", 216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM", 222: "STDERR",
    224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES", 228: "SECCOMP", 229: "SELINUX_CONTEXT",
    230: "PERSONALITY", 231: "APPARMOR", 232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY", 235: "CHOWN",
    236: "SMACK_PROCESS_LABEL", 237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY",
    241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS", 245: "BPF",
}  # fmt: skip
_BY_RESULT: Final[dict[str, Kind]] = {
    "resources": "resources", "oom-kill": "oom", "watchdog": "watchdog", "timeout": "timeout", "protocol": "protocol",
}  # fmt: skip


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


def ending(unit: UnitState) -> Ending:
    """How the last run ended, whatever has been tried since: a start limit that was hit hides the reason, and is none itself."""
    if unit.load_state != "loaded":
        return Ending("not loaded")
    for tried_s, result in ((unit.condition_s, unit.condition_result), (unit.assert_s, unit.assert_result)):
        if tried_s is not None and not result and unit.active_state == "inactive":
            return Ending("condition")
    failed = next((c for c in unit.control_commands if _failed(c.code, c.status) and not c.ignored), None)
    if failed is not None and not unit.exec_main_code:
        return Ending("control", failed.code, failed.status, failed.setting)
    if unit.result in _BY_RESULT:
        return Ending(_BY_RESULT[unit.result], unit.exec_main_code, unit.exec_main_status, "ExecStart")
    if unit.exec_main_code == "exited":
        if not unit.exec_main_status:
            return Ending("clean", "exited", 0, "ExecStart")
        is_step = unit.exec_main_status in STEPS and unit.result != "success"
        return Ending("step" if is_step else "status", "exited", unit.exec_main_status, "ExecStart")
    if unit.exec_main_code:
        is_end = unit.result == "success" or unit.active_state in {"active", "reloading"}
        return Ending("clean" if is_end else "signal", unit.exec_main_code, unit.exec_main_status, "ExecStart")
    return Ending("none")


def _failed(code: ExitCode, status: int) -> bool:
    return code in {"killed", "dumped"} or (code == "exited" and status != 0)
