"""What objections come to, and how many of them are told."""

import pytest

from qtops.evidence.objections import MOST, Objection, distinct, shown, verdict
from qtops.findings import Verdict


def objection(where="E01", text="is not there", kind="missing", grade=Verdict.CRITICAL):
    return Objection(kind, where, text, grade)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ((), Verdict.OK),
        ((Verdict.UNKNOWN,), Verdict.UNKNOWN),
        ((Verdict.UNKNOWN, Verdict.WARNING), Verdict.WARNING),
        ((Verdict.WARNING, Verdict.CRITICAL, Verdict.UNKNOWN), Verdict.CRITICAL),
    ],
)
def test_the_worst_objection_counts(grades, expected):
    assert verdict(objection(grade=grade) for grade in grades) is expected


def test_a_record_that_was_noticed_in_two_ways_is_told_once_as_it_was_first():
    assert distinct((objection(text="is a link"), objection())) == (objection(text="is a link"),)


def test_two_claims_of_one_section_are_two_objections():
    assert len(distinct((objection("Status", "a", "wording"), objection("Status", "b", "wording")))) == 2


@pytest.mark.parametrize("kind", ["extra", "host", "version", "wording", "unbacked", "verdict"])
def test_nothing_harmless_hides_what_is_grave(kind):
    for one, other in (
        (Verdict.UNKNOWN, Verdict.CRITICAL),
        (Verdict.WARNING, Verdict.CRITICAL),
        (Verdict.UNKNOWN, Verdict.WARNING),
    ):
        told = distinct((objection(kind=kind, grade=one), objection(kind=kind, grade=other)))
        assert verdict(told) is other


def test_of_very_many_the_rest_is_counted_and_weighs_as_much():
    many = [objection(str(number), grade=Verdict.WARNING) for number in range(MOST)]
    found = distinct((*many, objection("x"), objection("y", grade=Verdict.WARNING)))
    assert found[-1] == Objection("missing", "", "and 2 more of this kind", Verdict.CRITICAL)
    assert len(found) == MOST + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  a\tb  ", "a\\tb"), ("", ""), ("\n", ""), ("\x1b[2J", "\\x1b[2J"), ("x" * 101, "x" * 100 + "…"), ("a\nb", "a\\nb")],
)
def test_what_is_objected_to_is_shown_on_one_line(text, expected):
    assert shown(text) == expected
