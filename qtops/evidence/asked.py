"""What was asked for each record: the call as an operator would write it, when it was made, and whether it was answered. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from qtops.evidence.asked_redis import of_cadence, of_events, of_keys, of_proposals, of_streams, of_wiring
from qtops.evidence.case import Case
from qtops.facts.host import UnitText
from qtops.facts.service import Facts, Missing, ServiceFacts
from qtops.facts.text import printable

FEW: Final = 4  # commands that are alike: the others are counted
LONGEST: Final = 2000  # characters
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_SYSTEMD: Final = "/org/freedesktop/systemd1"
_MANAGER: Final = "org.freedesktop.systemd1.Manager"


class Asked(NamedTuple):
    """One question. ``exit``: 0 where it was answered, 1 where it was not, None where it is none but a record of qtops itself."""

    what: str
    at_s: float
    exit: int | None = 0


def of_look(source: str, facts: Facts) -> Asked:
    """What one look asked of the host as a whole."""
    exit_code = None if source == "settings" else int(not _is_answered(source, facts))
    return Asked(_line(_LOOK[source](facts)), facts.taken_at_s, exit_code)


def of_service(source: str, service: ServiceFacts, facts: Facts) -> Asked:
    """What one look asked about a service. Keys have the time by the clock of their Redis."""
    at_s = max(key.read_at_s for key in service.keys) if source == "keys" and service.keys else facts.taken_at_s
    return Asked(_line(_SERVICE[source](service, facts)), at_s, int(not _is_answered(source, service)))


def of_missing(missing: Missing, facts: Facts, service: ServiceFacts | None = None) -> Asked:
    """What was asked and not answered."""
    if service is None:
        return Asked(_line((f"{missing.source}, of the whole host",)), facts.taken_at_s, 1)
    source = {"systemd": "unit", "source": "start", "unit files": "start"}.get(missing.source, missing.source)
    unread = ServiceFacts(subject=service.subject, unit=service.unit)
    told = tuple(_SERVICE[source](unread, facts)) or (f"{missing.source} of {service.subject}",)  # which keys, nobody knows
    return Asked(_line(told), facts.taken_at_s, 1)


def of_case(source: str, case: Case) -> Asked:
    """What the rest of a case is from. What no look holds was read when the report was written."""
    at_s = case.made_at_s
    if source == "settling" and case.settling and case.settling.samples:
        at_s = case.settling.samples[-1].at_s
    elif source == "failed/before" and case.before:
        at_s = case.before.taken_at_s
    return Asked(_line((_CASE[source](case),)), at_s, 0 if source in ("settling", "failed/before", "failed/now") else None)


def of_unit_file(unit: UnitText) -> Asked:
    """A unit's file, as it is on the disk but for values that may be secret."""
    return Asked(_line((f"cat {unit.path}",)), unit.read_at_s)


def _line(commands: Iterable[str]) -> str:
    rest = iter(commands)
    text = "; ".join(islice(rest, FEW))
    more = sum(1 for _ in rest)
    text = printable(text + (f"; and {more} more like these" if more else ""))
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}…") or "nothing: there was nothing to ask about"


def _is_answered(source: str, facts: Facts | ServiceFacts) -> bool:
    match source, facts:
        case "redis", ServiceFacts(redis=redis):
            return redis is not None and redis.reading.state == "ok"
        case "keys", ServiceFacts(keys=keys):
            return any(key.present is not None for key in keys)
        case ("proposals", _) if facts.proposals is not None:
            return bool(facts.proposals.looks) and facts.proposals.looks[-1].server.state == "ok"
        case ("events", _) if facts.events is not None:
            return facts.events.server.state == "ok"
        case "streams", Facts(streams=streams) if streams is not None:
            return bool(streams.looks) and streams.looks[-1].server.state == "ok"
        case "cadence", Facts(cadence=cadence) if cadence is not None:
            return cadence.server.state == "ok"
    return True


def _host(facts: Facts) -> Iterator[str]:
    yield "uname -n; btime in /proc/stat"
    if facts.via == "pystemd":
        yield f"D-Bus {_PROPERTIES}.Get Version on {_SYSTEMD}"
    elif facts.via == "systemctl":
        yield "ls /usr/lib/systemd/libsystemd-shared-*.so"


def _state_of(unit: str, facts: Facts | None) -> str:
    shown = f"systemctl show --all --timestamp=us+utc -- {unit}"
    if facts is not None and facts.via == "pystemd":
        return f"D-Bus {_PROPERTIES}.GetAll on {_SYSTEMD}/unit/{_bus_label(unit)} (what `{shown}` asks)"
    return shown


def _bus_label(unit: str) -> str:
    """A name as it stands in an object path (sd_bus_path_encode(3))."""
    encoded = unit.encode("utf-8", "surrogateescape")
    plain = (byte < 128 and (chr(byte).isalpha() or (index > 0 and chr(byte).isdigit())) for index, byte in enumerate(encoded))
    return "".join(chr(byte) if is_plain else f"_{byte:02x}" for byte, is_plain in zip(encoded, plain, strict=True)) or "_"


def _start(service: ServiceFacts, _: Facts) -> Iterator[str]:
    yield f"qtops preflight {service.subject}"
    if (start := service.start) is not None:
        script = start.imports.script if start.imports else start.script
        yield from (f"read {path}" for path in filter(None, (start.unit_file, script)))
        if start.imports and start.imports.files:
            yield f"follow its imports through {start.imports.files} source files"


def _journal(service: ServiceFacts, _: Facts) -> Iterator[str]:
    """The fields by which entries were chosen: ``journalctl -u`` would miss lines of processes that had ended soon."""
    journal, unit = service.journal, service.subject
    own = journal.invocation if journal else service.unit.invocation_id if service.unit else ""
    terms = [f"{field}={own}" for field in ("_SYSTEMD_INVOCATION_ID", "INVOCATION_ID")] if own else []
    if not own or (journal and any(run.invocation != own for run in journal.runs)):
        terms += [f"{field}={unit}" for field in ("UNIT", "OBJECT_SYSTEMD_UNIT", "_SYSTEMD_UNIT")]
    yield f"journalctl -b -r -o json --all {' + '.join(terms)}"


def _process(service: ServiceFacts, _: Facts) -> Iterator[str]:
    pid = service.process.pid if service.process else service.unit.main_pid if service.unit else 0
    yield f"/proc/{pid or 'PID'}: stat, exe, cwd, cmdline, cgroup"


def _probe(service: ServiceFacts, _: Facts) -> Iterator[str]:
    yield f"qtops doctor --probe {service.subject}"
    if service.probe is not None:
        yield f"import {service.probe.module} in a throw-away process ({service.probe.how})"


def _redis(service: ServiceFacts, _: Facts) -> Iterator[str]:
    if service.redis is not None:
        yield f"TIME and INFO of {service.redis.reading.url}"


def _failed_units(facts: Facts | None) -> str:
    shown = "systemctl list-units --all --state=failed"
    is_bus = facts is not None and facts.via == "pystemd"
    return f"D-Bus {_MANAGER}.ListUnitsFiltered failed (what `{shown}` asks)" if is_bus else shown


def _settling(case: Case) -> str:
    samples = case.settling.samples if case.settling else ()
    return f"{len(samples)} times {_state_of(case.recovery.unit if case.recovery else case.subject, case.after)}"


def _recovery(case: Case) -> str:
    return case.recovery.id if case.recovery else case.plan.id if case.plan else f"of {case.subject}"


_SERVICE: Final[Mapping[str, Callable[[ServiceFacts, Facts], Iterable[str]]]] = {
    "unit": lambda service, facts: (_state_of(service.subject, facts),),
    "start": _start,
    "journal": _journal,
    "process": _process,
    "changed": lambda service, _: (f"stat of the unit files, the environment files and the source of {service.subject}",),
    "probe": _probe,
    "redis": _redis,
    "keys": lambda service, facts: of_keys(service.keys, facts.settings),
    "proposals": lambda service, facts: of_proposals(service.proposals, facts.settings),
    "events": lambda service, _: of_events(service.events, 20),  # a glance, as at whatever writes proposals
}
_LOOK: Final[Mapping[str, Callable[[Facts], Iterable[str]]]] = {
    "host": _host,
    "settings": lambda _: ("qtops config show",),
    "proposals": lambda facts: of_proposals(facts.proposals, facts.settings),
    "streams": lambda facts: of_streams(facts.streams),
    "cadence": lambda facts: of_cadence(facts.cadence),
    "events": lambda facts: of_events(facts.events, 200),
    "wiring": lambda facts: of_wiring(facts.wiring),
}
_CASE: Final[Mapping[str, Callable[[Case], str]]] = {
    "settling": _settling,
    "recovery": lambda case: f"ledger of qtops, recovery {_recovery(case)}",
    "plan": lambda case: f"plan.json of recovery {_recovery(case)}",
    "ledger": lambda case: f"ledger of qtops, entries about recovery {_recovery(case)}",
    "backups": lambda case: f"sha256sum of the backups of recovery {_recovery(case)}",
    "patch": lambda case: f"patch for the repository, of recovery {_recovery(case)}",
    "failed/before": lambda case: _failed_units(case.before),
    "failed/now": lambda case: _failed_units(case.now or case.after),
    "recoveries": lambda case: f"ledger of qtops, all other recoveries of {case.subject}",
    "phases": lambda _: "the last report on each phase",
    "case": lambda case: f"qtops report {case.kind} {case.subject}",
}
