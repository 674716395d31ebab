"""Services: what is read of their settings, what is ignored, what systemd refuses."""

import pytest

from qtops.unitfile.diagnostics import Origin
from qtops.unitfile.directives import known, objection
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.service import Condition, Directory
from qtops.unitfile.values import INFINITY
from tests.unitfile.reading import PATH, said, service


def values(settings):
    return [item.value for item in settings]


def test_a_healthy_service_has_no_diagnostics():
    unit = service(
        """
        Type=notify
        User=app
        WorkingDirectory=/srv/app
        EnvironmentFile=-/etc/app.env
        Environment=PYTHONPATH=/srv/app "NAME=two words"
        ReadWritePaths=/var/lib/app
        ProtectSystem=strict
        Restart=on-failure
        RestartSec=5
        WatchdogSec=30s
        StandardOutput=append:/var/log/app.log
        """,
        unit="After=network.target redis-server.service\nRequires=redis-server.service\nStartLimitIntervalSec=5min",
    )
    assert (unit.diagnostics, unit.refused) == ((), None)
    assert (unit.restart_usec.value, unit.watchdog_usec.value, unit.start_limit_interval_usec.value) == (
        5_000_000,
        30_000_000,
        300_000_000,
    )
    assert values(unit.after) == ["network.target", "redis-server.service"]
    assert (unit.user.value, unit.directory(), unit.standard_output.value) == ("app", "/srv/app", "append:/var/log/app.log")
    assert values(unit.environment_files) == ["-/etc/app.env"]


def test_every_value_knows_its_line():
    unit = service("RestartSec=1\nUser=app\nEnvironment=A=1", unit="Requires=a.service")
    assert unit.requires[0].origin == Origin(PATH, 2)
    assert unit.exec_start[0].origin == Origin(PATH, 4)
    assert (unit.restart_usec.origin, unit.user.origin, unit.environment[0].origin) == tuple(
        Origin(PATH, line) for line in (5, 6, 7)
    )
    assert service().restart_usec.origin is None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Restrat=always", "unknown setting Restrat= in [Service], did you mean Restart=?"),
        ("StartLimitIntervalSec=300", "StartLimitIntervalSec= has no meaning in [Service]: it belongs in [Unit]"),
        ("WantedBy=multi-user.target", "WantedBy= has no meaning in [Service]: it belongs in [Install]"),
        ("execstart=/bin/x", "unknown setting execstart= in [Service], did you mean ExecStart=?"),
        ("Zzz=1", "unknown setting Zzz= in [Service]"),
        ("Type=deamon", "Type= is none of simple, exec, forking, oneshot, dbus, notify, notify-reload, idle"),
        ("RestartSec=soon", "RestartSec= is no time span"),
        ("PrivateTmp=maybe", "PrivateTmp= is neither yes nor no"),
        ("MemoryMax=lots", "MemoryMax= is no size"),
        ("EnvironmentFile=app.env", "EnvironmentFile= is not an absolute path"),
        ("ReadWritePaths=data", "ReadWritePaths=: 'data' is not an absolute path"),
        ("StandardOutput=append:app.log", "StandardOutput= is not an absolute path"),
        ("RuntimeDirectory=/run/app", "RuntimeDirectory=: '/run/app' is an absolute path"),
        ("Environment=PATH", "Environment=: a word without ="),
        ("Environment=A-B=1", "Environment=: 'A-B' is no name"),
    ],
)
def test_what_is_ignored(line, text):
    assert said(service(line)) == [("ignored", text)]


def test_dependencies_on_what_is_no_unit():
    unit = service(unit="Requires=redis 'a.service' app.service x@.service\nWants=")
    assert values(unit.requires) == ["x@app.service"]
    assert [text for _, text in said(unit)] == [
        "Requires=: 'redis' is no name of a unit", "Requires=: \"'a.service'\" is no name of a unit", "Requires=: the unit itself"
    ]  # fmt: skip


def test_extensions_are_left_alone():
    assert said(service("X-Owner=me")) == []


def test_the_line_of_a_dropin_that_takes_all_commands_away_is_the_one_to_correct():
    dropin = ("/etc/a.service.d/x.conf", b"[Service]\nExecStart=\n")
    unit = read(parse_name("a.service"), ("/etc/a.service", b"[Service]\nExecStart=/bin/x\n"), [dropin])
    assert [str(found.origin) for found in unit.diagnostics] == ["/etc/a.service.d/x.conf:2"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("ExecStart=\n", "there is neither ExecStart= nor ExecStop= nor SuccessAction="),
        ("ExecStart=\nExecStop=/bin/x\nType=simple", "there is no ExecStart=, which Type=simple needs"),
        ("ExecStart=\nExecStop=/bin/x", "there is no ExecStart=, which only RemainAfterExit=yes may do without"),
        ("ExecStart=/bin/y", "there are 2 ExecStart= commands, which only Type=oneshot may have"),
        ("Type=oneshot\nRestart=always", "Restart=always is not allowed with Type=oneshot"),
        ("Type=oneshot\nRestartForceExitStatus=3", "RestartForceExitStatus= is not allowed with Type=oneshot"),
        ("Type=dbus", "Type=dbus needs BusName="),
        ("WorkingDirectory=app", "WorkingDirectory= is not an absolute path"),
        ("User=a:b", "User='a:b' is no name of a user or group"),
        ("User=%Z", "User= cannot be resolved"),
        ("ExecStartPre=bin/x", "ExecStartPre=: neither an absolute path nor a plain name: 'bin/x'"),
    ],
)
def test_what_systemd_refuses(lines, text):
    assert service(lines).refused.text == text


def test_the_reading_ends_at_a_refusal():
    unit = service("User=a:b\nGroup=app\nRestrat=1")
    assert unit.group is None
    assert said(unit) == [("refused", "User='a:b' is no name of a user or group")]


def test_defaults_that_depend_on_other_settings():
    assert service().type.value == "simple"
    assert service("BusName=org.x").type.value == "dbus"
    oneshot = service("ExecStart=\nExecStop=/bin/x\nRemainAfterExit=yes")
    assert (oneshot.type.value, oneshot.timeout_start_usec.value, oneshot.refused) == ("oneshot", INFINITY, None)
    assert service("TimeoutSec=0").timeout_stop_usec.value == INFINITY
    assert service("StandardOutput=inherit").standard_output.value == "journal"
    assert service("StandardInput=socket\nStandardOutput=inherit").standard_output.value == "inherit"


def test_the_old_names_are_honoured():
    unit = service("StartLimitInterval=60\nStartLimitBurst=3\nReadOnlyDirectories=/a")
    assert (unit.start_limit_interval_usec.value, unit.start_limit_burst.value, values(unit.read_only_paths)) == (
        60_000_000,
        3,
        ["/a"],
    )
    assert unit.diagnostics == ()


def test_conditions():
    unit = service(unit="ConditionPathExists=|!//a/\nConditionHost=x\nAssertFileNotEmpty=/b\nConditionPathExists=rel")
    assert values(unit.conditions) == [
        Condition("ConditionPathExists", "/a", negated=True, trigger=True),
        Condition("ConditionHost", "x"),
    ]
    assert values(unit.asserts) == [Condition("AssertFileNotEmpty", "/b")]
    assert service(unit="ConditionPathExists=/a\nConditionHost=").conditions == ()


def test_working_directories():
    assert service("WorkingDirectory=-~").working_directory.value == Directory(None, optional=True)
    assert service("WorkingDirectory=-/a/").working_directory.value == Directory("/a", optional=True)
    assert service("WorkingDirectory=-a").directory() == "/"
    assert service("WorkingDirectory=~").directory("/home/app") == "/home/app"


def test_drop_ins_add_and_reset():
    unit = (PATH, b"[Service]\nExecStart=/bin/a\nEnvironment=A=1\nUser=app\n")
    dropin = ("/d/a.conf", b"[Service]\nExecStart=\nExecStart=/bin/b\nEnvironment=B=2\n")
    found = read(parse_name("app.service"), unit, [dropin])
    assert [(command.path, command.origin) for command in found.exec_start] == [("/bin/b", Origin("/d/a.conf", 3))]
    assert [variable.name for variable in found.environment] == ["A", "B"]
    assert (found.dropins, found.diagnostics) == (("/d/a.conf",), ())


def test_what_is_fatal_only_cuts_a_drop_in_short():
    found = read(
        parse_name("app.service"), (PATH, b"[Service]\nExecStart=/bin/a\n"), [("/d/a.conf", b"[Service]\nUser=a:b\nGroup=x\n")]
    )
    assert (found.refused, found.group, [str(item) for item in found.diagnostics]) == (
        None, None, ["/d/a.conf:2: User='a:b' is no name of a user or group (cut)"]
    )  # fmt: skip


def test_instances_have_their_name_in_their_values():
    unit = service("Environment=ROLE=%i", name="app@risk.service")
    assert unit.environment[0].value.reveal() == "risk"


def test_a_template_by_itself_leaves_open_what_its_instances_tell():
    unit = service("Environment=ROLE=%i", unit="Requires=%i.target x@%i.service", name="app@.service")
    assert unit.environment[0].unknown == ("%i",)
    assert values(unit.requires) == ["%i.target", "x@%i.service"]
    open_paths = "WorkingDirectory=%I\nExecStartPre=%f/bin/x\nEnvironmentFile=-%f/env\nReadWritePaths=%f"
    assert {effect for effect, _ in said(service(open_paths, name="app@.service"))} == {"unknown"}
    assert set(said(unit)) == {("unknown", f"{key}=: no file tells what %i stands for") for key in ("Requires", "Environment")}


def test_an_empty_file_is_a_masked_unit():
    unit = read(parse_name("app.service"), (PATH, b""), [("/d/a.conf", b"[Service]\nExecStart=/bin/x\n")])
    assert said(unit) == [("refused", "the unit is masked: its file is empty, or a link to /dev/null")]


def test_a_share_of_the_memory_is_not_known():
    unit = service("MemoryMax=50%")
    assert (unit.memory_max.value, said(unit)) == (INFINITY, [("unknown", "MemoryMax=: a share of the host's memory")])


def test_settings_that_came_later():
    assert objection("Service", "RestartSteps") is None
    assert objection("Service", "RestartSteps", 252) == "RestartSteps= needs systemd 254, this is 252"
    assert objection("Service", "RestartSteps", 254) is None


def test_the_table_holds_what_the_readers_read():
    assert {"Unit", "Service", "Install", "Timer", "Socket"} <= known().keys()
    assert {"ExecStart", "Environment", "StartLimitBurst"} <= known()["Service"].keys()
    assert "StartLimitIntervalSec" not in known()["Service"]
