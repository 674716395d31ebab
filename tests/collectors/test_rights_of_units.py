"""What User= may not enter, execute or read, found of whole units, and held against a real systemd."""

import os
import re

import pytest

from qtops.checks.registry import judge

from .people import GROUP, PASSWD, as_root, folder
from .units import FOLDER, lay, start, unit

CASES = {
    "working directory below a closed one": (unit(WorkingDirectory="/srv/closed/app"), ["UNIT115"]),
    "closed working directory": (unit(WorkingDirectory="/srv/closed"), ["UNIT115"]),
    "working directory through a link": (unit(WorkingDirectory="/srv/link"), ["UNIT115"]),
    "closed program": (unit(ExecStart="/srv/closed/prog"), ["UNIT115"]),
    "program of root's own": (unit(ExecStart="/srv/rootonly"), ["UNIT115"]),
    "closed interpreter": (unit(ExecStart="/srv/wrapper"), ["UNIT115"]),
    "unreadable script": (unit(ExecStart="/usr/bin/python3.11 /srv/secret.py", WorkingDirectory="/srv"), ["UNIT116"]),
    "closed script": (unit(ExecStart="/usr/bin/python3.11 /srv/closed/app/main.py"), ["UNIT116"]),
    "owner without the right": (unit(WorkingDirectory="/srv/mine"), ["UNIT115"]),
    "all of it closed": (
        unit(WorkingDirectory="/srv/closed/app", ExecStart="/usr/bin/python3.11 /srv/closed/app/main.py"), ["UNIT115"]
    ),
    "group that lists the account": (unit(WorkingDirectory="/srv/shared"), []),
    "the same beside another Group=": (unit(WorkingDirectory="/srv/shared", Group="other"), []),
    "group that does not": (unit(WorkingDirectory="/srv/extra"), ["UNIT115"]),
    "group by Group=": (unit(WorkingDirectory="/srv/extra", Group="extra"), []),
    "group by SupplementaryGroups=": (unit("SupplementaryGroups=extra", WorkingDirectory="/srv/extra"), []),
    "group that Group= took away": (unit(WorkingDirectory="/srv/own", Group="other"), ["UNIT115"]),
    "only executable": (unit(ExecStart="/srv/noread"), []),
    "optional working directory": (unit(WorkingDirectory="-/srv/closed"), []),
    "run as root": (unit(WorkingDirectory="/srv/closed", ExecStart="+/srv/closed/prog"), []),
    "not run as the account": (unit(WorkingDirectory="/srv/closed", ExecStart="!/srv/closed/prog"), []),
    "root": (unit(User="root", Group="root", WorkingDirectory="/srv/closed"), []),
    "bound over": (unit("BindReadOnlyPaths=/srv/open:/srv/closed", WorkingDirectory="/srv/closed/app"), []),
    "emptied": (unit("TemporaryFileSystem=/srv/closed:mode=755", WorkingDirectory="/srv/closed"), []),
    "log file below a closed directory": (unit(StandardOutput="append:/srv/closed/app.log"), []),
    "environment file of root's own": (unit(EnvironmentFile="/srv/secret.env"), []),
    "steps that run as root": (unit("PermissionsStartOnly=yes", "ExecStartPre=/srv/closed/prog"), []),
    "step before the start": (unit("ExecStartPre=/srv/closed/prog"), ["UNIT115"]),
}  # fmt: skip
SCENE = r"""
mkdir -p {root}/srv/closed/app {root}/srv/open/app {root}/srv/shared {root}/srv/mine {root}/srv/app
echo 'import time; time.sleep(1)' > {root}/srv/closed/app/main.py
cp {root}/srv/closed/app/main.py {root}/srv/secret.py; echo A=1 > {root}/srv/secret.env
cp {root}/bin/true.elf {root}/srv/closed/prog; cp {root}/bin/true.elf {root}/srv/rootonly; cp {root}/bin/true.elf {root}/srv/noread
cp {root}/bin/true.elf {root}/srv/closed/sh; printf '#!/srv/closed/sh\n' > {root}/srv/wrapper
ln -s closed/app {root}/srv/link
chmod 700 {root}/srv/closed {root}/srv/rootonly; chmod 711 {root}/srv/noread; chmod 755 {root}/srv/wrapper
chmod 600 {root}/srv/secret.py {root}/srv/secret.env
mkdir {root}/srv/extra {root}/srv/own; chmod 750 {root}/srv/shared {root}/srv/extra {root}/srv/own
chown 0:42000 {root}/srv/shared; chown 0:43000 {root}/srv/extra; chown 0:41000 {root}/srv/own
chown 41000:41000 {root}/srv/mine; chmod 077 {root}/srv/mine
"""
PEOPLE = """
set -e
groupadd -o -g 41000 rights-qt; groupadd -o -g 41001 rights-other
groupadd -o -g 42000 rights-shared; groupadd -o -g 43000 rights-extra
useradd -o -u 41000 -g rights-qt -G rights-shared rights-qt; useradd -o -u 41001 -g rights-other rights-other
cp /bin/true /bin/true.elf; mkdir -p /etc/quantum; touch /etc/quantum/risk-proposal.env
mkdir -p /srv/app; echo pass > /srv/app/main.py
"""
ACCOUNTS = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/bin/true.elf": "\x7fELF"}


@pytest.fixture
def scene():
    with folder() as root:
        lay(root, unit(), ACCOUNTS)
        assert os.system(SCENE.format(root=root)) == 0
        yield root


@as_root
@pytest.mark.parametrize("case", CASES)
def test_what_the_account_may_not_is_found_and_nothing_else(scene, case):
    text, codes = CASES[case]
    (scene / f"{FOLDER[1:]}/case.service").write_text(text)
    assert [
        finding.code for finding in judge(start(str(scene), "case.service", assume=True)) if finding.code in {"UNIT115", "UNIT116"}
    ] == codes


@as_root
def test_the_obstacle_is_named_as_ls_shows_it(scene):
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/link"))
    (finding,) = [finding for finding in judge(start(str(scene), "case.service")) if finding.code == "UNIT115"]
    assert finding.summary == "/srv/closed is drwx------ root:root: qt may not search it"
    assert finding.where.endswith("case.service:9")


@as_root
@pytest.mark.parametrize(
    "spoil", [lambda root: root.chmod(0o700), lambda root: os.chown(root, 1234, 1234)], ids=["umask", "checkout"]
)
def test_of_a_copy_with_owners_of_its_own_nothing_is_claimed(scene, spoil):
    """A checkout on a laptop belongs to whoever made it."""
    spoil(scene)
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/closed"))
    assert "UNIT115" not in [finding.code for finding in judge(start(str(scene), "case.service"))]


@as_root
def test_what_a_user_may_not_look_at_is_not_claimed(scene):
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/closed/app"))
    os.seteuid(65534)
    try:
        facts = start(str(scene), "case.service")
    finally:
        os.seteuid(0)
    assert "UNIT115" not in [finding.code for finding in judge(facts)]
    assert any(line.startswith("WorkingDirectory=") for line in facts.missing)


@pytest.mark.systemd
def test_systemd_meets_what_was_predicted(scene, box):
    """The same scene in a booted systemd: exactly the predicted starts fail, with the predicted status."""
    box.run("sh", "-c", PEOPLE)
    box.run("sh", "-c", SCENE.format(root=""))
    python = "/usr/bin/python3"
    names = {case: f"rights-{number}.service" for number, case in enumerate(CASES)}
    for case, (text, _) in CASES.items():
        plain = text.replace("Restart=always\n", "").replace("Requires=redis.service\n", "").replace("/usr/bin/python3.11", python)
        plain = plain.replace("/opt/quantum/venvs/ai-engine/bin/python3", python).replace("Type=simple", "Type=oneshot")
        plain = re.sub(r"(User|Group|SupplementaryGroups)=(?=qt|other|extra|shared)", r"\1=rights-", plain)
        box.unit(names[case], plain)
    box.reload()
    box.systemctl("start", *names.values(), check=False)
    shown = box.show(*names.values(), properties=("Result", "ExecMainStatus", "ExecStartPre"))
    for case, (_, codes) in CASES.items():
        (scene / f"{FOLDER[1:]}/case.service").write_text(CASES[case][0])
        found = [finding for finding in judge(start(str(scene), "case.service", assume=True)) if finding.code in codes]
        state = shown[names[case]]
        if found and case != "step before the start":
            assert f"status={state['ExecMainStatus']}" in found[0].evidence[0 if codes == ["UNIT115"] else 1], case
        assert (state["Result"] != "success") is bool(codes), (case, state)
