"""How fresh a proposal is by its family's time rules: the same judgement as that of ``verify freshness``, of another reading."""

from collections.abc import Collection, Iterator

from publisher.codec import Closed, PositionInput
from qtops.checks.freshness import Freshness, judge
from qtops.checks.keys_stale import CHECK, SEVERITIES
from qtops.checks.proposals import dated_ahead
from qtops.checks.proposals.view import view
from qtops.facts.keys import KeyReading, Position
from qtops.facts.proposals import ProposalReading
from qtops.findings import Doubt, Finding, Judged, Verdict
from qtops.settings import Family, Settings


def freshness(reading: ProposalReading, family: Family, settings: Settings) -> Freshness:
    """Judge one proposal as it was when it was read."""
    values = tuple([reading.fields.get(rule.field) for rule in family.times])
    position = "not_asked" if reading.present or family.only_while != "open_position" else position_of(reading)
    key = KeyReading(
        family.name, reading.symbol, reading.key, reading.read_at_s, reading.present, values,
        reading.trouble, reading.detail, reading.advice, position=position,
    )  # fmt: skip
    return judge(key, family, settings)


def position_of(reading: ProposalReading) -> Position:
    """Whether a position is open, as far as that could be read."""
    match view(reading).position:
        case PositionInput():
            return "open"
        case Closed():
            return "closed"
    return "unknown"


def ages(found: Collection[Freshness], judged: Judged) -> Iterator[Finding | Doubt]:
    """What is wrong with the ages, where what was ``judged`` does not say it: that one is absent, unreadable or dated ahead."""
    told = {finding.subject for finding in judged.findings} | {doubt.subject for doubt in judged.doubts}
    ahead = {finding.subject for finding in judged.findings if finding.code == dated_ahead.CHECK.code}
    for fresh in found:
        if fresh.verdict is Verdict.OK or fresh.subject in (ahead if fresh.rule else told):
            continue
        severity = SEVERITIES.get(fresh.verdict)
        if severity is None:
            yield CHECK.doubt(fresh.subject, f"how fresh it is: {fresh.reason}")
        else:
            remedy = f"`qtops verify freshness {fresh.subject} --family {fresh.family}`, and look at the service that writes it"
            yield CHECK.finding(fresh.subject, f"{fresh.state}: {fresh.reason}", (fresh.key,), remedy, severity=severity)
