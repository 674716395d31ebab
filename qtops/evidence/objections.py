"""What speaks against a report, as values; and what it comes to."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from qtops.facts.text import printable
from qtops.findings import Verdict, worst

ObjectionKind: TypeAlias = Literal["altered", "missing", "extra", "unbacked", "verdict", "wording", "host", "version"]
SHOWN: Final = 100  # characters of a text that is objected to
MOST: Final = 100  # objections of one kind that are told one by one
_ONCE: Final = ("altered", "missing")  # told once of each record: what else is wrong with it follows


class Objection(msgspec.Struct, frozen=True):
    """One thing that is not as it should be.

    ``altered``, ``missing``: a record is not as it was written, or not there; ``extra``: there is one that no index knows;
    ``unbacked``: a claim without a record; ``verdict``: one that does not follow from the records; ``wording``: a text that does
    not; ``host``: evidence of another host; ``version``: it was written by another qtops. ``where`` is the id of a record, the
    title of a section or of a criterion, a line.
    """

    kind: ObjectionKind
    where: str
    text: str
    verdict: Verdict = Verdict.CRITICAL


def verdict(objections: Iterable[Objection]) -> Verdict:
    """What all of it comes to: a report without objections is ok."""
    return worst([Verdict.OK, *(objection.verdict for objection in objections)])


def distinct(objections: Iterable[Objection]) -> tuple[Objection, ...]:
    """Each thing once, however many ways it was noticed; of very many of one kind the first, and how many there are."""
    told: dict[tuple[str, str, str], Objection] = {}
    left: dict[ObjectionKind, list[Objection]] = {}
    counts: dict[ObjectionKind, int] = {}
    for one in objections:
        key = (one.kind, one.where, "" if one.kind in _ONCE else f"{one.verdict} {one.text}")
        if key in told:
            continue
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if counts[one.kind] > MOST:
            left.setdefault(one.kind, []).append(one)
        else:
            told[key] = one
    rest = (Objection(kind, "", f"and {len(more)} more of this kind", verdict(more)) for kind, more in left.items())
    return (*told.values(), *rest)


def shown(text: str) -> str:
    """The beginning of a text, on one line."""
    line = printable(text.strip())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
