"""Whether a unit does its work."""

import pytest

from qtops.checks.wiring.flow import depths
from qtops.checks.wiring.standing import standing

from .maps import off, unit


@pytest.mark.parametrize(
    ("sick", "on", "meant", "told"),
    [
        ({}, True, False, "active (running), enabled"),
        (off(), False, True, "inactive (dead), disabled"),
        (off(unit_file_state="enabled"), False, False, "inactive (dead), enabled"),
        (off(unit_file_state="masked", load_state="masked"), False, True, "not loaded (masked)"),
        (off(result="exit-code"), False, False, "inactive (dead), result exit-code, disabled"),
        ({"active_state": "failed", "sub_state": "failed", "result": "signal"}, False, False, "failed, result signal, enabled"),
        ({"active_state": "activating", "sub_state": "auto-restart"}, False, False, "activating (auto-restart), enabled"),
        ({"active_state": "activating", "sub_state": "start"}, True, False, "activating (start), enabled"),
        ({"load_state": "not-found", "active_state": "inactive"}, False, False, "not loaded (not-found)"),
        (off(triggered_by=("a.timer",), unit_file_state="static"), True, False, "rests until a.timer starts it"),
        (off(triggered_by=("a.timer",), result="exit-code"), False, False, "inactive (dead), result exit-code, disabled"),
        ({"active_state": "", "load_state": ""}, None, False, "state not known"),
    ],
)
def test_standing(sick, on, meant, told):
    found = standing(unit("a", **sick))
    assert (found.on, found.meant, found.told) == (on, meant, told)


def test_a_unit_that_was_not_looked_at_is_not_known():
    assert standing(None).on is None


def test_depths_follow_the_flow_and_a_circle_ends():
    assert depths({"c": {"b"}, "b": {"a"}, "a": set()}) == {"a": 0, "b": 1, "c": 2}
    assert depths({"sink": {"a", "c"}, "a": set(), "c": {"a"}})["sink"] == 2
    assert set(depths({"a": {"b"}, "b": {"a"}, "c": {"b"}})) == {"a", "b", "c"}
