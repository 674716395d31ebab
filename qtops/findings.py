"""Words that every verdict uses."""

from collections.abc import Container, Iterable
from enum import StrEnum
from typing import Literal

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


class Doubt(msgspec.Struct, frozen=True):
    """Something that a check could not tell: of what, why, and what would make it tellable."""

    code: str
    subject: str
    why: str
    enable: str = ""

    @property
    def told(self) -> str:
        """In one line."""
        return f"{self.subject}: {self.why}" + (f" ({self.enable})" if self.enable else "")


Role = Literal["cause", "symptom", "note"]
"""What a finding can be to a service that is down: the reason, a consequence of one, or neither."""


class Check(msgspec.Struct, frozen=True):
    """What a check is called, how bad its findings are as a rule, and the sources without which it cannot tell."""

    code: str
    title: str
    severity: Severity
    needs: tuple[str, ...]
    role: Role = "cause"

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

    def doubt(self, subject: str, why: str, enable: str = "") -> Doubt:
        """That this check could not tell."""
        return Doubt(self.code, subject, why, enable)


class Judged(msgspec.Struct, frozen=True):
    """What checks made of one kind of facts: what was found, what could not be told, what was found by checks that are off."""

    findings: tuple[Finding, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    off: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, answers: Iterable[Finding | Doubt], off: Container[str] = ()) -> "Judged":
        """Sort the answers of checks, without those of the checks that are switched ``off``."""
        found, doubts, left = list[Finding](), list[Doubt](), list[Finding]()
        for answer in answers:
            if isinstance(answer, Doubt):
                doubts += [answer] if answer.code not in off else []
            else:
                (left if answer.code in off else found).append(answer)
        return cls(tuple(found), tuple(doubts), tuple(left))

    @property
    def verdict(self) -> Verdict:
        """The worst finding; "could not tell" where nothing worse is known."""
        doubts = [Verdict.UNKNOWN] if self.doubts else []
        return worst([Verdict.OK, *doubts, *(finding.severity.verdict for finding in self.findings)])


Condition = Literal["runs", "starts", "failed", "restarts", "does not run", "rests", "not loaded", "unknown"]
"""How a service is, in a word. It ``starts`` as long as systemd waits for it to be up; it ``rests`` where nothing asks it to run:
a timer's job between two runs, a disabled unit.
"""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one service: one root, what follows from it, and what could not be told.

    Without a root a sick service's verdict is inconclusive: ``symptoms`` says what is seen, ``next_command`` what to run.
    """

    subject: str
    verdict: Verdict
    condition: Condition
    state: str  # one line: "failed 17 h 4 min ago (exit status 1), gave up after 5 starts"
    since_s: float | None = None  # when that state began
    root: Finding | None = None
    proof: tuple[str, ...] = ()  # what on the host agrees with the root
    path: tuple[Finding, ...] = ()  # further faults that the next start would meet, upstream first
    symptoms: tuple[Finding, ...] = ()  # consequences of the root, or all that is known where there is none
    notes: tuple[Finding, ...] = ()  # wrong, and not the reason
    off: tuple[Finding, ...] = ()  # found by checks that are switched off
    unknown: tuple[str, ...] = ()  # what could not be told, and the command that would tell
    next_command: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, what matters most first."""
        return (*((self.root,) if self.root else ()), *self.path, *self.symptoms, *self.notes)
