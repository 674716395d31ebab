"""What a bundle holds, in lines that a person reads."""

from hypothesis import given, settings

from qtops.bundle import Bundle
from qtops.bundle.contents import contents
from qtops.bundle.file import decode, encode
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Facts, Missing, ServiceFacts
from tests.bundle.looks import CHANGED, any_of, facts, service
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


def test_a_bundle_from_nowhere_is_shown_as_well():
    bare = Bundle(host=HOSTILE, taken_at_s=0, services=())
    assert all(line.isprintable() for line in contents(bare))
    assert "written by qtops ?; systemd ?" in [*contents(bare)]


@given(any_of(Facts))
@settings(max_examples=20)
def test_any_bundle_is_shown_in_printable_lines(looked):
    assert all(line.isprintable() for line in told(looked))
