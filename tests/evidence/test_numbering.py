"""Records have numbers in the order of reading, hashes, and files that an operator finds."""

import hashlib

import pytest
from hypothesis import given, settings

from qtops.evidence import numbering
from qtops.evidence.numbering import FILE, by_name, recorded
from qtops.evidence.parts import Part
from qtops.evidence.records import EvidenceError
from qtops.evidence.splitting import split
from tests.bundle.looks import facts, service
from tests.evidence.cases import any_case, case, founding_case


def part(name="after/host", content=b"{}\n", **changes):
    return Part(**{"name": name, "asked": "uname -n", "at_s": 1.0, "exit": 0, "content": content} | changes)


def files(*names):
    return [record.file for record in recorded([part(name) for name in names])]


def test_a_record_says_what_was_asked_when_and_what_came_of_it():
    (record,) = recorded([part(content=b"x\n", asked="HGETALL a", at_s=7.5, exit=1)])
    assert (record.id, record.asked, record.at_s, record.exit, record.size) == ("E01", "HGETALL a", 7.5, 1, 2)
    assert record.sha256 == hashlib.sha256(b"x\n").hexdigest()


def test_numbers_follow_the_order_of_reading():
    records = recorded([part(str(number)) for number in range(1, 102)])
    assert [records[0].id, records[98].id, records[99].id] == ["E01", "E99", "E100"]


def test_of_a_single_service_the_name_is_left_out():
    assert files("after/app.service/keys", "after/host", "patch") == [
        "E01-after-keys.json",
        "E02-after-host.json",
        "E03-patch.json",
    ]
    assert files("after/app.service/keys", "before/missing/1/systemd")[0] == "E01-after-keys.json"


def test_several_services_are_told_apart():
    assert files("now/a.service/keys", "now/b.service/keys") == ["E01-now-a.service-keys.json", "E02-now-b.service-keys.json"]


def test_what_could_not_be_read_is_seen_from_the_file_as_well():
    assert files("after/app.service/missing/1/unit files") == ["E01-after-missing-1-unit-files.json"]


def test_a_text_has_a_suffix_of_its_own():
    assert recorded([part("patch", suffix="patch")])[0].file == "E01-patch.patch"


@pytest.mark.slow
@given(any_case())
@settings(max_examples=30, deadline=None)
def test_whatever_a_service_is_called_its_files_stay_in_the_folder(whole):
    records = recorded(split(whole))
    assert all(FILE.fullmatch(record.file) for record in records)
    assert len({record.file.lower() for record in records}) == len(records)


@pytest.mark.parametrize("subject", ["../../etc/passwd", "/", "a" * 300, "\x1b[2J", "", "con", "é.service", "a b;rm -rf"])
def test_hostile_names_make_plain_files(subject):
    whole = case(after=facts(service(subject=subject), service(subject="b.service")))
    assert all(FILE.fullmatch(record.file) for record in recorded(split(whole)))


def test_a_record_that_is_too_large_is_refused_before_anything_is_written(monkeypatch):
    monkeypatch.setattr(numbering, "LARGEST", 100)
    with pytest.raises(EvidenceError, match=r"^after/host: takes 101 bytes"):
        recorded([part(content=b"x" * 101)])


def test_contents_are_found_by_the_names_of_their_records():
    parts = split(founding_case())
    records = recorded(parts)
    contents = {record.file: one.content for record, one in zip(records, parts, strict=True)}
    assert by_name(records, contents) == {one.name: one.content for one in parts}
    assert by_name(records, {}) == {}
