"""A case in parts, one for each question that was asked, and the same case again from its parts. Pure.

Both ways go by the tables of ``qtops.evidence.parts``. The part "case" names all others, so that none can be taken out or put in
without a word.
"""

from collections.abc import Container, Iterator, Mapping
from itertools import count
from typing import Any, get_args

import msgspec

from qtops.evidence import asked
from qtops.evidence.asked import Asked
from qtops.evidence.case import Case
from qtops.evidence.encoding import decode, decode_text, encode, encode_text
from qtops.evidence.naming import CASE, LOOKS, MISSING, labels, unit_files
from qtops.evidence.parts import CASE_PARTS, LOOK_PARTS, SERVICE_PARTS, Frame, Host, Part, Seen, Table, UnitFile, slice_of
from qtops.evidence.records import EvidenceError
from qtops.facts.host import UnitText
from qtops.facts.service import Facts, Missing, ServiceFacts, Source
from qtops.facts.text import printable

Parts = Mapping[str, bytes]
"""Bytes of parts, by their names."""


def split(case: Case) -> tuple[Part, ...]:
    """The parts in the order of reading. Raises EvidenceError for what cannot be written down."""
    case = plain(case)
    parts = list(_of_look("before", case.before))
    parts += _of_rest(case, ("settling",))
    parts += [part for name in ("after", "now") for part in _of_look(name, getattr(case, name))]
    parts += _of_rest(case, ("recovery", "plan", "ledger", "backups"))
    if case.patch:
        parts.append(_part("patch", asked.of_case("patch", case), encode_text(case.patch), "patch"))
    parts += [
        _part(name, asked.of_unit_file(unit), encode_text(unit.text), "txt")
        for name, unit in zip(unit_files(unit.path for unit in case.units), case.units, strict=True)
    ]
    parts += _of_rest(case, ("failed/before", "failed/now", "recoveries", "phases"))
    files = tuple(UnitFile(unit.unit, unit.path, unit.read_at_s, unit.sha256) for unit in case.units)
    frame = Frame(
        kind=case.kind,
        host=case.host,
        subject=case.subject,
        made_at_s=case.made_at_s,
        unit_files=files,
        lacking=case.lacking,
        parts=tuple(part.name for part in parts),
    )
    return (*parts, _part(CASE, asked.of_case(CASE, case), encode(CASE, frame)))


def plain(case: Case) -> Case:
    """The same case as it is read back: numbers of the types that are declared, and nothing but facts. Raises EvidenceError."""
    try:
        return msgspec.convert(msgspec.to_builtins(case), Case)
    except msgspec.ValidationError as error:
        raise EvidenceError("", f"this case cannot be written down: {printable(str(error))}") from None


def joined(parts: Parts) -> Case:
    """The case that parts, by name, were split from. Raises EvidenceError naming the part at fault, and what is wrong with it."""
    frame = decode(CASE, _content(parts, CASE), Frame)
    given = [name for name in parts if name != CASE]
    for name in frame.parts:
        _content(parts, name)
    if unknown := set(given) - set(frame.parts):
        raise EvidenceError(min(unknown), "is none of the records that the case names")
    reading = _Reading(parts)
    looks: dict[str, Any] = {name: reading.look(name) for name in LOOKS}
    rest = reading.fields("", Case, CASE_PARTS)
    patch = reading.text("patch") if "patch" in parts else ""
    names = unit_files(file.path for file in frame.unit_files)
    units = tuple(
        UnitText(file.unit, file.path, reading.text(name), file.read_at_s, file.sha256)
        for name, file in zip(names, frame.unit_files, strict=True)
    )
    if unread := set(given) - reading.read:
        raise EvidenceError(min(unread), "is no record that belongs to a case: was it written by another version of qtops?")
    own: dict[str, Any] = {name: getattr(frame, name) for name in ("kind", "host", "subject", "made_at_s", "lacking")}
    return Case(**own, **looks, **rest, patch=patch, units=units)


def hosts(parts: Parts) -> dict[str, str]:
    """Which host each part that names one is of; parts that cannot be read are left out."""
    kinds: dict[str, type[Frame | Host]] = {CASE: Frame, **{f"{look}/host": Host for look in LOOKS}}
    found: dict[str, str] = {}
    for name, kind in kinds.items():
        try:
            found[name] = decode(name, _content(parts, name), kind).host
        except EvidenceError:
            continue
    return found


def _part(name: str, question: Asked, content: bytes, suffix: str = "json") -> Part:
    return Part(name=name, asked=question.what, at_s=question.at_s, exit=question.exit, content=content, suffix=suffix)


def _of_look(look: str, facts: Facts | None) -> Iterator[Part]:
    if facts is None:
        return
    seen = tuple(Seen(service.subject, service.families) for service in facts.services)
    host = Host(facts.host, facts.taken_at_s, facts.via, facts.systemd_version, facts.booted_s, seen)
    yield _part(f"{look}/host", asked.of_look("host", facts), encode(f"{look}/host", host))
    for name, content in _slices(f"{look}/", facts, LOOK_PARTS, ("settings",)):
        yield _part(name, asked.of_look(name.rpartition("/")[2], facts), content)
    yield from _of_missing(look, facts.missing, facts)
    for label, service in zip(labels(one.subject for one in facts.services), facts.services, strict=True):
        for name, content in _slices(f"{look}/{label}/", service, SERVICE_PARTS, ("changed",) if service.unit else ()):
            yield _part(name, asked.of_service(name.rpartition("/")[2], service, facts), content)
        yield from _of_missing(f"{look}/{label}", service.missing, facts, service)


def _of_missing(prefix: str, missing: tuple[Missing, ...], facts: Facts, service: ServiceFacts | None = None) -> Iterator[Part]:
    for number, one in enumerate(missing, 1):
        name = f"{prefix}/{MISSING}/{number}/{one.source}"
        yield _part(name, asked.of_missing(one, facts, service), encode(name, one))


def _of_rest(case: Case, names: tuple[str, ...]) -> Iterator[Part]:
    for name, content in _slices("", case, {name: CASE_PARTS[name] for name in names}):
        yield _part(name, asked.of_case(name, case), content)


def _slices(prefix: str, whole: msgspec.Struct, table: Table, always: Container[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of those parts of a struct that hold anything."""
    for name, fields in table.items():
        kind = slice_of(type(whole), fields)
        part = kind(**{field: getattr(whole, field) for field in fields})
        if name in always or part != kind():
            yield f"{prefix}{name}", encode(f"{prefix}{name}", part)


def _content(parts: Parts, name: str) -> bytes:
    if name not in parts:
        raise EvidenceError(name, "is not there, and the case cannot be put together without it")
    return parts[name]


class _Reading:
    """Parts as they are put together, and which of them were."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.read: set[str] = set()

    def look(self, look: str) -> Facts | None:
        """One look, if it was taken."""
        name = f"{look}/host"
        if name not in self._parts:
            return None
        host = decode(name, self._take(name), Host)
        names = labels(one.subject for one in host.services)
        services = tuple(self._service(f"{look}/{label}", seen) for label, seen in zip(names, host.services, strict=True))
        own = {name: getattr(host, name) for name in ("host", "taken_at_s", "via", "systemd_version", "booted_s")}
        return Facts(**own, **self.fields(f"{look}/", Facts, LOOK_PARTS), services=services, missing=self._missing(look))

    def fields(self, prefix: str, kind: type[msgspec.Struct], table: Table) -> dict[str, Any]:
        """What those parts say that are there."""
        found: dict[str, Any] = {}
        for part, fields in table.items():
            if (name := f"{prefix}{part}") in self._parts:
                read = decode(name, self._take(name), slice_of(kind, fields))
                found |= {field: getattr(read, field) for field in fields}
        return found

    def text(self, name: str) -> str:
        """A part that is a text."""
        return decode_text(name, self._take(name))

    def _service(self, prefix: str, seen: Seen) -> ServiceFacts:
        found = self.fields(f"{prefix}/", ServiceFacts, SERVICE_PARTS)
        return ServiceFacts(subject=seen.subject, families=seen.families, **found, missing=self._missing(prefix))

    def _missing(self, prefix: str) -> tuple[Missing, ...]:
        found: list[Missing] = []
        for number in count(1):
            names = [f"{prefix}/{MISSING}/{number}/{source}" for source in get_args(Source)]
            name = next((name for name in names if name in self._parts), None)
            if name is None:
                break
            found.append(decode(name, self._take(name), Missing))
        return tuple(found)

    def _take(self, name: str) -> bytes:
        self.read.add(name)
        return _content(self._parts, name)
