"""From look to look: what was found, what was cleared and after how long, and what still stands where a look could not tell."""

import pytest

from qtops.findings import Doubt, Severity, Verdict
from qtops.reports.checked.changes import RECENT, Answers, Changes, Trouble, answers
from tests.reports.checked.reports import DOWN, NOW_S, finding, report

DOUBT = Doubt("PROPOSAL101", "BTC", "no price")


def followed(*reports) -> list[list[str]]:
    """What each of these looks, ten seconds apart, brings."""
    changes = Changes()
    answered = (answers(one)._replace(at_s=NOW_S + 10 * number) for number, one in enumerate(reports))
    return [[change.words for change in changes.follow(one)] for one in answered]


def test_in_the_first_look_everything_comes_the_gravest_first():
    mild = finding("ETH", "PROPOSAL103", Severity.WARNING)
    assert followed(report(mild, finding())) == [
        ["found PROPOSAL101 BTC: the stop lies above the target", "found PROPOSAL103 ETH: the stop lies above the target"]
    ]
    assert followed(report()) == [[]]


def test_what_goes_says_how_long_it_lasted_and_what_stays_says_nothing():
    sick = report(finding())
    assert followed(sick, sick, report(), sick)[1:] == [
        [], ["cleared PROPOSAL101 BTC after 20 s"], ["found PROPOSAL101 BTC: the stop lies above the target"],
    ]  # fmt: skip


def test_other_numbers_in_the_same_finding_are_no_change():
    assert followed(report(finding(summary="3 s old")), report(finding(summary="13 s old")))[1] == []


def test_several_of_one_code_and_subject_are_one():
    assert followed(report(finding(summary="first"), finding(summary="second"))) == [["found PROPOSAL101 BTC: first"]]


def test_nothing_is_cleared_while_redis_is_away():
    told = followed(report(finding()), report(server=DOWN), report(server=DOWN), report(finding()), report())
    assert told[1:] == [
        ["cannot tell Redis redis://127.0.0.1:6390/0: down: Connection refused"],
        [],
        ["can tell again Redis redis://127.0.0.1:6390/0 after 20 s"],
        ["cleared PROPOSAL101 BTC after 40 s"],
    ]


def test_nothing_is_cleared_by_a_doubt():
    assert followed(report(finding()), report(DOUBT), report()) == [
        ["found PROPOSAL101 BTC: the stop lies above the target"],
        ["cannot tell PROPOSAL101 BTC: no price"],
        ["cleared PROPOSAL101 BTC after 20 s", "can tell again PROPOSAL101 BTC after 10 s"],
    ]


def test_a_subject_that_was_not_looked_at_is_not_cleared_where_something_is_missing():
    lost = {"names": ("ETH",), "missing": ("positions: hung",)}
    assert followed(report(finding()), report(**lost)) == [
        ["found PROPOSAL101 BTC: the stop lies above the target"], ["cannot tell: positions: hung"],
    ]  # fmt: skip
    assert followed(report(finding()), report(names=("ETH",)))[1] == ["cleared PROPOSAL101 BTC after 10 s"]


@pytest.mark.parametrize("severity", Severity)
def test_a_change_has_the_gravity_of_what_changed(severity):
    (trouble,) = answers(report(finding(severity=severity))).troubles
    assert trouble.verdict is severity.verdict


def test_memory_is_that_of_the_newest_look():
    changes = Changes()
    for look in range(2000):
        changes.follow(Answers(NOW_S + look, (Trouble("A101", str(look), "", Verdict.CRITICAL),)))
    assert len(changes.recent) == RECENT
    assert len(changes._standing) == 1


def test_a_clock_that_was_set_back_makes_no_negative_time():
    changes = Changes()
    changes.follow(answers(report(finding())))
    (change,) = changes.follow(answers(report())._replace(at_s=NOW_S - 3600))
    assert change.words == "cleared PROPOSAL101 BTC after 0 s"
