"""All checks of a start, in the order in which systemd and then Python would run into what they find."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks import distribution_missing, guarded_import_fails, import_breaks, script_missing, syntax_error
from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding


class Registered(NamedTuple):
    """A check: how it is described, and the function that judges."""

    check: Check
    judge: Callable[[StartFacts], Iterator[Finding]]
    explanation: str


MODULES: Final = (
    script_missing,
    syntax_error,
    distribution_missing,
    import_breaks,
    guarded_import_fails,
)
CHECKS: Final = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)
BY_CODE: Final = {registered.check.code: registered for registered in CHECKS}


def judge(start: StartFacts) -> tuple[Finding, ...]:
    """Every finding on one start, what comes first in a start first."""
    return tuple(finding for registered in CHECKS for finding in registered.judge(start))
