"""All cases of the fleet."""

from typing import Final

from tests.fleet import clashes, healthy, healthy_code, keyspace, live, near_misses, shapes, shapes_healthy, silent, writers_off
from tests.fleet.case import Case
from tests.fleet.control_plane import CONTROL_PLANE
from tests.fleet.founding import FOUNDING

SICK: Final[tuple[Case, ...]] = (
    *near_misses.CASES,
    *silent.CASES,
    *clashes.CASES,
    *writers_off.CASES,
    *shapes.CASES,
    *keyspace.CASES,
    CONTROL_PLANE,
    FOUNDING,
)
HEALTHY: Final[tuple[Case, ...]] = (*healthy.CASES, *healthy_code.CASES, *shapes_healthy.CASES, *keyspace.WELL)
FLEET: Final = (*SICK, *HEALTHY)
LIVE: Final[tuple[Case, ...]] = (*live.CASES, *keyspace.LIVE)
"""Further cases, of which source alone does not tell."""
