"""The forms of a report on proposals: each valid, each with all rows, and nothing hostile in any of them."""

import json
import re
from io import StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from qtops.reports.checked import junit, nagios
from qtops.reports.proposals import document, human, prometheus
from tests.checks.proposals.proposals import reading

from .reports import SYNTHETIC, every_state, hostile, report

UNPRINTABLE = re.compile(r"[^\n -\U0010ffff]|[\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
RENDERERS = (document.render, prometheus.render, nagios.render, junit.render)


def printed(found, *, verbose=False):
    console = Console(width=160, file=StringIO())
    console.print(human.render(found, verbose))
    return console.file.getvalue()


def test_json_is_valid_by_its_type_and_holds_no_nan():
    for found in (report(), every_state(), hostile()):
        text = document.render(found)
        json.loads(text, parse_constant=pytest.fail)
        assert msgspec.json.decode(text, type=document.Document).family == "risk-proposal"


def test_json_has_one_row_per_proposal_with_numbers_or_null():
    rows = {row["symbol"]: row for row in json.loads(document.render(every_state()))["rows"]}
    assert set(rows) == {"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOTUSDT"}
    assert rows["BTCUSDT"]["price"] == 100.5
    assert (rows["XRPUSDT"]["stop"], rows["XRPUSDT"]["target"], rows["XRPUSDT"]["price"]) == (None, None, None)
    assert rows["ADAUSDT"]["state"] == "IDLE"


def test_prometheus_has_the_levels_of_each_symbol():
    families = {family.name: family for family in text_string_to_metric_families(prometheus.render(every_state()))}
    prices = {sample.labels["symbol"]: sample.value for sample in families["qtops_proposal_price"].samples}
    assert prices["BTCUSDT"] == 100.5
    assert "XRPUSDT" not in prices
    assert {"qtops_proposal_stop", "qtops_proposal_target", "qtops_proposal_age_seconds", "qtops_check_state"} <= set(families)


def test_the_table_has_a_line_per_proposal_and_the_headline_ends_it():
    lines = printed(report(reading(), reading("ETHUSDT", fields=SYNTHETIC))).splitlines()
    assert lines[1].split() == ["SYMBOL", "SIDE", "PRICE", "STOP", "%", "TARGET", "%", "AGE", "VERDICT", "CODES"]
    assert lines[2].split()[0] == "ETHUSDT"
    assert lines[2].split()[-2:] == ["critical", "PROPOSAL107"]
    assert lines[3].split()[0] == "BTCUSDT"
    assert any("FRESH, NOT REAL" in line for line in lines)


def test_what_was_not_looked_for_is_said_beside_what_is_right():
    told = "whether other symbols have an open position was not looked at: --scan does"
    assert told in printed(report())
    assert told not in printed(report(open_positions=("BTCUSDT",)))


def test_of_very_many_only_those_not_in_order_are_listed():
    found = report(*(reading(f"S{n}", fields=SYNTHETIC if n == 150 else {}) for n in range(human.FEW + 1)))
    text = printed(found)
    assert "S150" in text
    assert f"{human.FEW} more proposals are not listed" in text
    assert len(text.splitlines()) < 20


@pytest.mark.parametrize("render", RENDERERS)
def test_nothing_hostile_gets_through(render):
    assert not UNPRINTABLE.search(render(hostile()))


def test_nothing_hostile_gets_to_the_terminal():
    assert not UNPRINTABLE.search(printed(hostile(), verbose=True))


def test_nagios_says_the_verdict_the_headline_and_the_reason_in_its_first_line():
    head = nagios.render(report(reading(fields=SYNTHETIC))).splitlines()[0]
    assert head.startswith("CRITICAL: FRESH, NOT REAL; 1 proposal: 1 critical; PROPOSAL107 BTCUSDT:")


def test_junit_has_a_failure_per_sick_proposal():
    suites = ET.fromstring(junit.render(every_state()))
    failed = {case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None}
    assert {"ETHUSDT", "SOLUSDT", "XRPUSDT", "DOTUSDT"} <= failed
    assert "BTCUSDT" not in failed
