"""Every format: what it prints for one key in each state, for a Redis that hangs, and for names that mean harm."""

import io
import json
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from qtops import __version__
from qtops.checks.intervals import Interval
from qtops.findings import Verdict
from qtops.reports.freshness import document, human, junit, nagios, prometheus
from qtops.reports.freshness.report import FEW, MOST
from tests.checks.readings import NOW_S, reading
from tests.reports.freshness.reports import every_state, hostile, hung, proposal, report

TEXTS = {"json": document.render, "nagios": nagios.render, "junit": junit.render, "prometheus": prometheus.render}
REPORTS = {"every state": every_state, "hung": hung, "in order": report}


def printed(found, width: int = 120, **options) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(human.render(found, **options))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS.keys())
@pytest.mark.parametrize("name", TEXTS)
def test_what_programs_read(name, found, snapshot):
    assert TEXTS[name](found()).replace(f'"version":"{__version__}"', '"version":"…"') == snapshot


@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS.keys())
@pytest.mark.parametrize("width", [80, 140])
def test_what_people_read(width, found, snapshot):
    assert printed(found(), width) == snapshot


# people


def test_of_many_keys_people_see_those_that_are_not_in_order():
    found = report(*[reading(subject=f"F{number}") for number in range(FEW)], reading(45, subject="SICK"), keep_all=False)
    text = printed(found)
    assert "SICK" in text
    assert "F7 " not in text
    assert f"{FEW} more keys are not listed" in text
    assert f"{FEW + 1} keys: 1 STALE, {FEW} FRESH: critical" in text


def test_of_many_intervals_people_see_those_that_are_not_as_declared():
    good = [Interval("app", f"F{number}", "beat", 10, Verdict.OK, "", 7, 60, 10.0, 10.2) for number in range(FEW)]
    bad = Interval("app", "SLOW", "beat", 10, Verdict.CRITICAL, "claims 10 s, measured 60.0 s", 4, 180, 60.0, 60.1)
    text = printed(report(intervals=[*good, bad]))
    assert "measured 60.0 s" in text
    assert "F7 " not in text
    assert f"{FEW} more intervals are as declared" in text


def test_a_part_can_be_shown_worst_first():
    text = printed(every_state(), most_rows=2)
    assert "proposal" in text
    assert "NEVER  " not in text
    assert "8 more keys are not listed" in text


def test_markup_and_controls_are_shown_not_obeyed():
    text = printed(hostile(), width=2000)
    assert "[red]" in text
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0.0 s"), (99.94, "99.9 s"), (100, "1.7 min"), (5999, "100.0 min"), (6000, "1.7 h"), (61200, "17.0 h"), (400_000, "4.6 d"),
     (-3600, "-60.0 min")],
)  # fmt: skip
def test_lengths_of_time_are_short(value, shown):
    assert human.seconds(value) == shown


def test_times_of_another_day_have_a_date():
    assert human.utc(NOW_S - 5, NOW_S) == "23:58:07"
    assert human.utc(NOW_S - 63_000, NOW_S) == "06:28:12"
    assert human.utc(NOW_S - 86_400, NOW_S) == "2026-02-16 23:58:12"


# JSON


def test_json_is_valid_by_its_type_and_says_every_time_twice():
    text = document.render(every_state())
    msgspec.json.decode(text, type=document.Document)
    found = json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
    assert (found["schema"], found["time"], found["time_s"]) == (
        "qtops.verify.freshness/1",
        "2026-02-17T23:58:12.000000+00:00",
        NOW_S,
    )
    fresh = found["results"][0]
    assert (fresh["time"], fresh["time_s"], fresh["age_s"]) == ("2026-02-17T23:58:08.750000+00:00", NOW_S - 3.25, 3.25)
    assert (fresh["limit_s"], fresh["warn_s"], fresh["critical_s"]) == (20, 20, 30)
    assert found["summary"]["exit_code"] == 2
    assert sum(found["summary"]["states"].values()) == found["summary"]["total"] == len(found["results"])


def test_json_is_one_line():
    assert "\n" not in document.render(hostile())


def test_json_of_a_hundred_thousand_keys():
    found = report(*[reading(subject=str(number)) for number in range(100_000)])
    assert len(json.loads(document.render(found))["results"]) == 100_000


# monitoring plugins


@pytest.mark.parametrize("found", [every_state, hung, hostile, report])
def test_a_plugin_line_has_one_bar_and_figures_in_their_form(found):
    head, *details = nagios.render(found()).split("\n")
    text, _, figures = head.partition(" | ")
    assert re.match(r"(OK|WARNING|CRITICAL|UNKNOWN): ", text)
    assert "|" not in text + figures + "".join(details)
    assert re.fullmatch(r"('(?:[^'=]|'')+'=(?:U|-?[\d.]+s(?:;[\d.]+;[\d.]+)?) ?)*", figures)


def test_the_figure_of_a_family_is_the_age_nearest_to_its_limit_with_that_ages_limits():
    line = nagios.render(report(reading(5), reading(15), proposal(312.4, "ETH")))
    assert "| 'app'=15.000s;20;30 'proposal'=312.400s;90;150 'clock skew'=0.000s" in line


def test_details_are_cut():
    lines = nagios.render(report(*[reading(45, subject=f"S{number}") for number in range(MOST)], keep_all=False)).split("\n")
    assert len(lines) == 1 + nagios.MOST_DETAILS + 1
    assert lines[-1] == f"and {MOST - nagios.MOST_DETAILS} more"


# JUnit


@pytest.mark.parametrize("found", [every_state, hung, hostile, report])
def test_junit_is_xml_whose_counts_are_right(found):
    suites = ET.fromstring(junit.render(found()))
    for element in (suites, *suites.findall("testsuite")):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(element.get(count)) == len(list(element.iter(tag)))


def test_junit_fails_for_findings_and_errs_where_it_could_not_tell():
    suites = ET.fromstring(junit.render(every_state()))
    kinds = {tag: [found.get("type") for found in suites.iter(tag)] for tag in ("failure", "error")}
    assert kinds["failure"] == ["LATE", "STALE", "FUTURE", "NEVER", "EXPIRED", "STALE", "STALE", "interval"]
    assert kinds["error"] == ["UNKNOWN", "interval", "missing"]


# Prometheus


def samples(text: str) -> dict[tuple, float]:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in text_string_to_metric_families(text)
        for sample in metric.samples
    }


def test_metrics_say_ages_states_and_the_verdict():
    found = samples(prometheus.render(every_state()))
    assert found["qtops_verify_state",] == 2
    assert found["qtops_last_run_timestamp_seconds",] == NOW_S
    assert found["qtops_redis_up",] == 1
    assert found["qtops_key_age_seconds", ("family", "app"), ("subject", "BTC")] == 3.25
    assert found["qtops_key_state", ("family", "app"), ("state", "NEVER"), ("subject", "ADA")] == 1
    assert found["qtops_keys", ("state", "STALE")] == 3
    assert ("qtops_key_age_seconds", ("family", "app"), ("subject", "ADA")) not in found  # no age is not the age nought


def test_metrics_of_a_hung_redis_say_that_it_is_not_up():
    found = samples(prometheus.render(hung()))
    assert (found["qtops_redis_up",], found["qtops_verify_state",]) == (0, 3)


def test_hostile_labels_do_not_break_the_format():
    text = prometheus.render(hostile())
    assert len([line for line in text.splitlines() if line.startswith("qtops_key_age_seconds{")]) == 1
    assert samples(text)
