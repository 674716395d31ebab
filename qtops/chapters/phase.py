"""The report on a phase: how it stands, criterion by criterion, what contradicts it, and what that was read from.

COMPLETE is a phase of which every criterion was measured and holds, and which nothing contradicts. What nobody could tell is no
tick.
"""

from collections.abc import Iterator
from typing import Final

from qtops import __version__
from qtops.chapters.incident import rfc3339
from qtops.chapters.phase_after import before_and_now, deliverables, failed_units, next_steps
from qtops.chapters.phase_evidence import baselines, verification
from qtops.chapters.phase_told import Told, tell
from qtops.chapters.telling import UNTOLD, cited, counted, said, untold
from qtops.evidence.case import Case
from qtops.evidence.document import (
    Claim,
    Criteria,
    Document,
    Listed,
    Paragraph,
    Row,
    Section,
    Table,
    Tone,
    Verbatim,
    code,
    words,
)  # fmt: skip
from qtops.evidence.records import Record
from qtops.facts.times import moment
from qtops.findings import Severity
from qtops.phases.verdict import Contradiction, CriterionVerdict, State

TONES: Final[dict[State, Tone]] = {"COMPLETE": "good", "PARTIAL": "bad", "UNVERIFIED": "doubtful", "PENDING": "neutral"}
EXITS: Final[dict[State, int]] = {"COMPLETE": 0, "PARTIAL": 2, "UNVERIFIED": 3, "PENDING": 3}
_SEVERITIES: Final[dict[Severity, Tone]] = {Severity.CRITICAL: "bad", Severity.WARNING: "doubtful", Severity.INFO: "neutral"}


def phase(case: Case, records: tuple[Record, ...]) -> Document:
    """The report on the phase that ``case.subject`` names. Raises UsageError where the plan has none of that number."""
    told = tell(case, records)
    state = told.verdict.state
    return Document(
        version=__version__,
        kind="phase",
        title=f"Phase {told.phase.number}: {words(told.phase.title)}",
        status=state,
        tone=TONES[state],
        summary=tuple(_summary(told)),
        host=words(case.host),
        subject=words(case.subject),
        made_at=rfc3339(case.made_at_s),
        made_at_s=case.made_at_s,
        exit_code=EXITS[state],
        sections=tuple(_sections(told)),
        records=records,
    )


def _sections(told: Told) -> Iterator[Section]:
    yield _objective(told)
    yield Section(
        "Criteria",
        (Paragraph((said(told.judged_from, told.look_cites),)), Criteria(tuple(map(told.criterion, told.verdict.criteria)))),
    )
    yield _contradictions(told)
    yield from verification(told)
    yield deliverables(told)
    yield from baselines(told)
    yield before_and_now(told)
    yield failed_units(told)
    yield next_steps(told)


def _summary(told: Told) -> Iterator[Claim]:
    verdict, own = told.verdict, told.verdict.criteria[:-1]
    held = sum(criterion.holds == "yes" for criterion in own)
    count = f"{held} of {counted(len(own), 'criterion').replace('criterions', 'criteria')} measured and found to hold"
    evidence = cited(told.look_cites, *(told.criterion(criterion).evidence for criterion in verdict.criteria))
    as_of = f", as of {moment(told.facts.taken_at_s, told.case.made_at_s)}" if told.case.now is not None else ""
    match verdict.state:
        case "COMPLETE":
            yield said(f"Complete{as_of}: {count}, and nothing contradicts it.", evidence)
        case "PARTIAL":
            yield said(f"Partial{as_of}: {count}. What does not hold: {_listed(verdict.against)}.", evidence)
        case "UNVERIFIED":
            yield said(
                f"Unverified{as_of}: {count}. Nothing speaks against it, and nobody could tell: {_listed(verdict.untold)}.",
                evidence,
            )
        case "PENDING":
            why = "none of its criteria could be told" if own else "it has no criterion by which it could be complete"
            yield said(f"Pending{as_of}: {why}.", evidence)
    if verdict.contradictions:
        found = ", ".join(dict.fromkeys(code(one.finding.code) for one in verdict.contradictions))
        yield said(f"{counted(len(verdict.contradictions), 'contradiction')}: {found}.", *map(told.borne, verdict.contradictions))
    warned = tuple(one for one in verdict.remarks if one.finding.severity is Severity.WARNING)
    if warned:
        found = ", ".join(dict.fromkeys(code(one.finding.code) for one in warned))
        text = f"{counted(len(warned), 'warning')}: {found}. Warnings alone keep no phase from being complete."
        yield said(text, *map(told.borne, warned))
    if open_ := [one for one in verdict.depends if one.state != "COMPLETE"]:
        named = "; ".join(f"phase {one.number} ({words(one.title)}) {told.stood(one.state)}" for one in open_)
        yield said(f"It depends on what is not known to be complete: {named}.", told.last_cites)
    yield from (Claim(f"{UNTOLD}{words(lacking)}", told.citing.named("case")) for lacking in told.case.lacking)


def _listed(criteria: tuple[CriterionVerdict, ...]) -> str:
    return "; ".join(_marked(criterion.title) for criterion in criteria)


def _marked(title: str) -> str:
    return title if title.count("`") % 2 == 0 else words(title)


def _objective(told: Told) -> Section:
    objective = said(_marked(told.phase.objective) or "No objective is configured.", told.plan_cites)
    units = ", ".join(map(code, told.units)) or "none"
    blocks: list[Paragraph | Table] = [Paragraph((objective, said(f"Its services: {units}.", told.plan_cites)))]
    if told.verdict.depends:
        tones: dict[str, Tone] = {"COMPLETE": "good", "PARTIAL": "bad"}
        rows = (
            Row((str(one.number), words(one.title), told.stood(one.state)), told.last_cites, tones.get(one.state, "doubtful"))
            for one in told.verdict.depends
        )
        blocks.append(Table(("Depends on", "Title", "When it was last reported on"), tuple(rows)))
    return Section("Objective", tuple(blocks))


def _contradictions(told: Told) -> Section:
    """Everything that was found about its services and what they publish; the critical first."""
    verdict = told.verdict
    every = (*verdict.contradictions, *sorted(verdict.remarks, key=lambda one: one.finding.severity is Severity.INFO))
    blocks: list[Paragraph | Table | Verbatim | Listed] = []
    if not every:
        blocks.append(Paragraph((said("No check finds anything.", told.criterion(verdict.criteria[-1]).evidence),)))
    else:
        rows = tuple(_row(one, told) for one in every)
        blocks.append(Table(("Check", "Severity", "On", "What it finds", "What to do"), rows))
        lines = [
            line
            for one in every
            if one.finding.evidence
            for line in (one.finding.code, *(f"  {seen}" for seen in one.finding.evidence))
        ]
        if lines:
            blocks.append(told.verbatim(lines, cited(*map(told.borne, every)), "What the checks saw"))
    doubts = [untold("whether more contradicts it", words(doubt), evidence=told.doubt_cites) for doubt in verdict.doubts]
    doubts += [said(f"Switched off by decision: {code(one.code)} {words(one.summary)}.", told.plan_cites) for one in verdict.off]
    return Section("Contradictions", (*blocks, *((Listed(tuple(doubts)),) if doubts else ())))


def _row(one: Contradiction, told: Told) -> Row:
    finding = one.finding
    cells = (code(finding.code), str(finding.severity), code(finding.subject), words(finding.summary), words(finding.remedy))
    return Row(cells, told.borne(one), _SEVERITIES[finding.severity])
