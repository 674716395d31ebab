"""What goes where, and what is filled in."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.installation.shipped import ENABLED, SHIPPED, filled_in, granted, is_plain, not_granted
from qtops.settings import PUBLISHER, Service, Settings

RULES = (Path(__file__).parents[2] / "deploy/polkit-1/rules.d/50-qtops.rules").read_text("utf-8")
LISTED = re.compile(r"var units = (\[[^\]]*\]);")


def service(name="acme", **changes):
    return Service(name=name, unit=f"{name.replace(' ', '-')}.service", **changes)


def listed(text):
    return json.loads(LISTED.search(text)[1])


def test_the_shipped_rule_lists_what_the_defaults_grant():
    assert tuple(listed(RULES)) == granted(Settings())
    assert filled_in(RULES, "/opt/qtops/bin/python", granted(Settings())) == RULES


def test_units_of_services_are_granted_and_recoveries_where_the_configuration_allows_one():
    settings = Settings(services=(PUBLISHER, service(auto_recover=("IMPORT101",)), service("other")))
    units = ("quantum-risk-proposal.service", "acme.service", "other.service", "qtops-recover@acme.service")
    assert granted(settings) == units
    assert tuple(listed(filled_in(RULES, "/x", units))) == units


def test_no_other_line_of_the_rule_is_changed():
    changed = filled_in(RULES, "/x/python", ("a.service", "b.service"))
    assert LISTED.sub("", changed) == LISTED.sub("", RULES)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1)))
def test_whatever_a_unit_is_called_it_stays_a_string_of_the_rule(units):
    """A unit's name is printable, and may hold quotes: it must not end the list that it stands in."""
    text = filled_in(RULES, "/x/python", units)
    start = text.index("var units = ") + len("var units = ")
    found, end = json.JSONDecoder().raw_decode(text[start:])
    assert found == units
    assert text[start + end :].startswith(";\n    var verbs")


@pytest.mark.parametrize("name", ["a b", "a/b", "ü", "a%i", "a\\x20b"])
def test_a_recovery_is_granted_only_where_the_services_name_is_that_of_an_instance(name):
    settings = Settings(services=(replace(service(auto_recover=("IMPORT101",)), name=name),))
    assert granted(settings) == ("acme.service",)
    assert not_granted(settings) == (name,)


def test_units_name_the_interpreter_and_prose_keeps_its_own():
    text = "# /opt/qtops/bin/python is the default\nExecStart=/opt/qtops/bin/python -P -m qtops supervise\n"
    assert filled_in(text, "/usr/bin/python3.12", ()) == (
        "# /opt/qtops/bin/python is the default\nExecStart=/usr/bin/python3.12 -P -m qtops supervise\n"
    )


@pytest.mark.parametrize(
    ("python", "plain"),
    [
        ("/opt/qtops-1.2+b/bin/python3.11", True),
        ("python", False),
        ("/opt/a b/python", False),
        ("/opt/%i/python", False),
        ("/a\n", False),
    ],
)
def test_a_path_that_does_not_mean_itself_in_a_unit_is_no_interpreter(python, plain):
    assert is_plain(python) == plain


def test_every_file_has_a_place_of_its_own_here_and_in_a_package():
    for packaged in (False, True):
        assert len({one.path(packaged=packaged) for one in SHIPPED}) == len(SHIPPED)
    names = {one.name: one.part for one in SHIPPED}
    assert {part: names[unit] for part, unit in ENABLED.items()} == {part: part for part in ENABLED}
