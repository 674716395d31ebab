"""Which services there are, by the files in systemd's directories."""

import pytest

from qtops.collectors.systemd.listing import matching_services, own_services


@pytest.fixture
def root(tmp_path):
    for name in ("etc", "run", "usr/lib", "usr/local/lib"):
        (tmp_path / name / "systemd/system").mkdir(parents=True)
    own, system = tmp_path / "etc/systemd/system", tmp_path / "usr/lib/systemd/system"
    for name in ("acme-a.service", "acme-b@.service", "acme.timer", "not a unit.service", "acme-copied.service"):
        (own / name).touch()
    for name in ("acme-shipped.service", "dbus.service", "acme-copied.service", "acme-off.service"):
        (system / name).touch()
    (own / "acme-linked.service").symlink_to("/srv/acme/acme-linked.service")
    (own / "acme-alias.service").symlink_to("/etc/systemd/system/acme-a.service")
    (own / "acme-off.service").symlink_to("/dev/null")
    (own / "acme-a.service.d").mkdir()
    (own / "multi-user.target.wants").mkdir()
    (own / "multi-user.target.wants/acme-a.service").symlink_to("../acme-a.service")
    (own / "acme-folder.service").mkdir()
    (tmp_path / "usr/local/lib/systemd/system/acme-local.service").touch()
    (tmp_path / "run/systemd/transient").mkdir()
    (tmp_path / "run/systemd/transient/acme-made.service").touch()
    return str(tmp_path)


def test_own_are_those_that_someone_put_here(root):
    assert own_services(root) == [
        "acme-a.service", "acme-b@.service", "acme-copied.service", "acme-linked.service", "acme-local.service",
        "acme-made.service",
    ]  # fmt: skip


def test_a_pattern_finds_the_systems_services_and_masked_ones_too(root):
    assert matching_services(["acme-*.service"], root) == sorted([*own_services(root), "acme-off.service", "acme-shipped.service"])
    assert matching_services(["acme-[ab]*", "db*"], root)[-1] == "dbus.service"


def test_where_there_are_no_directories_there_are_no_services(tmp_path):
    assert own_services(str(tmp_path)) == []
