"""Which conditions were met, told by the result of all of them."""

import time

import pytest

from qtops.collectors.systemd.conditions import decided, with_conditions
from qtops.unitfile.service import Condition


def met(result, *arguments):
    conditions = [
        Condition("ConditionPathExists", argument.lstrip("|"), trigger=argument.startswith("|")) for argument in arguments
    ]
    return [condition.met for condition in decided(conditions, result)]


@pytest.mark.parametrize(
    ("result", "conditions", "expected"),
    [
        (True, ["/a", "/b"], [True, True]),
        (False, ["/a"], [False]),
        (False, ["/a", "/b"], [None, None]),
        (None, ["/a"], [None]),
        (True, ["|/a"], [True]),
        (True, ["|/a", "|/b"], [None, None]),
        (False, ["|/a", "|/b"], [False, False]),
        (False, ["/a", "|/b"], [None, None]),
        (True, ["/a", "|/b"], [True, True]),
    ],
)
def test_only_what_follows_is_told(result, conditions, expected):
    assert met(result, *conditions) == expected


def test_files_that_are_not_what_systemd_has_loaded_tell_nothing(tmp_path):
    unit = tmp_path / "a.service"
    unit.write_text("[Unit]\nConditionPathExists=!/no/such\n[Service]\nExecStart=/bin/true\n")
    later = int(time.time() + 60) * 1_000_000
    found = {
        "Id": "a.service",
        "FragmentPath": str(unit),
        "LoadState": "loaded",
        "ConditionResult": False,
        "ConditionTimestamp": later,
    }
    (condition,) = with_conditions(found)["Conditions"]
    assert (condition.kind, condition.argument, condition.negated, condition.met) == (
        "ConditionPathExists",
        "/no/such",
        True,
        False,
    )
    for never in (0, 1):  # not tried, or before the file was written
        assert with_conditions(found | {"ConditionTimestamp": never})["Conditions"][0].met is None
    assert "Conditions" not in with_conditions(found | {"NeedDaemonReload": True})
    assert "Conditions" not in with_conditions(found | {"FragmentPath": str(tmp_path / "gone")})
