"""All checks of proposals. What lies upstream comes first."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks.proposals import (
    bracket_crossed,
    contract_broken,
    coverage_gap,
    dated_ahead,
    input_invented,
    inputs_lost,
    inputs_old,
    never_expires,
    other_side,
    price_far,
    probabilities_wrong,
    simulated,
    stop_breached,
    stop_loosened,
    stop_unmoved,
    symbols_alike,
    unreadable,
    value_frozen,
    volatility_absurd,
)
from qtops.checks.proposals.fleet import Fleet
from qtops.facts.proposals import ProposalFacts
from qtops.findings import Check, Doubt, Finding, Judged, Severity, Verdict
from qtops.settings import Settings


class Registered(NamedTuple):
    """A check: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[Fleet], Iterator[Finding | Doubt]]
    explanation: str


MODULES: Final = (
    input_invented,
    other_side,
    inputs_old,
    inputs_lost,
    volatility_absurd,
    symbols_alike,
    value_frozen,
    dated_ahead,
    unreadable,
    coverage_gap,
    price_far,
    probabilities_wrong,
    stop_breached,
    bracket_crossed,
    stop_loosened,
    stop_unmoved,
    contract_broken,
    never_expires,
    simulated,
)
CHECKS: Final[tuple[Registered, ...]] = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)
HEADLINES: Final = {
    Verdict.OK: "RIGHT",
    Verdict.WARNING: "NOT QUITE RIGHT",
    Verdict.CRITICAL: "NOT RIGHT",
    Verdict.UNKNOWN: "COULD NOT TELL",
}


def judge(facts: ProposalFacts, settings: Settings) -> Judged:
    """Everything that the checks say of the last look; the looks before it are what to compare with."""
    fleet = Fleet(facts, settings)
    return Judged.of((answer for known in CHECKS for answer in known.judge(fleet)), settings.off)


def headline(judged: Judged) -> str:
    """A word for the whole. Levels of a position that does not exist come first: whatever else is right does not help."""
    if any(finding.code == input_invented.CHECK.code and finding.severity is Severity.CRITICAL for finding in judged.findings):
        return input_invented.HEADLINE
    return HEADLINES[judged.verdict]
