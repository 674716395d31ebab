"""Calls of systemd: the command that the plan shows, and what becomes of each way to fail."""

import sys
import time
from pathlib import Path

import pytest

from qtops.actions.commands import Done, NotStarted
from qtops.actions.systemctl import call, command, failure
from qtops.errors import Unavailable, UsageError

UNIT = "acme.service"
TELL = """
import sys
from qtops.actions.systemctl import call
from qtops.errors import QtopsError
try:
    call(sys.argv[1], sys.argv[2], float(sys.argv[3]))
except QtopsError as error:
    print(type(error).__name__, int(error.exit_code), error)
else:
    print("fine")
"""


def test_the_command_is_the_one_that_the_plan_shows():
    assert command("restart", UNIT) == ("systemctl", "restart", "--no-ask-password", "--", UNIT)
    assert command("daemon-reload") == ("systemctl", "daemon-reload", "--no-ask-password")


@pytest.mark.parametrize(
    "unit",
    [
        *("", "acme", "acme.socket", "acme@.service", "a b.service", "a;b.service", "*.service", "../x.service", "\x1b.service"),
        "a" * 250 + ".service",
    ],
)
def test_what_is_no_service_is_never_passed_on(unit):
    with pytest.raises(UsageError, match="is no service") as caught:
        call("restart", unit, 5)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("unit", ["--version.service", "a@b.service", r"a\x2db.service", "a:b_c.d.service"])
def test_odd_names_stand_behind_the_options(unit):
    assert command("stop", unit)[-2:] == ("--", unit)


def test_a_reload_is_for_all_units():
    with pytest.raises(UsageError, match="is for all units"):
        call("daemon-reload", UNIT, 5)


def failed(stderr: str, verb: str = "restart", returncode: int = 1) -> str:
    trouble = failure(verb, UNIT, Done(returncode, b"", stderr.encode("utf-8", "surrogateescape"), 0.1))
    assert trouble is not None
    return f"{type(trouble).__name__} {int(trouble.exit_code)}: {trouble}"


RECORDED = (  # of systemd 252 and 255
    (
        "Job for acme.service failed because start of the service was attempted too often.\n"
        'See "systemctl status acme.service" and "journalctl -xeu acme.service" for details.\n'
        'To force a start use "systemctl reset-failed acme.service"\nfollowed by "systemctl start acme.service" again.\n',
        "CallFailed 4: systemctl restart acme.service: Job for acme.service failed because start of the service was attempted too "
        "often. (it was started too often: mend what ends it, then systemctl reset-failed acme.service)",
    ),
    (
        'Job for acme.service failed because the control process exited with error code.\nSee "systemctl status acme.service".\n',
        "CallFailed 4: systemctl restart acme.service: Job for acme.service failed because the control process exited with error "
        "code. (journalctl -u acme.service -n 50 says what its process did, or that it was started too often (then: systemctl "
        "reset-failed acme.service))",
    ),
    (
        "Failed to restart acme.service: Access denied\n",
        "NotPermitted 77: systemctl restart acme.service: Failed to restart acme.service: Access denied (try again as root)",
    ),
    (
        "Failed to restart acme.service: Interactive authentication required.\n"
        "See system logs and 'systemctl status acme.service' for details.\n",
        "NotPermitted 77: systemctl restart acme.service: Failed to restart acme.service: Interactive authentication required. "
        "(try again as root)",
    ),
    (
        "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
        "Unavailable 75: systemctl restart acme.service: System has not been booted with systemd as init system (PID 1). Can't "
        "operate. Failed to connect to bus: Host is down (is systemd running here? systemctl is-system-running)",
    ),
    (
        "Warning: The unit file, source configuration file or drop-ins of acme.service changed on disk. Run "
        "'systemctl daemon-reload' to reload units.\nA dependency job for acme.service failed. See 'journalctl -xe' for details.\n",
        "CallFailed 4: systemctl restart acme.service: A dependency job for acme.service failed. See 'journalctl -xe' for details. "
        "(a unit that it requires did not start: systemctl list-dependencies acme.service)",
    ),
    (
        "Failed to restart acme.service: Operation refused, unit acme.service may be requested by dependency only.\n",
        "CallFailed 4: systemctl restart acme.service: Failed to restart acme.service: Operation refused, unit acme.service may be "
        "requested by dependency only. (the unit may not be started or stopped by hand: systemctl cat acme.service)",
    ),
    ("", "CallFailed 4: systemctl restart acme.service: systemctl exited with 1 (systemctl status acme.service)"),
    (
        "\x1b[2Jodd \udcff\n",
        "CallFailed 4: systemctl restart acme.service: \\x1b[2Jodd \\xff (systemctl status acme.service)",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("stderr", "told"), RECORDED)
def test_each_way_to_fail_says_what_to_try(stderr, told):
    assert failed(stderr) == told


def test_what_is_not_loaded_has_nothing_to_stop_and_no_failure_to_forget():
    gone = Done(5, b"", b"Failed to stop acme.service: Unit acme.service not loaded.\n", 0.1)
    assert failure("stop", UNIT, gone) is None
    assert failure("reset-failed", UNIT, gone) is None
    assert failure("restart", UNIT, gone) is not None


def test_without_systemctl_there_is_no_systemd(monkeypatch):
    def absent(*_: object, **__: object) -> Done:
        raise NotStarted("systemctl cannot be run as root: No such file or directory")

    monkeypatch.setattr("qtops.actions.systemctl.run_as", absent)
    with pytest.raises(Unavailable, match="this needs a host that runs systemd"):
        call("restart", UNIT, 5)


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="systemd runs here")
def test_on_a_host_without_systemd_that_is_said():
    with pytest.raises(Unavailable, match="is systemd running here"):
        call("restart", UNIT, 5)


SERVICE = "[Service]\n{}\nExecStart=/bin/sleep 600\n"
ONESHOT = "[Service]\nType=oneshot\nExecStart=/bin/{}\n"


@pytest.mark.systemd
class TestOnARealSystemd:
    """The words of systemd itself."""

    @staticmethod
    def asked(box, verb: str, unit: str = "", timeout_s: float = 20) -> str:
        return box.text(sys.executable, "-c", TELL, verb, unit, str(timeout_s)).strip()

    @staticmethod
    def units(box, **contents: str) -> None:
        for name, content in contents.items():
            box.unit(f"call-{name}.service", content)
        box.reload()

    def test_a_service_is_restarted_and_stopped(self, box):
        self.units(box, fine=SERVICE.format("Type=exec"))
        assert self.asked(box, "restart", "call-fine.service") == "fine"
        first = box.show("call-fine.service", properties=["MainPID", "ActiveState"])["call-fine.service"]
        assert first["ActiveState"] == "active"
        assert self.asked(box, "restart", "call-fine.service") == "fine"
        assert box.show("call-fine.service", properties=["MainPID"])["call-fine.service"]["MainPID"] != first["MainPID"]
        assert self.asked(box, "stop", "call-fine.service") == "fine"
        assert self.asked(box, "start", "call-fine.service") == "fine"
        assert self.asked(box, "stop", "call-fine.service") == "fine"

    def test_a_reload_is_waited_for(self, box):
        self.units(box, changed=SERVICE.format(""))
        assert self.asked(box, "start", "call-changed.service") == "fine"
        box.unit("call-changed.service", SERVICE.format("Nice=1"))
        assert (
            box.show("call-changed.service", properties=["NeedDaemonReload"])["call-changed.service"]["NeedDaemonReload"] == "yes"
        )
        assert self.asked(box, "daemon-reload") == "fine"
        assert box.show("call-changed.service", properties=["NeedDaemonReload"])["call-changed.service"]["NeedDaemonReload"] == "no"
        assert self.asked(box, "stop", "call-changed.service") == "fine"

    def test_a_start_that_fails_is_told_with_where_to_look(self, box):
        self.units(
            box,
            pre=SERVICE.format("ExecStartPre=/bin/false"),
            once=ONESHOT.format("false"),
            late=SERVICE.format("Type=notify\nTimeoutStartSec=300ms"),
        )
        for name, words in (
            ("pre", "control process exited"),
            ("once", "control process exited"),
            ("late", "timeout was exceeded"),
        ):
            told = self.asked(box, "restart", f"call-{name}.service")
            assert told.startswith(f"CallFailed 4 systemctl restart call-{name}.service: Job for call-{name}.service failed")
            assert words in told
            assert f"journalctl -u call-{name}.service -n 50" in told

    def test_masked_missing_and_broken_units_are_told_apart(self, box):
        self.units(box, mask=SERVICE.format(""), broken="[Service]\nType=simple\n")
        box.remove(["/etc/systemd/system/call-mask.service"])
        box.run("ln", "-s", "/dev/null", "/etc/systemd/system/call-mask.service")
        box.reload()
        assert "is masked. (somebody forbade it" in self.asked(box, "restart", "call-mask.service")
        assert "not found. (systemctl list-unit-files 'call-none*'" in self.asked(box, "restart", "call-none.service")
        assert "bad unit file setting. (systemd-analyze verify call-broken.service" in self.asked(
            box, "restart", "call-broken.service"
        )
        for verb in ("stop", "reset-failed"):
            assert self.asked(box, verb, "call-none.service") == "fine"

    def test_a_start_limit_is_told_and_can_be_reset(self, box):
        limits = "[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=2\n"
        wanted = "[Install]\nWantedBy=multi-user.target\n"  # a unit that nothing wants is forgotten as soon as it ends
        self.units(box, often=limits + ONESHOT.format("true") + wanted)
        box.systemctl("enable", "call-often.service")
        box.reload()
        assert [self.asked(box, "start", "call-often.service") for _ in range(2)] == ["fine", "fine"]
        assert "mend what ends it, then systemctl reset-failed call-often.service" in self.asked(box, "start", "call-often.service")
        assert self.asked(box, "reset-failed", "call-often.service") == "fine"
        assert self.asked(box, "start", "call-often.service") == "fine"

    def test_a_start_limit_behind_an_earlier_failure_is_not_told_by_systemd_and_advised_on_all_the_same(self, box):
        self.units(box, over="[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=1\n" + ONESHOT.format("false"))
        told = [self.asked(box, "start", "call-over.service") for _ in range(2)]
        assert told[0] == told[1]
        assert "Start request repeated too quickly." in [entry["MESSAGE"] for entry in box.journal("UNIT=call-over.service")][-3]
        assert "or that it was started too often (then: systemctl reset-failed call-over.service)" in told[1]

    def test_a_stop_that_hangs_is_given_up_at_the_limit(self, box):
        self.units(
            box, hang="[Service]\nType=exec\nExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1; done\"\nTimeoutStopSec=30\n"
        )
        assert self.asked(box, "start", "call-hang.service") == "fine"
        time.sleep(0.2)  # until it has set its trap
        begun = time.monotonic()
        told = self.asked(box, "stop", "call-hang.service", 0.5)
        assert time.monotonic() - begun < 10
        assert told == (
            "CallFailed 4 systemctl stop call-hang.service had not ended after 0.5 s; systemd may still be at it: "
            "systemctl list-jobs; systemctl status call-hang.service"
        )
        box.systemctl("kill", "--signal=KILL", "call-hang.service")
        assert box.run("pgrep", "-x", "systemctl", check=False).returncode

    def test_whoever_has_no_right_is_told(self, box):
        self.units(box, mine=SERVICE.format(""))
        code = f"import os\nos.setgid(65534); os.setuid(65534)\n{TELL}"
        told = box.text(
            sys.executable, "-c", f"import qtops.actions.systemctl\n{code}", "restart", "call-mine.service", "10"
        ).strip()
        assert told.startswith("NotPermitted 77 systemctl restart call-mine.service: ")
        assert told.endswith("(try again as root)")
