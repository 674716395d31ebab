"""As whom a service runs: its user and groups as systemd gives them, and when nothing is claimed."""

import pytest

from qtops.collectors.accounts import Accounts, Identity
from qtops.collectors.tree import RootedTree
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read

from .people import GROUP, PASSWD


def identity(tmp_path, *lines: str, nsswitch: str = "") -> Identity | None:
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/passwd").write_text(PASSWD)
    (tmp_path / "etc/group").write_text(GROUP)
    (tmp_path / "etc/nsswitch.conf").write_text(nsswitch)
    text = "\n".join(["[Service]", "ExecStart=/bin/true", *lines])
    service = read(parse_name("a.service"), ("a.service", text.encode()))
    return Accounts(RootedTree(str(tmp_path))).identity(service)


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (("User=qt",), {41000, 42000}),
        (("User=41000",), {41000, 42000}),
        (("User=qt", "Group=extra"), {43000, 42000}),
        (("User=qt", "Group=4000"), {4000, 42000}),
        (("User=qt", "SupplementaryGroups=extra root"), {41000, 42000, 43000, 0}),
    ],
)
def test_groups_are_those_that_systemd_gives(tmp_path, lines, groups):
    assert identity(tmp_path, *lines) == Identity("qt", 41000, frozenset(groups))


@pytest.mark.parametrize(
    "lines",
    [
        (), ("User=root",), ("User=0",), ("User=nobody-here",), ("User=4711",), ("User=broken",), ("Group=qt",),
        ("User=qt", "Group=nobody-here"), ("User=qt", "SupplementaryGroups=nobody-here"), ("User=qt", "DynamicUser=yes"),
        ("User=qt", "AmbientCapabilities=CAP_DAC_OVERRIDE"), ("User=%i",),
    ],
)  # fmt: skip
def test_root_and_who_is_not_known_are_not_judged(tmp_path, lines):
    assert identity(tmp_path, *lines) is None


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n", True),
        ("group: files sss\n", False),
        ("passwd: compat ldap\n", False),
        ("hosts: files dns\n# group: sss\n", True),
    ],
)
def test_where_a_directory_service_adds_groups_nothing_is_claimed(tmp_path, text, judged):
    assert (identity(tmp_path, "User=qt", nsswitch=text) is not None) is judged
