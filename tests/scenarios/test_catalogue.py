"""Every scenario gets into its state on a real systemd; the catalogue is complete and of one piece."""

import re

import pytest

from tests.box.box import NoBox
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.installing import prepared
from tests.scenarios.scenario import matches

NAMES = [each.name for each in SCENARIOS]
BROKEN = [each for each in SCENARIOS if each.root]
HEALTHY = [each for each in SCENARIOS if not each.root and not each.further]


@pytest.mark.slow
@pytest.mark.systemd
def test_all_get_into_their_states_side_by_side():
    try:
        with prepared(SCENARIOS) as (_, shown):
            assert [each.name for each in SCENARIOS if not matches(shown[each.name], each.until)] == []
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


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
