"""What is put where, and what is found there: on a real file system, below a root of its own."""

import os

import pytest

from qtops.actions.errors import Refused
from qtops.actions.installing import looking
from qtops.actions.installing.carrying_out import carry_out, tidy, write_manifest
from qtops.installation.placing import BESIDE, Entry, Manifest, put
from qtops.installation.shipped import PARTS, SHIPPED

PYTHON = "/opt/qtops/bin/python"


@pytest.fixture
def root(tmp_path):
    return str(tmp_path.resolve())


def wanted(root, *parts):
    return looking.wanted(parts or PARTS, root, PYTHON, ("a.service",))


def test_a_package_has_its_units_where_packages_have_them(root):
    paths = {file.path.removeprefix(root) for file in wanted(root)}
    assert {"/usr/lib/systemd/system/qtops-supervisor.service", "/usr/share/polkit-1/rules.d/50-qtops.rules"} <= paths
    assert {path for path in paths if path.startswith("/etc/")} == {"/etc/qtops/qtops.toml", "/etc/quantum/risk-proposal.env"}


def test_a_host_has_its_units_where_an_administrator_has_them():
    paths = {file.path for file in wanted("")}
    assert {"/etc/systemd/system/qtops-supervisor.service", "/etc/polkit-1/rules.d/50-qtops.rules"} <= paths


def test_parts_have_nothing_in_common_and_make_the_whole(root):
    assert sorted(file.path for part in PARTS for file in wanted(root, part)) == sorted(file.path for file in wanted(root))
    assert len(wanted(root)) == len(SHIPPED)


def test_a_file_belongs_to_whoever_has_its_folder(tmp_path, root):
    """polkit's rules lie in a folder of polkitd's own: a file of somebody else in there could be exchanged by it."""
    folder = tmp_path / "usr/share/polkit-1/rules.d"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(folder, 4711, 0)
    uids = {file.path.rpartition("/")[2]: file.uid for file in wanted(root)}
    assert uids["50-qtops.rules"] == folder.stat().st_uid
    assert uids["qtops-supervisor.service"] == os.geteuid()


def test_links_and_files_of_several_names_are_found_unsafe(tmp_path, root):
    (tmp_path / "a").write_text("a")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "b").write_text("b")
    os.link(tmp_path / "b", tmp_path / "c")
    found = looking.found([f"{root}/{name}" for name in ("a", "link", "b", "absent", "not/there")])
    assert "symbolic link" in found[f"{root}/link"].unsafe
    assert "hard links" in found[f"{root}/b"].unsafe
    assert found[f"{root}/a"].state is not None
    assert found[f"{root}/absent"] == found[f"{root}/not/there"] == found[f"{root}/a{BESIDE}"]


def test_missing_folders_are_told_from_the_top(tmp_path, root):
    (tmp_path / "etc").mkdir()
    paths = [f"{root}/etc/a/b/file", f"{root}/etc/a/other", f"{root}/etc/there"]
    assert looking.missing_folders(paths) == (f"{root}/etc/a", f"{root}/etc/a/b")


def test_the_manifest_is_read_as_it_was_written(root):
    assert looking.read_manifest(root) == (Manifest(), None)
    manifest = Manifest(
        files={f"{root}/a": Entry(part="supervisor", sha256=("0" * 64,))},
        folders=tuple(looking.missing_folders([f"{root}{looking.MANIFEST}"])),
        enabled=("a.service",),
        settled=False,
    )
    recorded = write_manifest(manifest, None, root)
    assert looking.read_manifest(root) == (manifest, recorded)
    assert recorded.mode == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"schema":"qtops.installed/9"}'])
def test_a_manifest_that_cannot_be_read_is_told_and_nothing_is_guessed(tmp_path, root, content):
    (tmp_path / "var/lib/qtops").mkdir(parents=True)
    (tmp_path / "var/lib/qtops/installed.json").write_bytes(content)
    with pytest.raises(Refused, match=r"installed.json: it says what earlier runs put in place, and cannot be read"):
        looking.read_manifest(root)


def test_what_a_killed_run_left_half_written_goes(tmp_path, root):
    folder = tmp_path / "usr/lib/systemd/system"
    folder.mkdir(parents=True)
    (folder / ".qtops-supervisor.service.qtops-install").write_text("[Un")
    tidy([f"{folder}/qtops-supervisor.service"])
    assert list(folder.iterdir()) == []


def test_a_replaced_file_keeps_its_owner_and_mode(tmp_path, root):
    """Who may read it is the administrator's choice."""
    (tmp_path / "etc/qtops").mkdir(parents=True)
    file = tmp_path / "etc/qtops/qtops.toml"
    file.write_text("# of an earlier version\n")
    file.chmod(0o640)
    found = looking.found([str(file)])
    manifest = Manifest(files={str(file): Entry(part="settings", sha256=(found[str(file)].state.sha256,))})
    (placing,) = put(wanted(root, "settings"), found, manifest)
    assert placing.standing == "older"
    carry_out(placing)
    assert file.stat().st_mode & 0o7777 == 0o640
    assert file.read_text().startswith("# Configuration of qtops")
