"""A command that does not fit the type of its key.

What it is: one side uses a name as a stream, say, and the other as a hash; or what is in Redis under it is neither; or one side
uses it as a channel and the other as a key, which have nothing to do with each other.

Why it matters: Redis refuses the command (WRONGTYPE), each time. Where the program catches everything, it takes the refusal for
"nothing there" and falls back on what it makes up. Between a channel and a key nothing is refused, and nothing ever arrives.

What to do: let both sides use one type. A key that is left over from an older type is to be taken away once nobody needs it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from qtops.checks.wiring.commands import could_be
from qtops.checks.wiring.joined import Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import Names, bare, is_exact, same_parts
from qtops.checks.wiring.state import live, unresolved_told
from qtops.facts.wiring import End
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING105", "A command does not fit the type of its key", Severity.CRITICAL, ("source",))
NO_TYPE: Final = frozenset({"any", "channel"})
"""Kinds of ends that say nothing of a key's type; a channel is no key."""
TYPES: Final = frozenset({"stream", "hash", "string", "list", "set", "zset"})


def check(wiring: Map) -> Iterator[Finding]:
    """At most one finding per name: what the ends make of it, else what Redis has."""
    index = Names(wiring.names)
    for name in wiring.names.values():
        found = _between_ends(wiring, name) or _past_each_other(wiring, name) or _against_redis(wiring, name, index)
        if found is not None:
            yield found


def _sure(name: Name) -> list[End]:
    """Ends that surely mean this name: they have the same, or one that has the same parts."""
    ends = name.firm((*name.writers, *name.readers))
    return [end for end in ends if end.name in name.spelled or same_parts(end.name, name.name)]


def _ends(name: Name) -> list[End]:
    """Those of them that say of what type the key is."""
    return [end for end in _sure(name) if end.kind not in NO_TYPE]


def _between_ends(wiring: Map, name: Name) -> Finding | None:
    ends = _ends(name)
    own = [end for end in ends if end.name in name.spelled]
    writers = [end for end in ends if end.direction == "write"]
    written = {end.kind for end in writers}
    odd = [end for end in own if end.direction == "read" and written and end.kind not in written]
    if odd:
        lines = (f"written as {_kinds(writers)} by {all_told(writers)}", f"read as {_kinds(odd)} by {all_told(odd)}")
        summary = f"{odd[0].unit} reads as {_kinds(odd)} what is written as {_kinds(writers)}"
        return _finding(wiring, name, summary, lines, odd[0])
    if len(written) > 1 and any(end.direction == "write" for end in own):
        each = tuple(f"written as {kind} by {all_told(end for end in writers if end.kind == kind)}" for kind in sorted(written))
        last = next(end for end in writers if end.kind == max(written))
        return _finding(wiring, name, f"it is written as {_kinds(writers)}", each, last)
    return None


def _past_each_other(wiring: Map, name: Name) -> Finding | None:
    """Of a name that is a channel to one side and a key to the other."""
    writers, readers = ([end for end in _sure(name) if end.direction == way] for way in ("write", "read"))
    if not past_each_other(writers, readers) or not any(end.name in name.spelled for end in readers):
        return None
    doubts = could_be(wiring.unresolved, "write", {end.kind for end in readers})
    lines = (
        f"written as {_kinds(writers)} by {all_told(writers)}",
        f"read as {_kinds(readers)} by {all_told(readers)}",
        live(name, wiring.facts),
        *unresolved_told(doubts),
    )
    reader, writer = readers[0].unit, writers[0].unit
    summary = f"{reader} reads a {_kinds(readers)}, {writer} writes a {_kinds(writers)} of that name: nothing arrives"
    found = _finding(wiring, name, summary, lines, readers[0])
    return replace(found, severity=Severity.WARNING) if doubts else found


def past_each_other(writers: Iterable[End], readers: Iterable[End]) -> bool:
    """Whether one side publishes or subscribes, and the other uses a key. Redis itself publishes what becomes of keys."""
    written, read = {end.kind for end in writers}, {end.kind for end in readers}
    return bool(written and read) and ((written == {"channel"} and read <= TYPES) or (read == {"channel"} and written <= TYPES))


def _against_redis(wiring: Map, name: Name, index: Names) -> Finding | None:
    state = name.state
    if state is None or not state.present or state.kind not in TYPES or not _is_of(name, state.sample, index):
        return None
    odd = [end for end in _ends(name) if end.kind != state.kind and end.name in name.spelled]
    if not odd:
        return None
    key = state.sample or name.name
    lines = (f"used as {_kinds(odd)} by {all_told(odd)}", live(name, wiring.facts))
    return _finding(wiring, name, f"{odd[0].unit} uses it as {_kinds(odd)}, and {key} is a {state.kind} in Redis", lines, odd[0])


def _is_of(name: Name, sample: str, index: Names) -> bool:
    """Whether a key belongs to this name, and to none that says more of it."""
    if is_exact(name.name) or not sample:
        return True
    known = len(bare(name.name))
    return sample.count(":") == name.name.count(":") and all(len(bare(like)) <= known for like in index.like(sample))


def _kinds(ends: Iterable[End]) -> str:
    return " and ".join(sorted({end.kind for end in ends}))


def _finding(wiring: Map, name: Name, summary: str, lines: tuple[str, ...], end: End) -> Finding:
    remedy = f"Let both sides use one type; the odd one is {end.command} at {end.where or end.unit}"
    severity = Severity.WARNING if wiring.stands(end).off else None
    return CHECK.finding(name.name, summary, tuple(filter(None, lines)), remedy, where=end.where, severity=severity)
