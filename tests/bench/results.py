"""What was measured against what was promised."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal


class Verdict(StrEnum):
    """What a measurement says about its limit."""

    MET = "met"
    MISSED = "MISSED"
    VOID = "void"  # the limit is missed, but the run was too noisy to prove it
    REPORTED = "reported"  # there is no limit


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. ``spread`` is the widest of its arms, slowest to fastest round; None where there are no rounds.

    ``how`` says in figures what was compared; ``noise`` why the run proves little, empty where it was quiet. A figure that is not
    ``timed``, a count or a size, knows no noise.
    """

    bar: str
    value: float
    unit: str
    limit: float | None = None
    bound: Literal["at most", "at least"] = "at most"
    spread: float | None = None
    how: str = ""
    timed: bool = True
    noise: str = ""

    @property
    def verdict(self) -> Verdict:
        """A time that misses its limit in a noisy run proves nothing."""
        if self.limit is None:
            return Verdict.REPORTED
        met = self.value <= self.limit if self.bound == "at most" else self.value >= self.limit
        if met:
            return Verdict.MET
        return Verdict.VOID if self.noise else Verdict.MISSED

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "verdict": self.verdict.value}


def exit_code(results: list[Result]) -> int:
    """0 all met, 1 one is missed, 3 one could not be told."""
    verdicts = {result.verdict for result in results}
    if Verdict.MISSED in verdicts:
        return 1
    return 3 if Verdict.VOID in verdicts else 0
