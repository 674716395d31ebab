"""A field is read that no writer writes.

What it is: the source of a reader takes fields from a hash or an entry that none of its writers puts there, and that what is in
Redis has not either. Fields that differ by a slip are named; so is an envelope (payload, data) on one side only.

Why it matters: a field that is not there is no error: the reader goes on with its default. A stop that is "not set" is never
moved, a `data` that is called `payload` drops every event.

What to do: agree on one set of fields; change the reader or the writer, and say the set in one place that both import.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import is_exact, is_vague, unify
from qtops.checks.wiring.near import difference, words
from qtops.facts.wiring import End
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING107", "A field is read that no writer writes", Severity.WARNING, ("source",), role="note")
ENVELOPES: Final = frozenset({"payload", "data", "json", "body", "message", "msg", "value", "event_data", "envelope"})
"""Fields that hold all others as JSON."""
SHOWN: Final = 6


class Fields(NamedTuple):
    """What one unit reads under a name, and what is there. ``sure``: all that the writers write is known."""

    read: frozenset[str]
    there: frozenset[str]
    sure: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that are read and not there; without those for which the reader also tries a name that is there."""
        found = self.read & self.there
        if found & ENVELOPES:
            return ()  # what it takes from inside of the envelope is not told apart
        return tuple(sorted(f for f in self.read - self.there if not any(_alike(f, other) for other in found)))

    def meant(self, field: str) -> str:
        """The field that is there and was probably meant; empty where none is like it."""
        return next((other for other in sorted(self.there - self.read) if _alike(field, other) or _within(field, other)), "")

    @property
    def envelope(self) -> str:
        """What is said where one side only has an envelope; empty where none has, or both."""
        sent, opened = sorted(self.there & ENVELOPES), sorted(self.read & ENVELOPES)
        if sent and not opened:
            return f"the writers put everything into {sent[0]!r}, and it is read without opening it"
        if opened and not sent:
            return f"{opened[0]!r} is to be opened, and the writers send flat fields"
        return f"{opened[0]!r} is to be opened, and the writers send {sent[0]!r}" if opened and set(opened) != set(sent) else ""


def check(wiring: Map) -> Iterator[Finding]:
    """One finding per name and unit that reads it."""
    for name in wiring.names.values():
        if not name.own_readers or name.name in wiring.mismatched:
            continue
        for unit in dict.fromkeys(end.unit for end in name.own_readers):
            readers = tuple(end for end in name.own_readers if end.unit == unit and end.fields)
            fields = _fields(name, readers)
            if fields is not None and fields.missing:
                yield _finding(wiring, name, readers, fields)


def _fields(name: Name, readers: tuple[End, ...]) -> Fields | None:
    """None where neither side tells."""
    read = frozenset(field for end in readers for field in end.fields if is_exact(field))
    live = {*(name.state.fields if name.state else ()), *(name.stream.fields if name.stream else ())}
    kinds = {end.kind for end in readers} | {"any"}
    writers = [end for end in name.writers if end.kind in kinds]
    written = {field for end in writers for field in end.fields}
    built = [field for field in written if not is_exact(field)]
    read -= {field for field in read for other in built if unify(field, other)}
    any_field = any(is_vague(field) for field in built)
    sure = bool(written) and all(end.fields_known for end in writers) and not any_field
    there = frozenset((written | live) - set(built))
    return Fields(read, there, sure) if read and there and (sure or live) else None


def _alike(one: str, other: str) -> bool:
    """Whether two fields are one by a slip, or one is the other abbreviated: qty, quantity."""
    short, long = sorted((one.lower(), other.lower()), key=len)
    letters = iter(long)
    abbreviated = 2 <= len(short) <= 5 and short[0] == long[0] and "_" not in long and all(letter in letters for letter in short)
    return one != other and (bool(difference(one, other)) or abbreviated)


def _within(field: str, other: str) -> bool:
    """Whether all words of one are words of the other: action, out_action."""
    one, two = set(_field_words(field)), set(_field_words(other))
    return one <= two or two <= one


def _field_words(field: str) -> tuple[str, ...]:
    return words("".join(f"_{letter}" if letter.isupper() else letter for letter in field))


def _finding(wiring: Map, name: Name, readers: tuple[End, ...], fields: Fields) -> Finding:
    missing, meant = fields.missing, {field: fields.meant(field) for field in fields.missing}
    listed = ", ".join(missing[:SHOWN]) + (", …" if len(missing) > SHOWN else "")
    told = [f"{field} is read, and {other} is written" for field, other in meant.items() if other]
    lines = (
        f"read by {all_told(readers)}",
        f"written by {all_told(name.writers)}" if name.writers else "",
        f"there are: {', '.join(sorted(fields.there)[:20])}",
        *told[:SHOWN],
        fields.envelope,
        "" if fields.sure else "all that the writers write is not known: so it is in what Redis holds now",
    )
    nobody = "no writer writes it" if fields.sure else "what Redis holds has it not"
    summary = f"{readers[0].unit} reads {listed}, and {nobody if len(missing) == 1 else nobody.replace(' it', ' them')}"
    remedy = f"Agree on one set of fields: change {readers[0].where or readers[0].unit}"
    remedy += f" or {name.writers[0].where or name.writers[0].unit}" if name.writers else ""
    return CHECK.finding(
        name.name, summary, tuple(filter(None, lines)), remedy, where=readers[0].where, severity=_severity(wiring, fields, readers)
    )


def _severity(wiring: Map, fields: Fields, readers: tuple[End, ...]) -> Severity:
    if wiring.off(readers):
        return Severity.INFO
    nothing_fits = not fields.read & fields.there
    if fields.sure:
        return Severity.CRITICAL if nothing_fits else Severity.WARNING
    told = nothing_fits or fields.envelope or any(fields.meant(field) for field in fields.missing)
    return Severity.WARNING if told else Severity.INFO
