"""The verdict of a look: the worst of what was found, and never ok where something could not be looked at."""

import pytest

from qtops.facts.keys import ServerReading
from qtops.findings import Doubt, Severity, Verdict
from qtops.reports.checked.report import by_code
from tests.reports.checked.reports import DOWN, finding, report

DOUBT = Doubt("PROPOSAL102", "ETH", "no price")


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (report(), Verdict.OK),
        (report(server=None), Verdict.OK),
        (report(finding(severity=Severity.INFO)), Verdict.OK),
        (report(finding(severity=Severity.WARNING)), Verdict.WARNING),
        (report(finding(severity=Severity.WARNING), finding("ETH")), Verdict.CRITICAL),
        (report(finding("of no subject")), Verdict.CRITICAL),
        (report(DOUBT), Verdict.UNKNOWN),
        (report(DOUBT, finding(severity=Severity.WARNING)), Verdict.WARNING),
        (report(names=()), Verdict.UNKNOWN),
        (report(missing=("quantum:market: hung",)), Verdict.UNKNOWN),
        (report(server=DOWN), Verdict.UNKNOWN),
        (report(finding(), server=DOWN), Verdict.CRITICAL),
        (report(finding(), switched_off={"PROPOSAL101"}), Verdict.OK),
    ],
)
def test_the_worst_wins_and_what_could_not_be_looked_at_is_not_ok(found, verdict):
    assert found.verdict is verdict


def test_each_subject_has_the_verdict_of_what_is_said_of_it():
    found = report(finding(), DOUBT, names=("BTC", "ETH", "SOL"))
    assert [(one.name, one.verdict) for one in found.subjects] == [
        ("BTC", Verdict.CRITICAL), ("ETH", Verdict.UNKNOWN), ("SOL", Verdict.OK),
    ]  # fmt: skip
    assert found.total == "3 proposals: 1 critical, 1 unknown, 1 ok"


def test_one_is_counted_as_one():
    assert report(names=("BTC",)).total == "1 proposal: 1 ok"
    assert report(names=("BTC",), what="series").total == "1 series: 1 ok"


def test_nothing_is_counted_where_there_is_nothing():
    assert report(names=(), server=ServerReading("x", "ok")).total == "0 proposals"


def test_the_gravest_codes_come_first_and_each_group_by_its_gravest():
    mild = finding(code="PROPOSAL103", severity=Severity.WARNING)
    found = report(finding(code="PROPOSAL109", severity=Severity.INFO), mild, finding(), finding("ETH", severity=Severity.INFO))
    assert [*by_code(found.judged.findings)] == ["PROPOSAL101", "PROPOSAL103", "PROPOSAL109"]
