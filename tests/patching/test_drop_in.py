"""A drop-in says what it is for and how to undo it, and systemd reads in it what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.patching import CannotPatch
from qtops.patching.drop_in import drop_in_path, drop_in_text
from qtops.remedies.unit_lines import assigned, is_plain_path, is_writable, path_line
from qtops.steps import DropIn
from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.environment import effective
from qtops.unitfile.names import dropin_directories, parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.service import ServiceUnit

UNIT = ("/etc/systemd/system/app.service", b"[Service]\nExecStart=/usr/bin/python3 main.py\n")
PATH = "/etc/systemd/system/app.service.d/90-qtops-IMPORT101.conf"


def lines(*texts: str, section="Service", unit="app.service"):
    return DropIn(unit, section, texts)


def with_drop_in(*changes: DropIn, why: str = "IMPORT101") -> ServiceUnit:
    """The service as systemd would read it."""
    name = parse_name("app.service")
    assert name is not None
    return read(name, UNIT, [(PATH, drop_in_text(changes, why))])


class NoFiles:
    def read(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def names(self, path: str) -> frozenset[str]:
        raise FileNotFoundError(path)


def test_it_is_a_file_of_its_own_below_etc():
    assert drop_in_path("app.service", "IMPORT101") == PATH


@pytest.mark.parametrize("unit", ["worker@a.service", "worker@.service", "a-b.service", "a\\x2db@c\\x20d.service", "x.timer"])
def test_systemd_looks_for_it_there(unit):
    name = parse_name(unit)
    assert name is not None
    assert drop_in_path(unit, "UNIT106").rpartition("/")[0] == dropin_directories(name)[0]


@pytest.mark.parametrize(
    "unit",
    ["", "app", "../app.service", "a/b.service", "a b.service", "app.service\n", "app.conf", "é.service",
     ".service", f"{'x' * 250}.service"],
)  # fmt: skip
def test_what_is_no_unit_is_refused(unit):
    with pytest.raises(CannotPatch, match="not the name of a unit"):
        drop_in_path(unit, "UNIT106")


@pytest.mark.parametrize("code", ["", "../x", "a b", "UNIT106\n", "é"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(CannotPatch, match="not the code of a finding"):
        drop_in_path("app.service", code)


def test_each_section_stands_once_and_the_comment_says_why_and_how_to_undo():
    changes = [lines("A=1"), lines("B=1", section="Unit"), lines("C=1", "D="), lines("E=1", section="Unit")]
    assert drop_in_text(changes, "UNIT106: The file is missing") == (
        b"# qtops wrote this. UNIT106: The file is missing\n"
        b"# To undo it: remove this file, then `systemctl daemon-reload` and `systemctl restart app.service`.\n"
        b"\n[Unit]\nB=1\nE=1\n\n[Service]\nA=1\nC=1\nD=\n"
    )


@pytest.mark.parametrize("why", ["two\n[Service]\nUser=root", "a\x1b[2J", "ends in \\", "x" * 300, "% $HOME \\", "\udcff"])
def test_why_stays_a_comment(why):
    unit = with_drop_in(lines("WorkingDirectory=/srv"), why=why)
    assert unit.working_directory is not None
    assert (unit.working_directory.value.path, unit.user, unit.diagnostics) == ("/srv", None, ())


@pytest.mark.parametrize(
    "line",
    ["", "User", "=x", "[Service]", "# User=x", " User=x", "User=x\nGroup=y", "User=x\r", "User=\x1b[2J", "A=\0",
     "Environment=A=\\", "A=\\\\\\"],
)  # fmt: skip
def test_a_line_that_would_be_read_as_something_else_is_refused(line):
    with pytest.raises(CannotPatch):
        drop_in_text([lines(line)], "why")


def test_changes_of_two_units_or_of_none_are_refused():
    with pytest.raises(CannotPatch, match="adds to one unit"):
        drop_in_text([lines("A=1"), lines("A=1", unit="b.service")], "why")
    with pytest.raises(CannotPatch, match="adds to one unit"):
        drop_in_text([], "why")
    with pytest.raises(CannotPatch, match="no line to add"):
        drop_in_text([lines()], "why")
    with pytest.raises(CannotPatch, match="UTF-8"):
        drop_in_text([lines("A=\udcff")], "why")


def test_a_list_is_set_anew():
    unit = with_drop_in(lines("EnvironmentFile=", "EnvironmentFile=-/etc/50%%.env", "EnvironmentFile=/srv/my app/.env"))
    assert [item.value for item in unit.environment_files] == ["-/etc/50%.env", "/srv/my app/.env"]


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).filter(is_writable)


@given(value=VALUES | st.text(" \\\"'%$#;=nx", min_size=1, max_size=12))
def test_a_value_of_the_environment_arrives_as_it_was_meant(value):
    unit = with_drop_in(lines(assigned("PYTHONPATH", value)))
    assert all(found.effect is Effect.NOTED for found in unit.diagnostics)
    assert effective(unit, NoFiles()).variables["PYTHONPATH"].value.reveal() == value


@given(path=VALUES.filter(lambda name: "/" not in name and name not in {".", ".."}).map("/srv/".__add__).filter(is_plain_path))
def test_a_path_arrives_as_it_was_meant(path):
    unit = with_drop_in(lines(path_line("EnvironmentFile", path)))
    assert [item.value for item in unit.environment_files] == [path]
