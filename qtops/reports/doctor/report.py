"""What ``qtops doctor`` found, in the form that all renderers share."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from qtops.facts.service import Facts
from qtops.findings import Diagnosis, Finding, Verdict, worst

ORDER: Final = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.UNKNOWN: 2, Verdict.OK: 3}


class Report(msgspec.Struct, frozen=True):
    """One look at a host, judged. ``missing`` are sources of the whole host that could not be read, and why."""

    host: str
    taken_at_s: float  # this host's clock
    via: str  # how systemd was read: pystemd, systemctl, or empty
    systemd_version: str
    diagnoses: tuple[Diagnosis, ...]
    missing: tuple[str, ...] = ()
    took_s: float | None = None  # None: replayed from a bundle

    @property
    def verdict(self) -> Verdict:
        """The worst of all; "could not tell" where nothing worse is known and a source is missing."""
        return worst([diagnosis.verdict for diagnosis in self.diagnoses] + [Verdict.UNKNOWN] * bool(self.missing))

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many services have each verdict."""
        return Counter(diagnosis.verdict for diagnosis in self.diagnoses)


def report(facts: Facts, diagnoses: Sequence[Diagnosis], took_s: float | None = None) -> Report:
    """Put together what was true and what is wrong with it."""
    missing = tuple(lack.told for lack in facts.missing)
    return Report(facts.host, facts.taken_at_s, facts.via, facts.systemd_version, tuple(diagnoses), missing, took_s)


def worst_first(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    """In the order in which a person wants to read them."""
    return sorted(diagnoses, key=lambda diagnosis: (ORDER[diagnosis.verdict], diagnosis.subject))


def headline(diagnosis: Diagnosis) -> str:
    """The one sentence that matters most: the root where there is one, else what is seen, else how the service is."""
    if diagnosis.verdict is Verdict.OK or not diagnosis.findings:
        return next(iter(diagnosis.unknown), diagnosis.state) if diagnosis.verdict is Verdict.UNKNOWN else diagnosis.state
    return ("no root is proven: " if inconclusive(diagnosis) else "") + in_short(diagnosis.findings[0])


def inconclusive(diagnosis: Diagnosis) -> bool:
    """Whether something is wrong that nothing explains."""
    return diagnosis.root is None and bool(diagnosis.symptoms)


def is_shared(finding: Finding) -> bool:
    """Whether a finding that two services have in the same words is one fault: of a file that both use, or of their Redis. Two that
    a signal ended at the same moment are two.
    """
    return bool(finding.where) or finding.code.startswith("REDIS")


def doubts(diagnosis: Diagnosis, report: Report) -> list[str]:
    """What could not be told of one service alone: what is missing on the whole host is told once."""
    return [reason for reason in diagnosis.unknown if reason not in report.missing]


def counted(report: Report) -> str:
    """How many services have each verdict, in words: ``23 services: 1 critical, 22 ok``."""
    total, verdicts = len(report.diagnoses), report.verdicts
    counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in ORDER if verdicts[verdict])
    return f"{total} {'service' if total == 1 else 'services'}" + (f": {counts}" if counts else "")


def provenance(report: Report) -> str:
    """How it was looked: ``via pystemd, systemd 252, in 0.8 s``."""
    parts = [f"via {report.via}" if report.via else "", f"systemd {report.systemd_version}" if report.systemd_version else ""]
    parts.append("replayed from a bundle" if report.took_s is None else f"in {report.took_s:.1f} s")
    return ", ".join(filter(None, parts))


def evidence(finding: Finding) -> tuple[str, ...]:
    """The evidence of a finding, and its place where nothing else says it."""
    told = "\n".join((finding.summary, *finding.evidence, finding.remedy))
    return finding.evidence if finding.where in told else (*finding.evidence, finding.where)


def in_full(diagnosis: Diagnosis) -> Iterator[str]:
    """All that was found and could not be told, as plain lines."""
    kinds = (
        ("root", (diagnosis.root,) if diagnosis.root else ()),
        ("and then", diagnosis.path),
        ("seen" if inconclusive(diagnosis) else "follows", diagnosis.symptoms),
        ("besides", diagnosis.notes),
    )
    yield f"{diagnosis.subject} {diagnosis.state}"
    for kind, findings in kinds:
        for finding in findings:
            yield f"{kind}: {in_short(finding)}"
            yield from (f"    {line}" for line in evidence(finding))
            if kind == "root":
                yield from (f"    proven by: {proof}" for proof in diagnosis.proof)
            if finding.remedy:
                yield f"  → {finding.remedy}"
    yield from (f"could not tell: {reason}" for reason in diagnosis.unknown)
    if diagnosis.next_command:
        yield f"next: {diagnosis.next_command}"


def codes(findings: Sequence[Finding]) -> str:
    """The codes of findings, each once."""
    return ", ".join(sorted({finding.code for finding in findings}))


def in_short(finding: Finding) -> str:
    """A finding in one line."""
    return f"{finding.code} {finding.summary}"
