"""Where a report and what its evidence leads to part, both are told, from shortly before they do."""

import pytest
from msgspec.structs import replace

from qtops.evidence.comparing import differences, statements
from qtops.evidence.document import Claim, Document, Paragraph
from qtops.findings import Verdict
from tests.evidence.cases import founding_case
from tests.evidence.reports import Written, with_section

REPORT = Written(founding_case()).stored


def report(*claims):
    return with_section(REPORT, 0, blocks=(Paragraph(claims),))


def told(stored, composed):
    return [one.text for one in differences(stored, composed)]


def test_a_report_does_not_differ_from_itself():
    assert told(REPORT, REPORT) == []


def test_every_claim_is_a_statement_in_its_section():
    found = list(statements(REPORT))
    assert [(one.where, one.text, one.evidence) for one in found][:5] == [
        ("summary", "It was down.", ("E36",)),
        ("Status", "It runs.", ("E14",)),
        ("Status", "runs: running", ("E14",)),
        ("Status", "fresh: 3 keys", ("E20",)),
        ("Status", "watched: nobody looked", ()),
    ]
    assert {one.where for one in found} == {"summary", "Status", "Keys", "Change"}


def test_what_is_said_and_what_should_be_are_told_side_by_side():
    assert told(report(Claim("It is up.", ("E14",))), report(Claim("It is down.", ("E14",)))) == [
        "is not what the evidence says: It is up. (that is: It is down.)"
    ]


def test_of_a_long_claim_the_part_that_differs_is_told():
    (text,) = told(report(Claim("x" * 500 + "up", ("E14",))), report(Claim("x" * 500 + "down", ("E14",))))
    assert text == f"is not what the evidence says: …{'x' * 40}up (that is: …{'x' * 40}down)"


def test_a_claim_that_cites_other_records_is_told_by_them():
    assert told(report(Claim("It is up.", ("E01",))), report(Claim("It is up.", ("E14", "E15")))) == [
        "rests on E14, E15, and the report cites E01: It is up."
    ]


def test_what_was_put_in_and_what_was_left_out_are_told():
    one, other = Claim("It is up.", ("E14",)), Claim("It was down.", ("E05",))
    assert told(report(one, other), report(one)) == ["is not what the evidence says: It was down."]
    assert told(report(one), report(one, other)) == ["is left out: It was down."]


def test_a_claim_that_is_said_twice_is_said_once_too_often():
    claim = Claim("It is up.", ("E14",))
    assert told(report(claim, claim), report(claim)) == ["is not what the evidence says: It is up."]


def test_an_order_of_sections_is_told_as_such():
    turned = replace(REPORT, sections=REPORT.sections[::-1])
    assert set(told(turned, REPORT)) == {"its parts are not arranged as the evidence leads to"}


@pytest.mark.parametrize("field", [name for name in Document.__struct_fields__ if name not in {"records", "version"}])
def test_no_field_of_a_report_goes_without_being_compared(field):
    """Its records are compared with the index."""
    value = getattr(REPORT, field)
    other = {"kind": "phase", "tone": "doubtful", "summary": (), "sections": ()}.get(
        field, value * 2 if isinstance(value, str) else 7
    )
    assert told(replace(REPORT, **{field: other}), REPORT)


def test_of_another_version_only_verdicts_are_certain():
    found = list(differences(replace(REPORT, version="0.0.1", status="COMPLETE", title="x"), REPORT))
    assert [(one.kind, one.verdict) for one in found] == [
        ("version", Verdict.UNKNOWN), ("verdict", Verdict.CRITICAL), ("wording", Verdict.UNKNOWN),
    ]  # fmt: skip
