"""The commands that follow."""

from qtops.installation.afterwards import after_putting, after_removing, disabling, enabling
from qtops.installation.shipped import SHIPPED

PATHS = [one.path(packaged=False) for one in SHIPPED]
RELOAD = ("systemctl", "daemon-reload", "--no-ask-password")


def test_accounts_are_made_before_the_folders_that_belong_to_them_and_units_are_read_last():
    assert after_putting(PATHS) == (
        ("systemd-sysusers", "/etc/sysusers.d/qtops.conf"),
        ("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/qtops.conf"),
        ("journalctl", "--update-catalog"),
        RELOAD,
    )


def test_nothing_is_run_for_what_nobody_has_to_notice():
    assert after_putting(["/etc/qtops/qtops.toml", "/etc/quantum/risk-proposal.env"]) == ()
    assert after_putting(["/etc/systemd/system/qtops-freshness.timer"]) == (RELOAD,)


def test_what_lies_beside_somebodys_own_is_in_force_for_nobody():
    assert after_putting(["/etc/sysusers.d/qtops.conf.qtops-new", "/etc/sysusers.d/qtops.conf", "/etc/sysusers.d/qtops.conf"]) == (
        ("systemd-sysusers", "/etc/sysusers.d/qtops.conf"),
    )


def test_accounts_and_what_belongs_to_them_stay_when_the_rest_goes():
    assert after_removing(PATHS) == (("journalctl", "--update-catalog"), RELOAD)


def test_units_are_started_and_stopped_at_once_and_for_the_next_boot():
    start = ("systemctl", "enable", "--now", "--no-ask-password", "--", "qtops-freshness.timer")
    assert enabling(["freshness"]) == (start,)
    assert disabling(["qtops-freshness.timer"]) == (("systemctl", "disable", *start[2:]),)
