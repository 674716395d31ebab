"""For programs: the JSON form of one notice. Within ``/1`` it only grows. Times are RFC 3339 in UTC, each with its epoch."""

import shlex

import msgspec

from publisher.timestamps import LATEST_S, utc_iso
from qtops import __version__
from qtops.findings import Severity
from qtops.incidents import Event, Incident, Kind, Nature, Notice, State

_MOST_TEXT = 4_000  # characters of the news


class IncidentThen(msgspec.Struct, frozen=True):
    """The incident, as it was when the event happened. ``number`` is 0 where the notice is a test.

    ``lasted_s`` is how long it lasted, or has lasted until the event.
    """

    number: int
    unit: str
    kind: Kind
    severity: Severity
    state: State
    nature: Nature
    title: str
    code: str
    times: int
    began: str
    began_s: float
    opened: str
    opened_s: float
    resolved: str | None
    resolved_s: float | None
    lasted_s: float


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.notice/1"):
    """What a command of an endpoint reads on its standard input. Texts are printable: control characters stand escaped.

    ``id`` is the same however often one notice is handed over: by it a second copy is told. ``time`` is when the event happened,
    ``sent`` when this attempt began. ``subject`` and ``message`` say all of it in plain text, without mentions, links and markup.
    ``next`` are commands to run. ``digest`` has the numbers of all incidents that a notice tells of which stands for several,
    because there were more than the endpoint wants in an hour; ``incident`` is the worst of them.
    """

    version: str
    id: str
    endpoint: str
    host: str
    event: Event
    time: str
    time_s: float
    sent: str
    sent_s: float
    attempt: int
    incident: IncidentThen
    text: str
    subject: str
    message: str
    next: tuple[str, ...]
    digest: tuple[int, ...]


def render(notice: Notice, host: str, sent_s: float, subject: str, message: str) -> bytes:
    """One line of JSON. The texts of the notice are printable already, and hold no secrets."""
    time, time_s = _moment(notice.at_s)
    sent, sent_s = _moment(sent_s)
    document = Document(
        version=__version__,
        id=notice.id,
        endpoint=notice.endpoint,
        host=host,
        event=notice.event,
        time=time,
        time_s=time_s,
        sent=sent,
        sent_s=sent_s,
        attempt=notice.attempts + 1,
        incident=_told(notice.incident, notice.at_s),
        text=notice.text[:_MOST_TEXT],
        subject=subject,
        message=message,
        next=next_commands(notice),
        digest=notice.digest,
    )
    return msgspec.json.encode(document) + b"\n"


def next_commands(notice: Notice) -> tuple[str, ...]:
    """What to run, first things first."""
    incident = notice.incident
    if not incident.number:
        return ()
    if notice.digest:
        return ("qtops incidents list",)
    shown = (f"qtops incidents show {incident.number}",)
    if not incident.is_open or incident.kind == "redis":
        return shown
    explained = (f"qtops explain {incident.code}",) if incident.code else ()
    return (*shown, f"qtops doctor {shlex.quote(incident.unit)}", *explained)


def _told(incident: Incident, at_s: float) -> IncidentThen:
    began, began_s = _moment(incident.began_s)
    opened, opened_s = _moment(incident.opened_s)
    resolved, resolved_s = (None, None) if incident.resolved_s is None else _moment(incident.resolved_s)
    return IncidentThen(
        number=incident.number,
        unit=incident.unit,
        kind=incident.kind,
        severity=incident.severity,
        state=incident.state,
        nature=incident.nature,
        title=incident.title,
        code=incident.code,
        times=incident.times,
        began=began,
        began_s=began_s,
        opened=opened,
        opened_s=opened_s,
        resolved=resolved,
        resolved_s=resolved_s,
        lasted_s=lasted_s(incident, at_s),
    )


def _moment(at_s: float) -> tuple[str, float]:
    """RFC 3339 and epoch; what no calendar has becomes the beginning of time, for people are told all the same."""
    at_s = at_s if 0 <= at_s < LATEST_S else 0.0
    return utc_iso(at_s), at_s


def lasted_s(incident: Incident, at_s: float) -> float:
    """For how many seconds it lasted; until ``at_s`` where it goes on."""
    ends = [end_s for end_s in (incident.resolved_s, incident.closed_s) if end_s is not None]
    return max(0.0, min(ends, default=at_s) - incident.began_s)
