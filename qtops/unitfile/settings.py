"""Which setting is read how, and into which field of ServiceUnit."""

from qtops.unitfile import directives, values, words
from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.lists import (
    commands,
    condition,
    directories,
    environment,
    environment_file,
    paths,
    units,
    variable_names,
    word_list,
)
from qtops.unitfile.reading import Reader, Reading
from qtops.unitfile.scalars import account, choice, directory, number, output, path, size, text, timeout, truth
from qtops.unitfile.syntax import Assignment

_SPAN = number(values.time_span, "time span")
_COUNT = number(values.count, "unsigned number")
_GROUPS = word_list(words.GROUPS)
_GUARDED = paths("-", "+")
_BINDS = word_list(words.Rules(keep_escapes=True))
_ACTIONS = (
    "none", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force", "poweroff-immediate", "exit", "exit-force",
)  # fmt: skip

_UNIT: dict[str, tuple[str, Reader]] = {
    "Description": ("description", text),
    "Requires": ("requires", units),
    "Requisite": ("requisite", units),
    "Wants": ("wants", units),
    "BindsTo": ("binds_to", units),
    "BindTo": ("binds_to", units),
    "PartOf": ("part_of", units),
    "Upholds": ("upholds", units),
    "Conflicts": ("conflicts", units),
    "After": ("after", units),
    "Before": ("before", units),
    "OnFailure": ("on_failure", units),
    "OnSuccess": ("on_success", units),
    "DefaultDependencies": ("default_dependencies", truth),
    "StartLimitIntervalSec": ("start_limit_interval_usec", _SPAN),
    "StartLimitInterval": ("start_limit_interval_usec", _SPAN),
    "StartLimitBurst": ("start_limit_burst", _COUNT),
    "SuccessAction": ("success_action", choice(*_ACTIONS)),
}
_SERVICE: dict[str, tuple[str, Reader]] = {
    "StartLimitInterval": ("start_limit_interval_usec", _SPAN),  # the old home of the old name, honoured to this day
    "StartLimitBurst": ("start_limit_burst", _COUNT),
    "Type": ("type", choice("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle")),
    "BusName": ("bus_name", text),
    "ExecCondition": ("exec_condition", commands),
    "ExecStartPre": ("exec_start_pre", commands),
    "ExecStart": ("exec_start", commands),
    "ExecStartPost": ("exec_start_post", commands),
    "ExecReload": ("exec_reload", commands),
    "ExecStop": ("exec_stop", commands),
    "ExecStopPost": ("exec_stop_post", commands),
    "RemainAfterExit": ("remain_after_exit", truth),
    "PIDFile": ("pid_file", text),
    "NotifyAccess": ("notify_access", choice("none", "main", "exec", "all")),
    "Sockets": ("sockets", units),
    "Restart": ("restart", choice("no", "always", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort")),
    "RestartSec": ("restart_usec", _SPAN),
    "RestartForceExitStatus": ("restart_force_exit_status", text),
    "TimeoutSec": ("both", timeout),
    "TimeoutStartSec": ("timeout_start_usec", timeout),
    "TimeoutStopSec": ("timeout_stop_usec", timeout),
    "RuntimeMaxSec": ("runtime_max_usec", _SPAN),
    "WatchdogSec": ("watchdog_usec", _SPAN),
    "WorkingDirectory": ("working_directory", directory),
    "RootDirectory": ("root_directory", path),
    "RootImage": ("root_image", path),
    "User": ("user", account),
    "Group": ("group", account),
    "SupplementaryGroups": ("supplementary_groups", _GROUPS),
    "DynamicUser": ("dynamic_user", truth),
    "PermissionsStartOnly": ("permissions_start_only", truth),
    "AmbientCapabilities": ("ambient_capabilities", _GROUPS),
    "StandardInput": ("standard_input", text),
    "StandardOutput": ("standard_output", output),
    "StandardError": ("standard_error", output),
    "Environment": ("environment", environment),
    "EnvironmentFile": ("environment_files", environment_file),
    "PassEnvironment": ("pass_environment", variable_names),
    "UnsetEnvironment": ("unset_environment", variable_names),
    "ExecSearchPath": ("exec_search_path", paths()),
    "RuntimeDirectory": ("runtime_directory", directories),
    "StateDirectory": ("state_directory", directories),
    "CacheDirectory": ("cache_directory", directories),
    "LogsDirectory": ("logs_directory", directories),
    "ConfigurationDirectory": ("configuration_directory", directories),
    "ReadWritePaths": ("read_write_paths", _GUARDED),
    "ReadWriteDirectories": ("read_write_paths", _GUARDED),
    "ReadOnlyPaths": ("read_only_paths", _GUARDED),
    "ReadOnlyDirectories": ("read_only_paths", _GUARDED),
    "InaccessiblePaths": ("inaccessible_paths", _GUARDED),
    "InaccessibleDirectories": ("inaccessible_paths", _GUARDED),
    "ExecPaths": ("exec_paths", _GUARDED),
    "NoExecPaths": ("no_exec_paths", _GUARDED),
    "BindPaths": ("bind_paths", _BINDS),
    "BindReadOnlyPaths": ("bind_read_only_paths", _BINDS),
    "TemporaryFileSystem": ("temporary_file_system", _BINDS),
    "ProtectHome": ("protect_home", choice("yes", "no", "read-only", "tmpfs", or_truth=True)),
    "ProtectSystem": ("protect_system", choice("yes", "no", "full", "strict", or_truth=True)),
    "PrivateTmp": ("private_tmp", truth),
    "PrivateUsers": ("private_users", truth),
    "PrivateNetwork": ("private_network", truth),
    "NoNewPrivileges": ("no_new_privileges", truth),
    "LoadCredential": ("load_credential", _BINDS),
    "MemoryMax": ("memory_max", size),
    "MemoryHigh": ("memory_high", size),
    "KillMode": ("kill_mode", choice("control-group", "process", "mixed", "none")),
}
_INSTALL: dict[str, tuple[str, Reader]] = {
    "WantedBy": ("wanted_by", units),
    "RequiredBy": ("required_by", units),
    "Also": ("also", units),
    "Alias": ("alias", units),
}
_READERS = {"Unit": _UNIT, "Service": _SERVICE, "Install": _INSTALL}


def take(reading: Reading, item: Assignment, version: int | None = None) -> None:
    """Read one assignment. Raises Refused where systemd reads no further.

    What systemd knows and no field holds is left alone.
    """
    if why := directives.objection(item.section, item.key, version):
        reading.note(item, Effect.IGNORED, why)
    elif item.section == "Unit" and item.key.startswith("Condition"):
        condition(reading, "conditions", item)
    elif item.section == "Unit" and item.key.startswith("Assert"):
        condition(reading, "asserts", item)
    elif item.key in _READERS[item.section]:
        field, read = _READERS[item.section][item.key]
        read(reading, field, item)
