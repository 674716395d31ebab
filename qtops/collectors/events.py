"""Read the stream of risk events, the keys of the guards that it speaks of, and what others state about the same drawdown.

Everything is bounded: the newest entries, so many fields of each, so much of each value. ``glance`` is for whoever looks at
something else, and has to know whether a guard is in force: one pipeline of three commands.
"""

from collections.abc import Sequence
from typing import Any, Final

from publisher.connection import Trouble, trouble
from publisher.contract import RISK_EVENT_STREAM
from publisher.link import Command, Reply
from publisher.timestamps import TimestampError, parse_timestamp
from qtops.checks.events.reading import FLATTEN
from qtops.collectors import stream_replies as told
from qtops.collectors.redis import Source
from qtops.collectors.shown import shown
from qtops.collectors.streams import read_streams
from qtops.facts.events import EventFacts, EventReading, GuardReading, Statement
from qtops.facts.keys import ServerReading
from qtops.facts.streams import StreamReading
from qtops.facts.text import printable

GLANCE: Final = 20  # entries
LIMIT: Final = 200  # entries: the founding stream held 30 after ten days
MOST_FIELDS: Final = 32
LONGEST: Final = 400  # bytes of one value that are kept
MOST_GUARDS: Final = 20
LONGEST_GUARD: Final = 64
GUARD_PREFIX: Final = "quantum:risk:guard_active:"
PORTFOLIO_STREAM: Final = "quantum:stream:portfolio.state"
EQUITY_KEY: Final = "quantum:equity:current"
EQUITY_FIELDS: Final = ("equity", "peak", "last_update_ts")


def collect(source: Source, stream: str = RISK_EVENT_STREAM, limit: int = LIMIT) -> EventFacts:
    """One look. What cannot be read is named in ``missing``. Raises ConfigError for a URL that names no Redis."""
    look = read_streams(source, source.greet(), (stream,))
    skew_s = look.server.clock.skew_s if look.server.clock else 0.0
    if look.server.state != "ok":
        return EventFacts(taken_at_s=source.now_s() - skew_s, read_at_s=source.now_s(), server=look.server, stream=look.streams[0])
    return read_events(source, look.server, look.streams[0], limit, guarding=stream == RISK_EVENT_STREAM)


def glance(source: Source, server: ServerReading) -> EventFacts:
    """The newest events, the groups that read them, and the key of the guard that is known. ``server`` is the source's greeting."""
    key = GUARD_PREFIX + FLATTEN
    questions: list[tuple[Command, str]] = [
        ((b"XREVRANGE", RISK_EVENT_STREAM, b"+", b"-", b"COUNT", str(GLANCE)), RISK_EVENT_STREAM),
        ((b"XINFO", b"GROUPS", RISK_EVENT_STREAM), RISK_EVENT_STREAM),
        ((b"PTTL", key), key),
    ]
    newest, groups, left = _ask(source, questions)
    read = tuple(group for _, group in told.groups(groups)) if not _bad(groups) else ()
    trouble_of_groups = "" if not _bad(newest) and not newest else _bad(groups)
    stream = StreamReading(
        name=RISK_EVENT_STREAM, read_at_s=source.now_s(), present=None if _bad(newest) else bool(newest), groups=read,
        groups_count=len(read), trouble=_bad(newest) or trouble_of_groups,
    )  # fmt: skip
    skew_s = server.clock.skew_s if server.clock else 0.0
    return EventFacts(
        taken_at_s=source.now_s() - skew_s, read_at_s=source.now_s(), server=server, stream=stream, events=_events(newest),
        guards=(_guard(FLATTEN, key, left),),
    )  # fmt: skip


def read_events(
    source: Source, server: ServerReading, stream: StreamReading, limit: int = LIMIT, *, guarding: bool = True
) -> EventFacts:
    """Events of a stream that was looked at, and, where it is that of the guards, their keys and what others state."""
    read = (b"XREVRANGE", stream.name, b"+", b"-", b"COUNT", str(limit))
    others: list[tuple[Command, str]] = [
        ((b"XREVRANGE", PORTFOLIO_STREAM, b"+", b"-", b"COUNT", b"1"), PORTFOLIO_STREAM),
        ((b"HMGET", EQUITY_KEY, *EQUITY_FIELDS), EQUITY_KEY),
    ]
    questions: list[tuple[Command, str]] = [(read, stream.name), *(others if guarding else [])]
    replies = _ask(source, questions)
    events = _events(replies[0])
    missing = [f"{key}: {bad}" for (_, key), reply in zip(questions, replies, strict=True) if (bad := _bad(reply))]
    guards = _guards(source, events) if guarding else ()
    skew_s = server.clock.skew_s if server.clock else 0.0
    return EventFacts(
        taken_at_s=source.now_s() - skew_s, read_at_s=source.now_s(), server=server, stream=stream, events=events,
        cut=stream.length > len(events), guards=guards,
        statements=(*_portfolio(replies[1]), *_equity(replies[2])) if guarding else (), missing=tuple(missing),
    )  # fmt: skip


def _ask(source: Source, questions: Sequence[tuple[Command, str]]) -> list[Reply]:
    return source.ask([command for command, _ in questions], [key for _, key in questions])


def _bad(reply: Reply) -> str:
    """Why a reply is none; empty where it is one."""
    if not isinstance(reply, BaseException | Trouble):
        return ""
    found = reply if isinstance(reply, Trouble) else trouble(reply)
    return printable(f"{'wrong_type' if found.detail.startswith('WRONGTYPE') else found.state}: {found.detail}")


def _events(reply: Reply) -> tuple[EventReading, ...]:
    """Oldest first."""
    if _bad(reply) or not reply:
        return ()
    return tuple(EventReading(_text(entry_id), _fields(flat or ())) for entry_id, flat in reversed(reply))


def _fields(flat: Sequence[bytes]) -> dict[str, str]:
    pairs = zip(flat[::2], flat[1::2], strict=False)
    named = ((_text(name), _text(value)) for (name, value), _ in zip(pairs, range(MOST_FIELDS), strict=False))
    return {name: shown(value, name) for name, value in named}


def _guards(source: Source, events: Sequence[EventReading]) -> tuple[GuardReading, ...]:
    """The key of each type of guard that is spoken of, the newest first, and of the one that is known without."""
    named = [reading.fields.get("guard_type", "").strip() for reading in reversed(events)]
    types = [name for name in dict.fromkeys((FLATTEN, *named)) if _is_type(name)][:MOST_GUARDS]
    keys = [GUARD_PREFIX + name for name in types]
    replies = _ask(source, [((b"PTTL", key), key) for key in keys])
    return tuple(_guard(name, key, reply) for name, key, reply in zip(types, keys, replies, strict=True))


def _is_type(name: str) -> bool:
    return bool(name) and name.isascii() and name.isprintable() and " " not in name and len(name) <= LONGEST_GUARD


def _guard(name: str, key: str, reply: Reply) -> GuardReading:
    if bad := _bad(reply):
        return GuardReading(name, key, None, detail=bad)
    left_ms = int(reply)
    return GuardReading(name, key, left_ms != -2, left_ms if left_ms >= -1 else None)


def _portfolio(reply: Reply) -> tuple[Statement, ...]:
    """The drawdown in the newest entry, at the time of its id."""
    if _bad(reply) or not reply:
        return ()
    entry_id, flat = reply[0]
    value = _fields(flat or ()).get("drawdown")
    return () if value is None else (Statement(PORTFOLIO_STREAM, "drawdown", value, _moment(_text(entry_id).partition("-")[0])),)


def _equity(reply: Any) -> tuple[Statement, ...]:
    if _bad(reply):
        return ()
    values = {name: _text(value) for name, value in zip(EQUITY_FIELDS, reply, strict=True) if value is not None}
    at_s = _moment(values.get("last_update_ts", ""))
    return tuple(Statement(EQUITY_KEY, name, values[name], at_s) for name in EQUITY_FIELDS[:2] if name in values)


def _moment(text: str) -> float | None:
    try:
        return parse_timestamp(text)
    except TimestampError:
        return None


def _text(value: bytes) -> str:
    return printable(value[:LONGEST].decode("utf-8", "backslashreplace"))
