"""What ``qtops preflight`` found, in the form that all renderers share."""

from collections import Counter
from typing import Final, Literal

import msgspec

from qtops.facts.preflight import Preflight, StartFacts
from qtops.findings import Finding, Severity, Verdict, worst

Answer = Literal["ok", "finding", "unknown"]
GRAVITY: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Row(msgspec.Struct, frozen=True):
    """One start, judged. ``unknown`` says what could not be told, and why."""

    start: StartFacts
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst finding wins; "could not tell" where nothing worse is known."""
        verdicts = [finding.severity.verdict for finding in self.findings]
        return worst([Verdict.UNKNOWN if self.unknown else Verdict.OK, *verdicts])

    @property
    def answer(self) -> Answer:
        """The verdict in three words."""
        return _ANSWERS[self.verdict]


_ANSWERS: Final[dict[Verdict, Answer]] = {
    Verdict.OK: "ok",
    Verdict.UNKNOWN: "unknown",
    Verdict.WARNING: "finding",
    Verdict.CRITICAL: "finding",
}


class Report(msgspec.Struct, frozen=True):
    """One look at all starts, judged."""

    host: str
    root: str
    taken_at_s: float  # this host's clock
    rows: tuple[Row, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return worst([row.verdict for row in self.rows])

    @property
    def answers(self) -> Counter[Answer]:
        """How many starts are ok, have a finding, or could not be judged."""
        return Counter(row.answer for row in self.rows)

    @property
    def severities(self) -> Counter[Severity]:
        """How many findings of each severity there are."""
        return Counter(finding.severity for row in self.rows for finding in row.findings)


def report(preflight: Preflight, judged: "list[tuple[Finding, ...]]") -> Report:
    """Put together what was true and what is wrong with it."""
    rows = [Row(start, findings, unknown(start)) for start, findings in zip(preflight.starts, judged, strict=True)]
    return Report(preflight.host, preflight.root, preflight.taken_at_s, tuple(rows))


def unknown(start: StartFacts) -> tuple[str, ...]:
    """What could not be told of one start."""
    reasons = [*start.missing]
    if start.imports and start.imports.unknown:
        reasons.append(start.imports.unknown)
    return tuple(reasons)


def worst_first(rows: tuple[Row, ...]) -> list[Row]:
    """In the order in which a person wants to read them."""
    order = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
    return sorted(rows, key=lambda row: (order.index(row.verdict), row.start.subject))
