"""Doctor with fewer rights, or without one of its sources: what is left is told, what is not is named with the way to it."""

from collections.abc import Iterator

import pytest

from tests.box.box import PYTHON, Box, NoBox
from tests.faults.doctoring import NOBODY, PROJECT, ask, prepared, settled

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

NO_JOURNAL = "journal: nobody may not read the journal of the system's services (sudo usermod -aG systemd-journal nobody)"
NO_PYSTEMD = f"/srv/without:{PROJECT}"
ALONE = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")  # as in a container without systemd
NO_PROGRAMS = ("env", "PATH=/nonexistent")
SICK = "rights-sick.service"
UNITS = {
    SICK: f"[Service]\nExecStart={PYTHON} /srv/rights/main.py\n[Install]\nWantedBy=multi-user.target\n",
    "rights-well.service": "[Service]\nExecStart=/bin/sleep 1000\n",
    "rights-environment.service": "[Service]\nEnvironmentFile=/etc/rights.env\nExecStart=/bin/sleep 1000\n",
    "rights-home.service": f"[Service]\nExecStart={PYTHON} /root/rights/main.py\n",
}
FILES = {
    "/srv/rights/main.py": "import sys\nsys.path.insert(0, '/srv/rights/shadow')\nfrom pkg.real import thing\n",
    "/srv/rights/shadow/pkg/__init__.py": "",
    "/root/rights/main.py": "import time\ntime.sleep(1000)\n",
    "/etc/rights.env": "REDIS_URL=redis://127.0.0.1:6390/0\n",
    "/srv/without/pystemd/__init__.py": "raise ImportError('it was built for another Python')\n",
}


@pytest.fixture(scope="module")
def hospital() -> Iterator[Box]:
    try:
        with prepared(UNITS, FILES) as box:
            box.run("chmod", "0600", "/etc/rights.env")
            box.run("chmod", "0700", "/root/rights")
            for name in UNITS:
                box.systemctl("start", name, check=False)
            settled(box, *UNITS)
            yield box
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture(params=["pystemd", "systemctl"])
def via(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_nobody_reads_systemd_and_is_told_what_else_there_is(hospital, via):
    if via == "pystemd":
        pytest.importorskip("pystemd")
    told = ask(hospital, *UNITS, "-o", "json", "--via", via, before=NOBODY)
    assert (told.code, told.document["via"]) == (2, via)
    sick, well, environment, home = told.results.values()
    assert (sick["verdict"], sick["root"]["code"], sick["unknown"]) == ("critical", "IMPORT101", [NO_JOURNAL])
    assert (well["verdict"], well["condition"], well["unknown"]) == ("unknown", "runs", [NO_JOURNAL])
    assert "environment file /etc/rights.env: Permission denied" in environment["unknown"]
    assert "script=/root/rights/main.py: Permission denied" in home["unknown"]


def test_what_is_well_as_far_as_nobody_sees_could_not_be_told(hospital):
    assert ask(hospital, "rights-well", before=NOBODY).code == 3
    assert ask(hospital, "rights-well").code == 0


def test_without_pystemd_systemctl_tells_the_same(hospital):
    told = ask(hospital, SICK, "-o", "json", PYTHONPATH=NO_PYSTEMD)
    assert (told.code, told.document["via"], told.results[SICK]["root"]["code"]) == (2, "systemctl", "IMPORT101")


def test_who_insists_on_pystemd_is_told_how_to_get_it(hospital):
    told = ask(hospital, "rights-well", "--via", "pystemd", PYTHONPATH=NO_PYSTEMD)
    assert told.code == 3
    assert "systemd: pystemd cannot be imported: it was built for another Python (pip install 'qtops[systemd]'" in told.out


def test_without_any_way_to_systemd_the_files_are_looked_at(hospital):
    told = ask(hospital, SICK, "-o", "json", before=NO_PROGRAMS, PYTHONPATH=NO_PYSTEMD)
    assert told.code == 2
    assert told.document["missing"][0].startswith("systemd: systemctl is not installed, and neither is pystemd")
    assert told.results[SICK]["root"]["code"] == "IMPORT101"


def test_without_journalctl_the_cause_is_found_all_the_same(hospital):
    pytest.importorskip("pystemd")
    told = ask(hospital, SICK, "-o", "json", before=NO_PROGRAMS)
    assert (told.code, told.results[SICK]["root"]["code"]) == (2, "IMPORT101")
    assert told.results[SICK]["unknown"] == ["journal: journalctl is not installed (apt install systemd)"]


def test_where_systemd_is_not_pid_1_it_could_not_tell(hospital, via):
    told = ask(hospital, "rights-well", "--via", via, before=ALONE)
    assert told.code == 3
    assert "systemd is not PID 1 here (qtops preflight looks at unit files without it)" in told.out


def test_without_a_bus_root_asks_systemd_itself_and_others_are_told_so(hospital, via):
    if via == "pystemd":
        pytest.importorskip("pystemd")
    hospital.systemctl("stop", "dbus.socket", "dbus.service")
    try:
        root = ask(hospital, SICK, "-o", "json", "--via", via)
        nobody = ask(hospital, "rights-well", "--via", via, before=NOBODY)
    finally:
        hospital.systemctl("start", "dbus.socket", "dbus.service")
    assert (root.code, root.results[SICK]["root"]["code"], root.results[SICK]["unknown"]) == (2, "IMPORT101", [])
    assert nobody.code == 3
    assert ("no D-Bus daemon listens (run it as root" if via == "pystemd" else "Failed to connect to bus") in nobody.out


def test_what_there_is_not_is_told_so(hospital):
    pattern = ask(hospital, "--units", "nothing-*")
    assert (pattern.code, pattern.out) == (64, "")
    assert "no service matches nothing-*; `systemctl list-unit-files --type=service` lists those that there are" in pattern.err
    name = ask(hospital, "nothing", "-o", "json")
    assert (name.code, name.results["nothing.service"]["root"]["code"]) == (2, "UNIT206")
