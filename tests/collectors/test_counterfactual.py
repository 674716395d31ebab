"""The next start on changed files: nothing is written, and what is foreseen is what the same look finds once they are changed."""

import sys
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from qtops.causes.agreement import STOPS_A_START
from qtops.checks.counterfactual import remains
from qtops.collectors.counterfactual import what_if
from qtops.collectors.live_starts import LiveStarts
from qtops.collectors.tree import RootedTree
from qtops.facts.preflight import StartFacts
from qtops.facts.unit import UnitState
from tests.box.box import PYTHON, Box
from tests.preflight_trees import EDIT, FOUNDING, FOUNDING_MAIN, FOUNDING_UNIT, MAIN, PROJECT, REAL, host

NAME = "quantum-risk-proposal.service"
FRAGMENT = f"/etc/systemd/system/{NAME}"
DROP_IN = f"{FRAGMENT}.d/50-qtops.conf"
UNIT = UnitState(name=NAME, fragment_path=FRAGMENT)
MENDED = FOUNDING_MAIN.replace(f"{EDIT}\n", "").encode()
SECRET = "hunter2-and-a-half"


@pytest.fixture
def root(tmp_path):
    return host(tmp_path, {**FOUNDING, FRAGMENT: FOUNDING_UNIT})


def look(root: str, unit: UnitState = UNIT) -> StartFacts:
    """What doctor sees."""
    found = LiveStarts([unit], "", RootedTree(root)).look(unit).start
    assert found is not None
    return found


def judged(root: str, after: StartFacts, *mended: str):
    return remains(look(root), after, mended or ("IMPORT101",), STOPS_A_START)


def rewrite(root: str, path: str, text: str) -> None:
    place = Path(f"{root}{path}")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


# the founding incident


def test_no_change_is_the_look_that_doctor_makes(root):
    assert what_if(UNIT, {}, {}, {}, root=root) == look(root)


def test_without_the_edit_every_import_of_the_founding_start_resolves(root):
    before = look(root)
    after = what_if(UNIT, {MAIN: MENDED}, {}, {}, root=root)
    found = judged(root, after)
    assert (found.verdict, found.imports_resolve, [finding.code for finding in found.cleared]) == ("holds", True, ["IMPORT101"])
    assert REAL in after.imports.followed
    assert look(root) == before  # nothing was written
    rewrite(root, MAIN, MENDED.decode())
    assert look(root) == after


def test_a_change_that_mends_something_else_does_not_hold(root):
    after = what_if(UNIT, {MAIN: FOUNDING_MAIN.replace("import redis\n", "").encode()}, {}, {}, root=root)
    assert judged(root, after).why.startswith("the start would still be stopped: IMPORT101")


def test_a_change_that_breaks_the_source_does_not_hold(root):
    assert "CODE101" in judged(root, what_if(UNIT, {MAIN: MENDED + b"def (\n"}, {}, {}, root=root)).why


def test_a_release_is_changed_through_the_link_that_leads_to_it(root):
    Path(f"{root}{PROJECT}").rename(f"{root}/home/qt/release-7")
    Path(f"{root}{PROJECT}").symlink_to("release-7")
    real = MAIN.replace(PROJECT, "/home/qt/release-7")
    for path in (real, MAIN):
        assert judged(root, what_if(UNIT, {path: MENDED}, {}, {}, root=root)).holds


def test_a_mode_counts(tmp_path):
    program = "/srv/run.sh"
    root = host(tmp_path, {FRAGMENT: f"[Service]\nExecStart={program}\n", program: "#!/usr/bin/python3\n"})
    assert judged(root, what_if(UNIT, {}, {}, {}, root=root), "UNIT101").left[0].code == "UNIT101"
    assert judged(root, what_if(UNIT, {}, {program: 0o755}, {}, root=root), "UNIT101").holds


# what cannot be pictured is said


@pytest.mark.parametrize("path", ["main.py", f"/{MAIN}", f"{PROJECT}/../quantum_trader/x.py", f"{PROJECT}/./x.py", PROJECT])
def test_a_path_that_is_misspelt_or_no_file_makes_that_it_cannot_be_told(root, path):
    after = what_if(UNIT, {path: b""}, {}, {}, root=root)
    assert after.missing[0].startswith("what it would be: ")
    assert (judged(root, after).verdict, judged(root, after).holds) == ("could not tell", False)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/systemd/system/other.service.d/50-x.conf",
        f"{FRAGMENT}.d/50-x.txt",
        f"{FRAGMENT}.d/.50-x.conf",
        f"{FRAGMENT}.d/deeper/50-x.conf",
        "/opt/50-x.conf",
    ],
)
def test_a_drop_in_that_systemd_would_never_read_makes_that_it_cannot_be_told(root, path):
    after = what_if(UNIT, {}, {}, {path: b"[Service]\n"}, root=root)
    assert after.missing == (f"what it would be: {path}: systemd reads no such file for {NAME}",)


def test_of_a_unit_with_a_root_of_its_own_it_is_said_that_nothing_is_seen_of_it(root):
    rewrite(root, FRAGMENT, FOUNDING_UNIT.replace("Type=simple", "RootDirectory=/srv/image"))
    found = judged(root, what_if(UNIT, {MAIN: MENDED}, {}, {}, root=root))
    assert found.imports_resolve is None
    assert any("its own file system is not looked into" in told for told in found.told)
    rewrite(root, FRAGMENT, FOUNDING_UNIT)
    found = judged(root, what_if(UNIT, {MAIN: MENDED}, {}, {DROP_IN: b"[Service]\nRootDirectory=/srv/image\n"}, root=root))
    assert (found.verdict, "its own file system" in found.why) == ("could not tell", True)


# drop-ins


def test_a_drop_in_counts_among_those_that_are_there_in_the_order_of_their_names(root):
    reset = b"[Service]\nEnvironment=PYTHONPATH=/nowhere\n"
    rewrite(root, f"{FRAGMENT}.d/40-path.conf", f"[Service]\nEnvironment=PYTHONPATH={PROJECT}\n")
    unit = replace(UNIT, drop_ins=(f"{FRAGMENT}.d/40-path.conf",))
    earlier, later = (f"{FRAGMENT}.d/{number}-qtops.conf" for number in (30, 50))
    assert not what_if(unit, {MAIN: MENDED}, {}, {earlier: reset}, root=root).imports.failures
    assert what_if(unit, {MAIN: MENDED}, {}, {later: reset}, root=root).imports.failures


def test_a_drop_in_hides_one_of_its_name_in_a_later_folder_and_not_in_an_earlier_one(root):
    below, above = (f"/{place}/systemd/system/{NAME}.d/50-qtops.conf" for place in ("usr/lib", "run"))
    rewrite(root, below, "[Service]\nWorkingDirectory=/home/none\n")
    unit = replace(UNIT, drop_ins=(below,))
    assert "UNIT104" in {finding.code for finding in judged(root, what_if(unit, {}, {}, {}, root=root)).left}
    after = what_if(unit, {MAIN: MENDED}, {}, {above: b"[Service]\n"}, root=root)
    assert judged(root, after).holds
    control = f"/etc/systemd/system.control/{NAME}.d/50-qtops.conf"
    rewrite(root, control, "[Service]\nWorkingDirectory=/home/none\n")
    after = what_if(replace(UNIT, drop_ins=(control,)), {MAIN: MENDED}, {}, {above: b"[Service]\n"}, root=root)
    assert "UNIT104" in judged(root, after).why


@pytest.mark.parametrize("known", [True, False])
def test_a_drop_in_that_is_masked_is_an_empty_one(root, known):
    masked = f"{FRAGMENT}.d/40-limits.conf"
    rewrite(root, f"/usr/lib/systemd/system/{NAME}.d/40-limits.conf", "[Service]\nWorkingDirectory=/home/none\n")
    Path(f"{root}{FRAGMENT}.d").mkdir()
    Path(f"{root}{masked}").symlink_to("/dev/null")
    unit = replace(UNIT, drop_ins=(masked,)) if known else UnitState(name=NAME, load_state="not-found")
    assert what_if(unit, {}, {}, {}, root=root).missing == ()
    assert judged(root, what_if(unit, {MAIN: MENDED}, {}, {DROP_IN: b"[Service]\n"}, root=root)).holds


def test_a_drop_in_of_a_folder_that_systemd_spells_in_another_way_is_one(root):
    Path(f"{root}/lib").symlink_to("usr/lib")
    rewrite(root, f"/usr/lib/systemd/system/{NAME}.d/40-path.conf", "[Service]\nEnvironment=MODE=x\n")
    unit = replace(UNIT, drop_ins=(f"/lib/systemd/system/{NAME}.d/40-path.conf",))
    after = what_if(unit, {}, {}, {DROP_IN: b"[Service]\n"}, root=root)
    assert [v.where for v in after.variables if v.name == "MODE"] == [f"{unit.drop_ins[0]}:2"]


def test_what_systemd_has_not_read_yet_it_reads_with_the_new_drop_in(root):
    rewrite(root, f"{FRAGMENT}.d/40-user.conf", "[Service]\nUser=nobody-of-that-name\n")
    assert "UNIT105" not in {finding.code for finding in judged(root, what_if(UNIT, {}, {}, {}, root=root)).left}
    after = what_if(UNIT, {MAIN: MENDED}, {}, {DROP_IN: b"[Service]\n"}, root=root)
    assert "UNIT105" in judged(root, after).why


def test_a_unit_that_systemd_does_not_know_is_taken_from_disk(root):
    unknown = UnitState(name=NAME, load_state="not-found", active_state="inactive")
    after = what_if(unknown, {MAIN: MENDED}, {}, {DROP_IN: b"[Service]\nEnvironment=MODE=x\n"}, root=root)
    assert (after.loads, after.imports.failures) == (True, ())
    assert "MODE" in {variable.name for variable in after.variables}
    nowhere = what_if(replace(unknown, name="none.service"), {}, {}, {}, root=root)
    assert (nowhere.subject, nowhere.loads) == ("none.service", False)


# secrets


@pytest.mark.parametrize(
    ("drop_in", "unit"),
    [
        (f"[Service]\nEnvironment=API_TOKEN={SECRET}\n", FOUNDING_UNIT),  # that comes
        ("[Service]\nEnvironment=\n", FOUNDING_UNIT.replace("Type=", f"Environment=API_TOKEN={SECRET}\nType=")),  # that goes
    ],
)
def test_no_secret_of_either_environment_is_in_the_facts(root, drop_in, unit):
    rewrite(root, FRAGMENT, unit)
    source = MENDED + f"import lib_{SECRET.replace('-', '_')}  # {SECRET}\nfrom x import y  # {SECRET}\n".encode()
    working = f"WorkingDirectory=/srv/{SECRET}\n"
    after = what_if(UNIT, {MAIN: source}, {}, {DROP_IN: (drop_in + working).encode()}, root=root)
    told = json.encode(after).decode()
    assert "/srv/***" in told
    assert SECRET not in told


# the real host


def test_the_real_host_is_looked_at_through_the_change(tmp_path):
    main = tmp_path / "main.py"
    main.write_text("import nothing_of_that_name_xyz\n")
    fragment = tmp_path / "app.service"
    fragment.write_text(f"[Service]\nWorkingDirectory={tmp_path}\nExecStart={PYTHON} {main}\n")
    unit = UnitState(name="app.service", fragment_path=str(fragment))
    if not Path(PYTHON).exists():
        pytest.skip(f"no {PYTHON}")
    before = what_if(unit, {}, {}, {})
    added = {str(tmp_path / "nothing_of_that_name_xyz.py"): b"X = 1\n"}
    after = what_if(unit, {str(main): b"import nothing_of_that_name_xyz\nwhile True: ...\n", **added}, {}, {})
    assert [failure.module for failure in before.imports.failures] == ["nothing_of_that_name_xyz"]
    assert remains(before, after, {"IMPORT103"}, STOPS_A_START).holds
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.service", "main.py"]


FORESEEN = """
import sys
from qtops.collectors.live_starts import reloaded
from qtops.collectors.tree import RootedTree
from qtops.facts.unit import UnitState
print(*reloaded(UnitState(name=sys.argv[1]), RootedTree()).drop_ins)
"""


@pytest.mark.systemd
def test_drop_ins_are_in_the_order_in_which_systemd_has_read_them(box: Box):
    name = "qtops-order-a.service"
    box.unit(name, "[Service]\nExecStart=/bin/true\n")
    folders = (
        "/etc/systemd/system.control",
        "/run/systemd/transient",
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/lib/systemd/system",
    )
    placed = [f"{folder}/{name}.d/{file}.conf" for folder in folders for file in ("50-same", f"{len(folder)}-own")]
    placed += [
        f"{folder}/{below}.d/{number}-less.conf" for number, folder in enumerate(folders) for below in ("qtops-.service", "service")
    ]
    for path in placed:
        box.write(path, "[Service]\nNice=1\n")
    box.run("systemctl", "daemon-reload")
    try:
        really = box.text("systemctl", "show", "-p", "DropInPaths", "--value", name).split()
        assert box.text(sys.executable, "-c", FORESEEN, name).split() == really
    finally:
        box.remove([*placed, f"/etc/systemd/system/{name}"])
        box.run("systemctl", "daemon-reload")
