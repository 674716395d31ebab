"""All checks of cadence. What lies upstream comes first."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks.cadence import gaps, limit_too_short, outlived, rate_limited, slower_than_declared, time_untrue
from qtops.facts.cadence import CadenceFacts
from qtops.findings import Check, Doubt, Finding, Judged
from qtops.settings import Settings


class Registered(NamedTuple):
    """A check: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[CadenceFacts, Settings], Iterator[Finding | Doubt]]
    explanation: str


MODULES: Final = (time_untrue, slower_than_declared, rate_limited, gaps, limit_too_short, outlived)
CHECKS: Final[tuple[Registered, ...]] = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)


def judge(facts: CadenceFacts, settings: Settings) -> Judged:
    """Everything that the checks say of these facts."""
    return Judged.of((answer for known in CHECKS for answer in known.judge(facts, settings)), settings.off)
