"""Whatever is done to a report or to its records afterwards is found, and named."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.evidence.checking import objections, text_objections
from qtops.evidence.document import Ages, Claim, Criteria, Listed, Paragraph, Row, Table, Verbatim
from qtops.evidence.numbering import sha256
from qtops.evidence.objections import verdict
from qtops.evidence.records import EvidenceError
from qtops.findings import Verdict
from tests.bundle.looks import facts
from tests.evidence.cases import case, founding_case
from tests.evidence.reports import Written, anew, with_section

REPORT = Written(founding_case())
HONEST = {("unbacked", "Status"), ("unbacked", "Change")}
SERVICE = "quantum-risk-proposal.service"


def kinds(found):
    """What was found besides the two claims that say of themselves that nothing backs them."""
    return {(one.kind, one.where) for one in found} - HONEST


def with_index(records):
    return replace(REPORT.index, records=tuple(records))


# A report as it was written


def test_a_report_as_it_was_written_has_claims_without_evidence_at_the_most():
    found = REPORT.checked()
    assert {(one.kind, one.where) for one in found} == HONEST
    assert verdict(found) is Verdict.UNKNOWN


def test_a_report_whose_claims_all_have_evidence_is_ok():
    assert verdict(()) is Verdict.OK


# Records


@pytest.mark.parametrize("name", [record.name for record in REPORT.records])
def test_a_flipped_byte_is_found_in_exactly_that_record(name):
    record = REPORT.record(name)
    content = REPORT.contents[record.file]
    for at in {0, 1, len(content) // 3, len(content) // 2, len(content) - 2, len(content) - 1}:
        flipped = bytearray(content)
        flipped[at] ^= 1
        found = REPORT.checked(contents=REPORT.contents | {record.file: bytes(flipped)})
        assert kinds(found) == {("altered", record.id)}
        assert verdict(found) is Verdict.CRITICAL


@pytest.mark.parametrize("name", [record.name for record in REPORT.records])
def test_a_file_that_was_taken_out_is_named(name):
    record = REPORT.record(name)
    found = REPORT.checked(contents={file: content for file, content in REPORT.contents.items() if file != record.file})
    assert kinds(found) == {("missing", record.id)}
    assert verdict(found) is Verdict.CRITICAL


@pytest.mark.parametrize("name", [record.name for record in REPORT.records])
def test_a_record_that_was_taken_out_of_the_index_as_well_is_missed(name):
    record = REPORT.record(name)
    contents = {file: content for file, content in REPORT.contents.items() if file != record.file}
    found = REPORT.checked(contents=contents, index=with_index(one for one in REPORT.records if one != record))
    assert any(one.kind in ("missing", "altered") and name in one.text for one in found)
    assert verdict(found) is Verdict.CRITICAL


def test_a_file_that_was_put_in_is_named_and_nothing_rests_on_it():
    found = REPORT.checked(contents=REPORT.contents | {"E99-more.json": b"{}"})
    assert kinds(found) == {("extra", "E99-more.json")}
    assert verdict(found) is Verdict.WARNING


def test_a_record_that_was_put_into_the_index_as_well_is_named():
    more = replace(REPORT.records[-1], id="E99", name="after/more", file="E99-more.json", sha256=sha256(b"{}"), size=2)
    found = REPORT.checked(contents=REPORT.contents | {"E99-more.json": b"{}"}, index=with_index((*REPORT.records, more)))
    assert ("altered", "E99") in kinds(found)
    assert verdict(found) is Verdict.CRITICAL


def test_two_files_that_changed_places_are_both_named():
    one, other = (REPORT.record(f"{look}/{SERVICE}/keys") for look in ("after", "now"))
    swapped = REPORT.contents | {one.file: REPORT.contents[other.file], other.file: REPORT.contents[one.file]}
    assert kinds(REPORT.checked(contents=swapped)) == {("altered", one.id), ("altered", other.id)}


def test_two_looks_that_changed_places_in_the_index_as_well_are_both_named():
    one, other = (REPORT.record(f"{look}/{SERVICE}/keys") for look in ("before", "after"))
    swapped = REPORT.contents | {one.file: REPORT.contents[other.file], other.file: REPORT.contents[one.file]}
    mended = {
        one.id: replace(one, sha256=other.sha256, size=other.size),
        other.id: replace(other, sha256=one.sha256, size=one.size),
    }
    found = REPORT.checked(contents=swapped, index=with_index(mended.get(record.id, record) for record in REPORT.records))
    assert {("altered", one.id), ("altered", other.id)} <= kinds(found)


def edited(name, old, new):
    """A record with other content, and the index that goes with it."""
    record = REPORT.record(name)
    content = REPORT.contents[record.file].replace(old, new)
    assert content != REPORT.contents[record.file]
    changed = replace(record, sha256=sha256(content), size=len(content))
    records = tuple(changed if one == record else one for one in REPORT.records)
    return record, {"contents": REPORT.contents | {record.file: content}, "index": with_index(records)}


@pytest.mark.parametrize("name", [record.name for record in REPORT.records])
def test_a_record_that_was_altered_together_with_its_index_is_named(name):
    record, changes = (
        edited(name, b"\n", b"\n ") if b"\n" in REPORT.contents[REPORT.record(name).file] else edited(name, b"}", b" }")
    )
    found = REPORT.checked(**changes)
    assert ("altered", record.id) in kinds(found)
    assert verdict(found) is Verdict.CRITICAL


def test_a_verdict_that_does_not_follow_from_an_altered_record_is_found_however_well_all_hashes_are_kept():
    _, changes = edited(f"after/{SERVICE}/unit", b'"active_state": "active"', b'"active_state": "failed"')
    stored = replace(REPORT.stored, records=changes["index"].records)
    found = REPORT.checked(**changes, stored=stored)
    assert {
        ("verdict", "status"),
        ("verdict", "tone"),
        ("verdict", "exit_code"),
        ("verdict", "runs"),
        ("wording", "Status"),
    } == kinds(found)
    assert verdict(found) is Verdict.CRITICAL


@pytest.mark.parametrize("field", ["asked", "at_s", "exit"])
def test_what_was_asked_cannot_be_told_otherwise(field):
    record = REPORT.record(f"after/{SERVICE}/keys")
    changed = replace(record, **{field: {"asked": "redis-cli KEYS '*'", "at_s": 1.0, "exit": 1}[field]})
    records = tuple(changed if one == record else one for one in REPORT.records)
    found = REPORT.checked(index=with_index(records), stored=replace(REPORT.stored, records=records))
    assert kinds(found) == {("altered", record.id)}
    assert field in found[0].text


def test_records_that_make_no_case_are_named():
    record, changes = edited(f"after/{SERVICE}/keys", b'"keys"', b'"locks"')
    found = REPORT.checked(**changes, stored=replace(REPORT.stored, records=changes["index"].records))
    assert kinds(found) == {("altered", record.id)}
    assert "unknown field `locks`" in found[0].text


@pytest.mark.parametrize(("field", "value"), [("kind", "phase"), ("host", "other"), ("subject", "b.service"), ("made_at_s", 1.0)])
def test_an_index_that_speaks_of_something_else_is_named(field, value):
    found = REPORT.checked(index=replace(REPORT.index, **{field: value}))
    assert ("altered", f"index {field}") in kinds(found)
    assert verdict(found) is Verdict.CRITICAL


def test_what_reading_has_shown_already_is_told_once():
    file = REPORT.records[0].file
    contents = {name: content for name, content in REPORT.contents.items() if name != file}
    before = REPORT.checked(contents=contents)
    assert REPORT.checked(contents=contents, found=before) == before


# Claims


def claims_edited():
    """Every kind of claim, written otherwise by hand."""
    stored = REPORT.stored
    status, keys, change = stored.sections
    paragraph, criteria = status.blocks
    table, ages, levels = keys.blocks
    verbatim, listed = change.blocks
    cites = verbatim.evidence
    row = table.rows[0]
    yield "title", replace(stored, title="All is well"), ("wording", "title")
    yield "status", replace(stored, status="COMPLETE"), ("verdict", "status")
    yield "exit code", replace(stored, exit_code=1), ("verdict", "exit_code")
    yield "host", replace(stored, host="other"), ("wording", "host")
    yield "time", replace(stored, made_at_s=1.0), ("wording", "made_at_s")
    yield "summary", replace(stored, summary=(*stored.summary, Claim("OPERATIONAL", cites))), ("wording", "summary")
    yield "summary left out", replace(stored, summary=()), ("wording", "summary")
    sentence = Paragraph((Claim("It has always run.", cites),))
    yield "sentence", with_section(stored, 0, blocks=(sentence, criteria)), ("wording", "Status")
    elsewhere = Paragraph((replace(paragraph.claims[0], evidence=cites),))
    yield "other evidence", with_section(stored, 0, blocks=(elsewhere, criteria)), ("wording", "Status")
    praised = replace(table, rows=(replace(row, tone="good"), *table.rows[1:]))
    yield "row", with_section(stored, 1, blocks=(praised, ages, levels)), ("wording", "Keys")
    yield (
        "rows exchanged",
        with_section(stored, 1, blocks=(replace(table, rows=table.rows[::-1]), ages, levels)),
        ("wording", "Keys"),
    )
    yield "head", with_section(stored, 1, blocks=(replace(table, head=("a", "b")), ages, levels)), ("wording", "Keys")
    yield "picture", with_section(stored, 1, blocks=(table, Ages(ages.ages[1:], ages.evidence), levels)), ("wording", "Keys")
    yield "quotation", with_section(stored, 2, blocks=(replace(verbatim, text="nothing"), listed)), ("wording", "Change")
    yield "section left out", replace(stored, sections=stored.sections[:2]), ("wording", "Change")
    yield "headings", with_section(stored, 2, title="Nothing to see"), ("wording", "Nothing to see")
    ticked = tuple(replace(one, holds="yes") for one in criteria.criteria)
    yield "ticked by hand", with_section(stored, 0, blocks=(paragraph, Criteria(ticked))), ("verdict", "watched")
    yield "criterion left out", with_section(stored, 0, blocks=(paragraph, Criteria(criteria.criteria[:2]))), ("verdict", "watched")
    more = (*criteria.criteria, replace(criteria.criteria[0], title="profitable"))
    yield "criterion put in", with_section(stored, 0, blocks=(paragraph, Criteria(more))), ("verdict", "profitable")
    seen = (replace(criteria.criteria[0], seen="all is well"), *criteria.criteria[1:])
    yield "seen", with_section(stored, 0, blocks=(paragraph, Criteria(seen))), ("wording", "Status")


EDITED = {name: (stored, expected) for name, stored, expected in claims_edited()}


@pytest.mark.parametrize("name", EDITED)
def test_a_claim_written_by_hand_is_found_where_it_stands(name):
    stored, expected = EDITED[name]
    found = REPORT.checked(stored=stored)
    assert expected in kinds(found)
    assert verdict(found) is Verdict.CRITICAL


def test_nothing_but_what_was_edited_is_objected_to():
    blocks = REPORT.stored.sections[0].blocks
    no = tuple(replace(one, holds="no") for one in blocks[1].criteria[:1])
    stored = with_section(REPORT.stored, 0, blocks=(blocks[0], Criteria((*no, *blocks[1].criteria[1:]))))
    found = REPORT.checked(stored=stored)
    assert kinds(found) == {("verdict", "runs")}
    assert next(one.text for one in found if one.kind == "verdict") == "the report says no, the evidence yes"


@pytest.mark.parametrize(
    "block",
    [
        Paragraph((Claim("It is profitable.", ()),)),
        Listed((Claim("It is profitable.", ()),)),
        Table(("a",), (Row(("It is profitable.",), ()),)),
        Verbatim("It is profitable.", ()),
        Paragraph((Claim("It is profitable.", ("E99",)),)),
    ],
)
def test_a_claim_that_no_record_bears_is_critical_where_the_evidence_does_not_lead_to_it(block):
    blocks = REPORT.stored.sections[2].blocks
    found = REPORT.checked(stored=with_section(REPORT.stored, 2, blocks=(*blocks, block)))
    assert ("unbacked", "Change", Verdict.CRITICAL) in {(one.kind, one.where, one.verdict) for one in found}
    assert any("It is profitable." in one.text for one in found if one.kind == "unbacked")


def test_what_holds_without_evidence_is_critical_even_where_the_evidence_leads_to_it():
    """However it came to be composed: nobody measured it."""
    whole = case(after=facts(), patch="x")
    report = Written(whole)
    criterion = replace(report.stored.sections[0].blocks[1].criteria[2], holds="yes")
    blocks = (report.stored.sections[0].blocks[0], Criteria((criterion,)))
    stored = with_section(report.stored, 0, blocks=blocks)
    found = objections(report.index, report.contents, stored, stored)
    assert ("unbacked", "Status", Verdict.CRITICAL) in {(one.kind, one.where, one.verdict) for one in found}


# Another host, another version


def test_evidence_of_another_host_says_nothing_of_this_one():
    report = Written(case(before=facts(host="risk-2"), after=facts()))
    found = report.checked()
    assert ("host", report.record("before/host").id) in kinds(found)
    assert verdict(found) is Verdict.UNKNOWN
    assert "risk-2" in next(one.text for one in found if one.kind == "host")


def test_words_of_another_version_cannot_be_compared():
    found = REPORT.checked(version="9.9.9", stored=replace(REPORT.stored, title="Worded otherwise"))
    assert kinds(found) == {("version", ""), ("wording", "title")}
    assert verdict(found) is Verdict.UNKNOWN


def test_verdicts_of_another_version_must_follow_all_the_same():
    found = REPORT.checked(version="9.9.9", stored=replace(REPORT.stored, status="COMPLETE"))
    assert verdict(found) is Verdict.CRITICAL


def test_a_report_that_claims_another_version_than_its_index_is_of_two_pieces():
    found = REPORT.checked(stored=replace(REPORT.stored, version="0.0.1"))
    assert ("version", "index") in kinds(found)
    assert verdict(found) is Verdict.CRITICAL


def test_hostile_texts_are_told_printable_and_short():
    title = "\x1b[2J\u202e" + "x" * 100_000
    found = REPORT.checked(stored=replace(with_section(REPORT.stored, 0, title=title), title=title))
    assert all(one.text.isprintable() and one.where.isprintable() and len(one.text) < 500 for one in found)


def test_very_many_objections_are_counted():
    rows = tuple(Row((str(number),), ("E01",)) for number in range(5000))
    found = REPORT.checked(stored=with_section(REPORT.stored, 1, blocks=(Table(("a",), rows),)))
    assert len(found) < 300
    assert any("more of this kind" in one.text for one in found)
    assert verdict(found) is Verdict.CRITICAL


@given(st.sampled_from(sorted(REPORT.contents)), st.binary(min_size=1, max_size=8), st.integers(min_value=0))
@settings(deadline=None, max_examples=60)
def test_any_change_of_a_record_is_found_in_that_record_alone(file, junk, at):
    old = REPORT.contents[file]
    at %= len(old) + 1
    new = old[:at] + junk + old[at + len(junk) :]
    record = next(record for record in REPORT.records if record.file == file)
    expected = {("altered", record.id)} if new != old else set()
    assert kinds(REPORT.checked(contents=REPORT.contents | {file: new})) == expected


def test_composing_anew_is_what_decides():
    assert anew(REPORT.index, REPORT.contents) == REPORT.stored
    assert isinstance(anew(REPORT.index, {}), EvidenceError)


# Text that people read

TEXT = "# Incident\n\n- [x] runs `E14`\n- [ ] fresh `E20`\n\nIt was down.\n"


def told(stored):
    return [(one.where, one.text) for one in text_objections(stored, TEXT)]


def test_a_text_as_it_was_rendered_has_nothing_against_it():
    assert told(TEXT) == []


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (TEXT.replace("- [ ] fresh", "- [x] fresh"), [("line 4", "line 4 is not what the evidence says: - [x] fresh `E20`")]),
        (TEXT.replace("It was", "All is well.\nIt was"), [("line 6", "line 6 is not what the evidence says: All is well.")]),
        (TEXT.replace("- [ ] fresh `E20`\n", ""), [("line 4", "a line was taken out before line 4: - [ ] fresh `E20`")]),
        (f"{TEXT}**COMPLETE**\n", [("line 7", "line 7 is not what the evidence says: **COMPLETE**")]),
        (f"x\n{TEXT}", [("line 1", "line 1 is not what the evidence says: x")]),
        (TEXT.rstrip("\n"), [("line 7", "a line was taken out before line 7: ")]),
        (TEXT.replace("down", "\x1b[2Jdown"), [("line 6", "line 6 is not what the evidence says: It was \\x1b[2Jdown.")]),
    ],
)
def test_each_line_that_was_edited_is_named_by_its_number(stored, expected):
    assert told(stored) == expected


def test_an_edit_in_two_places_is_told_twice():
    assert [where for where, _ in told(TEXT.replace("down", "up").replace("# Incident", "# Success"))] == ["line 1", "line 6"]


def test_only_the_beginning_of_a_line_is_told():
    assert len(told(TEXT + "x" * 100_000)[-1][1]) < 200


@given(st.lists(st.sampled_from(["a", "b", "", "c"]), max_size=12), st.lists(st.sampled_from(["a", "b", "", "c"]), max_size=12))
def test_two_texts_differ_where_something_is_objected_to_and_nowhere_else(one, other):
    assert bool(text_objections("\n".join(one), "\n".join(other))) == ("\n".join(one) != "\n".join(other))


@pytest.mark.parametrize("lines", [["x"] * 1990, ["y", "x"] * 990, ["y" * 50] * 200_000])
def test_a_text_that_was_made_to_be_slow_is_compared_soon(lines):
    began = time.perf_counter()
    assert text_objections("\n".join(["b", *lines, "a"]), "\n".join(["x"] * 1000 + ["y"] * 1000))
    assert time.perf_counter() - began < 2
