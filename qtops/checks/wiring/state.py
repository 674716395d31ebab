"""What Redis holds under a name, in the words that findings and reports use."""

from collections import Counter
from collections.abc import Iterable, Iterator

from qtops.checks.wiring.joined import Name
from qtops.facts.times import moment, span
from qtops.facts.wiring import Unresolved, WiringFacts


def live(name: Name, facts: WiringFacts) -> str:
    """In one line: type, length, groups, the last entry; empty where Redis was not asked."""
    if name.stream is not None and name.stream.present:
        return f"in Redis: stream, {', '.join(_stream(name, facts.taken_at_s))}"
    state = name.state
    if state is None or (state.present is None and not state.detail):
        return ""
    if state.present is None:
        return f"in Redis: could not tell: {state.detail}"
    if not state.present:
        return "in Redis: not there"
    keys = f"{state.keys} keys such as {state.sample}, " if state.keys > 1 else f"{state.sample}, " if state.sample else ""
    length = f", {state.length} {'bytes' if state.kind == 'string' else 'fields' if state.kind == 'hash' else 'long'}"
    expires = f"expires in {span(state.ttl_ms / 1000)}" if state.ttl_ms is not None else "never expires"
    return f"in Redis: {keys}{state.kind}{length}, {expires}"


def _stream(name: Name, now_s: float) -> Iterator[str]:
    stream = name.stream
    if stream is None:
        return
    if name.never_written:
        yield "never an entry (last id 0-0)"
    else:
        yield f"{stream.length} entr{'y' if stream.length == 1 else 'ies'}" + (
            f" of {stream.entries_added} ever added" if stream.entries_added else ""
        )
    if name.last_s is not None:
        yield f"last {moment(name.last_s, now_s)}"
    named = ", ".join(group.name for group in stream.groups[:4])
    yield f"{name.groups} group{'' if name.groups == 1 else 's'}" + (f" ({named})" if named else "")


def unresolved_told(unresolved: Iterable[Unresolved]) -> tuple[str, ...]:
    """Which units have commands that could be the end that is missing, in one line."""
    counts = Counter(command.unit for command in unresolved)
    several = (f"{count} command{'' if count == 1 else 's'} of {unit}" for unit, count in counts.most_common(3))
    more = f", and of {len(counts) - 3} more unit{'' if len(counts) == 4 else 's'}" if len(counts) > 3 else ""
    return (f"unless one of these does it, whose names could not be told: {', '.join(several)}{more}",) if counts else ()
