"""A look at something, judged: subjects, findings, and what could not be told. A command adds rows of its own by extending it."""

from typing import Any

import msgspec

from qtops.facts.keys import ServerReading
from qtops.findings import Doubt, Finding, Judged, Verdict, worst


class Subject(msgspec.Struct, frozen=True):
    """One thing that was looked at, and how it is in a line."""

    name: str
    verdict: Verdict
    line: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What every report of this kind holds. ``what`` is the plural of a subject: "proposals", "streams"."""

    command: str  # "verify proposals"
    what: str
    host: str
    taken_at_s: float  # this host's clock
    server: ServerReading | None  # None: no Redis was asked
    subjects: tuple[Subject, ...]
    judged: Judged
    missing: tuple[str, ...] = ()  # what could not be looked at, and why
    headline: str = ""  # a word for the whole where there is one: "FRESH, NOT REAL"

    @property
    def verdict(self) -> Verdict:
        """The worst of all. Nothing looked at, or Redis away, is "could not tell"."""
        verdicts = [self.judged.verdict, *(subject.verdict for subject in self.subjects)]
        if self.missing or not self.subjects or (self.server is not None and self.server.state != "ok"):
            verdicts.append(Verdict.UNKNOWN)
        return worst(verdicts)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many subjects have each verdict."""
        counts = dict.fromkeys(Verdict, 0)
        for subject in self.subjects:
            counts[subject.verdict] += 1
        return counts

    @property
    def total(self) -> str:
        """``3 proposals: 2 critical, 1 ok``."""
        order = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
        counts = self.counts
        counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in order if counts[verdict])
        one = len(self.subjects) == 1 and not self.what.endswith("ies")  # a series is a series
        return f"{len(self.subjects)} {self.what.removesuffix('s') if one else self.what}" + (f": {counted}" if counted else "")


def subjects(names: dict[str, str], judged: Judged) -> tuple[Subject, ...]:
    """One subject per name (with its line), each with the verdict of the findings and doubts on it."""
    told: dict[str, list[Verdict]] = {name: [Verdict.OK] for name in names}
    answers: list[tuple[Finding | Doubt, Verdict]] = [(finding, finding.severity.verdict) for finding in judged.findings]
    answers += [(doubt, Verdict.UNKNOWN) for doubt in judged.doubts]
    for answer, verdict in answers:
        if answer.subject in told:
            told[answer.subject].append(verdict)
    return tuple(Subject(name, worst(told[name]), line) for name, line in names.items())


def by_code(findings: tuple[Finding, ...]) -> dict[str, list[Finding]]:
    """Findings by code, in the order in which the codes first come, the gravest codes first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    gravity: dict[Any, int] = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.OK: 2}
    order = sorted(groups, key=lambda code: min(gravity[finding.severity.verdict] for finding in groups[code]))
    return {code: groups[code] for code in order}
