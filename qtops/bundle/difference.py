"""What changed between two looks at the same services, or at the same Redis. Pure: facts and diagnoses in, differences out."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from publisher.timestamps import utc_iso
from qtops.bundle.states import State, states
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.text import all_printable, printable
from qtops.facts.times import span, utc
from qtops.facts.unit import UnitState
from qtops.findings import Diagnosis, Finding, Verdict

NONE: Final = "none"
MOST: Final = 200  # things that are told one by one


class Look(msgspec.Struct, frozen=True):
    """Which look: at what host, and when."""

    host: str
    time: str
    time_s: float


class Change(msgspec.Struct, frozen=True):
    """Something that was one thing and is another: the state, the root, a counter, under systemd's own names."""

    what: str
    before: str
    after: str


class ServiceDifference(msgspec.Struct, frozen=True):
    """One service that is not as it was. A verdict is null in the look that did not hold it.

    ``appeared`` and ``gone`` are findings; ``files`` have changed after the process began, and had not before.
    """

    subject: str
    before: Verdict | None
    after: Verdict | None
    changes: tuple[Change, ...] = ()
    appeared: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


class ThingDifference(msgspec.Struct, frozen=True):
    """Something in Redis, or who uses it, that is not as it was: ``proposal BTCUSDT``, ``stream quantum:stream:marketstate``."""

    name: str
    changes: tuple[Change, ...]


class Difference(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.bundle.diff/1"):
    """What ``qtops bundle diff -o json`` prints. ``unchanged`` are services that both looks hold and that are as they were.

    ``changes`` are those of the host: its name, how systemd was read, what could not be. ``between_s`` is negative where the
    second look is the older one. ``things`` are those of the kinds that both looks hold; ``things_left_out`` are further ones.
    """

    before: Look
    after: Look
    between_s: float
    changes: tuple[Change, ...]
    services: tuple[ServiceDifference, ...]
    unchanged: tuple[str, ...]
    things: tuple[ThingDifference, ...] = ()
    things_left_out: int = 0
    things_unchanged: int = 0


Side = tuple[Facts, Sequence[Diagnosis]]


def diff(before: Side, after: Side) -> Difference:
    """Compare two looks, each with its diagnoses."""
    (old, old_rows), (new, new_rows) = before, after
    pairs = _paired(old, old_rows), _paired(new, new_rows)
    subjects = dict.fromkeys((*pairs[1], *pairs[0]))
    differences = [_service(subject, pairs[0].get(subject), pairs[1].get(subject)) for subject in subjects]
    things, same = _things(states(old), states(new))
    changed = [one for one in differences if one.changes or one.appeared or one.gone or one.files or one.before != one.after]
    return Difference(
        before=_look(old),
        after=_look(new),
        between_s=new.taken_at_s - old.taken_at_s,
        changes=tuple(_changes(_host(old), _host(new))),
        services=tuple(changed),
        unchanged=tuple(one.subject for one in differences if one not in changed),
        things=tuple(things[:MOST]),
        things_left_out=len(things[MOST:]),
        things_unchanged=same,
    )


def _things(before: dict[str, State], after: dict[str, State]) -> tuple[list[ThingDifference], int]:
    """What changed, and how many things did not. Of a kind that one look does not hold at all, nothing is compared."""
    kinds = {name.partition(" ")[0] for name in before} & {name.partition(" ")[0] for name in after}
    names = [name for name in dict.fromkeys((*before, *after)) if name.partition(" ")[0] in kinds]
    all_changes = ((name, tuple(_changes(before.get(name, {}), after.get(name, {})))) for name in names)
    changed = [ThingDifference(name, changes) for name, changes in all_changes if changes]
    return changed, len(names) - len(changed)


Pair = tuple[ServiceFacts, Diagnosis]


def _paired(facts: Facts, rows: Sequence[Diagnosis]) -> dict[str, Pair]:
    return {service.subject: (service, row) for service, row in zip(facts.services, rows, strict=True)}


def _look(facts: Facts) -> Look:
    return Look(facts.host, utc_iso(facts.taken_at_s), facts.taken_at_s)


def _host(facts: Facts) -> dict[str, str]:
    return {
        "host": facts.host,
        "booted": NONE if facts.booted_s is None else utc(facts.booted_s),
        "systemd": facts.systemd_version or NONE,
        "read through": facts.via or NONE,
        "missing": "; ".join(sorted(missing.told for missing in facts.missing)) or NONE,
    }


def _service(subject: str, before: Pair | None, after: Pair | None) -> ServiceDifference:
    found = [pair[1].findings if pair else () for pair in (before, after)]
    files = [pair[0].changed if pair else () for pair in (before, after)]
    return ServiceDifference(
        subject,
        before=before[1].verdict if before else None,
        after=after[1].verdict if after else None,
        changes=tuple(_changes(_state(*before), _state(*after))) if before and after else (),
        appeared=tuple(_without(found[1], found[0])),
        gone=tuple(_without(found[0], found[1])),
        files=tuple(file.path for file in files[1] if file not in files[0]),
    )


def _changes(before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        old, new = before.get(what, NONE), after.get(what, NONE)
        if old != new:
            yield Change(what, old, new)


def _state(service: ServiceFacts, row: Diagnosis) -> dict[str, str]:
    """What is compared of one service, in words. Ages and times of day are left out: they always differ."""
    state = {"condition": str(row.condition), "root": row.root.code if row.root else NONE}
    if service.unit is not None:
        state |= _unit(service.unit)
    if service.redis is not None:
        state["Redis"] = service.redis.writes_refused or service.redis.reading.state
    state["could not tell"] = "; ".join(sorted(row.unknown)) or NONE
    return state


def _unit(unit: UnitState) -> dict[str, str]:
    exited = f"{unit.exec_main_code} {unit.exec_main_status}" if unit.exec_main_code else NONE
    return {
        "LoadState": unit.load_state,
        "ActiveState": f"{unit.active_state} ({unit.sub_state})",
        "Result": unit.result,
        "last exit": exited,
        "MainPID": str(unit.main_pid or NONE),
        "NRestarts": str(unit.n_restarts),
        "UnitFileState": unit.unit_file_state or NONE,
        "FragmentPath": unit.fragment_path or NONE,
        "DropInPaths": " ".join(unit.drop_ins) or NONE,
        "NeedDaemonReload": "yes" if unit.need_daemon_reload else "no",
    }


def _without(findings: Sequence[Finding], others: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that the others do not hold: told apart by code and place, or else by number, as texts may hold ages."""
    left = [(other.code, other.where) for other in others]
    for finding in findings:
        if (key := (finding.code, finding.where)) in left:
            left.remove(key)
        else:
            yield finding


def as_json(difference: Difference) -> str:
    """One line of JSON."""
    return msgspec.json.encode(all_printable(msgspec.to_builtins(difference))).decode()


def lines(difference: Difference) -> Iterator[str]:
    """For people: one printable line per thing that changed."""
    yield from map(printable, _lines(difference))


def _lines(difference: Difference) -> Iterator[str]:
    before, after, between_s = difference.before, difference.after, difference.between_s
    age = f"{span(abs(between_s))} {'later' if between_s >= 0 else 'EARLIER: is the order right?'}"
    yield f"{before.host} {utc(before.time_s)} → {after.host} {utc(after.time_s)} ({age})"
    yield from map(_told, difference.changes)
    for service in difference.services:
        verdicts = [str(verdict or "not looked at") for verdict in (service.before, service.after)]
        yield f"{service.subject}: {' → '.join(dict.fromkeys(verdicts))}"
        yield from map(_told, service.changes)
        yield from (f"  gone: {finding.code} {finding.summary}" for finding in service.gone)
        yield from (f"  appeared: {finding.code} {finding.summary}" for finding in service.appeared)
        yield from (f"  changed after it was started: {file}" for file in service.files)
    for thing in difference.things:
        yield thing.name
        yield from map(_told, thing.changes)
    if difference.things_left_out:
        yield f"and {difference.things_left_out} more that are not as they were"
    if difference.things_unchanged:
        yield f"as before: {difference.things_unchanged} more things"
    if difference.unchanged:
        yield f"as before: {', '.join(difference.unchanged)}"


def _told(change: Change) -> str:
    return f"  {change.what}: {change.before} → {change.after}"
