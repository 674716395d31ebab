"""Recorded units of three versions of systemd: the reader and ``systemctl show`` say the same where both speak."""

import re
from pathlib import Path

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.values import INFINITY, size, time_span, truth

SAMPLES = sorted((Path(__file__).parents[1] / "data" / "systemd").glob("*/*/show.txt"))
TEXTS = {"Type": "type", "Restart": "restart", "User": "user", "Group": "group", "KillMode": "kill_mode",
"Description": "description",
         "ProtectHome": "protect_home", "ProtectSystem": "protect_system"}  # fmt: skip
SPANS = {"RestartUSec": "restart_usec", "TimeoutStartUSec": "timeout_start_usec", "TimeoutStopUSec": "timeout_stop_usec",
         "RuntimeMaxUSec": "runtime_max_usec", "StartLimitIntervalUSec": "start_limit_interval_usec"}  # fmt: skip
TRUTHS = {"PrivateTmp": "private_tmp", "RemainAfterExit": "remain_after_exit", "NoNewPrivileges": "no_new_privileges"}


def sample(show):
    path, text = show.parent.name + ".service", (show.parent / "unit.service").read_bytes()
    shown = dict(line.partition("=")[::2] for line in show.read_text().splitlines())
    return read(parse_name(path), (path, text), version=int(show.parts[-3])), shown


def value(unit, field):
    setting = getattr(unit, field)
    return setting.value if setting else ""


@pytest.mark.parametrize("show", SAMPLES, ids=lambda show: "-".join(show.parts[-3:-1]))
def test_the_reader_agrees_with_the_recording(show):
    unit, shown = sample(show)
    assert (unit.refused is None) == (shown["LoadState"] == "loaded")
    if unit.refused:
        return
    for name, field in TEXTS.items():
        assert value(unit, field) == shown.get(name, ""), name
    for name, field in SPANS.items():
        assert value(unit, field) == (INFINITY if shown[name] == "infinity" else time_span(shown[name])), name
    for name, field in TRUTHS.items():
        assert value(unit, field) == truth(shown[name]), name
    assert unit.memory_max.value == size(shown["MemoryMax"])
    assert unit.start_limit_burst.value == int(shown["StartLimitBurst"])
    assert {item.value for item in unit.requires} <= set(shown["Requires"].split())
    assert {item.value for item in unit.wanted_by} == set(shown["WantedBy"].split())
    assert [variable.name for variable in unit.environment] == re.findall(r"(?:^| )(\w+)=", shown.get("Environment", ""))
    assert unit.standard_output.value.partition(":")[0] == shown["StandardOutput"].partition(":")[0]
    assert (unit.directory() == "/") == (shown.get("WorkingDirectory", "") == "")
    command = re.match(r"\{ path=(.*?) ; argv\[\]=(.*?) ; ignore_errors=(yes|no) ;", shown["ExecStart"])
    assert command
    (mine,) = unit.exec_start
    assert (mine.path, " ".join(mine.argv), mine.prefixes.ignore_failure) == (command[1], command[2], command[3] == "yes")
    files = [
        f"{item.value.removeprefix('-')} (ignore_errors={'yes' if item.value[0] == '-' else 'no'})"
        for item in unit.environment_files
    ]
    assert files == [line for line in [shown.get("EnvironmentFiles", "")] if line]


@pytest.mark.parametrize("version", ["252", "255", "257"])
def test_what_systemd_ignores_is_said(version):
    show = next(show for show in SAMPLES if show.parts[-3:-1] == (version, "bad-setting-ignored"))
    unit, _ = sample(show)
    assert [(item.origin.line, item.effect, item.text) for item in unit.diagnostics] == [
        (5, Effect.IGNORED, "unknown setting Restrat= in [Service], did you mean Restart=?"),
        (6, Effect.IGNORED, "Type= is none of simple, exec, forking, oneshot, dbus, notify, notify-reload, idle"),
        (7, Effect.IGNORED, "Environment=: quotes are not closed; the rest of the line is ignored"),
    ]


def test_there_are_samples_of_three_versions():
    assert {show.parts[-3] for show in SAMPLES} == {"252", "255", "257"}
    assert len(SAMPLES) >= 50
