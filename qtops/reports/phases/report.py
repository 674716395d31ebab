"""The plan as it stands: one row per phase, judged from one look, beside the last report on it."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from qtops.errors import Exit
from qtops.evidence.case import Stood
from qtops.facts.host import FailedUnit
from qtops.facts.service import Facts
from qtops.phases.judging import judge
from qtops.phases.plan import planned, units_of
from qtops.phases.verdict import CriterionVerdict, PhaseVerdict, State
from qtops.settings import Phase, Settings

_EXITS: Final[dict[State, Exit]] = {
    "COMPLETE": Exit.OK, "PARTIAL": Exit.CRITICAL, "UNVERIFIED": Exit.UNKNOWN, "PENDING": Exit.UNKNOWN,
}  # fmt: skip
_GRAVITY: Final = (Exit.OK, Exit.UNKNOWN, Exit.CRITICAL)


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion that does not hold, or that nobody could tell."""

    title: str
    seen: str
    codes: tuple[str, ...]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One phase. ``change`` is empty where it stands as it was last reported to."""

    number: int
    title: str
    state: State
    held: int  # of its own criteria
    criteria: int
    against: tuple[Against, ...]
    untold: tuple[Against, ...]
    depends: tuple[int, ...]  # phases before it that are not known to be complete
    last: str  # the state that was last reported; "" where it never was
    last_s: float | None
    change: str  # "PARTIAL → COMPLETE"


class Remaining(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that systemd calls failed, and the phases that it is in."""

    unit: str
    description: str
    since_s: float | None
    phases: tuple[int, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole plan."""

    host: str
    taken_at_s: float
    rows: tuple[Row, ...]
    failed: tuple[Remaining, ...] | None  # None: systemd was not asked
    missing: tuple[str, ...]

    @property
    def exit_code(self) -> Exit:
        """2 where one is partial, 3 where one is unverified or pending, 0 where all are complete."""
        return max((_EXITS[row.state] for row in self.rows), key=_GRAVITY.index, default=Exit.UNKNOWN)


def phases_report(
    settings: Settings, facts: Facts, last: Sequence[Stood] = (), failed: Sequence[FailedUnit] | None = None
) -> Report:
    """Judge every phase of the plan of ``settings`` on one look. Raises UsageError where the plan is empty."""
    phases = planned(settings)
    judged = replace(facts, settings=replace(facts.settings, phases=settings.phases))  # what was seen is judged by its own
    stood = {one.number: one for one in last}
    return Report(
        host=facts.host,
        taken_at_s=facts.taken_at_s,
        rows=tuple(_row(judge(phase, judged), stood) for phase in phases),
        failed=None if failed is None else tuple(_remaining(unit, phases, settings) for unit in failed),
        missing=tuple(missing.told for missing in facts.missing),
    )


def _row(verdict: PhaseVerdict, stood: dict[int, Stood]) -> Row:
    phase, own, last = verdict.phase, verdict.criteria[:-1], stood.get(verdict.phase.number)
    changed = last is not None and last.state != verdict.state
    return Row(
        number=phase.number,
        title=phase.title,
        state=verdict.state,
        held=sum(criterion.holds == "yes" for criterion in own),
        criteria=len(own),
        against=tuple(map(_against, verdict.against)),
        untold=tuple(map(_against, verdict.untold)),
        depends=tuple(number for number in phase.depends if (one := stood.get(number)) is None or one.state != "COMPLETE"),
        last=last.state if last is not None else "",
        last_s=last.reported_s if last is not None else None,
        change=f"{last.state} → {verdict.state}" if last is not None and changed else "",
    )


def _against(criterion: CriterionVerdict) -> Against:
    return Against(title=criterion.title, seen=criterion.seen, codes=criterion.codes)


def _remaining(unit: FailedUnit, phases: Sequence[Phase], settings: Settings) -> Remaining:
    homes = tuple(phase.number for phase in phases if unit.name in units_of(phase, settings))
    return Remaining(unit=unit.name, description=unit.description, since_s=unit.since_s, phases=homes)
