"""From the entries of one unit to the facts of its journal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from qtops.collectors.journal.entries import Entry
from qtops.collectors.journal.events import event
from qtops.collectors.journal.loop import Invocation, failing, invocations, loop, runs, speaking
from qtops.collectors.journal.signatures import signatures
from qtops.collectors.journal.spoken import Spoken, spoken
from qtops.collectors.journal.tracebacks import assemble
from qtops.facts.journal import Event, JournalFacts, Line

MOST_LINES: Final = 200
MOST_EVENTS: Final = 100
_LAST_LINE: Final = 300  # characters
Redact = Callable[[str], str]


def put_together(entries: Iterable[Entry], current: str, *, is_whole: bool, now_s: float, redact: Redact) -> JournalFacts:
    """The facts of one unit. ``current``: its invocation now, or its last one; ``is_whole``: no entry is known to be left out."""
    ordered = sorted({entry.order: entry for entry in entries}.values(), key=lambda entry: entry.order)
    if not current:
        return _never_started([entry for entry in ordered if entry.is_systemds], is_whole, redact)
    ordered = list(_claimed(ordered))
    chain = loop(invocations(ordered), current)
    heard = speaking(chain, now_s)
    recent = {run.name for run in failing(chain)}
    wanted = {run.name for run in chain}
    lines = spoken((entry for entry in ordered if entry.invocation in wanted), redact)
    own = [line for line in lines if line.source == "service" and line.text]
    shown = [line for line in lines if line.invocation == heard.name and line.text]
    ended = {run.name: run.exit.at_s for run in chain if run.exit}
    return JournalFacts(
        invocation=heard.name,
        lines=tuple(map(_line, shown[-MOST_LINES:])),
        events=_events(ordered, {heard.name, current}, chain, redact),
        tracebacks=assemble([line for line in own if line.invocation == heard.name], ended),
        signatures=signatures(line for line in own if line.invocation in recent),
        runs=runs(chain, {line.invocation: line.text[:_LAST_LINE] for line in own}),
        cut=len(shown) > MOST_LINES or (not is_whole and heard.began_s is None),
    )


def _claimed(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Entries, with the invocation of the one before for what has none: a service's last words, where it failed so fast that
    systemd had removed the note of its invocation (/run/systemd/units) before journald looked.
    """
    name = next((entry.invocation for entry in entries if entry.invocation), "")
    for entry in entries:
        name = entry.invocation or name
        is_lost = not entry.invocation and entry.unit and not entry.is_systemds
        yield msgspec.structs.replace(entry, invocation=name) if is_lost else entry


def _never_started(entries: Sequence[Entry], is_whole: bool, redact: Redact) -> JournalFacts:
    """What systemd said of a unit that no invocation is known of: it was refused, masked, skipped, or waited for another."""
    lines = [line for line in spoken(entries, redact) if line.text]
    return JournalFacts(
        lines=tuple(map(_line, lines[-MOST_LINES:])),
        events=tuple(_redacted(event(entry), redact) for entry in entries[-MOST_EVENTS:]),
        cut=len(lines) > MOST_LINES or not is_whole,
    )


def _events(entries: Sequence[Entry], names: set[str], chain: Sequence[Invocation], redact: Redact) -> tuple[Event, ...]:
    """Events of these invocations, what the unit's file is reproached with, and jobs since the loop began that started nothing."""
    began_s = chain[0].began_s or 0.0
    found = [event(entry) for entry in entries if entry.is_systemds and (entry.invocation in names or not entry.invocation)]
    kept = [item for item in found if item.invocation or item.kind == "unit_file" or item.at_s >= began_s]
    return tuple(_redacted(item, redact) for item in kept[-MOST_EVENTS:])


def _redacted(item: Event, redact: Redact) -> Event:
    return msgspec.structs.replace(item, text=redact(item.text))


def _line(line: Spoken) -> Line:
    return Line(line.at_s, line.text, line.source, line.priority, line.pid)
