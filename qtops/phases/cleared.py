"""Is what a check finds clear? Only where it could look: what was skipped is no pass."""

from collections.abc import Iterator, Sequence
from typing import Final

from qtops.checks.registry import BY_CODE, SOURCES
from qtops.diagnose import IMPORTED_AFTER_S
from qtops.facts.recovery import Answer
from qtops.facts.service import ServiceFacts
from qtops.findings import Doubt, Finding, Judged, Severity
from qtops.phases.flowing import unmapped
from qtops.phases.look import OF_CADENCE, OF_EVENTS, OF_PROPOSALS, OF_STARTS, OF_STREAMS, OF_WIRING, Look, sources_of
from qtops.phases.verdict import Told

SHOWN: Final = 3


def cleared(codes: Sequence[str], services: Sequence[ServiceFacts], about: Sequence[str], look: Look) -> Iterator[Told]:
    """One answer per check that finds something, and one for all that are alike: clear, or kept from looking by the same thing."""
    alike: dict[tuple[Answer, str], list[tuple[str, Told]]] = {}
    for code in codes:
        for told in _answers(code, services, about, look):
            if told.holds == "no":
                yield told
            else:
                alike.setdefault((told.holds, told.seen), []).append((code, told))
    for (holds, seen), answers in alike.items():
        named = ", ".join(dict.fromkeys(code for code, _ in answers))
        sources = tuple(dict.fromkeys(source for _, told in answers for source in told.sources))
        yield Told(holds, f"{named}: {seen}", sources)


def _answers(code: str, services: Sequence[ServiceFacts], about: Sequence[str], look: Look) -> Iterator[Told]:
    """One answer per service; of streams and of the wiring, which belong to none, one in all."""
    if code in OF_STREAMS:
        yield _told(code, "", _about(look.streams, about), _unwatched(about, look))
    elif code in OF_WIRING:
        yield _told(code, "", _about(look.wiring, about), unmapped(about, look))
    elif code not in BY_CODE:
        yield Told("could not tell", "there is no such check")
    else:
        yield from (_service(code, service, look) for service in services)


def _service(code: str, service: ServiceFacts, look: Look) -> Told:
    if code in OF_CADENCE:
        unwatched = "" if look.facts.cadence is not None else "nobody watched how often its keys are updated"
        return _told(code, service.subject, look.cadence(service), unwatched)
    diagnosis = look.diagnosis(service)
    return _told(code, service.subject, Judged(diagnosis.findings), _skipped(code, service, look))


def _told(code: str, unit: str, judged: Judged, why: str) -> Told:
    """The answer of one check. What is only worth knowing leaves it clear."""
    sources = sources_of(code, unit)
    found = [finding for finding in judged.findings if finding.code == code and finding.severity is not Severity.INFO]
    if found:
        seen = "; ".join(_line(finding) for finding in found[:SHOWN]) + (
            f"; and {len(found) - SHOWN} more" if found[SHOWN:] else ""
        )
        return Told("no", seen, sources, (code,))
    doubts = [doubt for doubt in judged.doubts if doubt.code == code]
    if why or doubts:
        return Told("could not tell", why or "; ".join(doubt.told for doubt in doubts[:SHOWN]), sources)
    return Told("yes", "nothing is found", sources)


def _line(finding: Finding) -> str:
    return f"{finding.code} {finding.subject}: {finding.summary}"


def _about(judged: Judged, about: Sequence[str]) -> Judged:
    """What was said of these subjects; of all where none are named."""
    if not about:
        return judged

    def is_such(answer: Finding | Doubt) -> bool:
        return answer.subject in about

    return Judged(tuple(filter(is_such, judged.findings)), tuple(filter(is_such, judged.doubts)))


def _unwatched(about: Sequence[str], look: Look) -> str:
    """Why the streams could not be judged; empty where all were looked at."""
    facts = look.facts.streams
    last = facts.looks[-1] if facts is not None and facts.looks else None
    if facts is None or last is None:
        return "streams were not looked at: `qtops verify streams`"
    if last.server.state != "ok":
        return f"Redis did not answer: {last.server.state}"
    seen = {stream.name for stream in last.streams}
    unread = [f"{stream.name}: {stream.trouble}" for stream in last.streams if stream.trouble and stream.name in about]
    absent = [f"{stream.name} is not there" for stream in last.streams if stream.present is False and stream.name in about]
    return "; ".join([*(f"{name} was not looked at" for name in about if name not in seen), *unread, *absent])


def _skipped(code: str, service: ServiceFacts, look: Look) -> str:
    """Why a check of a service could not look; empty where it could."""
    if why := look.lack(service, *(SOURCES.get(need, need) for need in BY_CODE[code].check.needs)):
        return why
    if code in OF_PROPOSALS:
        return "" if service.proposals is not None else "its proposals were not read"
    if code in OF_EVENTS:
        return "" if service.events is not None else "risk events were not read"
    if code not in OF_STARTS:
        return "" if service.unit is not None else "its unit could not be read"
    if service.start is None:
        return "what its next start would meet was not looked at"
    imports = service.start.imports
    unknown = imports.unknown if imports is not None and code.startswith(("IMPORT", "CODE")) else ""
    if unknown and not _has_imported(service, look):
        return f"{unknown}; a process that has run for {IMPORTED_AFTER_S} s has imported what it imports"
    return "; ".join(service.start.missing)


def _has_imported(service: ServiceFacts, look: Look) -> bool:
    began_s = service.unit.exec_main_start_s if service.unit is not None and service.unit.main_pid else None
    return began_s is not None and look.facts.taken_at_s - began_s >= IMPORTED_AFTER_S
