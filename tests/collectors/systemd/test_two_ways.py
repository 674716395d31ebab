"""pystemd and systemctl say the same of every unit, on a real systemd."""

import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tests.box import box as boxes
from tests.box.fixture import unseen
from tests.collectors.systemd import units
from tests.collectors.systemd.inside import Told

pytestmark = pytest.mark.systemd
pytest.importorskip("pystemd")
WAYS = ("pystemd", "systemctl")
ROOT = str(Path(__file__).parents[3])


def look(box, way, *names, user="root", limit_s=5.0):
    environ = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
    done = box.run(sys.executable, "-m", "tests.collectors.systemd.inside", way, str(limit_s), user, *names, env=environ)
    return msgspec.json.decode(done.stdout, type=Told)


def but_conditions(state):
    """After a reload D-Bus takes all of them for untried, even where the files are as they were."""
    return msgspec.structs.replace(state, conditions=(), asserts=())


@pytest.fixture(scope="module")
def many(box):
    units.bring(box)
    yield box
    box.run("sh", "-c", "systemctl stop 'w-*'; systemctl reset-failed 'w-*'", check=False)
    box.run("sh", "-c", f"rm -rf {boxes.UNITS}/w-* {boxes.UNITS}/*.wants/w-*; systemctl daemon-reload")


@pytest.fixture(scope="module")
def both(many):
    return {way: look(many, way, *units.ASKED) for way in WAYS}


@pytest.mark.parametrize("name", units.ASKED)
def test_both_ways_say_the_same_field_by_field(both, name):
    first, second = (msgspec.to_builtins(both[way].states[name]) for way in WAYS)
    assert first == second


def test_the_states_are_those_that_were_brought_about(both):
    seen = {
        name.partition(".")[0].removeprefix("w-"): (state.load_state, state.sub_state, state.result, state.exec_main_status)
        for name, state in both["pystemd"].states.items()
    }
    assert seen == {
        "healthy": ("loaded", "running", "success", 0),
        "told": ("loaded", "failed", "exit-code", 1),
        "status": ("loaded", "failed", "exit-code", 3),
        "step": ("loaded", "failed", "exit-code", 203),
        "signal": ("loaded", "failed", "signal", 9),
        "refused": ("bad-setting", "dead", "success", 0),
        "needs-failed": ("loaded", "dead", "success", 0),
        "needs-none": ("loaded", "dead", "success", 0),
        "condition": ("loaded", "dead", "success", 0),
        "triggers": ("loaded", "dead", "success", 0),
        "assert": ("loaded", "dead", "success", 0),
        "again": ("loaded", "auto-restart", "exit-code", 1),
        "limit": ("loaded", "failed", "exit-code", 1),
        "pre": ("loaded", "failed", "exit-code", 0),
        "job": ("loaded", "dead", "success", 0),
        "called": ("loaded", "dead", "success", 0),
        "forgotten": ("loaded", "dead", "success", 0),
        "stopped": ("loaded", "dead", "success", 15),
        "edited": ("loaded", "running", "success", 0),
        "starts": ("loaded", "start", "success", 0),
        "lines": ("loaded", "running", "success", 0),
        "named": ("loaded", "running", "success", 0),
        "many@a\\x2db:1": ("loaded", "running", "success", 0),
        "many@2": ("loaded", "dead", "success", 0),
        "masked": ("masked", "dead", "success", 0),
        "none": ("not-found", "dead", "success", 0),
        "alias": ("loaded", "running", "success", 0),
    }


def test_a_healthy_service_is_told_in_full(both):
    healthy = both["pystemd"].states["w-healthy.service"]
    assert (healthy.type, healthy.restart, healthy.restart_s, healthy.timeout_start_s) == ("exec", "on-failure", 90.0, 3723.004)
    assert (healthy.timeout_stop_s, healthy.memory_max_bytes, healthy.success_statuses) == (None, 2**30, (7, 143))
    assert (healthy.user, healthy.group, healthy.working_directory) == ("nobody", "daemon", "/var")
    assert [path.rpartition("/")[2] for path in healthy.drop_ins] == ['10 a"b$c\\d.conf', "20.conf"]
    assert [(c.setting, c.program, c.code, c.status, c.ignored) for c in healthy.control_commands] == [
        ("ExecCondition", "/bin/true", "exited", 0, False),
        ("ExecStartPre", "/bin/false", "exited", 1, True),
        ("ExecStartPost", "/bin/true", "exited", 0, False),
    ]
    assert [(c.argument, c.trigger, c.met) for c in healthy.conditions] == [("/etc", False, True), ("/etc", True, True)]
    assert [(c.kind, c.met) for c in healthy.asserts] == [("AssertPathExists", True)]
    (told,) = healthy.named("OnFailure")
    assert (told.unit, told.load_state, told.active_state, told.result) == ("w-told.service", "loaded", "failed", "exit-code")
    assert healthy.main_pid > 1
    assert (healthy.description, healthy.tasks_max is None or healthy.tasks_max > 1) == ("y", True)
    assert 0 < healthy.cpu_s < 60
    assert abs(healthy.active_enter_s - time.time()) < 600
    assert len(healthy.invocation_id) == 32


def test_what_is_around_a_unit_is_told_with_its_state(both):
    states = both["systemctl"].states
    assert [(r.setting, r.unit, r.load_state) for r in states["w-needs-none.service"].related if r.unit.startswith("w-")] == [
        ("Requires", "w-none.service", "not-found"), ("Requisite", "w-masked.service", "masked"),
    ]  # fmt: skip
    assert [r.unit for r in states["w-job.service"].named("TriggeredBy")] == ["w-job.timer"]
    assert [(r.unit, r.active_state) for r in states["w-called.service"].named("TriggeredBy")] == [("w-called.socket", "active")]
    forgotten = states["w-forgotten.service"]
    assert [(r.unit, r.active_state, r.unit_file_state) for r in forgotten.named("TriggeredBy")] == [
        ("w-forgotten.timer", "inactive", "enabled")
    ]
    assert [r.unit for r in forgotten.named("Conflicts", "PartOf")] == ["w-named.service", "w-none.service"]
    assert states["w-alias"].name == "w-named.service"
    assert states["w-edited.service"].need_daemon_reload
    assert states["w-starts.service"].job == "start"
    assert states["w-none"].load_error == "Unit w-none.service not found."


@pytest.mark.parametrize("way", WAYS)
def test_reading_needs_no_rights(many, both, way):
    assert look(many, way, *units.ASKED, user="nobody").states == both[way].states


@pytest.mark.parametrize("way", WAYS)
def test_no_value_of_a_variable_is_told(both, way):
    assert b"planted" not in msgspec.json.encode(both[way])


def test_bytes_that_no_bus_carries_hide_nothing_else(many):
    many.unit(units.NO_TEXT, '[Service]\nExecStartPre=/bin/true\nExecStart=/bin/sh -c "exec sleep 1000" "\\xff"\n')
    many.reload()
    many.systemctl("start", units.NO_TEXT)
    try:
        asked = ("w-healthy", units.NO_TEXT, "w-status")
        told = look(many, "pystemd", *asked)
        assert told.states[units.NO_TEXT].sub_state == "running"
        assert [c.setting for c in told.states[units.NO_TEXT].control_commands] == ["ExecStartPre"]
        other = look(many, "systemctl", *asked)
        assert other.states.keys() == {"w-healthy", "w-status"}
        assert "no UTF-8" in other.missing[units.NO_TEXT].why
        assert "pip install" in other.missing[units.NO_TEXT].enable
        assert look(many, "systemctl", "w-*").units == look(many, "pystemd", "w-*").units
    finally:
        many.systemctl("stop", units.NO_TEXT)
        many.remove([f"{boxes.UNITS}/{units.NO_TEXT}"])
        many.reload()


def test_patterns_find_files_and_instances_and_everything_is_what_this_host_added(many):
    found = {way: look(many, way, "w-*") for way in WAYS}
    expected = sorted(
        {*units.FILES, "w-many@a\\x2db:1.service", "w-masked.service"}
        - {"w-many@.service", "w-job.timer", "w-called.socket", "w-forgotten.timer"}
    )
    assert found["pystemd"].units == found["systemctl"].units == expected
    first, second = ({name: but_conditions(state) for name, state in found[way].states.items()} for way in WAYS)
    assert first == second
    everything = {way: look(many, way, "*").units for way in WAYS}
    assert everything["pystemd"] == everything["systemctl"]
    assert set(expected) - {"w-masked.service"} <= set(everything["pystemd"])
    assert not {"dbus.service", "systemd-journald.service", "systemd-sysctl.service"} & set(everything["pystemd"])


@pytest.mark.parametrize(("way", "most_children"), [("pystemd", 0), ("systemctl", 2)])
def test_fifty_units_take_few_processes_and_little_time(box, way, most_children):
    names = [f"fifty-{number}.service" for number in range(50)]
    for number, name in enumerate(names):
        box.unit(
            name, f"[Unit]\nRequires=fifty-{number * 7 % 60}.service\nOnFailure=fifty-told@%n.service\n{units.DOES}{units.ENABLED}"
        )
    box.reload()
    box.systemctl("enable", "--no-reload", *names)
    try:
        for asked in (names, ["fifty-*"]):
            told = look(box, way, *asked)
            print(f"{way} {asked[0]}: 50 units in {told.seconds:.3f} s, {len(told.children)} child processes")
            assert (told.via, told.version.partition(".")[0]) == (way, str(box.version))
            assert len(told.states) == 50
            assert len(told.children) <= most_children
            assert told.seconds < 3
    finally:
        box.systemctl("disable", *names)
        box.remove(f"{boxes.UNITS}/{name}" for name in names)
        box.reload()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_who_does_not_answer_is_not_waited_for(way):
    with boxes.booted(binds=unseen()) as mine:
        daemon = mine.systemctl("show", "-P", "MainPID", "dbus.service").strip()
        mine.run("kill", "-STOP", daemon)
        silent = look(mine, way, "dbus", user="nobody", limit_s=1.0)
        assert silent.refused or silent.missing
        assert silent.seconds < 2
        assert look(mine, way, "dbus").states["dbus"].sub_state == "running"  # root asks systemd itself
        mine.run("kill", "-CONT", daemon)
        assert look(mine, way, "dbus", user="nobody").states["dbus"].sub_state == "running"
        os.kill(mine.pid, signal.SIGSTOP)
        for user in ("nobody", "root"):
            silent = look(mine, way, "dbus", user=user, limit_s=1.0)
            assert silent.refused or silent.missing
            assert silent.seconds < 2
