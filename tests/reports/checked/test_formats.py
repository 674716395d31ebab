"""Every format: what it prints for a sick look, for a Redis that is down, for names that mean harm, and for thousands."""

import io
import json
import re
import time
from xml.etree import ElementTree as ET

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from qtops.findings import Doubt, Severity
from qtops.reports.checked import human, junit, nagios, prometheus
from tests.reports.checked.reports import DOWN, HOSTILE, Document, finding, hostile, many, render, report

FORMS = {"json": render, "nagios": nagios.render, "junit": junit.render, "prometheus": prometheus.render}


def printed(found, width: int = 120, **options) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(human.frame(found, [], **options))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def sick():
    """Two findings, a doubt, something that is off, something that could not be looked at."""
    answers = (
        finding(),
        finding("ETH", "PROPOSAL103", Severity.WARNING, summary="its stop was loosened"),
        finding("ETH", "PROPOSAL109"),
        Doubt("PROPOSAL102", "ETH", "nobody else writes its price", "declare one in [[prices]]"),
    )
    return report(*answers, switched_off={"PROPOSAL109"}, missing=("positions: wrong_type",), headline="FRESH, NOT REAL")


@pytest.mark.parametrize("name", FORMS)
def test_what_programs_read(name, snapshot):
    assert re.sub(r'"version":"[^"]+"', '"version":"…"', FORMS[name](sick())) == snapshot


@pytest.mark.parametrize("width", [60, 120])
def test_what_people_read(width, snapshot):
    assert printed(sick(), width) == snapshot


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("found", [sick, hostile, report, lambda: report(server=DOWN), lambda: report(names=())])
def test_every_form_can_be_encoded_and_every_line_is_printable(name, found):
    text = FORMS[name](found())
    assert text.encode().decode() == text
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("name", FORMS)
def test_thousands_take_time_in_proportion(name):
    few, often = many(2_000), many(16_000)
    times = []
    for found in (few, often):
        started = time.process_time()
        FORMS[name](found)
        times.append(time.process_time() - started)
    assert times[1] < 24 * times[0] + 0.1  # eight times as many; quadratic would be 64 times


# people


def test_more_than_three_of_one_code_are_folded_and_verbose_unfolds_them():
    found = many(20)
    folded, unfolded = printed(found), printed(found, verbose=True)
    assert "PROPOSAL101 S2 " in folded
    assert "PROPOSAL101 S3 " not in folded
    assert "PROPOSAL101 of 17 more: S3, S4, S5, S6, S7, S8, S9, S10, …" in folded
    assert unfolded.count("PROPOSAL101 S") == 20


def test_a_remedy_that_is_the_same_for_all_is_told_once():
    assert printed(many(3)).count("→ Do not place it") == 1
    assert printed(report(finding(), finding("ETH", remedy="Another"))).count("→") == 2
    assert "→" not in printed(report(finding(remedy="")))


def test_doubts_of_one_reason_are_told_together():
    assert "COULD NOT TELL  S0, S1, S2: no price" in printed(many(3))
    assert "COULD NOT TELL  S1: no price" in printed(many(3), verbose=True)
    reasons = report(*(Doubt("PROPOSAL102", "BTC", f"reason {number}") for number in range(13)))
    assert "and 3 more; -v lists them" in printed(reasons)
    assert "reason 12" in printed(reasons, verbose=True)


def test_a_redis_that_is_down_is_told_with_what_to_do():
    text = printed(report(server=DOWN))
    assert "Redis is down: Connection refused\nstart it\n" in text
    assert text.endswith("2 proposals: 2 ok: unknown")


def test_markup_and_controls_are_shown_not_obeyed():
    text = printed(hostile(), width=4000)
    assert "[red]" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_table_holds_cells_of_any_length():
    made = human.table(("SYMBOL", "PRICE"), right=("PRICE",))
    made.add_row(human.text(HOSTILE * 10), human.text("105"))
    console = Console(file=io.StringIO(), width=40, color_system=None)
    console.print(made)
    assert max(map(len, console.file.getvalue().splitlines())) <= 40
    assert "[red]" in console.file.getvalue().replace("\n", "")


# JSON


def test_json_is_one_line_of_its_type_without_numbers_that_are_none():
    text = render(sick())
    assert "\n" not in text
    found = json.loads(text, parse_constant=pytest.fail)
    assert (found["schema"], found["share"], found["time"]) == ("qtops.sample/1", None, "2026-02-17T23:58:12.000000+00:00")
    assert found["summary"] == {
        "verdict": "critical", "exit_code": 2, "headline": "FRESH, NOT REAL",
        "total": 2, "ok": 0, "warning": 1, "critical": 1, "unknown": 0,
    }  # fmt: skip
    assert [one["code"] for one in found["off"]] == ["PROPOSAL109"]


def test_json_where_no_redis_was_asked():
    found = msgspec.json.decode(render(report(server=None)).replace('"share":null', '"share":0'), type=Document)
    assert found.redis is None


# monitoring plugins


@pytest.mark.parametrize("found", [sick, hostile, report, lambda: many(1000)])
def test_a_plugin_line_has_one_bar_and_figures_in_their_form(found):
    head, *details = nagios.render(found()).split("\n")
    text, _, figures = head.partition(" | ")
    assert re.match(r"(OK|WARNING|CRITICAL|UNKNOWN): ", text)
    assert "|" not in text + figures + "".join(details)
    assert re.fullmatch(r"((ok|warning|critical|unknown)=\d+;;;0;\d+ ?){4}", figures)
    assert len(details) <= nagios.MOST_DETAILS + 1


def test_what_is_only_worth_knowing_is_no_reason_for_an_alarm():
    assert nagios.render(report(finding(severity=Severity.INFO))).startswith("OK: 2 proposals: 2 ok | ")


# continuous integration


def test_a_case_per_subject_with_its_findings_or_its_doubts():
    suite = ET.fromstring(junit.render(sick()))[0]
    cases = [(case.get("name"), [element.tag for element in case]) for case in suite]
    assert cases == [("BTC", ["failure"]), ("ETH", ["failure"]), ("missing", ["error"])]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "1")


def test_findings_on_what_is_no_subject_are_one_case_and_doubts_are_not_lost():
    other = (finding("server"), finding("server", "PROPOSAL103"), Doubt("PROPOSAL102", "nowhere", "hung"))
    suite = ET.fromstring(junit.render(report(*other, server=DOWN)))[0]
    cases = {case.get("name"): case for case in suite}
    assert [*cases] == ["BTC", "ETH", "server", "missing"]
    assert "PROPOSAL103" in cases["server"][0].text
    assert [case[0].get("message") for case in suite if case.get("name") == "missing"] == [
        "nowhere: hung", "Redis is down: Connection refused",
    ]  # fmt: skip


# Prometheus


@pytest.mark.parametrize("found", [sick, hostile])
def test_metrics_are_read_back(found):
    families = {family.name: family for family in text_string_to_metric_families(prometheus.render(found()))}
    assert families["qtops_check_state"].samples[0].value == 2
    assert [sample.value for sample in families["qtops_subject_verdict"].samples] == ([2, 1] if found is sick else [2, 0])
    assert {sample.labels["severity"] for sample in families["qtops_findings"].samples} <= {"info", "warning", "critical"}
