"""Facts of a healthy service by default, a test says what is sick; and any facts at all, made from the types."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.bundle.file import FARTHEST_S
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.keys import ServerReading
from qtops.facts.preflight import ImportFacts, StartFacts
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import ChangedFile, Facts, ProcessFacts, RedisFacts, ServiceFacts
from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.unit import UnitState
from qtops.settings import Settings

NOW_S = 1_771_369_892.0  # 2026-02-17 23:11:32 UTC
UNIT = UnitState(name="app.service", main_pid=812, active_enter_s=NOW_S - 273_600, exec_main_start_s=NOW_S - 273_600)
SERVICE = ServiceFacts(
    subject="app.service",
    unit=UNIT,
    start=StartFacts(subject="app.service", imports=ImportFacts(interpreter="/usr/bin/python3", files=7)),
    journal=JournalFacts(invocation="8f1c", lines=(Line(NOW_S - 1, "cycle 7 done"),)),
    process=ProcessFacts(pid=812, started_s=NOW_S - 273_600),
    redis=RedisFacts(ServerReading("redis://127.0.0.1:6379/0", "ok"), "REDIS_URL at /etc/app.env:3"),
)
CHANGED = ChangedFile("code", "/srv/app/main.py", NOW_S - 60)


def service(**changes: Any) -> ServiceFacts:
    """The healthy service with some of it replaced."""
    return replace(SERVICE, **changes)


def unit(**changes: Any) -> ServiceFacts:
    """The healthy service with some properties of its unit replaced."""
    return service(unit=replace(UNIT, **changes))


def facts(*services: ServiceFacts, **changes: Any) -> Facts:
    """A look at these services, or at one that is healthy."""
    given: dict[str, Any] = {"host": "risk-1", "taken_at_s": NOW_S, "via": "pystemd", "systemd_version": "252", **changes}
    return Facts(services=services or (SERVICE,), **given)


SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")


def proposals(*looks: dict[str, str], symbol: str = "BTCUSDT") -> ProposalFacts:
    """A proposal with these fields, look by look."""
    readings = [ProposalReading(symbol=symbol, key=f"quantum:risk:proposal:{symbol}", read_at_s=NOW_S, fields=one) for one in looks]
    made = tuple(ProposalLook(taken_at_s=NOW_S, server=SERVER, readings=(reading,)) for reading in readings)
    return ProposalFacts(family="risk-proposal", symbols=(symbol,), looks=made)


def streams(*readings: StreamReading, **changes: Any) -> StreamFacts:
    """One look at these streams, or at one that is read in time."""
    group = GroupReading(name="readers", lag=0, last_delivered_id="5-0")
    healthy = StreamReading(name="app", read_at_s=NOW_S, length=5, last_id="5-0", groups=(group,))
    look = StreamLook(taken_at_s=NOW_S, server=SERVER, streams=readings or (replace(healthy, **changes),))
    return StreamFacts(looks=(look,))


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12).filter(str.isprintable)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: PRINTABLE,
    bool: st.booleans(),
    int: st.integers(-(2**63) + 1, 2**63 - 1),
    float: st.floats(-FARTHEST_S, FARTHEST_S),
    type(None): st.none(),
    Settings: st.sampled_from((Settings(), Settings(symbols=("A",), families=(), services=()))),
}


APART: dict[Any, tuple[str, ...]] = {  # only one of these at a time: a look holds one kind of facts, and each is large by itself
    Facts: ("services", "proposals", "streams", "cadence", "events", "wiring"),
    ServiceFacts: ("start", "proposals", "events"),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type that facts are made of."""
    if kind in LEAVES:
        return LEAVES[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(any_of, arguments))
    if origin is tuple:
        return st.lists(any_of(arguments[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(any_of(arguments[0]), any_of(arguments[1]), max_size=2)
    assert issubclass(kind, msgspec.Struct), kind
    LEAVES[kind] = st.deferred(lambda: _built(kind))
    return LEAVES[kind]


def _built(kind: Any) -> st.SearchStrategy[Any]:
    fields = {name: _field(name, hint) for name, hint in get_type_hints(kind).items()}
    apart = {name: fields.pop(name) for name in APART.get(kind, ())}
    if not apart:
        return st.builds(kind, **fields)
    return st.one_of(*(st.builds(kind, **fields, **{name: one}) for name, one in apart.items()))


def _field(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """A bundle holds no number of seconds that no calendar has."""
    return st.integers(-int(FARTHEST_S), int(FARTHEST_S)) if (hint is int and name.endswith("_s")) else any_of(hint)
