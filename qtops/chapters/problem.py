"""The problem: how the service was found, what of it was stale since when, and how long nobody noticed."""

from collections.abc import Iterator, Sequence

from publisher.codec import PositionInput
from qtops.chapters.criteria import remaining
from qtops.chapters.looks import Look, told
from qtops.chapters.published_keys import ages, judged, unread
from qtops.chapters.story import Story
from qtops.chapters.telling import cited, counted, listed, said, untold
from qtops.chapters.unit_status import head
from qtops.checks.proposals.view import view
from qtops.checks.standing import last_run
from qtops.checks.wiring.names import shape, without_symbols
from qtops.evidence.document import Block, Claim, Listed, Paragraph, Row, Section, Table, Tone, code, words
from qtops.facts.times import span
from qtops.findings import Severity, Verdict
from qtops.proof.published import families_of

TONES: dict[Severity, Tone] = {Severity.CRITICAL: "bad", Severity.WARNING: "doubtful", Severity.INFO: "neutral"}


def sections(story: Story) -> tuple[Section, ...]:
    """Symptom, impact, how it was noticed, and the state of the unit as it was found."""
    look = story.found
    if look is None:
        why = "no look at it from before the recovery is on record"
        gap = Listed((untold("how the service was found", why, f"journalctl -u {story.case.subject}"),))
        return (Section("Problem statement", (gap, Listed(tuple(_noticed(story))))),)
    return (
        Section("Problem statement", (Paragraph((_symptom(look),)),)),
        Section("Symptom", (findings(look),), 3),
        Section("Impact", tuple(_impact(look, story.looks)), 3),
        Section("How it was noticed", (Listed(tuple(_noticed(story))),), 3),
        Section("Discovery", (head(look),), 3),
    )


def _symptom(look: Look) -> Claim:
    subject, end = look.service.subject, last_run(look.service, look.facts.taken_at_s)
    ran = f" Its last run lasted {span(end.ran_s)}." if end.ran_s is not None else ""
    unit = look.service.unit
    if unit is None:
        return untold(f"how {code(subject)} was", words(look.diagnosis.state), f"systemctl status {subject}", look.cites("unit"))
    ended = ""
    if unit.exec_main_code:
        by = "exit status" if unit.exec_main_code == "exited" else "signal"
        ended = f", its main process ended with {by} {unit.exec_main_status}"
    since = f" since {look.when(unit.state_changed_s)}" if unit.state_changed_s is not None else ""
    text = f"{code(subject)} on {code(look.facts.host)} was {words(f'{unit.active_state} ({unit.sub_state})')}{since}{ended}.{ran}"
    return said(text, look.cites("unit", "journal"))


def findings(look: Look) -> Block:
    """Everything that was found in a look, what matters most first."""
    if not look.diagnosis.findings:
        if look.diagnosis.verdict is Verdict.UNKNOWN:
            why = words("; ".join(look.diagnosis.unknown) or look.diagnosis.state)
            return Listed((untold(f"what is wrong in {look.taken}", why, look.diagnosis.next_command, look.cites("unit")),))
        return Listed((said(f"Nothing is found in {look.taken}.", look.cites("unit", "journal", "start")),))
    rows = tuple(
        Row((code(one.code), str(one.severity), words(one.summary)), look.borne((one,)), TONES[one.severity])
        for one in look.diagnosis.findings
    )
    return Table(("Code", "Severity", f"Found in the look {code(look.name)}"), rows)


def _impact(look: Look, looks: Sequence[Look]) -> Iterator[Block]:
    yield ages(look)
    yield from listed(_harm(look, looks))


def _harm(look: Look, looks: Sequence[Look]) -> Iterator[Claim]:
    stale = [(reading, one) for reading, one in judged(look) if one.verdict in {Verdict.CRITICAL, Verdict.WARNING}]
    evidence = look.cites("keys", "redis")
    if unread(look) is None and not stale:
        yield said(f"No key that it writes was beyond its limits in {look.taken}.", evidence)
    for reading, one in stale[:1]:
        symbols = ", ".join(code(other.subject) for other, _ in stale[:10] if other.subject)
        over_s = one.time_s + one.rule.critical_s if one.time_s is not None and one.rule is not None else None
        since = f"; {code(reading.key)} was beyond its limit from {look.when(over_s)} on" if over_s is not None else ""
        yield said(
            f"{counted(len(stale), 'key')} that it writes {'were' if len(stale) > 1 else 'was'} not fresh ({symbols}){since}.",
            evidence,
        )
    positions = list(_positions(look))
    if positions:
        named = ", ".join(positions[:10]) + (f" and {len(positions) - 10} more" if len(positions) > 10 else "")
        yield said(f"Positions were published as open meanwhile: {named}.", look.cites("proposals"))
    elif look.service.proposals is not None:
        yield untold("whether positions were open meanwhile", "no open one was read beside its proposals", "qtops verify proposals")
    if look.service.families:
        yield _readers(look, looks)


def _readers(look: Look, looks: Sequence[Look]) -> Claim:
    """Who reads its keys, by the newest look that has a map of the wiring."""
    mapped = next((one for one in reversed(looks) if one.facts.wiring is not None), None)
    wiring = mapped.facts.wiring if mapped is not None else None
    if mapped is None or wiring is None:
        why = "no map of readers is on record"
        return untold("who reads these keys, and what they do with old ones", why, "qtops report incident --map")
    shapes = {shape(family.pattern.replace("{symbol}", "<symbol>")) for family in families_of(look.service, look.facts.settings)}
    symbols = frozenset(look.facts.settings.symbols)
    ends = [end for unit in wiring.units for end in unit.ends if end.direction == "read" and end.unit != look.service.subject]
    reading = [end for end in ends if shape(without_symbols(end.name, symbols)) in shapes]
    counts = f"of {counted(len(wiring.units), 'unit')} in {mapped.taken}"
    if reading:
        places = {end.unit: end.where for end in reversed(reading)}
        named = ", ".join(f"{code(unit)} ({code(where)})" for unit, where in sorted(places.items()))
        return said(f"By the source {counts}, these read them: {named}.", mapped.cites("wiring"))
    unresolved = sum(len(unit.unresolved) for unit in wiring.units)
    rest = f"; {counted(unresolved, 'command')} whose name its source does not tell may" if unresolved else ""
    return said(f"By the source {counts}, no other unit reads them{rest}.", mapped.cites("wiring"))


def _positions(look: Look) -> Iterator[str]:
    """Open positions as they were published beside the proposals."""
    facts = look.service.proposals
    for reading in facts.looks[-1].readings if facts is not None and facts.looks else ():
        position = view(reading).position
        if isinstance(position, PositionInput):
            yield f"{code(reading.symbol)} {words(str(position.side))}"


def _noticed(story: Story) -> Iterator[Claim]:
    failed_s, noticed_s = story.at("failed"), story.at("noticed")
    subject, reason = story.case.subject, {one.name: one.source for one in story.moments}
    if not story.is_trouble:
        yield said("Nothing is found that could have been noticed.", story.latest.cites("unit", "journal") if story.latest else ())
        return
    if failed_s is None:
        yield untold("since when it is so", words(reason.get("failed", "nothing tells")), f"journalctl -u {subject}")
    else:
        yield said(f"It {story.fell} {story.when(failed_s)} ({words(reason['failed'])}).", story.borne("failed"))
    if noticed_s is None:
        yield untold("when it was first noticed", words(reason.get("noticed", "the ledger holds no notice of it")))
        return
    yield said(f"The first look of qtops at this fault on record was {story.when(noticed_s)}.", story.named("ledger"))
    since = "the failure" if story.fell == "failed" else f"when it {story.fell}"
    if failed_s is not None and noticed_s >= failed_s:
        text = f"For {span(noticed_s - failed_s)}, from {since} to that look, no notice of it is on record."
        yield said(text, cited(story.borne("failed"), story.named("ledger")))
    elif failed_s is not None:
        yield untold("how long nobody noticed", f"the notice is dated before {since}: a clock was set, or one of both is wrong")


def left(look: Look) -> tuple[str, ...]:
    """What is still found, for the summary."""
    return tuple(told(one) for one in remaining(look))
