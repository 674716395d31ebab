"""Keys that never go away.

What it is: a family with one key for each id, plan or order, of which no writer sets a time to live, which nobody deletes or
expires in any source, and of which Redis holds many; or a lock, cool-down, permit or the like that has no end.

Why it matters: a family that only grows fills the memory and slows every SCAN down. A cool-down without an end blocks for good,
a permit without one permits for good. SET without EX also drops the time to live that another writer has set.

What to do: write with EX (or KEEPTTL where the old end shall stand); then give an end to the keys that are there.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.checks.wiring.joined import DECLARED, Name, all_told
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.names import is_exact, literal, per_entity
from qtops.checks.wiring.state import live, unresolved_told
from qtops.checks.wiring.under import Under
from qtops.facts.wiring import End
from qtops.findings import Check, Finding, Severity

CHECK = Check("WIRING110", "Keys that never go away", Severity.WARNING, ("source",), role="note")
MANY: Final = 1_000
"""Keys of one family: more than any exchange has symbols in use, so what tells them apart is an id, and ids do not end."""
MARKERS: Final = re.compile(
    r"(?:lock|lease|mutex|cool_?down|permit|dedup|dedupe|rate_?limit|throttled|guard|session|token_?bucket|once|seen|nonce)s?"
)
"""What is true for a while only, by what the word means: who sets it counts on its end."""
STANDS: Final = re.compile(
    r"(?:last|first)_seen|"  # a moment, no marker
    r"(?:config|settings?|enabled|max|count|total|stats|metrics|history|state|status|log)$"  # about markers, and meant to stay
)
_PLAIN: Final = frozenset({"SET", "SETNX", "GETSET", "MSET", "MSETNX"})
_ENDS: Final = frozenset(
    [
        "DEL", "UNLINK", "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "RENAME", "RENAMENX", "GETDEL", "GETEX",
        "LPOP", "RPOP", "BLPOP", "BRPOP", "LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH", "SPOP", "SREM", "SMOVE",
        "ZPOPMIN", "ZPOPMAX", "BZPOPMIN", "BZPOPMAX", "ZREM", "ZREMRANGEBYSCORE", "ZREMRANGEBYRANK",
        "EVAL", "EVALSHA", "FCALL",
    ]
)  # fmt: skip
"""Commands after which a key is gone, will be, or is once it is empty; a script may be what frees a lock."""


def check(wiring: Map) -> Iterator[Finding]:
    """At most one finding per name."""
    under = Under(wiring)
    for name in wiring.names.values():
        writers = tuple(end for end in name.own_writers if end.kind != "channel" and end.origin != DECLARED)
        if not writers or name.is_stream or any(end.command in _ENDS for end in name.ends):
            continue
        if is_marker(name.name):
            yield from _marker(wiring, name, writers)
        elif (count := _growing(name, writers, under)) >= MANY:
            yield _family(wiring, name, writers, count)


def is_marker(name: str) -> bool:
    """Whether a name reads like something that is true for a while only."""
    parts = [re.sub(r"[^a-z]+", "_", part) for part in re.split(r"[:./]", re.sub(r"<[^<>]*>|\*+", "", name).lower())]
    if any(STANDS.search(part) for part in parts):
        return False
    return any(re.search(rf"(?:^|_){MARKERS.pattern}(?:_|$)", part) for part in parts)


def _growing(name: Name, writers: tuple[End, ...], under: Under) -> int:
    """How many keys without an end there are of a family that grows; 0 where it is none."""
    endless = name.state is not None and _endless(name) and name.state.keys >= MANY
    if not endless or is_exact(name.name) or per_entity(name.name) or not all(end.expires is False for end in writers):
        return 0
    return under.own_keys(name)


def _endless(name: Name) -> bool:
    """Whether the key that was looked at is there and has no time to live."""
    state = name.state
    return state is not None and state.present is True and bool(state.kind) and state.ttl_ms is None


def _marker(wiring: Map, name: Name, writers: tuple[End, ...]) -> Iterator[Finding]:
    plain = tuple(end for end in writers if end.command in _PLAIN and end.expires is False)
    alone = is_exact(name.name) and name.state is not None and name.state.kind != "string"  # one table for all of them
    lives = _endless(name) and not alone
    if not plain and not lives:
        return
    ending = tuple(end for end in writers if end.expires)
    dropped = f"; it drops the time to live that {ending[0].unit} sets at {ending[0].where}" if plain and ending else ""
    what = f"{plain[0].command} at {plain[0].where or plain[0].unit} sets no end{dropped}" if plain else "in Redis it has no end"
    lines = (
        f"written without a time to live by {all_told(plain)}" if plain else f"written by {all_told(writers)}",
        f"with one by {all_told(ending)}" if ending and plain else "",
    )
    gone = not lives and wiring.off(plain)
    yield _finding(wiring, name, f"it reads like what is true for a while only, and {what}", lines, plain or writers, gone=gone)


def _family(wiring: Map, name: Name, writers: tuple[End, ...], count: int) -> Finding:
    keys = f"about {count:,} keys" if name.state is not None and count < name.state.keys else f"{count:,} keys"
    lines = (f"written without a time to live by {all_told(writers)}", f"{keys} of this family")
    summary = f"{keys}, and no source sets an end for them, deletes or expires them"
    return _finding(wiring, name, summary, lines, writers, gone=False)


def _finding(wiring: Map, name: Name, summary: str, lines: tuple[str, ...], writers: tuple[End, ...], *, gone: bool) -> Finding:
    units = {end.unit for end in name.ends}
    doubts = tuple(each for each in wiring.unresolved if each.unit in units and each.command.upper() in _ENDS)
    first = writers[0].where or writers[0].unit
    how = "Write it with EX" if writers[0].kind in {"string", "any"} else "EXPIRE it after each write"
    return CHECK.finding(
        name.name,
        summary,
        tuple(filter(None, (*lines, live(name, wiring.facts), *unresolved_told(doubts)))),
        f"{how} at {first}; then look at what is there (`redis-cli --scan --pattern '{literal(name.name)}*'`) and give it an end",
        where=writers[0].where,
        severity=Severity.INFO if doubts or gone else None,
    )
