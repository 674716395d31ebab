"""All scenarios, in the order in which a start would run into what is wrong; those that are well come last."""

from typing import Final

from tests.scenarios import (
    asked,
    endings,
    environment,
    healthy,
    imports,
    last_words,
    limits,
    loading,
    meant,
    preconditions,
    running,
)

SCENARIOS: Final = (
    *imports.SCENARIOS,
    *meant.SCENARIOS,
    *preconditions.SCENARIOS,
    *loading.SCENARIOS,
    *environment.SCENARIOS,
    *endings.SCENARIOS,
    *last_words.SCENARIOS,
    *limits.SCENARIOS,
    *asked.SCENARIOS,
    *running.SCENARIOS,
    *healthy.SCENARIOS,
)
