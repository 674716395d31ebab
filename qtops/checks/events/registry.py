"""All checks of events. What lies upstream comes first."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks.events import drawdown_disputed, guard_in_force, guard_repeats, malformed, request_unconsumed
from qtops.facts.events import EventFacts
from qtops.findings import Check, Doubt, Finding, Judged
from qtops.settings import Settings


class Registered(NamedTuple):
    """A check: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[EventFacts, Settings], Iterator[Finding | Doubt]]
    explanation: str


MODULES: Final = (guard_in_force, request_unconsumed, guard_repeats, drawdown_disputed, malformed)
CHECKS: Final[tuple[Registered, ...]] = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)


def judge(facts: EventFacts, settings: Settings) -> Judged:
    """Everything that the checks say of these facts."""
    return Judged.of((answer for known in CHECKS for answer in known.judge(facts, settings)), settings.off)
