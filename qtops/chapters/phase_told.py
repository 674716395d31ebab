"""A phase with its verdict, and the records that bear it: what all sections of its report rest on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from qtops.chapters import telling
from qtops.chapters.looks import Look, look
from qtops.chapters.telling import cited
from qtops.errors import UsageError
from qtops.evidence.case import Case, Stood
from qtops.evidence.citing import Citing
from qtops.evidence.document import Cites, Criterion, Verbatim, words
from qtops.evidence.records import Record
from qtops.facts.service import Facts
from qtops.facts.times import moment
from qtops.phases.judging import judge
from qtops.phases.plan import chosen, units_of
from qtops.phases.verdict import Contradiction, CriterionVerdict, PhaseVerdict
from qtops.settings import Phase

SUBJECT: Final = re.compile(r"phase ([0-9]{1,9})")
NEVER: Final = "was never reported on"


@dataclass(frozen=True)
class Told:
    """A phase as its report tells it."""

    case: Case
    citing: Citing
    facts: Facts
    phase: Phase
    verdict: PhaseVerdict

    @property
    def units(self) -> tuple[str, ...]:
        """Its services."""
        return units_of(self.phase, self.facts.settings)

    @cached_property
    def looks(self) -> dict[str, Look | None]:
        """What was seen of each of them."""
        return {unit: look(self.case, "now", self.citing, unit) for unit in self.units}

    @cached_property
    def plan_cites(self) -> Cites:
        """The record of the plan: the settings."""
        return self.citing.of("now", "", "settings") or self.citing.named("case")

    @cached_property
    def last_cites(self) -> Cites:
        """The record of how phases stood; without one, that of the whole case, which has none."""
        return self.citing.named("phases") or self.citing.named("case") or self.plan_cites

    @cached_property
    def look_cites(self) -> Cites:
        """The record of when the look was taken."""
        return self.citing.of("now", "", "host") or self.citing.named("case")

    @cached_property
    def doubt_cites(self) -> Cites:
        """Where it says what could not be read: in what was read of its services instead, or in the plan that names them."""
        looks = (look for look in self.looks.values() if look is not None)
        return cited(*(look.cites("unit", "start", "journal", "keys", "proposals", "events") for look in looks)) or self.plan_cites

    @property
    def judged_from(self) -> str:
        """Which look the verdict is of."""
        if self.case.now is None:
            return "No look was taken: nothing of it could be told."
        taken = moment(self.facts.taken_at_s, self.case.made_at_s)
        return f"Judged from the look of {taken}. Ages in what was seen are ages at that look."

    def criterion(self, one: CriterionVerdict) -> Criterion:
        """A check box. What no source tells is told by the plan, which binds it to none, or by the look, which did not hold it."""
        evidence = cited(*(self.citing.of("now", unit, source) for unit, source in one.sources))
        marked = one.title if one.title.count("`") % 2 == 0 else words(one.title)
        return Criterion(title=marked, holds=one.holds, seen=words(one.seen), evidence=evidence or self.plan_cites, codes=one.codes)

    def borne(self, one: Contradiction) -> Cites:
        """The records that a finding rests on."""
        return cited(*(self.citing.of("now", unit, source) for unit, source in one.sources))

    def stood(self, state: str) -> str:
        """How a phase stood, in words."""
        return f"stood {state}" if state else NEVER

    def last(self, number: int) -> Stood | None:
        """How a phase stood when it was last reported on."""
        return next((stood for stood in self.case.last if stood.number == number), None)

    def verbatim(self, lines: Iterable[str], evidence: Cites, caption: str) -> Verbatim:
        """Lines as they were."""
        return telling.verbatim(lines, evidence, caption)


def tell(case: Case, records: Iterable[Record]) -> Told:
    """Judge the phase that a case is about. Raises UsageError where the plan has none of that number."""
    match = SUBJECT.fullmatch(case.subject)
    if match is None:
        raise UsageError(f"{case.subject[:64]!a} names no phase; a report on one is about such as 'phase 3'")
    facts = case.now if case.now is not None else Facts(host=case.host, taken_at_s=case.made_at_s)
    phase = chosen(facts.settings, int(match[1]))
    return Told(case, Citing(records), facts, phase, judge(phase, facts, case))
