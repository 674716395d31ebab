"""``qtops install`` as a process: a dry run, the root of a package, and what it refuses."""

import json
import os
import stat
from hashlib import sha256

import pytest

from tests.cli.running import qtops

pytestmark = pytest.mark.slow

RULES = "usr/share/polkit-1/rules.d/50-qtops.rules"
SUPERVISOR = "usr/lib/systemd/system/qtops-supervisor.service"
MANIFEST = "var/lib/qtops/installed.json"


@pytest.fixture
def root(tmp_path):
    folder = tmp_path.resolve() / "package"
    folder.mkdir()
    return folder


def install(root, *words, expect=0):
    """What ``-o json`` printed."""
    done = qtops("install", "--prefix", str(root), *words, "-o", "json")
    assert (done.returncode, done.stderr) == (expect, ""), done.stderr
    return json.loads(done.stdout)


def files(root):
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_without_a_word_it_only_says_what_it_would_do(root):
    told = install(root, expect=4)
    assert (told["schema"], told["outcome"], told["commands"]) == ("qtops.install/1", "planned", [])
    assert {(file["standing"], file["deed"]) for file in told["files"]} == {("new", "put")}
    assert files(root) == {}
    assert install(root, "--dry-run", expect=4) == told


def test_the_root_of_a_package_gets_every_file_and_no_command_is_run(root):
    told = install(root, "--apply")
    assert (told["outcome"], told["commands"], told["python"]) == ("applied", [], "/opt/qtops/bin/python")
    there = files(root)
    assert {f"{root}/{name}": sha256(content).hexdigest() for name, content in there.items() if name != MANIFEST} == {
        file["path"]: file["after"] for file in told["files"]
    }
    for name in there:
        mode = 0o600 if name == MANIFEST else 0o644
        status = (root / name).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (mode, os.geteuid()), name


def test_the_second_time_nothing_is_written(root):
    install(root, "--apply")
    before = {name: (root / name).stat() for name in files(root)}
    assert install(root, "--apply")["outcome"] == "nothing to do"
    assert {name: (root / name).stat() for name in files(root)} == before


def test_another_version_of_it_replaces_what_is_ours(root):
    install(root, "--apply")
    told = install(root, "--apply", "--python", "/usr/bin/python3.12")
    assert {file["standing"] for file in told["files"]} == {"same", "older"}
    assert b"ExecStart=/usr/bin/python3.12 -P -m qtops supervise" in files(root)[SUPERVISOR]


def test_what_somebody_changed_stays_and_so_it_does_when_the_rest_goes(root):
    install(root, "--apply")
    (root / SUPERVISOR).write_text("[Service]\nExecStart=/bin/true\n")
    told = install(root, "--apply")
    assert told["advice"] == [f"diff {root}/{SUPERVISOR} {root}/{SUPERVISOR}.qtops-new"]
    assert (root / f"{SUPERVISOR}.qtops-new").is_file()
    removed = install(root, "--remove")
    assert [file["path"] for file in removed["files"] if file["standing"] == "yours"] == [f"{root}/{SUPERVISOR}"]
    assert files(root) == {SUPERVISOR: b"[Service]\nExecStart=/bin/true\n"}


def test_the_one_beside_goes_once_it_was_merged(root):
    install(root, "--apply")
    ours = (root / SUPERVISOR).read_bytes()
    (root / SUPERVISOR).write_text("[Service]\n")
    install(root, "--apply")
    (root / SUPERVISOR).write_bytes(ours)
    install(root, "--apply")
    assert f"{SUPERVISOR}.qtops-new" not in files(root)


def test_nothing_of_it_stays(root):
    (root / "etc").mkdir()
    install(root, "--apply")
    planned = install(root, "--remove", "--dry-run", expect=4)
    assert {file["deed"] for file in planned["files"]} == {"remove"}
    assert len(files(root)) == len(planned["files"]) + 1
    assert install(root, "--remove")["outcome"] == "removed"
    assert [str(path.relative_to(root)) for path in root.rglob("*")] == ["etc"]
    assert install(root, "--remove")["outcome"] == "nothing to do"


def test_only_one_part(root):
    install(root, "--apply", "--only", "freshness", "--only", "settings")
    names = {name.rpartition("/")[2] for name in files(root)}
    assert names == {"qtops.toml", "qtops-freshness.service", "qtops-freshness.timer", "installed.json"}
    install(root, "--apply")
    install(root, "--remove", "--only", "freshness")
    assert not [name for name in files(root) if "freshness" in name]
    assert RULES in files(root)


def test_a_link_in_its_place_is_not_written_through(root, tmp_path):
    (tmp_path / "elsewhere").write_text("not to be touched")
    (root / RULES).parent.mkdir(parents=True)
    (root / RULES).symlink_to(tmp_path / "elsewhere")
    told = install(root, "--apply", expect=4)
    assert [file["path"] for file in told["files"] if file["standing"] == "unsafe"] == [f"{root}/{RULES}"]
    assert (tmp_path / "elsewhere").read_text() == "not to be touched"
    assert SUPERVISOR in files(root)


def test_a_folder_that_is_a_link_is_not_walked_through(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "etc").symlink_to(tmp_path / "elsewhere")
    told = install(root, "--apply", expect=4)
    assert {file["path"].removeprefix(f"{root}/") for file in told["files"] if file["standing"] == "unsafe"} == {
        "etc/qtops/qtops.toml",
        "etc/quantum/risk-proposal.env",
    }
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_units_of_the_configuration_may_be_restarted(root, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[[services]]\nname = "acme"\nunit = "acme.service"\nauto_recover = ["IMPORT101"]\n')
    told = install(root, "--apply", "--config", str(file))
    assert told["granted"] == ["quantum-risk-proposal.service", "acme.service", "qtops-recover@acme.service"]
    assert '"acme.service",\n' in (root / RULES).read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--apply", "--remove"], 64, "--apply and --remove do not go together"),
        (["--apply", "--dry-run"], 64, "--apply and --dry-run do not go together"),
        (["--remove", "--enable", "supervisor"], 64, "--enable does not go with --remove"),
        (["--prefix", ".", "--enable", "supervisor"], 64, "--enable does not go with --prefix"),
        (["--only", "settings", "--enable", "freshness"], 64, "add --only freshness"),
        (["--only", "units"], 64, "'units' is not one of"),
        (["--enable", "settings"], 64, "'settings' is not one of"),
        (["--prefix", "/nowhere"], 64, "does not exist"),
        (["--prefix", "/"], 64, "--prefix / is this host"),
        (["--config", "/nowhere.toml"], 78, "/nowhere.toml: no such file"),
    ],
)
def test_what_does_not_go_is_refused(words, code, said):
    done = qtops("install", *words)
    assert done.returncode == code
    assert said in done.stderr


def test_an_interpreter_with_a_path_that_units_would_misread_is_refused(root):
    refused = install(root, "--apply", "--python", "/opt/%h/python", expect=4)
    assert refused["outcome"] == "refused"
    assert files(root) == {}


def test_people_read_what_is_done_and_what_is_left_to_do(root):
    shown = qtops("install", "--prefix", str(root)).stdout
    assert shown.startswith("PLANNED  nothing was changed: --apply does it\n")
    assert f"  put      {root}/etc/qtops/qtops.toml  0644 " in shown
    assert "the user qtops may restart: quantum-risk-proposal.service" in shown
    assert qtops("install", "--prefix", str(root), "--apply").stdout.startswith("APPLIED\n")
    assert qtops("install", "--prefix", str(root), "--apply").stdout.startswith("NOTHING TO DO\n")
    (root / SUPERVISOR).write_text("")
    shown = qtops("install", "--prefix", str(root), "--apply").stdout
    assert "changed since it was put there" in shown
    assert "NEXT diff " in " ".join(shown.split())  # a long path may begin a line of its own
    assert qtops("install", "--prefix", str(root), "--remove").stdout.startswith("REMOVED\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_only_root_changes_this_host():
    assert qtops("install", "--apply").returncode == 77


def test_a_manifest_leads_nowhere_out_of_the_root_of_a_package(root, tmp_path):
    """Whoever made the root of the package wrote it."""
    install(root, "--apply")
    victim = tmp_path / "victim"
    victim.write_text("not to be removed")
    manifest = json.loads((root / MANIFEST).read_text())
    entry = {"part": "settings", "sha256": [sha256(victim.read_bytes()).hexdigest()]}
    for path in (str(victim), f"{root}/../victim"):
        (root / MANIFEST).write_text(json.dumps(manifest | {"files": {path: entry}}))
        done = qtops("install", "--prefix", str(root), "--remove")
        assert done.returncode == 4
        assert "which is not below" in done.stderr
    assert victim.read_text() == "not to be removed"
