"""The bars of the map: what it finds of the planted faults, and what it says of units that are well."""

from collections import Counter

import pytest

from tests.fleet.__main__ import shown
from tests.fleet.case import Case
from tests.fleet.catalogue import FLEET, HEALTHY, LIVE, SICK
from tests.fleet.large import lay_large
from tests.fleet.measuring import CODES, facts_of, furnish, score

pytestmark = pytest.mark.slow


def test_the_fleet_is_large_and_varied_enough_to_measure_by():
    planted = Counter(fault.kind for case in (*SICK, *LIVE) for fault in case.faults)
    assert sum(planted.values()) >= 40
    assert planted.keys() == CODES.keys()
    assert min(planted.values()) >= 3
    assert len(HEALTHY) >= 20
    assert len({case.name for case in FLEET}) == len(FLEET)
    assert sum(bool(case.unresolved) for case in HEALTHY) >= 3


def test_faults_are_found_and_healthy_units_are_left_alone(tmp_path):
    measured = score(FLEET, facts_of(tmp_path, FLEET))
    assert measured.passes, shown(measured)


def test_the_same_joined_with_redis(tmp_path, redis_url):
    cases = (*FLEET, *LIVE)
    furnish(redis_url, cases)
    measured = score(cases, facts_of(tmp_path, cases, redis_url))
    assert measured.passes, shown(measured)


@pytest.mark.parametrize("case", [case for case in FLEET if case.verdicts], ids=lambda case: case.name)
def test_why_a_stream_is_silent(tmp_path, redis_url, case: Case):
    furnish(redis_url, [case])
    measured = score([case], facts_of(tmp_path, [case], redis_url))
    assert measured.misjudged == ()
    assert measured.passes, shown(measured)


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_a_healthy_case_is_healthy_by_itself(tmp_path, case: Case):
    measured = score([case], facts_of(tmp_path, [case]))
    assert measured.false == ()
    assert measured.untold == ()


def test_a_large_tree_is_wired_from_end_to_end(tmp_path):
    from qtops.collectors.wiring import Request, look_at_wiring

    assert len(lay_large(tmp_path, services=12)) == 12
    wiring = look_at_wiring(Request(sources=(str(tmp_path),), redis=False), lambda *_: None).wiring
    directions = {(end.name, end.direction) for unit in wiring.units for end in unit.ends}
    for number in range(12):
        assert {(f"quantum:stream:topic{number}.out", way) for way in ("read", "write")} <= directions
