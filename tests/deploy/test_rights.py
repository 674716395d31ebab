"""What the supervisor's user may have systemd do: exactly what the installed polkit rule says, seen on a real systemd."""

from collections.abc import Iterator

import pytest

from tests.box.box import NoBox
from tests.deploy.host import Host, host

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

LISTED, ALIAS, UNLISTED, RECOVERY = "listed.service", "also-listed.service", "unlisted.service", "qtops-recover@listed.service"
CONFIGURED = """
[[services]]
name = "listed"
unit = "listed.service"
auto_recover = ["IMPORT101"]

[[services]]
name = "kept to people"
unit = "kept.service"
auto_recover = ["IMPORT101"]
"""
SLEEPS = "[Unit]\nAllowIsolate=yes\n[Service]\nExecStart=sleep infinity\nExecReload=true\n"
VERBS = {  # what an operator would type, and whether the rule grants it for a unit that it lists
    ("restart",): True,
    ("try-restart",): True,
    ("start",): False,
    ("stop",): False,
    ("reload",): False,
    ("reload-or-restart",): False,
    ("try-reload-or-restart",): False,
    ("kill", "--signal=TERM"): False,
    ("reset-failed",): False,
    ("enable",): False,
    ("disable",): False,
    ("mask", "--runtime"): False,
    ("set-property", "--runtime"): False,
    ("isolate",): False,
    ("start", "--job-mode=isolate"): False,
    ("restart", "--job-mode=isolate"): False,  # granted by polkit, and refused by systemd: it is for starts alone
}
STATE = ("ActiveState", "InvocationID", "UnitFileState", "CPUWeight")


@pytest.fixture(scope="module")
def installed() -> Iterator[Host]:
    """A host with the supervisor's files in place, and three services that run."""
    try:
        with host() as there:
            there.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED)
            there.box.unit(LISTED, SLEEPS + f"[Install]\nAlias={ALIAS}\n")
            there.box.unit(UNLISTED, SLEEPS)
            there.box.unit("kept.service", SLEEPS)
            there.install("--apply")
            there.box.systemctl("enable", LISTED)
            there.box.systemctl("start", LISTED, UNLISTED)
            yield there
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def asked(there: Host, verb: tuple[str, ...], unit: str) -> bool:
    """Whether systemd did it for the user qtops; what it refused has changed nothing."""
    more = ("CPUWeight=7",) if verb[0] == "set-property" else ()
    before = there.box.show(LISTED, UNLISTED, properties=STATE)
    done = there.as_qtops("systemctl", "--no-ask-password", *verb, "--", unit, *more)
    after = there.box.show(LISTED, UNLISTED, properties=STATE)
    assert (before != after) == (done.returncode == 0), (verb, unit, done.stderr)
    return done.returncode == 0


@pytest.mark.parametrize(("unit", "listed"), [(LISTED, True), (ALIAS, True), (UNLISTED, False)])
def test_exactly_the_granted_cells_pass(installed, unit, listed):
    """polkit is asked with the primary name of a unit: an alias of a listed one is that one."""
    passed = {" ".join(verb) for verb in VERBS if asked(installed, verb, unit)}
    assert passed == ({" ".join(verb) for verb, granted in VERBS.items() if granted} if listed else set())


def test_nothing_that_is_about_all_units_is_granted(installed):
    for command in (
        ("daemon-reload",),
        ("daemon-reexec",),
        ("set-environment", "A=B"),
        ("set-default", "rescue.target"),
        ("poweroff",),
        ("isolate", "rescue.target"),
    ):
        assert installed.as_qtops("systemctl", "--no-ask-password", *command).returncode, command
    assert installed.as_qtops("systemd-run", "--no-ask-password", "--wait", "id").returncode


def test_the_bus_refuses_what_systemctl_would_not_ask_for(installed):
    manager = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
    for call in (
        ("StartUnit", "ss", LISTED, "isolate"),
        ("RestartUnit", "ss", LISTED, "isolate"),
        ("EnqueueUnitJob", "sss", LISTED, "start", "isolate"),
        ("EnqueueUnitJob", "sss", UNLISTED, "restart", "replace"),
        ("KillUnit", "ssi", LISTED, "all", "9"),
        ("FreezeUnit", "s", LISTED),
        ("UnrefUnit", "s", UNLISTED),
    ):
        done = installed.as_qtops("busctl", "--allow-interactive-authorization=no", "call", *manager, *call)
        assert done.returncode, (call, done.stdout)
    assert installed.box.systemctl("is-active", LISTED, UNLISTED).split() == ["active", "active"]


def test_nobody_else_is_granted_anything(installed):
    as_nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--")
    done = installed.box.run(*as_nobody, "systemctl", "--no-ask-password", "restart", "--", LISTED, check=False)
    assert done.returncode
    assert b"authentication required" in done.stderr.lower()


def test_a_recovery_may_be_asked_for_where_the_configuration_allows_one(installed):
    """What it does is root's: whether it is right to do so, the root-owned configuration says."""
    done = installed.as_qtops("systemctl", "--no-ask-password", "restart", "--no-block", "--", RECOVERY)
    assert (done.returncode, done.stderr) == (0, b"")
    other = installed.as_qtops("systemctl", "--no-ask-password", "restart", "--no-block", "--", "qtops-recover@unlisted.service")
    assert other.returncode
    installed.box.systemctl("stop", RECOVERY)


def test_a_service_whose_name_cannot_stand_in_a_units_name_is_told(installed):
    planned = installed.install()
    assert planned["granted"] == ["quantum-risk-proposal.service", LISTED, "kept.service", RECOVERY]
    assert [note for note in planned["notes"] if note.startswith("kept to people is not recovered")]


def test_an_old_rule_goes_with_the_configuration(installed):
    installed.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED.replace(LISTED, "other.service"))
    installed.box.unit("other.service", SLEEPS)
    try:
        replaced = [file["path"] for file in installed.install("--apply")["files"] if file["deed"] == "replace"]
        assert replaced == ["/etc/polkit-1/rules.d/50-qtops.rules"]
        assert not until_granted(installed, LISTED, granted=False)
        assert until_granted(installed, "other.service", granted=True)
    finally:
        installed.box.write("/etc/qtops/conf.d/services.toml", CONFIGURED)
        installed.install("--apply")
        until_granted(installed, LISTED, granted=True)


def until_granted(there: Host, unit: str, *, granted: bool) -> bool:
    """Whether it may be restarted: polkit notices a new rule by itself, within a moment."""
    for _ in range(50):
        if (there.as_qtops("systemctl", "--no-ask-password", "restart", "--", unit).returncode == 0) == granted:
            return granted
        there.box.run("sleep", "0.1")
    return not granted
