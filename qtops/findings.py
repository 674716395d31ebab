"""Words that every verdict uses."""

from enum import StrEnum

import msgspec

from qtops.errors import Exit


class Verdict(StrEnum):
    """The outcome of looking at one thing. ``OK`` is a positive observation; what could not be looked at is ``UNKNOWN``."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> Exit:
        """What a command that checks tells its caller."""
        return Exit[self.name]


_BY_GRAVITY = (Verdict.OK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.CRITICAL)


def worst(verdicts: "list[Verdict]") -> Verdict:
    """The worst finding wins; "could not tell" where nothing worse is known; nothing looked at is "could not tell" as well."""
    return max(verdicts, key=_BY_GRAVITY.index, default=Verdict.UNKNOWN)


class Severity(StrEnum):
    """How bad a finding is. ``INFO`` is worth knowing and leaves the verdict alone."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def verdict(self) -> Verdict:
        """What a finding of this severity makes of the thing that was looked at."""
        return Verdict.OK if self is Severity.INFO else Verdict[self.name]


class Finding(msgspec.Struct, frozen=True):
    """Something that is wrong: on what, the evidence line by line, and what to do about it. ``where`` is FILE:LINE, or empty."""

    code: str
    severity: Severity
    subject: str
    summary: str
    evidence: tuple[str, ...]
    remedy: str
    where: str = ""


class Check(msgspec.Struct, frozen=True):
    """What a check is called, how bad its findings are as a rule, and the sources without which it cannot tell."""

    code: str
    title: str
    severity: Severity
    needs: tuple[str, ...]

    def finding(
        self,
        subject: str,
        summary: str,
        evidence: tuple[str, ...],
        remedy: str,
        *,
        where: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this check."""
        return Finding(self.code, severity or self.severity, subject, summary, evidence, remedy, where)
