"""What a service publishes: how fresh each key was at a look, what moved between looks, one sample in full, and the pictures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.chapters.looks import Look, Name
from qtops.chapters.telling import cited, counted, said, untold, verbatim
from qtops.chapters.unit_status import why_unread
from qtops.checks.freshness import Freshness
from qtops.checks.proposals import registry
from qtops.checks.proposals.view import view
from qtops.evidence.document import Age, Ages, Block, Cites, Claim, Level, Levels, Listed, Paragraph, Row, Table, Tone, code, words
from qtops.facts.keys import KeyReading
from qtops.facts.proposals import ProposalReading
from qtops.facts.text import printable
from qtops.facts.times import moment, span
from qtops.findings import Severity, Verdict
from qtops.proof.published import families_of, judged_keys
from qtops.settings import TimeRule

SHOWN: Final = 40  # keys of a table; more are counted
_TONES: Final[dict[Verdict, Tone]] = {
    Verdict.OK: "good", Verdict.WARNING: "doubtful", Verdict.UNKNOWN: "doubtful", Verdict.CRITICAL: "bad",
}  # fmt: skip
_GRAVITY: Final = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
_Judged: TypeAlias = tuple[tuple[KeyReading, Freshness], ...]
_Held: TypeAlias = Mapping[Name, Mapping[tuple[str, str], str]]  # by look, key and field
_WRONG: Final = {"PROPOSAL101": "bracket_crossed", "PROPOSAL102": "stop_breached"}  # the publisher's own words for them


def judged(look: Look) -> _Judged:
    """Each key that was read, and how fresh it was."""
    return judged_keys(look.service, look.facts.settings)


def unread(look: Look) -> Claim | None:
    """Why nothing can be told of its keys in a look; None where something can."""
    if judged(look):
        return None
    evidence = look.cites("keys", "redis", "host")
    if not look.service.families:
        return said(
            f"It declares no keys: what it publishes was not asked in {look.taken}.", look.cites("settings"), look.cites("unit")
        )
    why = why_unread(look, "keys", "redis")
    return untold(f"how fresh its keys were in {look.taken}", why, "qtops verify freshness", evidence)


def ages(look: Look) -> Block:
    """Every key with its age against its limits, as of one look."""
    known = judged(look)
    if (gap := unread(look)) is not None:
        return Listed((gap,))
    evidence = look.cites("keys", "redis")
    shown = _worst(known)
    rows = [Row(_cells(reading, fresh, look), evidence, _TONES[fresh.verdict]) for reading, fresh in shown]
    if len(known) > SHOWN:
        rows.append(Row(("…", f"{len(known) - SHOWN} more keys, none of them worse, in the record", "", "", ""), evidence))
    return Table(("Key", "State", "Last written", "Age at the look", "Limits: late, stale"), tuple(rows))


def _worst(known: _Judged) -> _Judged:
    """As many as a reader looks at, in their order; where there are more, the worst."""
    if len(known) <= SHOWN:
        return known
    return tuple(sorted(known, key=lambda row: _GRAVITY.index(row[1].verdict)))[:SHOWN]


def _cells(reading: KeyReading, fresh: Freshness, look: Look) -> tuple[str, ...]:
    written = (
        f"{code(fresh.rule.field)} {look.when(fresh.time_s)}" if fresh.rule and fresh.time_s is not None else words(fresh.reason)
    )
    age = span(fresh.age_s) if fresh.age_s is not None else "none"
    rule = fresh.rule
    return (
        code(reading.key),
        str(fresh.state),
        written,
        age,
        f"{span(rule.warn_s)}, {span(rule.critical_s)}" if rule else "none judged",
    )


def age_picture(looks: Sequence[Look]) -> Ages | None:
    """The picture of all ages in all looks; None where no age is known."""
    drawn = [one for look in looks for one in _ages(look)]
    if not any(one.age_s is not None for one in drawn):
        return None
    return Ages(tuple(drawn), cited(*(look.cites("keys", "redis") for look in looks)))


def _ages(look: Look) -> Iterator[Age]:
    rules = {family.name: family.times[0] for family in families_of(look.service, look.facts.settings)}
    for reading, fresh in _worst(judged(look)):
        rule = fresh.rule or rules.get(reading.family)
        if rule is None or reading.present is None or (reading.present and fresh.age_s is None):
            continue
        yield Age(key=printable(reading.key), look=look.name, age_s=fresh.age_s, warn_s=rule.warn_s, critical_s=rule.critical_s)


def movement(looks: Sequence[Look]) -> tuple[Block, ...]:
    """What each time field held in every look. Two looks show that something moved, and never how often."""
    read = [look for look in looks if judged(look)]
    if len(read) < 2:
        why = "fewer than two looks read its keys"
        return (Listed((untold("whether what it publishes moves", why, "qtops verify cadence"),)),)
    evidence = cited(*(look.cites("keys") for look in read))
    held = {look.name: dict(_held(look)) for look in read}
    names = tuple(dict.fromkeys(name for look in read for name in held[look.name]))
    rows = tuple(_moved(name, [held[look.name].get(name) for look in read], evidence, read[-1].now_s) for name in names[:SHOWN])
    told = tuple(said(line, evidence) for line in _in_words(read, held, names))
    head = ("Key", "Field", *(f"{look.name}: {look.when(look.facts.taken_at_s)}" for look in read), "Between the last two")
    return Table(head, rows), Paragraph(told)


def _held(look: Look) -> Iterator[tuple[tuple[str, str], str]]:
    families = {family.name: family for family in families_of(look.service, look.facts.settings)}
    for reading, _ in judged(look):
        rules: tuple[TimeRule, ...] = families[reading.family].times
        for rule, text in zip(rules, reading.values, strict=False):
            if text is not None:
                yield (reading.key, rule.field), text


def _moved(name: tuple[str, str], texts: list[str | None], evidence: Cites, now_s: float) -> Row:
    last, newest = texts[-2], texts[-1]
    if newest is None or last is None:
        moved = "absent" if newest is None else "new"
    elif newest == last:
        moved = "stood still"
    else:
        one, other = _time(last), _time(newest)
        moved = "changed" if one is None or other is None else f"{'+' if other >= one else '-'}{span(abs(other - one))}"
    shown = tuple("absent" if text is None else _shown(text, now_s) for text in texts)
    return Row((code(name[0]), code(name[1] or "its time"), *shown, moved), evidence)


def _in_words(read: list[Look], held: _Held, names: Sequence[tuple[str, str]]) -> Iterator[str]:
    one, other = read[-2], read[-1]
    apart = span(abs(other.facts.taken_at_s - one.facts.taken_at_s))
    for field in dict.fromkeys(field for _, field in names):
        there = [(key, field) for key, name in names if name == field and (key, field) in held[other.name]]
        moved = sum(held[one.name].get(name) not in {None, held[other.name][name]} for name in there)
        between = f"Between the looks {code(one.name)} and {code(other.name)}, {apart} apart"
        yield f"{between}, {code(field or 'the time')} moved in {moved} of {counted(len(there), 'key')}."
    yield "Two readings show that something moved, not how often."


def _time(text: str) -> float | None:
    try:
        return parse_timestamp(text)
    except TimestampError:
        return None


def _shown(text: str, now_s: float) -> str:
    at_s = _time(text)
    return moment(at_s, now_s) if at_s is not None else code(text[:64])


def sample(look: Look) -> Block:
    """One hash in full, the first that is there."""
    facts = look.service.proposals
    readings = facts.looks[-1].readings if facts is not None and facts.looks else ()
    reading = next((one for one in readings if one.present and one.fields), None)
    evidence = look.cites("proposals")
    if reading is None:
        why = why_unread(look, "proposals", "keys", "redis") if facts is None else "no proposal was there"
        return Listed((untold(f"what a key of it held in {look.taken}", why, "qtops verify proposals", evidence),))
    width = max(map(len, reading.fields))
    lines = [f"{name:<{width}}  {value}" for name, value in reading.fields.items()]
    lines += [f"(and {counted(reading.others_count, 'field')} that the contract does not know)"] if reading.others_count else []
    caption = f"{code(reading.key)}: {counted(len(reading.fields), 'field')}, read {look.when(reading.read_at_s)}{_life(reading)}"
    return verbatim(lines, evidence, caption)


def _life(reading: ProposalReading) -> str:
    if reading.ttl_ms is None:
        return ""
    return ", it never expires" if reading.ttl_ms < 0 else f", time to live {span(reading.ttl_ms / 1000)}"


def levels(look: Look) -> Levels | None:
    """The picture of stops and targets against prices, of many the wrong ones first; None where no proposal was read."""
    facts = look.service.proposals
    readings = facts.looks[-1].readings if facts is not None and facts.looks else ()
    if facts is None or not any(one.present and one.fields for one in readings):
        return None
    wrong: dict[str, list[str]] = {}
    for finding in registry.judge(facts, look.facts.settings).findings:
        if finding.severity is Severity.CRITICAL or finding.code in _WRONG:
            wrong.setdefault(finding.subject, []).append(_WRONG.get(finding.code, finding.code))
    drawn = [_level(one, ", ".join(dict.fromkeys(wrong.get(one.symbol, ())))) for one in readings if one.present and one.fields]
    if len(drawn) > SHOWN:
        drawn.sort(key=lambda one: not one.wrong)
    return Levels(tuple(drawn[:SHOWN]), look.cites("proposals"))


def _level(reading: ProposalReading, wrong: str) -> Level:
    seen = view(reading)
    at_s = seen.computed_at_s if seen.computed_at_s is not None else reading.read_at_s
    return Level(
        symbol=printable(reading.symbol), side=seen.side, at_s=at_s, price=seen.numbers.get("position_current_price"),
        stop_loss=seen.numbers.get("proposed_sl"), take_profit=seen.numbers.get("proposed_tp"), wrong=wrong,
    )  # fmt: skip
