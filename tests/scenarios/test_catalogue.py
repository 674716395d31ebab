"""The catalogue: enough of each kind, and nobody in the way of another."""

import re

import pytest

from tests.scenarios.catalogue import SCENARIOS

NAMES = [each.name for each in SCENARIOS]
BROKEN = [each for each in SCENARIOS if each.root]
HEALTHY = [each for each in SCENARIOS if not each.root and not each.further]


def test_there_are_enough_of_each():
    assert len(BROKEN) >= 44
    assert len(HEALTHY) >= 12


def test_each_has_a_name_of_its_own():
    assert len(set(NAMES)) == len(NAMES)
    assert len({each.service for each in SCENARIOS}) == len(SCENARIOS)
    assert [name for name in NAMES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.name != "founding"], ids=lambda each: each.name)
def test_nothing_that_it_writes_is_in_the_way_of_another(scenario):
    assert scenario.name in scenario.service
    assert [path for path in scenario.files if not re.search(rf"(/|^){scenario.name}|ai_engine/notes.txt", path)] == []
