"""What a bundle holds, in lines that a person reads."""

from hypothesis import given, settings
from msgspec.structs import replace

from qtops.bundle import Bundle
from qtops.bundle.contents import contents
from qtops.bundle.file import decode, encode
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.events import EventFacts
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Facts, Missing, ServiceFacts
from qtops.facts.streams import GroupReading, StreamReading
from qtops.facts.wiring import UnitWiring, WiringFacts
from tests.bundle.looks import CHANGED, NOW_S, SERVER, any_of, facts, proposals, service, streams
from tests.reports.doctor.reports import HOSTILE


def told(looked: Facts) -> list[str]:
    return [*contents(decode(encode(looked)))]


def test_where_when_and_how_much():
    first, second, third = told(facts())
    assert first == "2026-02-17 23:11:32 UTC on risk-1: 1 service"
    assert second.startswith("written by qtops ")
    assert second.endswith("; systemd 252, read through pystemd")
    assert third == (
        "  app.service: active (running), its next start (7 source files followed), 1 journal line, process 812, Redis ok"
    )


def test_what_could_not_be_read_is_named():
    sick = service(journal=JournalFacts(cut=True), changed=(CHANGED,), missing=(Missing("keys", "hung", "see Redis"),))
    lines = told(facts(sick, ServiceFacts(subject="b.service"), missing=(Missing("redis", "hung"),)))
    assert "0 journal lines, older ones left out" in lines[2]
    assert "1 changed file" in lines[2]
    assert lines[3:] == ["    missing: keys: hung (see Redis)", "  b.service: nothing", "  missing: redis: hung"]


def test_what_redis_held_is_told_by_kind():
    groups = (GroupReading(name="a"), GroupReading(name="b"))
    looked = facts(
        proposals=replace(proposals({}, {}), missing=("positions: hung",)),
        streams=streams(groups=groups),
        cadence=CadenceFacts(server=SERVER, taken_at_s=NOW_S, series=(Series(family="app", moments_s=(1.0, 2.0)),)),
        events=EventFacts(
            taken_at_s=NOW_S, read_at_s=NOW_S, server=replace(SERVER, state="hung"), stream=StreamReading(name="e", read_at_s=NOW_S)
        ),
        wiring=WiringFacts(taken_at_s=NOW_S, units=(UnitWiring(unit="a.service"),)),
    )
    assert told(looked)[3:] == [
        "  1 proposal of risk-proposal, 2 looks, Redis ok",
        "  1 stream with 2 groups, 1 look, Redis ok",
        "  cadence of 1 series, 2 updates, Redis ok",
        "  0 events of e, 0 guards, Redis hung",
        "  wiring of 1 unit: 0 ends, Redis not asked",
        "    missing: positions: hung",
    ]


def test_what_a_service_writes_is_counted_with_it():
    events = EventFacts(taken_at_s=NOW_S, read_at_s=NOW_S, server=SERVER, stream=StreamReading(name="e", read_at_s=NOW_S))
    assert told(facts(service(proposals=proposals({}), events=events)))[2].endswith(", Redis ok, 1 proposal, 0 risk events")


def test_a_bundle_without_services_does_not_count_them():
    looked = replace(facts(proposals=proposals({})), services=())
    assert told(looked)[0] == "2026-02-17 23:11:32 UTC on risk-1"


def test_a_bundle_from_nowhere_is_shown_as_well():
    bare = Bundle(host=HOSTILE, taken_at_s=0, services=())
    assert all(line.isprintable() for line in contents(bare))
    assert "written by qtops ?; systemd ?" in [*contents(bare)]


@given(any_of(Facts))
@settings(max_examples=20)
def test_any_bundle_is_shown_in_printable_lines(looked):
    assert all(line.isprintable() for line in told(looked))
