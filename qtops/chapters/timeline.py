"""The timeline of an incident: journal, systemd, ledger and risk events in one table, by UTC."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from qtops.chapters.ledger import in_words
from qtops.chapters.looks import Look
from qtops.chapters.story import Story
from qtops.chapters.telling import cited, cut, said, untold
from qtops.chapters.unit_status import clock
from qtops.checks.events.reading import read_all
from qtops.checks.events.timeline import around
from qtops.evidence.document import Block, Cites, Claim, Listed, Row, Section, Table, words
from qtops.facts.recovery import Moment
from qtops.facts.times import span

SHOWN: Final = 60  # rows; of a loop that ran for days the first and the last are told
_KINDS: Final = frozenset(
    {"started", "exited", "failed", "start_limit", "stopping", "deactivated", "spawn_failed", "oom", "job_failed"}
)


class _Happened(NamedTuple):
    at_s: float
    source: str
    what: str
    evidence: Cites


def section(story: Story) -> Section:
    """Everything on record, oldest first, and what cannot be right about its times."""
    happened = _merged(story)
    blocks: list[Block] = [_table(story, happened)] if happened else []
    if not happened:
        why = "neither journal nor ledger of it is on record"
        blocks.append(Listed((untold("what happened when", why, f"journalctl -u {story.case.subject}"),)))
    if times := tuple(_times(story)):
        blocks.append(Listed(times))
    return Section("Investigation timeline", tuple(blocks))


def _merged(story: Story) -> list[_Happened]:
    """Oldest first; what several looks read is told once, with the records of all of them."""
    seen: dict[tuple[float, str, str], Cites] = {}
    for one in _all(story):
        seen[one[:3]] = cited(seen.get(one[:3], ()), one.evidence)
    return sorted((_Happened(*one, evidence) for one, evidence in seen.items()), key=lambda one: one.at_s)


def _table(story: Story, happened: list[_Happened]) -> Table:
    half, left = SHOWN // 2, len(happened) - SHOWN
    shown = happened if left <= 0 else [*happened[:half], *happened[-half:]]
    rows, last_s = list[Row](), None
    for number, one in enumerate(shown):
        if left > 0 and number == half:
            skipped = cited(*(other.evidence for other in happened[half:-half]))
            rows.append(Row(("…", "", "", "", f"{left} more, in the records"), skipped))
        since = span(one.at_s - last_s) if last_s is not None else ""
        rows.append(Row((clock(one.at_s), span(story.case.made_at_s - one.at_s), since, one.source, one.what), one.evidence))
        last_s = one.at_s
    return Table(("UTC", "Before this report", "Since the one before", "Source", "What"), tuple(rows))


def _all(story: Story) -> Iterator[_Happened]:
    for look in story.looks:
        yield from _journal(look)
        yield from _events(look)
        yield _Happened(look.facts.taken_at_s, "qtops", f"look {look.name}: {look.stands}", look.cites("unit", "host"))
    evidence = story.named("ledger")
    for entry in story.case.entries:
        yield _Happened(entry.at_s, "ledger", words(cut(in_words(entry))), evidence)
    for one in story.moments:
        if one.at_s is not None and one.source == "systemd":
            yield _Happened(one.at_s, "systemd", f"{one.name}, by the properties of its unit", story.borne(one.name))


def _journal(look: Look) -> Iterator[_Happened]:
    """Events of the newest invocation, and runs of those before, of which only beginning and end are known."""
    facts, evidence = look.service.journal, look.cites("journal")
    if facts is None:
        return
    for event in facts.events:
        if event.kind in _KINDS:
            yield _Happened(event.at_s, "journal", words(cut(event.text)), evidence)
    for raised in facts.tracebacks:
        yield _Happened(raised.at_s, "journal", f"traceback: {words(cut(raised.message))}", evidence)
    told = {event.invocation for event in facts.events}
    for run in facts.runs:
        if run.ended_s is not None and run.invocation not in told:
            lasted = f" after {span(run.ended_s - run.began_s)}" if run.began_s is not None else ""
            status = f", {run.code} {run.status}" if run.code else ""
            last = f", last line: {words(cut(run.last_line))}" if run.last_line else ""
            yield _Happened(run.ended_s, "journal", f"a run ended{lasted}{status}{last}", evidence)


def _events(look: Look) -> Iterator[_Happened]:
    facts = look.service.events
    if facts is None:
        return
    for incident in around(read_all(facts.events), look.facts.taken_at_s - 86_400, look.facts.taken_at_s):
        if incident.at_s is not None:
            names = ", ".join(dict.fromkeys(event.name for event in incident.events if event.name))
            guard = f" of {incident.guard}" if incident.guard else ""
            yield _Happened(incident.at_s, "risk events", words(cut(f"{names}{guard}: {incident.reason}")), look.cites("events"))


def _times(story: Story) -> Iterator[Claim]:
    """When each thing was done, the time between them, and what cannot be right about that."""
    last: Moment | None = None
    done = {one.name: story.fell if one.name == "failed" else f"was {one.name}" for one in story.moments}
    for one in story.moments:
        if one.at_s is None and story.case.recovery is None and (one.name not in {"failed", "noticed"} or not story.is_trouble):
            continue  # nothing was done, as far as is on record
        if one.at_s is None:
            yield untold(f"when it {done[one.name]}", words(one.source))
            continue
        since = ""
        if last is not None and last.at_s is not None and one.at_s >= last.at_s:
            since = f", {span(one.at_s - last.at_s)} after it {done[last.name]}"
        yield said(f"It {done[one.name]} {story.when(one.at_s)}{since} ({words(one.source)}).", story.borne(one.name))
        last = one
    every = story.timed
    for line in story.disorders:
        yield said(f"Times out of order: {words(line)}.", every)
