"""`qtops install` on a booted host: what it puts there, what it leaves alone, and that nothing of it stays."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.box.box import PYTHON, NoBox
from tests.deploy.host import ENVIRONMENT, INTERPRETER, VENV, Host, host

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

UNITS = "/etc/systemd/system"
SUPERVISOR, TIMER = "qtops-supervisor.service", "qtops-freshness.timer"
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--")
LOOKED_AT = ("/etc", "/usr/local", "/usr/lib/systemd", "/var/lib", "!", "-path", "/var/lib/systemd/*")
OF_ACCOUNTS = re.compile(r"/etc(/(passwd|group|shadow|gshadow|subuid|subgid)-?)? ")


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    """One host for this file."""
    try:
        with host() as there:
            yield there
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture
def bare(shared: Host) -> Iterator[Host]:
    """A host on which nothing is installed."""
    yield shared
    units = f"{UNITS}/qtops* {UNITS}/risk* {UNITS}/quantum*"
    others = "/etc/qtops /etc/quantum /etc/*.d/qtops* /etc/polkit-1/rules.d/50-qtops* /usr/local/lib/systemd /var/lib/qtops*"
    script = f"systemctl disable --now {SUPERVISOR} {TIMER}; rm -rf {units} {others}; systemctl daemon-reload"
    shared.box.run("sh", "-c", f"{{ {script}; }} 2>/dev/null; true")


def files(there: Host) -> set[str]:
    """Every file and folder where something may be put, with owner, mode, and when it was changed; without those of accounts."""
    shown = there.box.text("find", *LOOKED_AT, "-printf", "%p %u:%g %m %l %Y %T@\\n").splitlines()
    return {line for line in shown if not OF_ACCOUNTS.match(line)}


def names(lines: set[str]) -> set[str]:
    return {line.split(" ")[0] for line in lines}


def test_a_dry_run_and_a_refusal_write_nothing(bare):
    before = files(bare)
    assert bare.install(expect=4)["outcome"] == "planned"
    assert bare.install("--python", "/nowhere/python", "--apply", expect=4)["outcome"] == "refused"
    assert files(bare) == before


def test_everything_is_in_place_and_the_second_time_there_is_nothing_to_do(bare):
    done = bare.install("--apply")
    assert done["outcome"] == "applied"
    assert {command["ran"] for command in done["commands"]} == {"done"}
    owners = bare.box.text("stat", "-c", "%n %a %U:%G", *(file["path"] for file in done["files"])).splitlines()
    assert owners == [f"{file['path']} {file['mode'].lstrip('0')} {file['owner']}" for file in done["files"]]
    assert b"systemd-journal" in bare.as_qtops("id", "-Gn").stdout
    assert f"ExecStart={INTERPRETER} -P -m qtops supervise" in bare.box.read(f"{UNITS}/{SUPERVISOR}").decode()
    assert bare.box.systemctl("is-enabled", SUPERVISOR, TIMER, check=False).split() == ["disabled", "disabled"]
    before = files(bare)
    again = bare.install("--apply")
    assert (again["outcome"], again["commands"]) == ("nothing to do", [])
    assert files(bare) == before


def test_what_was_put_there_goes_and_nothing_else(bare):
    bare.install("--apply")  # the account stays when the rest goes: it is there from now on
    bare.install("--remove")
    before = names(files(bare))
    bare.install("--apply")
    assert bare.install("--remove")["outcome"] == "removed"
    assert names(files(bare)) == before
    assert bare.install("--remove")["outcome"] == "nothing to do"
    assert bare.box.text("getent", "passwd", "qtops")


def test_what_an_operator_changed_is_kept_by_both(bare):
    bare.install("--apply")
    changed = f"{UNITS}/{TIMER}"
    bare.box.write(changed, bare.box.read(changed).replace(b"1min", b"5min"))
    bare.box.host_path("/etc/qtops/qtops.toml").chmod(0o640)  # who may read it is no other content
    report = bare.install("--apply")
    assert {file["path"]: file["deed"] for file in report["files"] if file["deed"] != "leave"} == {f"{changed}.qtops-new": "put"}
    assert report["advice"] == [f"diff {changed} {changed}.qtops-new"]
    bare.install("--remove")
    assert b"5min" in bare.box.read(changed)
    assert {line for line in names(files(bare)) if line.startswith(UNITS) and "qtops" in line} == {changed}


def test_a_link_is_never_followed(bare):
    bare.box.write("/etc/elsewhere", "not to be touched\n")
    bare.box.run("ln", "-s", "/etc/elsewhere", f"{UNITS}/{SUPERVISOR}")
    done = bare.install("--apply", expect=4)
    wrong = [file for file in done["files"] if file["standing"] == "unsafe"]
    assert [(file["path"], file["deed"]) for file in wrong] == [(f"{UNITS}/{SUPERVISOR}", "leave")]
    assert "symbolic link" in wrong[0]["why"]
    bare.install("--remove")
    assert bare.box.read("/etc/elsewhere") == b"not to be touched\n"
    assert bare.box.text("readlink", f"{UNITS}/{SUPERVISOR}").strip() == "/etc/elsewhere"


def test_what_is_no_file_of_ours_is_run_by_no_command_and_goes_once_it_is_one(bare):
    bare.install("--apply", "--only", "supervisor")
    accounts, twin = "/etc/sysusers.d/qtops.conf", f"{UNITS}/qtops-twin"
    content = bare.box.read(accounts)
    bare.box.run("ln", "-sf", "/etc/passwd", accounts)
    bare.box.run("ln", f"{UNITS}/{SUPERVISOR}", twin)
    bare.box.remove(["/etc/tmpfiles.d/qtops.conf"])
    done = bare.install("--apply", "--only", "supervisor", expect=4)
    assert {(command["argv"][0], command["ran"]) for command in done["commands"]} == {
        (name, "done") for name in ("systemd-tmpfiles", "journalctl", "systemctl")
    }
    assert bare.install("--remove", expect=4)["outcome"] == "removed"
    bare.box.remove([accounts, twin])
    bare.box.write(accounts, content)
    assert {file["deed"] for file in bare.install("--remove")["files"]} == {"remove"}


def test_what_is_enabled_by_it_is_stopped_by_it(bare):
    bare.install("--apply", "--only", "freshness", "--enable", "freshness")
    assert bare.box.systemctl("is-active", TIMER).strip() == "active"
    assert bare.box.systemctl("is-enabled", TIMER).strip() == "enabled"
    assert bare.install("--apply", "--only", "freshness", "--enable", "freshness")["outcome"] == "nothing to do"
    assert bare.install("--remove")["outcome"] == "removed"
    assert bare.box.systemctl("is-active", TIMER, check=False).strip() == "inactive"
    assert not [line for line in names(files(bare)) if line.endswith(TIMER)]


def test_what_root_kept_before_it_was_installed_is_the_supervisors_then(bare):
    """A hold, or one look at everything, makes the records: of root, as long as there is no account for them."""
    assert bare.qtops("hold", "risk-proposal", "--until", "1h", "--why", "a deployment").returncode == 0
    state = "/var/lib/qtops-supervisor"
    assert bare.box.text("stat", "-c", "%U", f"{state}/incidents.db").strip() == "root"
    bare.install("--apply", "--enable", "supervisor")
    owners = bare.box.text("find", state, "-printf", "%u:%g %m\\n").split("\n")
    assert set(filter(None, owners)) == {"qtops:qtops 700", "qtops:qtops 600"}
    assert b"a deployment" in bare.qtops("hold").stdout


def test_what_somebody_else_started_is_not_taken_away_under_it(bare):
    bare.install("--apply")
    bare.box.systemctl("enable", "--now", TIMER)
    before = files(bare)
    refused = bare.install("--remove", expect=4)
    assert (refused["outcome"], refused["advice"]) == ("refused", [f"systemctl disable --now {TIMER}"])
    assert TIMER in refused["why"]
    assert files(bare) == before
    assert bare.install("--remove", "--only", "publisher")["outcome"] == "removed"
    bare.box.systemctl("disable", "--now", TIMER)
    assert bare.install("--remove")["outcome"] == "removed"


def test_an_instance_of_a_template_that_runs_is_not_taken_away_under_it(bare):
    bare.install("--apply")
    bare.box.write(
        f"{UNITS}/risk-proposal@a.service.d/short.conf",
        "[Service]\nType=simple\nEnvironmentFile=\nExecStart=\nExecStart=sleep 60\n",
    )
    bare.box.reload()
    bare.box.systemctl("start", "risk-proposal@a.service")
    refused = bare.install("--remove", expect=4)
    bare.box.systemctl("stop", "risk-proposal@a.service")
    assert refused["advice"] == ["systemctl disable --now risk-proposal@a.service"]
    assert bare.install("--remove")["outcome"] == "removed"


def test_a_command_that_fails_is_told_and_the_next_run_ends_it(bare):
    bare.box.run("mv", "/usr/bin/systemd-tmpfiles", "/usr/bin/moved-away")
    try:
        failed = bare.install("--apply", expect=4)
    finally:
        bare.box.run("mv", "/usr/bin/moved-away", "/usr/bin/systemd-tmpfiles")
    assert failed["outcome"] == "failed"
    assert [command["ran"] for command in failed["commands"]] == ["done", "failed", "not run", "not run"]
    assert "systemd-tmpfiles cannot be run" in failed["commands"][1]["why"]
    ended = bare.install("--apply")
    assert {file["deed"] for file in ended["files"]} == {"leave"}
    assert [command["ran"] for command in ended["commands"]] == ["done"] * 4
    assert bare.install("--apply")["outcome"] == "nothing to do"


@pytest.mark.parametrize(("folder", "why"), [("/tmp", "units see nothing below /tmp"), ("/root", "Permission denied")])
def test_an_interpreter_that_units_cannot_use_is_refused(bare, folder, why):
    """Tried as the very user: below /tmp everybody may execute it, and the units' own /tmp is another one."""
    elsewhere = f"{folder}/venv"
    bare.box.run(PYTHON, "-m", "venv", "--without-pip", elsewhere)
    bare.box.run("sh", "-c", f"cp {VENV}/lib/python3*/site-packages/* {elsewhere}/lib/python3*/site-packages/")
    refused = bare.install("--apply", python=f"{elsewhere}/bin/python", expect=4)
    assert refused["outcome"] == "refused"
    assert why in refused["why"]
    assert "python3 -m venv /opt/qtops" in refused["why"]


def test_whoever_is_not_root_may_look_and_change_nothing(bare):
    def install(*words):
        command = (*NOBODY, INTERPRETER, "-P", "-m", "qtops", "install", *words)
        return bare.box.run(*command, check=False, env={**ENVIRONMENT, "HOME": "/nonexistent"})

    looked = install("-o", "json")
    assert looked.returncode == 4
    standings = {file["path"]: file["standing"] for file in json.loads(looked.stdout)["files"]}
    assert standings.pop("/etc/polkit-1/rules.d/50-qtops.rules") == "unknown"  # a folder of polkitd alone
    assert {*standings.values()} == {"new"}
    for mode in ("--apply", "--remove"):
        refused = install(mode)
        assert (refused.returncode, refused.stdout, refused.stderr.count(b"\n")) == (77, b"", 1)
        assert b"only root can install" in refused.stderr
