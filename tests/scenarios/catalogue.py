"""All scenarios, in the order in which a start would run into what is wrong; those that are well come last."""

from typing import Final

from tests.scenarios import endings, environment, healthy, imports, limits, loading, preconditions, running

SCENARIOS: Final = (
    *imports.SCENARIOS,
    *preconditions.SCENARIOS,
    *loading.SCENARIOS,
    *environment.SCENARIOS,
    *endings.SCENARIOS,
    *limits.SCENARIOS,
    *running.SCENARIOS,
    *healthy.SCENARIOS,
)
