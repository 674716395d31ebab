"""The JSON forms. Within ``/1`` they only grow. Times are RFC 3339 in UTC, each with its epoch; nothing is NaN."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.text import all_printable
from qtops.incidents import Event, Hold, Incident, Told
from qtops.reports.incidents import report
from qtops.reports.incidents.report import Listing, Story


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. ``age_s`` is how long it has lasted, or lasted; ``ended`` is null while it goes on."""

    number: int
    began: str
    opened: str
    last: str
    ended: str | None
    age_s: float
    incident: Incident


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is left alone, and for how much longer."""

    until: str
    left_s: float
    hold: Hold


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline."""

    time: str
    time_s: float
    age_s: float
    event: Event
    text: str


class Document(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.incidents/1"):
    """What ``qtops incidents -o json`` prints: open incidents first, and the holds in force."""

    version: str
    host: str
    time: str
    time_s: float
    exit_code: int
    folder: str
    incidents: tuple[Row, ...]
    holds: tuple[HoldRow, ...]
    missing: tuple[str, ...] = ()


class Shown(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.incidents.show/1"):
    """What ``qtops incidents show NUMBER -o json`` prints, and ``ack`` and ``close`` after what they did."""

    version: str
    host: str
    time: str
    time_s: float
    incident: Row
    timeline: tuple[Line, ...]
    notices: tuple[Told, ...]
    folder: str
    files: tuple[str, ...]
    next: tuple[str, ...]


class Holds(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.hold/1"):
    """What ``qtops hold -o json`` prints: the holds in force after what was done."""

    version: str
    host: str
    time: str
    time_s: float
    holds: tuple[HoldRow, ...]


def listing(shown: Listing) -> str:
    """One line of JSON."""
    return _line(
        Document(
            version=__version__,
            host=shown.host,
            time=utc_iso(shown.at_s),
            time_s=shown.at_s,
            exit_code=shown.exit_code,
            folder=shown.folder,
            missing=shown.missing,
            incidents=tuple(_row(incident, shown.at_s) for incident in shown.incidents),
            holds=tuple(_hold(hold, shown.at_s) for hold in shown.holds),
        )
    )


def story(shown: Story) -> str:
    """One line of JSON."""
    return _line(
        Shown(
            version=__version__,
            host=shown.host,
            time=utc_iso(shown.at_s),
            time_s=shown.at_s,
            incident=_row(shown.incident, shown.at_s),
            timeline=tuple(
                Line(time=utc_iso(one.at_s), time_s=one.at_s, age_s=shown.at_s - one.at_s, event=one.event, text=one.text)
                for one in shown.timeline
            ),
            notices=shown.notices,
            folder=shown.folder,
            files=shown.files,
            next=shown.next,
        )
    )


def holds(shown: report.Holds) -> str:
    """One line of JSON."""
    rows = tuple(_hold(hold, shown.at_s) for hold in shown.holds)
    return _line(Holds(version=__version__, host=shown.host, time=utc_iso(shown.at_s), time_s=shown.at_s, holds=rows))


def _row(incident: Incident, now_s: float) -> Row:
    ended_s = report.ended_s(incident)
    return Row(
        number=incident.number,
        began=utc_iso(incident.began_s),
        opened=utc_iso(incident.opened_s),
        last=utc_iso(incident.last_s),
        ended=None if ended_s is None else utc_iso(ended_s),
        age_s=(now_s if ended_s is None else ended_s) - incident.opened_s,
        incident=incident,
    )


def _hold(hold: Hold, now_s: float) -> HoldRow:
    return HoldRow(until=utc_iso(hold.until_s), left_s=hold.until_s - now_s, hold=hold)


def _line(document: Document | Shown | Holds) -> str:
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document))).decode()
