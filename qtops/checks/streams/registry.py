"""All checks of streams. What lies upstream comes first."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks.streams import (
    consumers_dead,
    entries_lost,
    group_orphaned,
    group_replays,
    group_stuck,
    never_written,
    not_there,
    pending_held,
    sibling_behind,
    silent,
    uncapped,
    wrong_type,
)
from qtops.facts.streams import StreamFacts
from qtops.findings import Check, Doubt, Finding, Judged
from qtops.settings import Settings


class Registered(NamedTuple):
    """A check: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[StreamFacts, Settings], Iterator[Finding | Doubt]]
    explanation: str


MODULES: Final = (
    wrong_type,
    not_there,
    silent,
    never_written,
    uncapped,
    entries_lost,
    group_orphaned,
    group_stuck,
    group_replays,
    sibling_behind,
    pending_held,
    consumers_dead,
)
CHECKS: Final[tuple[Registered, ...]] = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)


def judge(facts: StreamFacts, settings: Settings) -> Judged:
    """Everything that the checks say of these facts."""
    return Judged.of((answer for known in CHECKS for answer in known.judge(facts, settings)), settings.off)
