"""What is said of a phase."""

from typing import Literal, NamedTuple, TypeAlias

import msgspec

from qtops.facts.recovery import Answer
from qtops.findings import Finding
from qtops.settings import Phase

State: TypeAlias = Literal["COMPLETE", "PARTIAL", "UNVERIFIED", "PENDING"]
"""Every criterion was measured and holds; one does not; nothing speaks against it, and not all could be told; nothing was told."""

Source: TypeAlias = tuple[str, str]
"""What of the look tells: of which unit ("" for the whole host), and its "unit", "journal", "keys", "proposals", "cadence" …"""

ORDER: tuple[Answer, ...] = ("no", "could not tell", "yes")
"""The first that anything has is that of all."""


class Told(NamedTuple):
    """One answer to one binding, with what was seen."""

    holds: Answer
    seen: str
    sources: tuple[Source, ...] = ()
    codes: tuple[str, ...] = ()


class CriterionVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a criterion holds, what was seen, where, and the codes of findings that speak against it."""

    title: str
    holds: Answer
    seen: str
    sources: tuple[Source, ...] = ()
    codes: tuple[str, ...] = ()


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """A finding about a service of the phase, or about what it publishes. Critical ones keep the phase from being complete."""

    finding: Finding
    sources: tuple[Source, ...]


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """A phase that comes before, and how it stood when it was last reported on; "" where it never was."""

    number: int
    title: str
    state: str


class PhaseVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a phase stands. The last of ``criteria`` is the one that every phase has: that nothing contradicts it."""

    phase: Phase
    state: State
    criteria: tuple[CriterionVerdict, ...]
    contradictions: tuple[Contradiction, ...] = ()  # critical
    remarks: tuple[Contradiction, ...] = ()  # warnings, and what is worth knowing
    off: tuple[Finding, ...] = ()  # found by checks that are switched off
    doubts: tuple[str, ...] = ()  # what kept the last criterion from being told
    depends: tuple[Dependency, ...] = ()

    @property
    def against(self) -> tuple[CriterionVerdict, ...]:
        """Criteria that do not hold."""
        return tuple(criterion for criterion in self.criteria if criterion.holds == "no")

    @property
    def untold(self) -> tuple[CriterionVerdict, ...]:
        """Criteria of which nobody could tell."""
        return tuple(criterion for criterion in self.criteria if criterion.holds == "could not tell")
