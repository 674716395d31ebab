"""What becomes of Redis over months: keys that stay, patterns that catch too much, streams that grow. Sick and well."""

from typing import Any

from msgspec.structs import replace

from qtops.facts.wiring import End, UnitWiring

from .maps import beside, end, off, reads, stream, there, unit, unresolved, writes

PLAN, PERMIT, LOT, LOG = "app:plan:<plan_id>", "app:permit:<plan_id>", "app:lot:", "app:stream:tape"


def touches(command: str, name: str, **more: Any) -> End:
    """A command that neither brings nor takes data."""
    return replace(end("", "DEL", name, **more), command=command)


def sets(name: str, *others: End, command: str = "SET", **more: Any) -> UnitWiring:
    """A unit that writes a key without an end, and reads it."""
    return unit(
        "maker",
        writes("", name, command=command, **{"expires": False, **more}),
        reads("", name, command="GET" if command == "SET" else "HGETALL"),
        *others,
    )


def many(name: str = PLAN, keys: int = 1_500, **more: Any) -> Any:
    """So many keys, of which one that was looked at has no end."""
    return there(name, **{"kind": "string", "keys": keys, "sample": name.replace("<plan_id>", "7"), **more})


def lots(*others: End, shapes: tuple[str, ...] = ("<symbol>", "closed:<symbol>"), **more: Any) -> UnitWiring:
    """A unit that writes and reads keys of some shapes below one beginning."""
    each = [LOT + shape for shape in shapes]
    return unit("book", *(writes("", name, **more) for name in each), *(reads("", name) for name in each), *others)


def search(command: str = "SCAN", at: int = 10, name: str = f"{LOT}<any>") -> End:
    """Source looks for all keys that begin so."""
    return touches(command, name, where=f".py:{at}")


def deletes(at: int = 11, name: str = f"{LOT}<key>", command: str = "DEL") -> End:
    """Source deletes what it found."""
    return touches(command, name, where=f".py:{at}")


def tape(*caps: bool, name: str = LOG) -> UnitWiring:
    """A unit that adds to a stream, at one place for each of ``caps``, and reads it."""
    added = (writes("", name, capped=cap, where=f".py:{100 + at}") for at, cap in enumerate(caps))
    return unit(f"feed-{name.rpartition(':')[2]}", *added, reads("", name))


def long(entries: int, added: int | None = None, name: str = LOG) -> Any:
    """A stream of so many entries."""
    return stream(name, added=added or entries, length=entries)


SIBLINGS = tuple(tape(True, name=f"app:stream:calm{letter}") for letter in "abc")
CALM = tuple(long(1_200, 9_999, f"app:stream:calm{letter}") for letter in "abc")

SICK = [
    ("WIRING110", PLAN, beside(sets(PLAN), states=(many(),))),
    (
        "WIRING110",
        "app:done:<order_id>",
        beside(sets("app:done:<order_id>", command="HSET"), states=(many("app:done:<order_id>", kind="hash"),)),
    ),
    ("WIRING110", PERMIT, beside(sets(PERMIT))),
    ("WIRING110", "app:cooldown:<symbol>", beside(sets("app:cooldown:<symbol>"))),
    ("WIRING110", "app:exit_lock", beside(sets("app:exit_lock", command="SET"))),
    ("WIRING110", PERMIT, beside(sets(PERMIT, expires=True), states=(many(PERMIT, 3),))),  # in Redis it has no end all the same
    ("WIRING111", f"{LOT}*", beside(lots(search()))),
    ("WIRING111", f"{LOT}*", beside(lots(), unit("panel", search("KEYS")))),
    ("WIRING111", f"{LOT}*", beside(lots(search(), deletes()))),
    ("WIRING111", f"{LOT}*", beside(lots(shapes=("<symbol>", "count")), unit("panel", search()))),
    ("WIRING112", LOG, beside(tape(False), streams=(long(100_001, 200_000),))),
    ("WIRING112", LOG, beside(tape(True, False), streams=(long(50_001),))),  # only the first call has a cap
    ("WIRING112", LOG, beside(*SIBLINGS, tape(False), streams=(*CALM, long(12_001, 20_000)))),
]
QUIET = [
    ("WIRING110", beside(sets(PLAN), states=(many(keys=999),))),
    ("WIRING110", beside(sets(PLAN))),  # Redis was not asked
    ("WIRING110", beside(sets(PLAN), states=(many(ttl_ms=60_000),))),
    ("WIRING110", beside(sets("app:price:<symbol>"), states=(many("app:price:<symbol>"),))),  # there are only so many symbols
    ("WIRING110", beside(sets(PLAN), unit("broom", touches("DEL", PLAN)), states=(many(),))),
    ("WIRING110", beside(sets(PLAN), unit("broom", touches("EXPIRE", "app:plan:<id>")), states=(many(),))),
    ("WIRING110", beside(sets(PLAN, expires=None), states=(many(),))),
    ("WIRING110", beside(sets(PLAN), sets(f"{PLAN}:log:<at>"), states=(many(), many(f"{PLAN}:log:<at>", 1_400, ttl_ms=9)))),
    ("WIRING110", beside(sets(PERMIT, expires=True))),
    ("WIRING110", beside(sets("app:lock:<name>", touches("DEL", "app:lock:<name>")))),
    ("WIRING110", beside(sets("app:last_seen:<symbol>"), sets("app:rate_limit:max"), sets("app:clock"))),
    ("WIRING110", beside(sets("app:guard", command="HSET"), states=(there("app:guard"),))),  # one table for all of them
    ("WIRING111", beside(lots(search(), deletes(), shapes=("<symbol>",)))),
    ("WIRING111", beside(lots(search("SCAN TYPE")))),
    ("WIRING111", beside(lots(search(), touches("TYPE", f"{LOT}<key>", where=".py:12")))),
    ("WIRING111", beside(lots(), unit("panel", search(name="app:<any>")))),  # whoever looks at everything means everything
    ("WIRING111", beside(lots(shapes=("open:<symbol>", "closed:<symbol>")), unit("panel", search()))),
    ("WIRING111", beside(lots(), unit("panel", search(), **off()))),
    ("WIRING112", beside(tape(False), streams=(long(20_000, 90_000),))),
    ("WIRING112", beside(tape(True, True), streams=(long(200_000),))),
    ("WIRING112", beside(tape(False), unit("broom", touches("XTRIM", LOG)), streams=(long(200_000),))),
    ("WIRING112", beside(tape(False))),
    ("WIRING112", beside(*SIBLINGS, tape(False), streams=(*CALM, long(11_000, 20_000)))),
]
DOUBTED = [
    (f"WIRING110 {PERMIT}", beside(sets(PERMIT), unit("maker", unresolved=(unresolved("maker", "EXPIRE"),)))),
    (f"WIRING111 {LOT}*", beside(lots(shapes=("<what>", "closed:<symbol>")), unit("panel", search()))),
    (f"WIRING112 {LOG}", beside(tape(False), unit("m", unresolved=(unresolved("m", "XTRIM"),)), streams=(long(200_000, 900_000),))),
    (f"WIRING112 {LOG}", beside(unit("f", writes("", LOG, capped=False), reads("", LOG), **off()), streams=(long(200_000),))),
]
"""Found, and only noted."""
