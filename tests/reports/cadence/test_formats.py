"""The forms of a report on cadence: each valid, each with all rows, and nothing hostile in any of them."""

import json
import re
from io import StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from qtops.facts.cadence import LimitFact
from qtops.findings import Verdict
from qtops.reports.cadence import document, human
from qtops.reports.cadence.report import build
from qtops.reports.checked import junit, nagios, prometheus
from qtops.settings import Settings
from tests.checks.cadence.series import NOW_S, but, every, facts, ids, watched

HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;\udcff\x00"
UNPRINTABLE = re.compile(r"[^\n -\U0010ffff]|[\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
RENDERERS = (document.render, prometheus.render, nagios.render, junit.render)


def report(*series, **more):
    return build(facts(*series, **more), Settings(), "risk-1")


def every_state():
    return report(
        every(10),
        every(60, subject="ETH", limits=(LimitFact("MAX_AGE", 20.0),)),
        watched([NOW_S - 900], subject="SOL"),
        every(10, subject="XRP", look_s=60),
        ids(*(NOW_S - 60 * back for back in range(9, 0, -1))),
        ids(NOW_S - 5, declared_s=None, family="events"),
        but(every(10), subject="ADA", texts=(), moments_s=(), seen_at_s=(), trouble="wrong_type: the key is no hash"),
    )


def hostile():
    limit = LimitFact(HOSTILE, 5.0, HOSTILE)
    bad = every(10, family=HOSTILE, subject=HOSTILE, field=HOSTILE, limits=(limit,))
    return report(but(bad, texts=(HOSTILE,) * len(bad.texts)), but(bad, subject="lost", texts=(), moments_s=(), trouble=HOSTILE))


def printed(found, *, verbose=False):
    console = Console(width=160, file=StringIO())
    console.print(human.render(found, verbose))
    return console.file.getvalue()


def test_verdicts_of_rows_are_those_of_what_was_found():
    rows = {row.subject or row.family: row.verdict for row in every_state().rows}
    assert rows == {
        "BTC": Verdict.OK, "ETH": Verdict.CRITICAL, "SOL": Verdict.CRITICAL, "XRP": Verdict.UNKNOWN,
        "quantum:stream:marketstate": Verdict.OK, "events": Verdict.OK,
    }  # fmt: skip


def test_json_is_valid_by_its_type_and_holds_no_nan():
    for found in (every_state(), hostile(), report()):
        text = document.render(found)
        json.loads(text, parse_constant=pytest.fail)
        assert len(msgspec.json.decode(text, type=document.Document).results) == len(found.rows)


def test_nothing_measured_is_could_not_tell():
    assert report().verdict is Verdict.UNKNOWN


def test_people_see_a_row_per_series_the_worst_first_and_what_could_not_be_read():
    text = printed(every_state())
    assert [line.split()[0] for line in text.splitlines()[2:8]] == ["critical", "critical", "unknown", "ok", "ok", "ok"]
    assert "≤ 60.00 s" in text
    assert "> 180 s" in text
    assert "COULD NOT TELL" in text
    assert "wrong_type" in text


def test_every_form_names_what_is_wrong():
    assert nagios.render(every_state()).startswith("CRITICAL: 6 series: 2 critical, 1 unknown, 3 ok; CADENCE106 ")
    cases = {case.get("name"): case for case in ET.fromstring(junit.render(every_state())).iter("testcase")}
    assert cases["app ETH beat"].find("failure") is not None
    metrics = list(text_string_to_metric_families(prometheus.render(every_state())))
    assert {metric.name for metric in metrics} >= {"qtops_check_state", "qtops_subject_verdict", "qtops_findings"}


def test_nothing_hostile_gets_through():
    for text in (*(render(hostile()) for render in RENDERERS), printed(hostile(), verbose=True)):
        assert not UNPRINTABLE.search(text)
    ET.fromstring(junit.render(hostile()))
