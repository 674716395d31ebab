"""Unit files, held against the properties that a real systemd has after it read them."""

import re
from random import Random

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read
from tests.unitfile import random_units

pytestmark = pytest.mark.systemd

COMMANDS = {"ExecStart": "exec_start", "ExecStartPre": "exec_start_pre", "ExecStop": "exec_stop", "ExecReload": "exec_reload"}
LISTS = {
    "PassEnvironment": "pass_environment", "UnsetEnvironment": "unset_environment", "ReadWritePaths": "read_write_paths",
    "ReadOnlyPaths": "read_only_paths", "InaccessiblePaths": "inaccessible_paths", "SupplementaryGroups": "supplementary_groups",
    "RuntimeDirectory": "runtime_directory", "StateDirectory": "state_directory", "LogsDirectory": "logs_directory",
}  # fmt: skip
DIRECTORIES = ("RuntimeDirectory", "StateDirectory", "LogsDirectory")
UNIQUE = (*DIRECTORIES, "PassEnvironment", "UnsetEnvironment")
VALUES = {
    "Type": "type", "Restart": "restart", "RestartUSec": "restart_usec", "TimeoutStartUSec": "timeout_start_usec",
    "KillMode": "kill_mode",
    "TimeoutStopUSec": "timeout_stop_usec", "RuntimeMaxUSec": "runtime_max_usec", "User": "user", "Group": "group",
    "MemoryMax": "memory_max",
    "MemoryHigh": "memory_high", "ProtectHome": "protect_home", "ProtectSystem": "protect_system", "PrivateTmp": "private_tmp",
    "RemainAfterExit": "remain_after_exit", "NoNewPrivileges": "no_new_privileges",
}  # fmt: skip
DEPENDENCIES = {
    "Requires": "requires", "Requisite": "requisite", "Wants": "wants", "BindsTo": "binds_to", "PartOf": "part_of",
    "Upholds": "upholds",
    "Conflicts": "conflicts", "After": "after", "Before": "before", "OnFailure": "on_failure",
}  # fmt: skip
FLAGS = {
    "ignore-failure": "ignore_failure", "no-env-expand": "no_variables", "privileged": "privileged", "no-setuid": "no_setuid",
    "ambient": "ambient",
}  # fmt: skip
IMPLICIT = re.compile(r"system-.*\.slice|systemd-.*|(system\.slice|sysinit\.target|basic\.target|shutdown\.target|.*\.mount)")


def predicted(unit):
    """The properties that the reader predicts."""
    value = lambda field: getattr(unit, field).value if getattr(unit, field) else ""  # noqa: E731
    environment = {variable.name: variable.value.reveal() for variable in unit.environment}
    directory = unit.working_directory
    path = "" if directory.origin is None else "~" if directory.value.path is None else directory.value.path
    listed = {name: [item.value for item in getattr(unit, field)] for name, field in LISTS.items()}
    listed |= {name: set(listed[name]) for name in UNIQUE}
    found = {name: value(field) for name, field in VALUES.items()} | listed
    found |= {f"{name}Ex": [_command(command) for command in getattr(unit, field)] for name, field in COMMANDS.items()}
    found |= {
        "Environment": {f"{name}={value}" for name, value in environment.items()},
        "EnvironmentFiles": [[item.value.removeprefix("-"), item.value.startswith("-")] for item in unit.environment_files],
        "WorkingDirectory": "!" * (directory.value.optional and bool(path)) + path,
        "StandardOutput": unit.standard_output.value.partition(":")[0],
        "StandardError": unit.standard_error.value.partition(":")[0],
        "StartLimitIntervalUSec": unit.start_limit_interval_usec.value,
        "StartLimitBurst": unit.start_limit_burst.value,
        "Description": value("description") or str(unit.name),
        "Conditions": {_condition(item) for item in unit.conditions},
        "Asserts": {_condition(item) for item in unit.asserts},
    }
    return found | {name: _explicit(item.value for item in getattr(unit, field)) for name, field in DEPENDENCIES.items()}


def _explicit(names):
    return {name for name in names if not IMPLICIT.fullmatch(name)}


def _command(command):
    flags = {flag for flag, field in FLAGS.items() if getattr(command.prefixes, field)}
    return [command.path, list(command.argv), flags]


def _condition(item):
    return item.value.kind, item.value.trigger, item.value.negated, item.value.argument


def observed(properties):
    """The properties that systemd has, in the same shape."""
    found = dict(properties)
    for name in COMMANDS:
        found[f"{name}Ex"] = [[path, argv, set(flags)] for path, argv, flags, *_ in properties[f"{name}Ex"]]
    for name in DEPENDENCIES:
        found[name] = _explicit(properties[name])
    for name in ("Conditions", "Asserts"):
        found[name] = {tuple(item[:4]) for item in properties[name]}
    found["Environment"] = set(properties["Environment"])
    for name in ("PassEnvironment", "UnsetEnvironment"):
        found[name] = set(properties[name])
    for name in DIRECTORIES:
        found[name] = {item.partition(":")[0] for item in properties[name]}
    return found


def differences(box, seed, number):
    """Unit, text, property and both values where they differ; and how many of the units were loaded."""
    random = Random(seed)
    cases = {}
    for index in range(number):
        name = random.choice([f"unit{seed}-{index}.service", f"unit{seed}-{index}@a-b\\x2dc.service"])
        cases[name] = random_units.unit(random)
        box.unit(name, cases[name])
    box.reload()
    service, unit = box.properties_of(list(cases)), box.properties_of(list(cases), "Unit")
    found, loaded = [], 0
    for name, text in cases.items():
        path = f"/etc/systemd/system/{name}"
        mine = read(parse_name(name), (path, text), version=box.version)
        its = observed(service[name] | unit[name])
        loaded += its["LoadState"] == "loaded"
        if (mine.refused is None) != (its["LoadState"] == "loaded"):
            found.append((name, text, "LoadState", mine.refused, its["LoadState"]))
        elif mine.refused is None:
            not_known = {found.origin for found in mine.diagnostics if found.effect is Effect.UNKNOWN}
            mine = predicted(mine)
            found += [(name, text, key, mine[key], its[key]) for key in mine if mine[key] != its[key] and not not_known]
    box.remove(f"/etc/systemd/system/{name}" for name in cases)
    box.reload()
    return found, loaded


def test_a_slice_of_random_units_is_read_as_systemd_reads_them(box):
    found, loaded = differences(box, seed=1, number=80)
    assert found == []
    assert 40 < loaded < 80


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2, 8))
def test_random_units_are_read_as_systemd_reads_them(box, seed):
    found, loaded = differences(box, seed, number=200)
    assert found == []
    assert 100 < loaded < 200
