"""One record for each question; and from the records the same case again, or a word on what is wrong with which."""

import json
import time
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.evidence.case import Case
from qtops.evidence.numbering import recorded
from qtops.evidence.parts import CASE_PARTS, LOOK_PARTS, SERVICE_PARTS, Frame, Host
from qtops.evidence.records import EvidenceError
from qtops.evidence.splitting import hosts, joined, split
from qtops.facts.host import UnitText
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.service import Facts, Missing, ServiceFacts, Source
from tests.bundle.looks import NOW_S, facts, service
from tests.evidence.cases import any_case, bytes_of, case, founding_case

SERVICE = "quantum-risk-proposal.service"


def unit_text(text: str, path: str = "/etc/systemd/system/app.service") -> UnitText:
    return UnitText("app.service", path, text, NOW_S, "0" * 64)


# The same case again


def test_the_founding_case_is_put_together_again():
    assert joined(bytes_of(founding_case())) == founding_case()


@pytest.mark.slow
@given(any_case())
@settings(max_examples=40, deadline=None)
def test_any_case_is_put_together_again_from_records_that_a_terminal_may_show(whole):
    parts = split(whole)
    assert joined({part.name: part.content for part in parts}) == whole
    assert len({part.name for part in parts}) == len(parts)
    for part in parts:
        assert part.name.isprintable()
        assert part.asked
        assert part.asked.isprintable()
        assert all(line.removesuffix("\r").replace("\t", "").isprintable() for line in part.content.decode().split("\n"))


@given(any_case())
@settings(max_examples=20, deadline=None)
def test_a_case_that_was_put_together_has_the_same_records(whole):
    parts = split(whole)
    assert split(joined({part.name: part.content for part in parts})) == parts


@pytest.mark.parametrize("text", ["", "\x1b[2J", 'a "quoted" \u202e line', "\ud83d", "caf\udce9", "\x00", "\u00a0", "😀\U000e0001"])
def test_texts_that_no_terminal_may_show_are_kept_as_they_are(text):
    kept = facts(service(journal=JournalFacts(lines=(Line(NOW_S, text),))))
    whole = case(after=kept, patch=text, units=(unit_text(text),))
    assert joined(bytes_of(whole)) == whole


@pytest.mark.parametrize("text", ["[Unit]\nDescription=x\n", "a\r\nb\r\n", "a\tb", '"quoted" at once', "", "\n\n", '"'])
def test_texts_are_kept_line_by_line(text):
    whole = case(units=(unit_text(text),))
    (content,) = (part.content for part in split(whole) if part.name.startswith("unit-files/"))
    assert joined(bytes_of(whole)) == whole
    assert (content == text.encode()) is not text.startswith('"')


def test_every_field_of_a_case_is_in_some_part():
    """A field that somebody adds and no part holds would be lost without a word."""
    own = {"host", "taken_at_s", "via", "systemd_version", "booted_s", "services", "missing"}
    looks = {field for fields in LOOK_PARTS.values() for field in fields}
    assert own | looks == set(Facts.__struct_fields__)
    assert own - {"missing"} == set(Host.__struct_fields__)
    services = {field for fields in SERVICE_PARTS.values() for field in fields}
    assert services | {"subject", "families", "missing"} == set(ServiceFacts.__struct_fields__)
    rest = {field for fields in CASE_PARTS.values() for field in fields}
    frame = {"kind", "host", "subject", "made_at_s", "lacking"}
    assert rest | frame | {"before", "after", "now", "patch", "units"} == set(Case.__struct_fields__)
    assert frame < set(Frame.__struct_fields__)


# What is a record


def test_there_is_a_record_for_each_question_that_was_asked():
    asked = ["unit", "start", "journal", "changed", "redis", "keys", "proposals", "events"]
    running = [*asked[:3], "process", *asked[3:]]
    looks = {"before": asked, "after": running, "now": running}
    expected = {
        f"{look}/{name}" for look, names in looks.items() for name in ("host", "settings", *(f"{SERVICE}/{one}" for one in names))
    }
    rest = {"settling", "recovery", "plan", "ledger", "patch", "failed/now", "case", f"unit-files/etc-systemd-system-{SERVICE}"}
    assert {part.name for part in split(founding_case())} == expected | rest


def test_a_source_that_could_not_be_read_is_a_record_that_says_why():
    missing = (Missing("journal", "no permission", "adduser qt systemd-journal"), Missing("keys", "Redis is down"))
    whole = case(after=facts(service(journal=None, missing=missing), missing=(Missing("systemd", "no D-Bus"),)))
    parts = {part.name: part for part in split(whole)}
    journal = parts["after/app.service/missing/1/journal"]
    assert (journal.exit, json.loads(journal.content)["why"]) == (1, "no permission")
    assert parts["after/app.service/missing/2/keys"].exit == 1
    assert parts["after/missing/1/systemd"].exit == 1
    assert joined({name: part.content for name, part in parts.items()}) == whole


@pytest.mark.parametrize("source", get_args(Source))
def test_every_source_may_be_missing(source):
    whole = case(after=facts(ServiceFacts(subject="a.service", missing=(Missing(source, "x"),)), missing=(Missing(source, "y"),)))
    assert joined(bytes_of(whole)) == whole


def test_an_empty_list_of_failed_units_is_an_answer_and_no_list_is_none():
    assert "failed/now" in bytes_of(case(failed=()))
    assert "failed/now" not in bytes_of(case())


def test_services_that_call_themselves_alike_are_kept_apart():
    names = ["a.service", "a.service", "../../etc", "missing", "", "a b", "a-b"]
    whole = case(after=facts(*(replace(service(), subject=name) for name in names)))
    parts = bytes_of(whole)
    assert joined(parts) == whole
    assert {name.split("/")[1] for name in parts if name.endswith("/unit")} == {
        "a.service", "a.service#2", "etc", "missing#2", "unnamed", "a-b", "a-b#2",
    }  # fmt: skip


def test_a_number_that_is_none_is_not_written_down():
    with pytest.raises(EvidenceError, match=r"^after/host: cannot be written down"):
        split(case(after=facts(taken_at_s=float("nan"))))


def test_it_is_quick():
    """By its own CPU time: a busy machine makes nothing of it slower."""
    whole = founding_case()
    times = []
    for _ in range(9):
        began = time.process_time()
        parts = split(whole)
        recorded(parts)
        joined({part.name: part.content for part in parts})
        times.append(time.process_time() - began)
    assert min(times) < 0.05


# What is no case

PARTS = bytes_of(founding_case())
DAMAGED = {
    "empty": (b"", "is no JSON"),
    "no JSON": (b"{", "is no JSON"),
    "no UTF-8": (b'{"unit": "\xff"}', "is no JSON"),
    "NaN": (b'{"unit": NaN}', "NaN is no number"),
    "infinite": (b'{"unit": 1e999}', "is no value of 'unit'"),
    "a list": (b"[]", "is not as this record should be"),
    "another type": (b'{"unit": 7}', "is not as this record should be"),
    "more in it": (b'{"unit": null, "\xc2\x9b2J": 1}', r"unknown field `\x9b2J`"),
    "no time": (b'{"unit": {"name": "a", "condition_s": 1e17}}', "'1e+17' is no value of 'condition_s'"),
    "deep": (b'{"unit":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
}


@pytest.mark.parametrize(("content", "why"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_record_is_named(content, why):
    name = f"after/{SERVICE}/unit"
    with pytest.raises(EvidenceError) as refused:
        joined(PARTS | {name: content})
    assert refused.value.record == name
    assert str(refused.value).startswith(f"{name}: ")
    assert why in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", PARTS)
def test_a_record_that_is_not_there_is_named(name):
    with pytest.raises(EvidenceError, match="is not there") as refused:
        joined({key: content for key, content in PARTS.items() if key != name})
    assert refused.value.record == name


def test_a_record_that_the_case_does_not_name_is_refused():
    with pytest.raises(EvidenceError, match=r"^before/x: is none of the records") as refused:
        joined(PARTS | {"before/x": b"{}"})
    assert refused.value.record == "before/x"


def test_a_record_that_belongs_to_nothing_is_refused():
    frame = json.loads(PARTS["case"])
    frame["parts"].append("before/x\x1b")
    with pytest.raises(EvidenceError, match=r"^before/x\\x1b: .* another version"):
        joined(PARTS | {"case": json.dumps(frame).encode(), "before/x\x1b": b"{}"})


def test_two_records_that_changed_places_are_refused():
    unit, journal = f"after/{SERVICE}/unit", f"after/{SERVICE}/journal"
    with pytest.raises(EvidenceError):
        joined(PARTS | {unit: PARTS[journal], journal: PARTS[unit]})


def made_of(parts):
    """A case, or why there is none in words that can be shown."""
    try:
        return isinstance(joined(parts), Case)
    except EvidenceError as refused:
        return str(refused).isprintable()


@given(st.sampled_from(sorted(PARTS)), st.binary(max_size=30), st.integers(min_value=0))
@settings(deadline=None)
def test_any_bytes_make_a_case_or_are_refused_and_nothing_else(name, junk, at):
    old = PARTS[name]
    at %= len(old) + 1
    for content in (junk, old[:at] + junk + old[at:], old[:at] + junk + old[at + len(junk) :]):
        assert made_of(PARTS | {name: content})


# Of which host


def test_every_look_tells_its_host_and_so_does_the_case():
    assert hosts(PARTS) == {"case": "box", "before/host": "box", "after/host": "box", "now/host": "box"}
    assert hosts(PARTS | {"now/host": b"x"}) == {"case": "box", "before/host": "box", "after/host": "box"}


def test_the_parts_are_plain_values():
    assert msgspec.json.decode(PARTS["failed/now"]) == {"failed": []}
