"""What counts as a miss."""

import pytest

from tests.scenarios.judging import misses, root_of
from tests.scenarios.scenario import RUNNING, failed, python

SICK = python(
    "sick", "", until=failed(), root="IMPORT101", says=("no module", "main.py:3"), further=("UNIT202",), clear=("REDIS201",)
)
WELL = python("well", "", until=RUNNING, root=None)


def finding(code, summary="", *evidence, severity="critical"):
    return {"code": code, "severity": severity, "summary": summary, "evidence": evidence, "remedy": "", "where": ""}


def result(root=None, *symptoms, verdict="critical", notes=()):
    return {"verdict": verdict, "root": root, "path": (), "symptoms": symptoms, "notes": notes}


def test_what_agrees_misses_nothing():
    assert misses(SICK, result(finding("IMPORT101", "no module", "at main.py:3"), finding("UNIT202"))) == []
    assert misses(WELL, result(verdict="ok", notes=(finding("UNIT114", severity="info"),))) == []


@pytest.mark.parametrize(
    ("scenario", "given", "complaint"),
    [
        (SICK, None, "it is not among the results"),
        (SICK, result(finding("LOG201", "no module", "at main.py:3"), finding("UNIT202")), "the root is LOG201, not IMPORT101"),
        (SICK, result(finding("IMPORT101", "no module"), finding("UNIT202", "main.py:3")), "it does not say 'main.py:3'"),
        (SICK, result(finding("IMPORT101", "no module", "main.py:3")), "UNIT202 is not told"),
        (SICK, result(finding("IMPORT101", "no module", "main.py:3"), finding("UNIT202"), finding("REDIS201")), "REDIS201 is told"),
        (SICK, result(finding("IMPORT101", "no module", "main.py:3"), finding("UNIT202"), verdict="ok"),
         "the verdict is ok, not warning or critical"),
        (WELL, result(), "the verdict is critical, not ok"),
        (WELL, result(verdict="ok", notes=(finding("ENV101", "twice"),)), "ENV101 is told: twice"),
    ],
)  # fmt: skip
def test_each_difference_is_named(scenario, given, complaint):
    assert misses(scenario, given) == [complaint]


def test_no_root_has_a_sign_of_its_own():
    assert [root_of(None), root_of(result()), root_of(result(finding("UNIT101")))] == ["-", "-", "UNIT101"]
