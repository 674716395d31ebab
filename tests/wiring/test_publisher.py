"""On a real service: the publisher, whose keys come from functions, whose commands are tuples, and which writes by a script."""

from functools import cache

from publisher import contract
from qtops.facts.wiring import End
from qtops.imports.files import Files
from qtops.imports.tree import HostTree
from qtops.wiring.source import Read, Unit, read_unit
from tests.bench.measuring import ROOT


@cache
def publisher() -> Read:
    folder = str(ROOT)
    unit = Unit(
        "risk-proposal.service", f"{folder}/publisher/__main__.py", (folder,), (f"{folder}/publisher",), {}, module="publisher"
    )
    return read_unit(Files(HostTree()), unit)


def found(name: str, *commands: str) -> list[End]:
    return [end for end in publisher().ends if end.name == name and end.command in commands]


def test_what_it_reads():
    (market,) = found(contract.market_key("<symbol>"), "HMGET")
    assert (market.direction, market.kind, market.fields_known) == ("read", "hash", True)
    assert set(market.fields) >= {"sigma", "p_trend", "ts_timestamp"}
    (position,) = found(contract.position_key("<symbol>"), "HMGET")
    assert set(position.fields) >= {"side", "entry_price", "mark_price"}
    (track,) = found(contract.track_key("<symbol>"), "HMGET")
    assert track.fields == tuple(field.name for field in contract.TRACK_FIELDS)
    assert [end.direction for end in found(contract.POSITIONS_HASH, "HMGET")] == ["read"]
    assert {end.command for end in found(contract.EXECUTION_STREAM, "XRANGE", "XREVRANGE")} == {"XRANGE", "XREVRANGE"}


def test_what_it_writes():
    proposals = found(contract.proposal_key("<symbol>"), "EVALSHA")
    assert {(end.direction, end.kind) for end in proposals} == {("write", "any")}
    (track,) = found(contract.track_key("<symbol>"), "HSET")
    assert (track.direction, track.expires) == ("write", True)
    (stream,) = found(contract.PROPOSAL_STREAM, "XADD")
    assert (stream.direction, stream.capped) == ("write", True)
    own = [end for end in publisher().ends if end.name.startswith(contract.publisher_key("<"))]
    assert {end.direction for end in own} == {"write"}


def test_what_it_deletes():
    assert found(contract.proposal_key("<symbol>"), "DEL")
    assert found(contract.track_key("<symbol>"), "DEL")


def test_nothing_else():
    keys = {contract.market_key, contract.position_key, contract.proposal_key, contract.track_key}
    patterns = {key("<symbol>") for key in keys} | {contract.POSITIONS_HASH, contract.EXECUTION_STREAM, contract.PROPOSAL_STREAM}
    others = {end.name for end in publisher().ends} - patterns
    assert all(name.startswith(contract.publisher_key("")) for name in others)
    assert {gap.command for gap in publisher().unresolved} <= {"EVAL"}  # what is sent again after NOSCRIPT
    assert publisher().missing == ()
