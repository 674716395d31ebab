"""For people, at night: what is open, the newest first; one incident from its beginning; and what is left alone.

Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed.
"""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.facts.text import printable
from qtops.facts.times import moment, span, utc
from qtops.incidents import Hold, Incident, State, Told
from qtops.reports.doctor.human import SEVERITY_STYLES, Paragraph
from qtops.reports.incidents.report import Holds, Listing, Story, ended_s

STATES: Final[dict[State, str]] = {"open": "bold red", "acknowledged": "yellow", "resolved": "green", "closed": "green"}


def listing(shown: Listing) -> RenderableType:
    """All of them, and what is left alone."""
    going_on = [incident for incident in shown.incidents if incident.is_open]
    parts: list[RenderableType] = [_text(f"{utc(shown.at_s)} on {shown.host}", "dim")]
    for incident in shown.incidents:
        parts += _incident(incident, shown.at_s)
    parts += _holds(shown.holds, shown.at_s)
    parts += (Paragraph(0, _text(f"could not tell: {told}", "yellow")) for told in shown.missing)
    if not shown.incidents:
        where = f" in {shown.folder}" if shown.folder else ""
        parts.append(Paragraph(0, _text(f"no incident is on record{where}")))
    elif not going_on:
        parts.append(Paragraph(0, Text("nothing is open", "bold green")))
    else:
        unseen = sum(incident.state == "open" for incident in going_on)
        told = f"{len(going_on)} open" + (f", {unseen} of them not acknowledged" if unseen < len(going_on) else "")
        parts.append(Paragraph(0, _text(told, "bold").append("; `qtops incidents show NUMBER` says more", "dim")))
    return Group(*parts)


def story(shown: Story) -> RenderableType:
    """One incident from its beginning, who was told, what was kept, and what to run next."""
    return Group(*_story(shown))


def holds(shown: Holds) -> RenderableType:
    """What is left alone, until when and why."""
    if not shown.holds:
        return Text("nothing is on hold")
    return Group(*_holds(shown.holds, shown.at_s))


def _incident(incident: Incident, now_s: float) -> Iterator[Paragraph]:
    ended = ended_s(incident)
    if ended is not None:
        line = f"{utc(ended)}, after {span(max(0.0, ended - incident.opened_s))}"
        head = Text.assemble(_head(incident), _text(f"  {incident.title}", "dim"))
        yield Paragraph(0, head)
        yield Paragraph(4, _text(f"{incident.state} {line}", "dim"))
        return
    yield Paragraph(0, Text.assemble(_head(incident), "  ", _text(incident.title)))
    yield Paragraph(4, _text(f"noticed {moment(incident.opened_s, now_s)}{_times(incident, now_s)}", "dim"))
    known = [incident.code, incident.nature if incident.nature != "unknown" else "", _care(incident, now_s)]
    if any(known):
        yield Paragraph(4, _text(", ".join(filter(None, known)), "dim"))


def _head(incident: Incident) -> Text:
    style = SEVERITY_STYLES[incident.severity] if incident.is_open else "dim"
    state = "" if incident.state == "open" else f" {incident.state.upper()}"
    marks = Text.assemble((f"#{incident.number}", "bold"), " ", (incident.severity.upper(), style), (state, STATES[incident.state]))
    return Text.assemble(marks, " ", _text(incident.unit, "bold"))


def _times(incident: Incident, now_s: float) -> str:
    return f", {incident.times} times, last {moment(incident.last_s, now_s)}" if incident.times > 1 else ""


def _care(incident: Incident, now_s: float) -> str:
    if incident.state == "acknowledged" and incident.acknowledged_s is not None:
        return f"acknowledged by {incident.acknowledged_by} {moment(incident.acknowledged_s, now_s)}"
    return f"given up {moment(incident.gave_up_s, now_s)}" if incident.gave_up_s is not None else ""


def _story(shown: Story) -> Iterator[RenderableType]:
    incident, now_s = shown.incident, shown.at_s
    yield Paragraph(0, Text.assemble(_head(incident), "  ", _text(incident.title)))
    about = [f"{incident.kind}", incident.nature if incident.nature != "unknown" else "nature not proven", incident.code]
    yield Paragraph(2, _text(", ".join(filter(None, about))))
    yield Paragraph(2, _text(f"began    {moment(incident.began_s, now_s)}"))
    late = span(max(0.0, incident.opened_s - incident.began_s))
    yield Paragraph(2, _text(f"noticed  {moment(incident.opened_s, now_s)}, {late} after that{_times(incident, now_s)}"))
    if care := _care(incident, now_s):
        yield Paragraph(2, _text(care))
    ended = ended_s(incident)
    if ended is not None:
        lasted = span(max(0.0, ended - incident.opened_s))
        yield Paragraph(2, _text(f"{incident.state:<8} {moment(ended, now_s)}, after {lasted}"))
    if incident.findings:
        yield Paragraph(2, Text.assemble(("FOUND", "bold"), "  ", _text(", ".join(incident.findings))))
    yield Paragraph(2, Text("TIMELINE", "bold"))
    for entry in shown.timeline:
        line = Text.assemble(_text(moment(entry.at_s, now_s), "dim"), "  ", _text(entry.event, "bold"), "  ", _text(entry.text))
        yield Paragraph(4, line)
    yield from _notices(shown.notices, now_s)
    yield Paragraph(2, Text.assemble(("FOLDER", "bold"), "  ", _text(shown.folder)))
    yield from (Paragraph(4, _text(name)) for name in shown.files)
    yield from (Paragraph(2, Text.assemble(("NEXT", "bold"), "  ", _text(command, "cyan"))) for command in shown.next)


def _notices(notices: tuple[Told, ...], now_s: float) -> Iterator[Paragraph]:
    if not notices:
        yield Paragraph(2, Text("nobody was told", "dim"))
        return
    yield Paragraph(2, Text("TOLD", "bold"))
    for notice in notices:
        style = {"sent": "green", "dropped": "bold red"}.get(notice.state, "yellow")
        line = Text.assemble(_text(notice.endpoint, "bold"), "  ", _text(notice.event), ": ", (notice.state, style))
        if notice.state == "folded":
            line.append_text(_text(f" into {notice.why}", "dim"))
        elif notice.tried_s is not None:
            line.append_text(_text(f" {moment(notice.tried_s, now_s)}", "dim"))
        if notice.attempts and notice.state not in {"sent", "folded"}:
            line.append_text(_text(f", attempt {notice.attempts}: {notice.why or 'no answer yet'}", "dim"))
        yield Paragraph(4, line)


def _holds(shown: tuple[Hold, ...], now_s: float) -> Iterator[Paragraph]:
    for hold in shown:
        head = Text.assemble(("ON HOLD", "yellow"), " ", _text(hold.unit, "bold"), f"  until {moment(hold.until_s, now_s)}")
        yield Paragraph(0, head)
        yield Paragraph(4, _text(f"by {hold.by} {moment(hold.made_s, now_s)}: {hold.why}", "dim"))


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style)
