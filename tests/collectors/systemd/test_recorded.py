"""Failures recorded on three versions of systemd: one state each, whatever the version. Each file is the text of one call."""

from pathlib import Path

import pytest

from qtops.collectors.systemd.properties import state
from qtops.collectors.systemd.show import blocks
from qtops.facts.unit import ControlCommand

DATA = Path(__file__).parents[2] / "data" / "systemd"
VERSIONS = ("252", "255", "257")
EXPECTED = """
assert-failed             loaded      inactive   dead         success         -       0   0
bad-setting-ignored       loaded      failed     failed       exit-code       exited  1   0
bad-setting-no-exec       bad-setting inactive   dead         success         -       0   0
bad-setting-relative-exec bad-setting inactive   dead         success         -       0   0
chdir                     loaded      failed     failed       exit-code       exited  200 0
condition-failed          loaded      inactive   dead         success         -       0   0
core-dump                 loaded      failed     failed       core-dump       dumped  11  0
credential-missing        loaded      failed     failed       exit-code       exited  243 0
dependency-failed         loaded      inactive   dead         success         -       0   0
dependency-missing        loaded      inactive   dead         success         -       0   0
environment-file-missing  loaded      failed     failed       resources       -       0   0
exec-broken-venv-symlink  loaded      failed     failed       exit-code       exited  203 0
exec-crlf-shebang         loaded      failed     failed       exit-code       exited  203 0
exec-missing-binary       loaded      failed     failed       exit-code       exited  203 0
exec-missing-interpreter  loaded      failed     failed       exit-code       exited  203 0
exec-no-shebang           loaded      failed     failed       exit-code       exited  203 0
exec-permission-denied    loaded      failed     failed       exit-code       exited  203 0
exec-start-pre            loaded      failed     failed       exit-code       -       0   0
exit-0-at-once            loaded      inactive   dead         success         exited  0   0
exit-message              loaded      failed     failed       exit-code       exited  1   0
file-permission           loaded      failed     failed       exit-code       exited  1   0
forking-no-fork           loaded      failed     failed       timeout         -       0   0
group-missing             loaded      failed     failed       exit-code       exited  216 0
healthy                   loaded      active     running      success         -       0   0
masked                    masked      inactive   dead         success         -       0   0
memory-error              loaded      failed     failed       exit-code       exited  1   0
module-not-found          loaded      failed     failed       exit-code       exited  1   0
namespace                 loaded      failed     failed       exit-code       exited  226 0
need-daemon-reload        loaded      active     running      success         -       0   0
not-found                 not-found   inactive   dead         success         -       0   0
notify-exit-before-ready  loaded      failed     failed       protocol        exited  0   0
ordering-cycle            loaded      inactive   dead         success         -       0   0
port-in-use               loaded      failed     failed       exit-code       exited  1   0
redis-auth                loaded      failed     failed       exit-code       exited  1   0
redis-connection-refused  loaded      failed     failed       exit-code       exited  1   0
restart-loop              loaded      activating auto-restart exit-code       exited  1   2
runtime-max               loaded      failed     failed       timeout         killed  15  0
segfault                  loaded      failed     failed       signal          killed  11  0
sigkill                   loaded      failed     failed       signal          killed  9   0
start-limit-hit           loaded      failed     failed       exit-code       exited  1   3
start-limit-hit-manual    loaded      failed     failed       exit-code       exited  1   3
start-limit-hit-result    loaded      failed     failed       start-limit-hit exited  0   3
start-timeout-notify      loaded      failed     failed       timeout         killed  15  0
stdout-file               loaded      failed     failed       exit-code       exited  209 0
stop-timeout              loaded      failed     failed       timeout         killed  9   0
syntax-error              loaded      failed     failed       exit-code       exited  1   0
user-missing              loaded      failed     failed       exit-code       exited  217 0
watchdog                  loaded      failed     failed       watchdog        killed  6   0
"""
ROWS = {row.split()[0]: row.split()[1:] for row in EXPECTED.splitlines() if row}
STATES = {
    version: {
        unit.name: unit for unit in (state(found, {}) for found in blocks((DATA / version / "states.txt").read_text("utf-8")))
    }
    for version in VERSIONS
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ROWS)
def test_a_recorded_failure_has_its_state(version, name):
    unit = STATES[version][f"{name}.service"]
    fixed = [
        unit.load_state,
        unit.active_state,
        unit.sub_state,
        unit.result,
        unit.exec_main_code or "-",
        str(unit.exec_main_status),
    ]
    assert fixed == ROWS[name][:6]
    least = int(ROWS[name][6])
    assert unit.n_restarts >= least if name == "restart-loop" else unit.n_restarts == least


@pytest.mark.parametrize("version", VERSIONS)
def test_what_else_decides_is_told_as_well(version):
    states = STATES[version]
    assert states["exec-start-pre.service"].control_commands == (ControlCommand("ExecStartPre", "/bin/sh", "exited", 4),)
    assert not states["condition-failed.service"].condition_result
    assert states["condition-failed.service"].condition_s > 1.7e9
    assert not states["assert-failed.service"].assert_result
    assert states["need-daemon-reload.service"].need_daemon_reload
    assert states["watchdog.service"].status_text == "stuck in a loop"
    assert states["watchdog.service"].watchdog_s == 2.0
    assert states["not-found.service"].load_error == "Unit not-found.service not found."
    assert states["runtime-max.service"].timeout_stop_s > 0
    assert next(unit.unit for unit in states["dependency-missing.service"].named("Requires")) == "no-such-dep.service"
    healthy = states["healthy.service"]
    assert (healthy.restart_s, healthy.interval_s, healthy.burst, healthy.timeout_start_s) == (0.1, 10.0, 5, 90.0)
    assert (healthy.memory_bytes, healthy.memory_max_bytes, healthy.unit_file_state) == (None, None, "enabled")
    assert healthy.active_exit_s is None
    assert healthy.exec_main_start_s <= healthy.active_enter_s + 1
    assert len(healthy.invocation_id) == 32


def test_every_recording_is_expected():
    for version in VERSIONS:
        assert {name.removesuffix(".service") for name in STATES[version]} == ROWS.keys()
