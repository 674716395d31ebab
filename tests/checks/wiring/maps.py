"""A small fleet of which everything is well: a test says what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.checks.wiring.registry import judge
from qtops.facts.keys import ServerReading
from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.wiring import End, NameState, UnitWiring, Unresolved, WiringFacts
from qtops.findings import Finding, Severity
from qtops.settings import Settings

NOW_S = 1_771_364_765.0  # 2026-02-17T21:46:05Z
SETTINGS = Settings(families=(), services=(), streams=(), prices=())
MARKET, TICKS, ORDERS, BEAT = "app:market:<symbol>", "app:stream:ticks", "app:stream:orders", "app:beat:<service>"


def end(unit: str, command: str, name: str, **more: Any) -> End:
    """One command; direction and kind are those of the commands that tests use."""
    direction, kind = {
        "XADD": ("write", "stream"), "XREADGROUP": ("read", "stream"), "XREAD": ("read", "stream"),
        "XGROUP CREATE": ("touch", "stream"),
        "HSET": ("write", "hash"), "HGETALL": ("read", "hash"), "HINCRBY": ("write", "hash"),
        "SET": ("write", "string"), "GET": ("read", "string"), "EXISTS": ("touch", "any"), "DEL": ("touch", "any"),
        "LPUSH": ("write", "list"), "BRPOP": ("read", "list"), "LTRIM": ("touch", "list"), "LRANGE": ("read", "list"),
        "PUBLISH": ("write", "channel"), "SUBSCRIBE": ("read", "channel"), "SCAN": ("read", "any"), "SADD": ("write", "set"),
    }[command]  # fmt: skip
    where = f".py:{1 + len(name)}"  # of a file that is called as the unit
    return End(**{"unit": unit, "name": name, "command": command, "direction": direction, "kind": kind, "where": where, **more})


def writes(unit: str, name: str, *fields: str, command: str = "", **more: Any) -> End:
    """A writer: XADD to what is called a stream, HSET to anything else."""
    more = {"fields": fields, "fields_known": True, **more} if fields else more
    return end(unit, command or ("XADD" if "stream" in name else "HSET"), name, **more)


def reads(unit: str, name: str, *fields: str, command: str = "", **more: Any) -> End:
    """A reader, likewise."""
    return end(unit, command or ("XREADGROUP" if "stream" in name else "HGETALL"), name, **{"fields": fields, **more})


def unit(name: str, *ends: End, **more: Any) -> UnitWiring:
    """A unit that runs; ``ends`` may be written for any unit: they become its own."""
    full = f"{name}.service"
    own = tuple(replace(each, unit=full, where=name * each.where.startswith(".") + each.where) for each in ends)
    healthy = {
        "unit": full, "load_state": "loaded", "active_state": "active", "sub_state": "running", "unit_file_state": "enabled",
        "result": "success", "script": f"/srv/{name}/main.py", "files": 3, "ends": own,
    }  # fmt: skip
    return UnitWiring(**{**healthy, **more})


def off(**more: Any) -> dict[str, Any]:
    """What is true of a unit that somebody disabled."""
    return {"active_state": "inactive", "sub_state": "dead", "unit_file_state": "disabled", **more}


def stream(name: str, *groups: str, added: int = 1000, age_s: float = 2.0, **more: Any) -> StreamReading:
    """A stream whose newest entry is two seconds old."""
    last = f"{int((NOW_S - age_s) * 1000)}-0"
    healthy = {
        "name": name, "read_at_s": NOW_S, "length": min(added, 100), "entries_added": added,
        "last_generated_id": last, "last_id": last,
        "groups": tuple(GroupReading(name=group, last_delivered_id=last, entries_read=added, lag=0) for group in groups),
        "groups_count": len(groups),
    }  # fmt: skip
    return StreamReading(**{**healthy, **more})


def behind(name: str, group: str, lag: int = 26) -> StreamReading:
    """A stream of which a group has not been given everything."""
    return stream(name, groups=(GroupReading(name=group, last_delivered_id="0-0", entries_read=0, lag=lag),), groups_count=1)


def ghost(name: str, *groups: str) -> StreamReading:
    """A stream that MKSTREAM made."""
    return stream(name, *groups, added=0, last_generated_id="0-0", last_id="")


def there(name: str, kind: str = "hash", **more: Any) -> NameState:
    """What is in Redis under a name."""
    return NameState(**{"name": name, "present": True, "keys": 1, "kind": kind, "length": 3, **more})


def fleet(
    *units: UnitWiring, states: tuple[NameState, ...] = (), streams: tuple[StreamReading, ...] = (), **more: Any
) -> WiringFacts:
    """A map of these units."""
    server = ServerReading("redis://127.0.0.1:6379/0", "ok")
    looks = (StreamLook(taken_at_s=NOW_S, server=server, streams=streams),)
    return WiringFacts(
        **{
            "taken_at_s": NOW_S,
            "units": units,
            "names": states,
            "streams": StreamFacts(looks=looks),
            "redis_url": server.url,
            **more,
        }
    )


PRODUCER = unit(
    "market",
    writes("", MARKET, "price", "sigma", expires=True),
    writes("", TICKS, "symbol", "price", capped=True),
    writes("", BEAT, "at", expires=True),
)
CONSUMER = unit(
    "strategy",
    reads("", "app:market:BTCUSDT", "price", command="HGETALL"),
    end("", "XGROUP CREATE", TICKS, group="strategy", creates=True),
    reads("", TICKS, "symbol", "price", group="strategy"),
    writes("", ORDERS, "event", "symbol", "side", "qty"),
    writes("", BEAT, "at", expires=True),
)
EXECUTOR = unit("executor", reads("", ORDERS, "event", "symbol", "qty", group="executor"), reads("", BEAT, "at"))
HEALTHY = fleet(
    PRODUCER,
    CONSUMER,
    EXECUTOR,
    states=(
        there(MARKET, keys=3, sample="app:market:BTCUSDT", fields=("price", "sigma"), ttl_ms=50_000),
        there(TICKS, "stream", fields=("symbol", "price")),
        there(ORDERS, "stream"),
        there(BEAT, keys=2, sample="app:beat:market", fields=("at",), ttl_ms=9_000),
    ),
    streams=(stream(TICKS, "strategy"), stream(ORDERS, "executor", age_s=30)),
)


def unresolved(name: str, command: str = "XADD") -> Unresolved:
    """A command whose name could not be told."""
    return Unresolved(f"{name}.service", command, f"{name}.py:7", "the name is a parameter of publish()")


def beside(*units: UnitWiring, states: tuple[NameState, ...] = (), streams: tuple[StreamReading, ...] = ()) -> WiringFacts:
    """The healthy fleet, and these besides."""
    known = HEALTHY.streams.looks[-1].streams if HEALTHY.streams else ()
    return fleet(*HEALTHY.units, *units, states=(*(HEALTHY.names or ()), *states), streams=(*known, *streams))


def found(facts: WiringFacts, settings: Settings = SETTINGS) -> dict[str, Finding]:
    """Findings by ``CODE subject``, without what is only worth knowing."""
    return {f"{each.code} {each.subject}": each for each in judge(facts, settings).findings if each.severity is not Severity.INFO}


def noted(facts: WiringFacts, settings: Settings = SETTINGS) -> set[str]:
    """``CODE subject`` of what is only worth knowing."""
    return {f"{each.code} {each.subject}" for each in judge(facts, settings).findings if each.severity is Severity.INFO}
