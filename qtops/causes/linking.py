"""Which finding is the root, and which are its consequences.

How the last run ended decides. A finding can be the root of a service that is down only where something on the host agrees
with it: the status that systemd gave, the traceback in the journal, the state of the unit it waits for. What is wrong
and does not agree is told as well, and is not blamed: real failures are stacked, and a journal is full of noise.
"""

from collections.abc import Iterable
from typing import NamedTuple

from qtops.causes.agreement import STOPS_A_START, agreement, rank
from qtops.causes.predictions import probed
from qtops.checks.ending import Ending
from qtops.facts.service import ServiceFacts
from qtops.findings import Finding, Role, Severity

OF_THE_SYSTEM = "EVENT"  # codes of what concerns everything, and is no fault of one service
ERRORS_ALL_THE_TIME = frozenset({"LOG202"})  # what a service says that runs and produces nothing


class Parts(NamedTuple):
    """Findings by the role of their check. What is for information only is a note."""

    causes: tuple[Finding, ...]
    symptoms: tuple[Finding, ...]
    notes: tuple[Finding, ...]


class Linked(NamedTuple):
    """Findings of one service, each in its part of the story. Without a root, the symptoms are unexplained."""

    root: Finding | None = None
    proof: tuple[str, ...] = ()
    path: tuple[Finding, ...] = ()
    symptoms: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()


def apart(findings: Iterable[Finding], roles: "dict[str, Role]") -> Parts:
    """Sort findings by what they can be; ``roles`` are those of the checks by code."""
    parts: dict[Role, list[Finding]] = {"cause": [], "symptom": [], "note": []}
    for finding in findings:
        parts["note" if finding.severity is Severity.INFO else roles[finding.code]].append(finding)
    return Parts(tuple(parts["cause"]), tuple(parts["symptom"]), tuple(parts["note"]))


def link_down(parts: Parts, service: ServiceFacts, end: Ending) -> Linked:
    """Link the findings on a service that is down: the uppermost cause that something agrees with is the root."""
    seen = [(agreement(finding, service, end), probed(finding, service), finding) for finding in parts.causes]
    agreeing = sorted((row for row in seen if row[0]), key=lambda row: rank(row[2].code))
    root = agreeing[0][2] if agreeing else None
    proof = tuple(filter(None, agreeing[0][:2])) if agreeing else ()
    path = sorted((f for f in parts.causes if f is not root and f.code in STOPS_A_START), key=lambda finding: rank(finding.code))
    others = [finding for finding in parts.causes if finding is not root and finding.code not in STOPS_A_START]
    same = tuple(finding for *_, finding in agreeing if any(finding is other for other in others))
    unrelated = tuple(finding for finding in others if not any(finding is other for other in same))
    return Linked(root, proof, tuple(path), (*same, *parts.symptoms), (*unrelated, *parts.notes))


def link_up(parts: Parts, service: ServiceFacts) -> Linked:
    """Link the findings on a service that runs, or rests: what bites now comes before what would stop the next start.

    Where neither is found, the gravest of the others stands first. A symptom has no root for being alone.
    """
    now = [finding for finding in parts.causes if finding.code not in STOPS_A_START]
    later = sorted((f for f in parts.causes if f.code in STOPS_A_START), key=lambda finding: rank(finding.code))
    if now or later:
        first, *others = [*now, *later]
        path = tuple(finding for finding in others if finding.code in STOPS_A_START)
        rest = tuple(finding for finding in others if finding.code not in STOPS_A_START)
        return Linked(first, tuple(filter(None, [probed(first, service)])), path, parts.symptoms, (*rest, *parts.notes))
    if parts.symptoms:
        root = next((finding for finding in parts.notes if finding.code in ERRORS_ALL_THE_TIME), None)
        return Linked(root, symptoms=parts.symptoms, notes=tuple(finding for finding in parts.notes if finding is not root))
    own = [finding for finding in reversed(parts.notes) if not finding.code.startswith(OF_THE_SYSTEM)]
    warnings = [finding for finding in own if finding.severity is not Severity.INFO]
    worst = max(warnings, key=lambda finding: finding.severity is Severity.CRITICAL, default=None)
    return Linked(worst, notes=tuple(finding for finding in parts.notes if finding is not worst))
