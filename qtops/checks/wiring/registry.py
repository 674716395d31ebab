"""All checks of wiring. What lies upstream comes first."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks.wiring import (
    command_does_not_fit,
    default_overridden,
    field_unwritten,
    ghost_stream,
    keys_that_stay,
    names_nearly_alike,
    pattern_too_wide,
    reader_without_writer,
    uncapped_stream,
    writer_is_off,
    writer_without_reader,
    written_by_two,
)
from qtops.checks.wiring.map import Map
from qtops.facts.wiring import WiringFacts
from qtops.findings import Check, Doubt, Finding, Judged
from qtops.settings import Settings


class Registered(NamedTuple):
    """A check: how it is described, the function that judges the joined map, and the text that explains it."""

    check: Check
    judge: Callable[[Map], Iterator[Finding | Doubt]]
    explanation: str


MODULES: Final = (
    reader_without_writer,
    writer_without_reader,
    names_nearly_alike,
    written_by_two,
    command_does_not_fit,
    writer_is_off,
    field_unwritten,
    default_overridden,
    ghost_stream,
    keys_that_stay,
    pattern_too_wide,
    uncapped_stream,
)
CHECKS: Final[tuple[Registered, ...]] = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)
_GRAVITY: Final = ("critical", "warning", "info")


def judge(facts: WiringFacts, settings: Settings) -> Judged:
    """Everything that the checks say of these facts."""
    return judge_map(Map(facts, settings))


def judge_map(wiring: Map) -> Judged:
    """Everything that the checks say of a map, as the wiring goes, from upstream to downstream."""
    answers = [answer for known in CHECKS for answer in known.judge(wiring)]
    last = len(wiring.ranks)

    def place(answer: Finding | Doubt) -> tuple[int, int]:
        name = wiring.names.get(answer.subject)
        gravity = _GRAVITY.index(answer.severity) if isinstance(answer, Finding) else len(_GRAVITY)
        return wiring.rank(name) if name else last, gravity

    return Judged.of(sorted(answers, key=place), wiring.settings.off)
