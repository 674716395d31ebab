"""Appendices: files modified, risk events around the incident, related documents."""

from collections.abc import Iterator, Sequence
from typing import Final

from qtops.chapters.changes import files
from qtops.chapters.looks import Look, in_force
from qtops.chapters.story import Story
from qtops.chapters.telling import cited, counted, cut, said, untold
from qtops.chapters.unit_status import why_unread
from qtops.checks.events.reading import read_all
from qtops.checks.events.timeline import Incident, around
from qtops.evidence.document import Block, Claim, Listed, Row, Section, Table, code, words
from qtops.facts.times import span

BEFORE_S: Final = 3600.0  # of the failure: a guard that came just before may be why somebody touched it
EVENTS: Final = 20  # the newest that are told; the record holds all


def sections(story: Story) -> tuple[Section, ...]:
    """A to C; the index of all records is what every rendering ends with."""
    return (
        Section("Appendix A: files modified", (files(story),)),
        Section("Appendix B: risk events around the incident", tuple(_events(story))),
        Section("Appendix C: related documents", (Listed(tuple(_documents(story))),)),
    )


def _events(story: Story) -> Iterator[Block]:
    read = [look for look in story.looks if look.service.events is not None]
    if not read:
        yield Listed((untold("which risk events there were", _unread(story), "qtops events"),))
        return
    look = read[-1]
    facts = look.service.events
    if facts is None or facts.server.state != "ok":
        why = f"they could not be read in {look.taken}"
        yield Listed((untold("which risk events there were", why, "qtops events", look.cites("events")),))
        return
    yield Listed((*_stream(look), *_guards(read)))
    failed_s = story.at("failed")
    from_s = (failed_s if failed_s is not None else story.looks[0].facts.taken_at_s) - BEFORE_S
    found = around(read_all(facts.events), from_s, story.case.made_at_s)
    evidence = look.cites("events")
    if found:
        rows = [Row(_event(one, story), evidence) for one in found[-EVENTS:]]
        yield Table(("UTC and age", "Event", "Guard", "Held until", "Reason"), tuple(rows))
        if len(found) > EVENTS:
            yield Listed((said(f"{len(found) - EVENTS} earlier ones are in the record.", evidence),))
    elif facts.stream.present:
        since = f"from {story.when(from_s)} on"
        yield Listed(
            (said(f"No entry of it concerns the time {since}{', as far as it was read' if facts.cut else ''}.", evidence),)
        )


def _unread(story: Story) -> str:
    look = story.latest
    if look is None:
        return "no look at the service is on record"
    if look.service.families:
        return why_unread(look, "redis", "keys", "proposals")
    return "it declares no proposals, beside which they are read"


def _stream(look: Look) -> Iterator[Claim]:
    facts = look.service.events
    if facts is None:
        return
    stream, evidence = facts.stream, look.cites("events")
    if stream.trouble:
        yield untold(f"what {code(stream.name)} holds", words(f"{stream.trouble}: {stream.detail}"), "qtops events", evidence)
    elif not stream.present:
        yield said(f"{code(stream.name)} did not exist in {look.taken}.", evidence)
    else:
        groups = counted(stream.groups_count, "consumer group")
        yield said(f"{code(stream.name)} held {stream.length} entries and {groups} in {look.taken}.", evidence)


def _guards(read: Sequence[Look]) -> Iterator[Claim]:
    """Which guards were in force in each look: through the whole recovery, or since when."""
    for look in read:
        known, evidence = look.guards, look.cites("events")
        if known is None:
            yield untold(f"which guards were in force in {look.taken}", "risk events could not be read", "qtops events", evidence)
        elif not known:
            yield said(f"No guard was in force in {look.taken}.", evidence)
        for guard in known or ():
            until = f" until {look.when(guard.until_s)}" if guard.until_s is not None else ""
            left = f", {span(guard.left_s)} left by its key" if guard.left_s is not None else ""
            yield said(f"{code(guard.name)} was {in_force(guard)} in {look.taken}{until}{left}.", evidence)


def _event(one: Incident, story: Story) -> tuple[str, ...]:
    names = ", ".join(dict.fromkeys(code(event.name) for event in one.events if event.name)) or "unnamed"
    return (
        story.when(one.at_s) if one.at_s is not None else "could not tell",
        names,
        code(one.guard) if one.guard else "none",
        story.when(one.until_s) if one.until_s is not None else "not stated",
        words(cut(one.reason)),
    )


def _documents(story: Story) -> Iterator[Claim]:
    """Runbooks of all that was found, and the recoveries before."""
    for name in dict.fromkeys(one.code for look in story.looks for one in look.diagnosis.findings):
        seen = [(look, one) for look in story.looks for one in look.diagnosis.findings if one.code == name]
        where = " and ".join(dict.fromkeys(code(look.name) for look, _ in seen))
        evidence = cited(*(look.borne((one,)) for look, one in seen))
        yield said(f"{code(f'qtops explain {name}')}: the runbook of {code(name)}, found in {where}.", evidence)
    for one in story.case.recoveries[:10]:
        ended = f", ended {story.when(one.ended_s)}" if one.ended_s is not None else ""
        text = f"Recovery {code(one.id)} of {', '.join(map(code, one.codes))}: {one.state}, begun {story.when(one.begun_s)}{ended}."
        yield said(text, story.named("recoveries"))
    if not story.case.recoveries:
        command = f"qtops recover {story.case.subject} --list"
        yield untold("whether it was recovered before", "no other recovery of it is on record here", command)
