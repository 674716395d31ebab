"""What programs read: JSON, JUnit XML, and the lines of a monitoring plugin."""

import json
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops import __version__
from qtops.findings import Verdict
from qtops.reports.doctor import document, junit, nagios
from tests.reports.doctor.reports import FOUNDING, HEALTHY, HOSTILE, NOW_S, diagnosis, finding, founding, hostile, report

TEXTS = {"json": document.render, "junit": junit.render, "nagios": nagios.render}
REPORTS = [founding, hostile, report]


@pytest.mark.parametrize("name", TEXTS)
def test_the_founding_incident(name, snapshot):
    assert TEXTS[name](founding()).replace(f'"version":"{__version__}"', '"version":"…"') == snapshot


# JSON


@pytest.mark.parametrize("found", REPORTS)
def test_json_is_one_line_that_is_valid_by_its_type(found):
    text = document.render(found())
    assert text.isprintable()
    json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
    msgspec.json.decode(text, type=document.Document)


def test_json_says_every_time_twice_and_the_age():
    healthy, sick = json.loads(document.render(founding()))["results"]
    assert (healthy["since"], healthy["since_s"], healthy["age_s"]) == (
        "2026-02-14T19:11:32.000000+00:00",
        NOW_S - 273_600,
        273_600,
    )
    assert (sick["since"], sick["age_s"]) == ("2026-02-17T06:07:32.000000+00:00", 61_440)
    never = json.loads(document.render(report(diagnosis(since_s=None))))["results"][0]
    assert (never["since"], never["since_s"], never["age_s"]) == (None, None, None)


def test_json_has_every_part_of_a_diagnosis():
    found = json.loads(document.render(founding()))
    sick = found["results"][1]
    assert set(sick) >= set(FOUNDING.__struct_fields__)
    assert (sick["root"]["code"], sick["path"][0]["code"]) == ("IMPORT101", "UNIT107")
    assert [symptom["code"] for symptom in sick["symptoms"]] == ["UNIT203", "UNIT202", "KEYS201"]
    assert found["summary"] == {
        "verdict": "critical", "exit_code": 2, "total": 2, "ok": 1, "warning": 0, "critical": 1, "unknown": 0,
    }  # fmt: skip
    assert (found["via"], found["systemd_version"], found["took_s"]) == ("pystemd", "252", 0.84)


# JUnit


@given(st.text())
def test_junit_is_xml_whatever_the_texts(text):
    row = diagnosis(subject=text, verdict=Verdict.CRITICAL, state=text, root=finding(summary=text, evidence=(text,)))
    suites = ET.fromstring(junit.render(report(row, missing=(text,))))
    assert [case.get("classname") for case in suites.iter("testcase")] == ["doctor", "doctor"]


@pytest.mark.parametrize("found", REPORTS)
def test_junit_counts_are_right(found):
    suites = ET.fromstring(junit.render(found()))
    for element in (suites, *suites.findall("testsuite")):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(element.get(count)) == len(list(element.iter(tag)))


def test_junit_fails_for_findings_and_errs_where_it_could_not_tell():
    doubtful = diagnosis(verdict=Verdict.UNKNOWN, condition="unknown", unknown=("journal: may not be read",))
    suites = ET.fromstring(junit.render(report(HEALTHY, FOUNDING, doubtful, missing=("redis: hung",))))
    assert [(failure.get("type"), failure.get("message")[:27]) for failure in suites.iter("failure")] == [
        ("IMPORT101", "IMPORT101 ModuleNotFoundErr")
    ]
    assert [(error.get("type"), error.get("message")) for error in suites.iter("error")] == [
        ("unknown", "journal: may not be read"),
        ("missing", "redis: hung"),
    ]


# monitoring plugins


@pytest.mark.parametrize("found", REPORTS)
def test_a_plugin_line_has_one_bar_and_figures_in_their_form(found):
    head, *details = nagios.render(found()).split("\n")
    text, _, figures = head.partition(" | ")
    assert re.match(r"(OK|WARNING|CRITICAL|UNKNOWN): ", text)
    assert "|" not in text + figures + "".join(details)
    assert re.fullmatch(r"(?:[a-z]+=\d+(?:\.\d+)?s?(?:;\d*){3,4} ?)+", figures)


def test_a_plugin_says_the_worst_in_its_line_and_all_below():
    doubtful = diagnosis(subject="b.service", verdict=Verdict.UNKNOWN, state="active", unknown=("journal: may not be read",))
    lines = nagios.render(report(HEALTHY, doubtful, FOUNDING)).split("\n")
    assert lines[0].startswith("CRITICAL: 3 services: 1 critical, 1 unknown, 1 ok; quantum-risk-proposal.service failed 17 h")
    assert "IMPORT101" in lines[0]
    assert lines[1:] == [lines[0].partition("; ")[2].partition(" | ")[0], "b.service active: journal: may not be read"]


def test_details_of_a_plugin_are_cut():
    many = [diagnosis(subject=f"s{number}", verdict=Verdict.WARNING, notes=(finding(),)) for number in range(80)]
    lines = nagios.render(report(*many)).split("\n")
    assert len(lines) == 1 + nagios.MOST_DETAILS + 1
    assert lines[-1] == f"and {80 - nagios.MOST_DETAILS} more"


def test_all_well_is_one_line():
    assert nagios.render(report()) == (
        "OK: 1 service: 1 ok | critical=0;;;0;1 warning=0;;;0;1 unknown=0;;;0;1 ok=1;;;0;1 time=0.840s;;;0"
    )


@pytest.mark.parametrize("render", TEXTS.values(), ids=TEXTS)
def test_hostile_text_is_printable_everywhere(render):
    text = render(hostile())
    assert all(line.isprintable() for line in text.split("\n"))
    assert HOSTILE not in text
