"""How fresh a proposal is by its family's time rules: the same judgement as that of ``verify freshness``, of another reading."""

from collections.abc import Collection, Iterator

from publisher.codec import Closed, Refused, position_from
from publisher.codec_json import decode_position_json
from qtops.checks.freshness import Freshness, judge
from qtops.checks.keys_stale import CHECK, SEVERITIES
from qtops.facts.keys import KeyReading, Position
from qtops.facts.proposals import ProposalReading
from qtops.findings import Doubt, Finding, Verdict
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
    """Whether a position is open, read as the publisher reads it: a hash of its own, else its value in the single hash."""
    if any(line.startswith(("position:", "the hash of all positions:")) for line in reading.unread):
        return "unknown"
    found = position_from({name: text.encode() for name, text in reading.position.items()}, "redis_hash")
    if isinstance(found, Closed) and not found.stated and reading.position_json:
        found = decode_position_json(reading.position_json.encode())
    if isinstance(found, Refused):
        return "unknown"
    return "closed" if isinstance(found, Closed) else "open"


def ages(found: Collection[Freshness], told: Collection[str]) -> Iterator[Finding | Doubt]:
    """What is wrong with the ages. Of what is absent or unreadable only where nobody else has ``told`` of that subject."""
    for fresh in found:
        if fresh.verdict is Verdict.OK or (fresh.rule is None and fresh.subject in told):
            continue
        severity = SEVERITIES.get(fresh.verdict)
        if severity is None:
            yield CHECK.doubt(fresh.subject, f"how fresh it is: {fresh.reason}")
        else:
            remedy = f"`qtops verify freshness {fresh.subject} --family {fresh.family}`, and look at the service that writes it"
            yield CHECK.finding(fresh.subject, f"{fresh.state}: {fresh.reason}", (fresh.key,), remedy, severity=severity)
