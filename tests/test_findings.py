"""The worst finding wins, and "could not tell" never hides one."""

from itertools import permutations

import pytest

from qtops.findings import Verdict, worst


@pytest.mark.parametrize(
    ("verdicts", "overall"),
    [
        ([Verdict.OK], Verdict.OK),
        ([Verdict.OK, Verdict.UNKNOWN], Verdict.UNKNOWN),
        ([Verdict.UNKNOWN, Verdict.WARNING], Verdict.WARNING),
        ([Verdict.OK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.CRITICAL], Verdict.CRITICAL),
    ],
)
def test_the_worst_wins_in_any_order(verdicts, overall):
    assert {worst([*order]) for order in permutations(verdicts)} == {overall}


def test_nothing_looked_at_is_not_ok():
    assert worst([]) is Verdict.UNKNOWN


def test_every_verdict_has_its_gravity():
    for verdict in Verdict:
        assert worst([verdict]) is verdict
