"""Does a service run, does it stay up, and what does it say? From systemd, its process and its journal."""

from collections.abc import Sequence
from math import floor, isfinite
from typing import Final

from qtops.checks.standing import LOOP_WINDOW_S, SETTLED_S, is_looping
from qtops.checks.standing import runs as is_up
from qtops.facts.journal import Line
from qtops.facts.service import ServiceFacts
from qtops.facts.text import quoted
from qtops.facts.times import moment, span
from qtops.phases.look import Look
from qtops.phases.verdict import Source, Told

UNREAD: Final = "its unit could not be read"
NO_LINE: Final = "its journal holds no line since its last start: not even that it was started"


def runs(service: ServiceFacts, look: Look) -> Told:
    """Whether it is up, and its main process is one that systemd started."""
    unit, sources = service.unit, _of(service, "unit", "process")
    if unit is None:
        return Told("could not tell", look.lack(service, "systemd") or UNREAD, sources)
    if not is_up(unit):
        diagnosis = look.diagnosis(service)
        return Told("no", diagnosis.state, sources, tuple(dict.fromkeys(finding.code for finding in diagnosis.findings)))
    if not unit.main_pid:
        return Told("no", f"{unit.active_state} ({unit.sub_state}), and systemd has no main process of it", sources)
    if service.process is not None and service.process.pid != unit.main_pid:
        return Told("no", f"systemd's main process is {unit.main_pid}, and {service.process.pid} was found", sources)
    began_s = unit.exec_main_start_s if unit.exec_main_start_s is not None else unit.active_enter_s
    if began_s is None:
        return Told("could not tell", "systemd does not say when it was started", sources)
    when = moment(began_s, look.facts.taken_at_s)
    return Told("yes", f"{unit.active_state} ({unit.sub_state}), main process {unit.main_pid}, started by systemd {when}", sources)


def stays(service: ServiceFacts, look: Look) -> Told:
    """Whether systemd has not had to start it again, for longer than a loop takes to show. A restart of long ago is no loop."""
    unit, now_s, sources = service.unit, look.facts.taken_at_s, _of(service, "unit")
    if unit is None:
        return Told("could not tell", look.lack(service, "systemd") or UNREAD, sources)
    if not is_up(unit):
        return Told("no", look.diagnosis(service).state, sources, _codes(service, look, "UNIT201", "UNIT202", "UNIT205"))
    if why := look.lack(service, "systemd"):
        return Told("could not tell", why, sources)
    if unit.active_enter_s is None:
        return Told("could not tell", "systemd does not say since when it is up", sources)
    up_s, restarts = now_s - unit.active_enter_s, f"NRestarts={unit.n_restarts}"
    if is_looping(service, now_s) or (unit.n_restarts and not up_s > LOOP_WINDOW_S):
        seen = f"systemd has started it again, {restarts}, the last time {moment(unit.active_enter_s, now_s)}"
        return Told("no", seen, sources, _codes(service, look, "UNIT201"))
    if not up_s >= SETTLED_S:
        return Told("could not tell", f"up for {span(up_s)}: a loop may take {span(SETTLED_S)} to show", sources)
    return Told("yes", f"up for {span(up_s)}, {restarts}", sources)


def says(service: ServiceFacts, look: Look, text: str) -> Told:
    """Whether ``text`` stands in its journal since its last start."""
    lines, why, sources = _lines(service, look)
    said = [line for line in lines if line.source == "service" and text in line.text]
    if said:
        return Told("yes", f"{_times(said)}, the last {moment(said[-1].at_s, look.facts.taken_at_s)}: {said[-1].text}", sources)
    if why or not lines:
        return Told("could not tell", why or NO_LINE, sources)
    return Told("no", f"none of its {len(lines)} lines since its last start holds {quoted(text)}", sources)


def never_says(service: ServiceFacts, look: Look, text: str) -> Told:
    """Whether its journal does not hold ``text``, read from its last start on."""
    lines, why, sources = _lines(service, look)
    said = [line for line in lines if text in line.text]
    if said:
        seen = f"{_times(said)}, the last {moment(said[-1].at_s, look.facts.taken_at_s)}: {said[-1].text}"
        return Told("no", seen, sources, _codes(service, look, "IMPORT101", "IMPORT103", "LOG201"))
    if why or not lines:
        return Told("could not tell", why or NO_LINE, sources)
    return Told("yes", f"in none of its {len(lines)} lines since {moment(lines[0].at_s, look.facts.taken_at_s)}", sources)


def _times(lines: Sequence[Line]) -> str:
    return "once" if len(lines) == 1 else f"{len(lines)} times"


def _lines(service: ServiceFacts, look: Look) -> tuple[tuple[Line, ...], str, tuple[Source, ...]]:
    """The lines of the run that there is now, and why they are not all of them."""
    journal, unit, sources = service.journal, service.unit, _of(service, "journal")
    if journal is None:
        return (), look.lack(service, "journal") or "its journal was not read", sources
    why = look.lack(service, "journal") or (f"only its {len(journal.lines)} newest lines were read" if journal.cut else "")
    invocation = unit.invocation_id if unit is not None else ""
    if journal.invocation and journal.invocation == invocation:
        return journal.lines, why, sources
    if journal.invocation and invocation:
        return (), "the lines that were read are of an earlier run", sources
    began_s = next((s for s in (unit.inactive_exit_s, unit.active_enter_s) if s is not None), None) if unit is not None else None
    if began_s is None or not isfinite(began_s):
        return (), "nothing tells which of its lines are of the run that there is now", sources
    return tuple(line for line in journal.lines if line.at_s >= floor(began_s)), why, sources


def _of(service: ServiceFacts, *names: str) -> tuple[Source, ...]:
    return tuple((service.subject, name) for name in names)


def _codes(service: ServiceFacts, look: Look, *codes: str) -> tuple[str, ...]:
    """Those of the codes that a diagnosis of it holds."""
    found = {finding.code for finding in look.diagnosis(service).findings}
    return tuple(code for code in codes if code in found)
