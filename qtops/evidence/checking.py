"""Does a report rest on its records? What speaks against it: records by their hashes, claims by what they cite, and all of it by
composing the report anew and comparing. Pure.
"""

import difflib
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from qtops import __version__
from qtops.evidence.comparing import differences, statements
from qtops.evidence.document import Criterion, Document
from qtops.evidence.numbering import by_name, sha256
from qtops.evidence.objections import Objection, distinct, shown, verdict
from qtops.evidence.records import EvidenceError, Index, Record
from qtops.evidence.splitting import hosts
from qtops.findings import Verdict

__all__ = ["Objection", "objections", "of_records", "text_objections", "verdict"]
_CLOSE: Final = 4000  # lines that are compared for where they went; beyond, place by place


def objections(
    index: Index,
    contents: Mapping[str, bytes],
    stored: Document,
    composed: Document | EvidenceError,
    found: Sequence[Objection] = (),
) -> tuple[Objection, ...]:
    """All that speaks against a stored report.

    ``contents`` are the files of its records; ``composed`` is the report that they lead to now, or why they lead to none; ``found``
    is what reading them has shown already. Where a record is not what it was, nothing else is concluded from it.
    """
    told = [*found, *of_records(index, contents)]
    are_sound = not any(one.kind in ("altered", "missing") for one in told)
    if not are_sound:
        return distinct((*told, *_unbacked(stored, index, None)))
    if isinstance(composed, EvidenceError):
        told.append(_of_no_case(index, stored, composed))
        return distinct((*told, *_unbacked(stored, index, None)))
    told += _of_index(index, stored, composed)
    told += _of_hosts(index, contents)
    honest = {(one.where, one.text) for one in statements(composed) if not one.evidence}
    told += _unbacked(stored, index, honest if stored.version == composed.version else None)
    told += differences(stored, composed)
    return distinct(told)


def _of_no_case(index: Index, stored: Document, why: EvidenceError) -> Objection:
    """Records that lead to no report. A later version may have recorded what this one cannot read: then nobody can tell."""
    where = {record.name: record.id for record in index.records}.get(why.record, shown(why.record))
    if index.version == stored.version != __version__:
        text = f"recorded by qtops {shown(index.version)}, and {__version__} cannot read it: {why}"
        return Objection("version", where, text, Verdict.UNKNOWN)
    return Objection("altered", where, str(why))


def of_records(index: Index, contents: Mapping[str, bytes]) -> Iterator[Objection]:
    """Records whose bytes are not those that were hashed, or are not there; and bytes of no record."""
    for record in index.records:
        content = contents.get(record.file)
        if content is None:
            yield Objection("missing", record.id, f"{record.file}: is not there")
        elif (altered := sha256(content)) != record.sha256:
            size = "" if len(content) == record.size else f"; it has {len(content)} bytes, and had {record.size}"
            text = f"{record.file}: is not as it was written: its sha256 is {altered[:12]}…, and was {record.sha256[:12]}…{size}"
            yield Objection("altered", record.id, text)
        elif len(content) != record.size:
            yield Objection("altered", record.id, f"{record.file}: has {len(content)} bytes, and the index says {record.size}")
    known = {record.file for record in index.records}
    for file in sorted(contents.keys() - known):
        yield extra(file)


def extra(file: str) -> Objection:
    """A file beside the records that is none of them: nothing rests on it."""
    return Objection("extra", shown(file), f"{shown(file)}: is in the folder, and no record of this report", Verdict.WARNING)


def _of_index(index: Index, stored: Document, composed: Document) -> Iterator[Objection]:
    """What the index and the report say of the records, and what the records themselves do."""
    if index.version != stored.version:
        text = f"the index was written by qtops {shown(index.version)}, the report by {shown(stored.version)}"
        yield Objection("version", "index", f"{text}: they are not of one piece")
    for name in ("kind", "host", "subject", "made_at_s"):
        if (told := getattr(index, name)) != (meant := getattr(composed, name)):
            text = f"the index says that its {name} is {shown(str(told))}, and the records {shown(str(meant))}"
            yield Objection("altered", f"index {name}", text)
    yield from _unlike(index.records, stored.records, "the report")
    if index.version == composed.version:
        yield from _unlike(index.records, composed.records, "what the records hold")


def _unlike(records: Sequence[Record], others: Sequence[Record], who: str) -> Iterator[Objection]:
    if [record.id for record in records] != [record.id for record in others]:
        yield Objection(
            "altered", "index records", f"the index does not list the same records in the same order as {who}, each once"
        )
    known = {record.id: record for record in others}
    for record in records:
        other = known.pop(record.id, None)
        if other is None:
            yield Objection(
                "extra", record.id, f"{shown(record.name)}: is in the index, and {who} knows no such record", Verdict.CRITICAL
            )
        elif other != record:
            unlike = [name for name in Record.__struct_fields__ if getattr(record, name) != getattr(other, name)]
            yield Objection(
                "altered", record.id, f"{shown(record.name)}: its {', '.join(unlike)} in the index is not that of {who}"
            )
    for record in known.values():
        yield Objection("missing", shown(record.id), f"{shown(record.name)}: is not in the index, and {who} names it")


def _of_hosts(index: Index, contents: Mapping[str, bytes]) -> Iterator[Objection]:
    ids = {record.name: record.id for record in index.records}
    for name, host in hosts(by_name(index.records, contents)).items():
        if host != index.host:
            text = f"{name}: is of host {shown(host)}, and the report is on {shown(index.host)}: one says nothing of the other"
            yield Objection("host", ids[name], text, Verdict.UNKNOWN)


def _unbacked(stored: Document, index: Index, honest: Container[tuple[str, str]] | None) -> Iterator[Objection]:
    """Claims that no record bears. ``honest`` are those, by section and text, of which the evidence leads to no more either: every
    rendering marks them so, and nobody can tell whether they are true. None: it cannot be told which.
    """
    known = {record.id for record in index.records}
    for one in statements(stored):
        unknown = [cited for cited in one.evidence if cited not in known]
        if unknown:
            text = f"cites {shown(', '.join(unknown))}, which is no record: {shown(one.text)}"
            yield Objection("unbacked", shown(one.where), text)
        elif not one.evidence:
            ticked = isinstance(one.whole, Criterion) and one.whole.holds == "yes"
            is_honest = not ticked and (honest is None or (one.where, one.text) in honest)
            grade = Verdict.UNKNOWN if is_honest else Verdict.CRITICAL
            text = f"no evidence for{' what is said to hold' if ticked else ''}: {shown(one.text)}"
            yield Objection("unbacked", shown(one.where), text, grade)


def text_objections(stored: str, rendered: str) -> tuple[Objection, ...]:
    """Lines of a rendered report that were changed, put in or taken out by hand. Lines are counted from 1, as editors do."""
    old, new = rendered.split("\n"), stored.split("\n")
    first = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    return distinct(_of_lines(old, new, first))


def _of_lines(old: Sequence[str], new: Sequence[str], before: int) -> Iterator[Objection]:
    """What of the lines between two that are alike differs; ``before`` lines come ahead of them."""
    if not (old or new):
        return
    is_close = len(old) + len(new) <= _CLOSE
    steps = difflib.SequenceMatcher(None, old, new).get_opcodes() if is_close else []
    for step, old_from, old_to, new_from, new_to in steps or (("replace", 0, len(old), 0, len(new)),):
        if step == "equal":
            continue
        for number in range(new_from, new_to):
            where = f"line {before + number + 1}"
            yield Objection("wording", where, f"{where} is not what the evidence says: {shown(new[number])}")
        gone = old[old_from:old_to] if new_from == new_to else ()
        for line in gone:
            where = f"line {before + new_from + 1}"
            yield Objection("wording", where, f"a line was taken out before {where}: {shown(line)}")
