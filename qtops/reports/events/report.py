"""The report of ``qtops events``: a timeline of incidents, the guards in force, and what was found about them."""

import msgspec

from publisher.timestamps import utc_iso
from qtops.checks.events.drawdown_disputed import SUBJECT
from qtops.checks.events.reading import read_all
from qtops.checks.events.registry import judge
from qtops.checks.events.timeline import Guard, Incident, guards, incidents
from qtops.facts.events import EventFacts, Statement
from qtops.facts.times import span, utc
from qtops.findings import Doubt, Judged
from qtops.reports.checked.report import Checked, subjects
from qtops.settings import Settings


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of the timeline."""

    time: str  # RFC 3339; empty where it states no time that there is
    time_s: float | None
    age_s: float | None  # negative: in the future
    events: tuple[str, ...]  # names
    entry_ids: tuple[str, ...]
    guard: str
    reason: str
    drawdown_pct: float | None
    duration_s: float | None
    until_s: float | None
    state: str  # "active until …", "ended …", or empty


class EventReport(Checked, frozen=True, kw_only=True):
    """A report with its timeline, oldest first."""

    stream: str
    now_s: float  # by the clock of Redis
    rows: tuple[Row, ...]
    earlier: int  # incidents before those that are shown
    guards: tuple[Guard, ...]
    statements: tuple[Statement, ...]
    cut: bool  # older events were not read
    length: int  # of the stream


def build(facts: EventFacts, settings: Settings, host: str, *, since_s: float | None = None) -> EventReport:
    """Judge everything that was read; show what is not older than ``since_s``, a number of seconds."""
    judged, found = judge(facts, settings), guards(facts)
    stream = facts.stream
    missing = list(facts.missing)
    if stream.present is None:
        missing.insert(0, f"{stream.name}: {stream.trouble}: {stream.detail}")
    rows = tuple(_row(incident, facts.read_at_s) for incident in incidents(read_all(facts.events)))
    shown = tuple(row for row in rows if since_s is None or row.age_s is None or row.age_s <= since_s)
    return EventReport(
        command="events", what="subjects", host=host, taken_at_s=facts.taken_at_s, server=facts.server,
        subjects=subjects(_names(facts, found), judged), judged=_told(judged), missing=tuple(missing),
        headline=_headline(found), stream=stream.name, now_s=facts.read_at_s, rows=shown, earlier=len(rows) - len(shown),
        guards=found, statements=facts.statements, cut=facts.cut, length=stream.length,
    )  # fmt: skip


def _headline(found: tuple[Guard, ...]) -> str:
    active = [guard.name for guard in found if guard.in_force]
    return f"{' and '.join(active)} in force" if active else ""


def _names(facts: EventFacts, found: tuple[Guard, ...]) -> dict[str, str]:
    stream = facts.stream
    if stream.present is None:
        names = {}
    elif stream.present:
        groups = "no group" if not stream.groups_count else f"{stream.groups_count} groups"
        names = {stream.name: f"{stream.length} entries, {groups}"}
    else:
        names = {stream.name: "not there: no event was ever written"}
    names |= {guard.name: "in force" if guard.in_force else "not in force" for guard in found if _is_known(guard)}
    return names | ({SUBJECT: ""} if len(facts.statements) > 1 else {})


def _is_known(guard: Guard) -> bool:
    return guard.in_force or guard.by_key is not None or guard.by_events is not None


def _told(judged: Judged) -> Judged:
    """Without doubts that say the same."""
    doubts: dict[str, Doubt] = {doubt.told: doubt for doubt in judged.doubts}
    return msgspec.structs.replace(judged, doubts=tuple(doubts.values()))


def _row(incident: Incident, now_s: float) -> Row:
    at_s, activation = incident.at_s, incident.activation
    return Row(
        time="" if at_s is None else utc_iso(at_s), time_s=at_s, age_s=None if at_s is None else now_s - at_s,
        events=tuple(event.name or "(no event)" for event in incident.events),
        entry_ids=tuple(event.entry_id for event in incident.events), guard=incident.guard, reason=incident.reason,
        drawdown_pct=next((event.drawdown_pct for event in incident.events if event.drawdown_pct is not None), None),
        duration_s=activation.duration_s if activation else None, until_s=incident.until_s, state=_state(incident.until_s, now_s),
    )  # fmt: skip


def _state(until_s: float | None, now_s: float) -> str:
    if until_s is None:
        return ""
    left_s = until_s - now_s
    return f"active until {utc(until_s)} ({span(left_s)} left)" if left_s > 0 else f"ended {utc(until_s)}"
